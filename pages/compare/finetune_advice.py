"""What to do: a verdict drawn from what was measured, what would change it, and the roads there are."""

from __future__ import annotations

import streamlit as st

from embedlab.lab.advice import ROADS, Level, Matters, advice
from embedlab.lab.frozen import PROBE, Reader
from embedlab.lab.general import forgotten
from embedlab.lab.tuned import Compared
from pages.compare import finetune_result
from pages.compare.finetune_frozen import draw_curve, ground_of
from pages.shared import tuning
from pages.shared.tuning import Asked, Case, PairCase
from pages.shared.widgets import as_typed, duration, result_of

MATTERS: dict[str, Matters] = {"Accuracy": "accuracy", "Generality": "generality", "Speed": "speed"}
LEVELS: dict[Level, tuple[str, str]] = {
    "tune": (":material/tune:", "Fine-tuning is worth it here"),
    "stay": (":material/ac_unit:", "Stay frozen"),
    "cannot tell": (":material/help:", "These data can't tell"),
    "no difference": (":material/equal:", "No difference"),
}
UNTRIED = (":material/help:", "Not known before a training")


def draw(case: Asked) -> None:
    """Draw the verdict on what was measured, and the table of roads."""
    if isinstance(case, Case):
        _of_labels(case)
    else:
        _of_pairs(case)
    _roads()


def _of_labels(case: Case) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = finetune_result.chosen(case)
        minutes = st.number_input(
            "Minutes you can spend", 1, 10_000, 5, key="finetune-minutes", persist_state="session", width=190,
            help="On a training, each time the labels or the texts change.",
        )  # fmt: skip
        matters = st.segmented_control(
            "What matters most", list(MATTERS), default="Accuracy", required=True, key="finetune-matters",
            persist_state="session",
        )  # fmt: skip
    ground = ground_of(case.texts, case.how)
    readers = result_of(
        tuning.readers_job(case, ground), tuning.forgetter("readers", case, ground), "Stopped before it was done."
    )
    curve = result_of(
        tuning.curve_job(case, ground), tuning.forgetter("curve", case, ground), "Stopped before it was done."
    )
    found, lost, seconds = None, None, None
    if run is not None:
        frozen, tuned = finetune_result.entries(case, run)
        found = finetune_result.found_by(case, run, frozen, tuned)
        lost = forgotten(*finetune_result.generalities(frozen, tuned))
        seconds = run.seconds
    said = advice(found, readers, curve, case.split, lost, seconds, float(minutes), MATTERS[matters or "Accuracy"])
    with st.container(border=True):
        icon, title = UNTRIED if found is None and said.level == "cannot tell" else LEVELS[said.level]
        st.markdown(f"#### {icon} {title}")
        st.markdown(as_typed(said.verdict))
        if said.would_change:
            st.markdown(f"**What would change it:** {as_typed(said.would_change)}")
        if run is None:
            st.caption("No model has been trained on this split yet: train one under “Fine-tune” and ask again.")
    beside = {} if found is None or run is None else {run.name: (curve[-1].labels_a_class, _probe(found).accuracy)}
    draw_curve(curve, beside, "finetune-advice-curve")


def _probe(found: Compared) -> Reader:
    return next(one for one in found.tuned if one.name == PROBE)


def _of_pairs(case: PairCase) -> None:
    run = finetune_result.chosen(case)
    if run is None:
        st.info("Train a model under “Fine-tune” first: what it brings decides.", icon=":material/tune:")
        return
    frozen, tuned = finetune_result.entries(case, run)
    found = finetune_result.pairs_found_by(case, run, frozen, tuned)
    lost = forgotten(*finetune_result.generalities(frozen, tuned))
    with st.container(border=True):
        st.markdown(f"**{as_typed(found.sentence)}**")
        st.markdown(as_typed(lost.sentence))
        st.caption(f"The training took {duration(run.seconds)}." if run.seconds else "")


def _roads() -> None:
    st.markdown("**The roads there are**")
    for road in ROADS:  # as a table on a wide screen, one below the other on a phone
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"**{road.name}**")
            told = {"Cost": road.cost, "Data": road.data, "Risk": road.risk, "When": road.when}
            for column, (name, sentence) in zip(st.columns([3, 2, 4, 3], gap="small"), told.items(), strict=True):
                column.markdown(f":small[:gray[{name}]]  \n:small[{sentence}]")
    st.caption("Costs and amounts are rules of thumb; what was measured on your labels stands above.")
