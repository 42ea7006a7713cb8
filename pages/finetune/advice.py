"""What to do: a verdict drawn from what was measured, what would change it, and the roads there are."""

from __future__ import annotations

import streamlit as st

from embedlab.finetune.advice import OPTIONS, Advice, Level, Matters, advice, advice_on_pairs
from embedlab.finetune.cases import Asked, FinetuneCase, PairCase
from embedlab.finetune.compared import FrozenVsTuned
from embedlab.finetune.runs import Run
from pages.app import session
from pages.app.widgets import as_typed, choose
from pages.finetune import jobs, result
from pages.finetune.frozen import draw_curve, without_reading

MATTERS: dict[str, Matters] = {"Accuracy": "accuracy", "Generality": "generality", "Speed": "speed"}
LEVELS: dict[Level, tuple[str, str]] = {
    "tune": (":material/tune:", "Fine-tuning is worth it here"),
    "stay": (":material/ac_unit:", "Stay frozen"),
    "cannot tell": (":material/help:", "These data can't tell"),
    "no difference": (":material/equal:", "No difference"),
}
UNTRIED = (":material/help:", "Not known before a training")
DEPENDS = (":material/alt_route:", "It depends on what you use it for")


def draw(case: Asked) -> None:
    """Draw the verdict on what was measured, and the table of roads."""
    if isinstance(case, FinetuneCase):
        _of_labels(case)
    else:
        _of_pairs(case)
    _roads()


def _controls(case: Asked) -> tuple[Run | None, float | None, Matters]:
    """Return the training that is looked at, the minutes for one, if somebody set them, and what matters most."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = result.chosen(case)
        minutes = st.number_input(
            "Minutes for a training", 1, 10_000, None, key="finetune-minutes", persist_state="session", width=190,
            placeholder="not set",
            help="What you can spend each time the labels or the texts change. It says nothing of a model that is "
            "finished: what that took is spent.",
        )  # fmt: skip
        matters = choose("What matters most", MATTERS, "finetune-matters")
    return run, None if minutes is None else float(minutes), MATTERS[matters]


def _of_labels(case: FinetuneCase) -> None:
    run, minutes, matters = _controls(case)
    prepared = session.prepared(case.texts, case.how)
    readers, curve = jobs.read_off(case, prepared), jobs.curve(case, prepared)
    unread = without_reading(case, readers)
    found, lost = None, None
    seconds = _estimated(case) if run is None and minutes is not None else None
    if run is not None:
        frozen, tuned = jobs.entries(case, run)
        found, lost = jobs.labels_compared(case, run, frozen, tuned), jobs.forgotten_by(frozen, tuned)
        seconds = run.seconds
    said = advice(found, readers, curve, case.split, lost, seconds, minutes, matters)
    _draw(said, _level(said, found))
    if run is None:
        st.caption("No model has been trained on this split yet: train one under “Fine-tune” and ask again.")
    beside = {} if found is None or run is None else {run.name: (curve[-1].labels_a_class, found.probes[1].accuracy)}
    draw_curve(curve, beside, "finetune-advice-curve")
    st.caption(as_typed(f"Accuracy of the linear probe, measured on {case.split.measured_on}. {unread}"))


def _level(said: Advice, found: FrozenVsTuned | None) -> tuple[str, str]:
    if said.level == "cannot tell" and found is None:
        return UNTRIED
    open_to_others = said.level in ("cannot tell", "no difference") and found is not None and found.beside
    return DEPENDS if open_to_others else LEVELS[said.level]


def _estimated(case: FinetuneCase) -> float | None:
    """Return how many seconds a training with the usual settings would take; None where the model can't be trained."""
    job = jobs.estimate_job(case.recipe, case)
    job.wait()
    return job.result() if job.succeeded else None


def _of_pairs(case: PairCase) -> None:
    run, minutes, matters = _controls(case)
    if run is None:
        st.info("Train a model under “Fine-tune” first: what it brings decides.", icon=":material/tune:")
        return
    frozen, tuned = jobs.entries(case, run)
    found, lost = jobs.pairs_compared_by(case, run, frozen, tuned), jobs.forgotten_by(frozen, tuned)
    said = advice_on_pairs(found, lost, run.seconds, minutes, matters)
    _draw(said, LEVELS[said.level])
    st.caption(f"Measured on {case.split.measured_on}.")


def _draw(said: Advice, level: tuple[str, str]) -> None:
    with st.container(border=True):
        icon, title = level
        st.markdown(f"#### {icon} {title}")
        st.markdown(as_typed(said.verdict))
        for note in said.notes:
            st.markdown(f"- {as_typed(note)}")
        if said.would_change:
            st.markdown(f"**What would change it:** {as_typed(said.would_change)}")
        st.caption(as_typed(said.detail))


def _roads() -> None:
    st.markdown("**The roads there are**")
    for road in OPTIONS:  # as a table on a wide screen, one below the other on a phone
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{road.name}**")
            told = {"Cost": road.cost, "Data": road.data, "Risk": road.risk, "When": road.when}
            for column, (name, sentence) in zip(st.columns([3, 2, 4, 3], gap="small"), told.items(), strict=True):
                column.markdown(f":small[:gray[{name}]]  \n:small[{sentence}]")
    st.caption("Costs and amounts are rules of thumb; what was measured on your labels stands above.")
