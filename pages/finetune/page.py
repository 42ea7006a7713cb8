"""Frozen or fine-tuned: is training a model on my own labels worth it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from embedlab.finetune import runs
from embedlab.finetune.cases import FinetuneCase, PairCase
from pages.app import session
from pages.app.widgets import as_typed, choose_view, duration, errors_said, heading
from pages.compare.jobs import models_changed
from pages.finetune import advice, controls, frozen, pairs, past, result, train

LABELS, PAIRS, FROZEN, TRAIN, SIDE, ADVICE = "Labels", "Pairs", "Frozen", "Fine-tune", "Side by side", "Advice"
SECTIONS: dict[str, Callable[[Any], None]] = {
    LABELS: frozen.draw_labels,
    PAIRS: pairs.draw_pairs,
    FROZEN: frozen.draw_frozen,
    TRAIN: train.draw,
    SIDE: result.draw,
    ADVICE: advice.draw,
}


def main() -> None:
    """Draw the page."""
    heading("Frozen or fine-tuned?", "Is training a model on my own labels worth it?")
    with errors_said():
        case = controls.case(session.corpus())
        if case is None:
            past.draw(None)
            return
        of_labels = isinstance(case, FinetuneCase)
        sections = [LABELS if of_labels else PAIRS, FROZEN, TRAIN, SIDE, ADVICE]
        view = choose_view("Section", sections, f"finetune-view-{of_labels}")
        if view != TRAIN and any(run.active for run in runs.all_runs()):
            _under_way()
        if view == FROZEN and isinstance(case, PairCase):
            pairs.draw_frozen(case)
        else:
            SECTIONS[view](case)


# --- What goes on meanwhile ----------------------------------------------------------------------


@st.fragment(run_every=2)
def _under_way() -> None:
    """Say in one line that a model is being trained, wherever on the page one looks."""
    active = [run for run in runs.all_runs() if run.active]
    if not active:
        models_changed()
        st.rerun()
    run = next((one for one in active if one.status == "running"), active[0])
    left = run.progress.seconds_left if run.progress else None
    told = f"{duration(left)} left" if left is not None else "starting" if run.status == "running" else "waiting"
    more = f", {len(active) - 1} more waiting" if len(active) > 1 else ""
    st.caption(f":material/tune: {as_typed(f'{run.name} is being trained: {told}{more}')}")


main()
