"""What the labels are like, and how well they can be read off a model that is left as it is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from embedlab.base.english import counted
from embedlab.figures.compare import dots
from embedlab.figures.finetune import MOST_CLASSES, balance, learning_curve
from embedlab.finetune.cases import FinetuneCase
from embedlab.finetune.frozen import EXPLAINED, PROBE, Classifier, CurvePoint
from embedlab.pipeline import Prepared
from embedlab.stats.intervals import Interval
from embedlab.stats.permutation import largest_share
from embedlab.text.cut import beginning
from pages.app import session
from pages.app.widgets import as_typed, dark, frame, show_chart, show_table
from pages.finetune import jobs

CHARS = 200


# --- Labels --------------------------------------------------------------------------------------


def draw_labels(case: FinetuneCase) -> None:
    """Draw the classes and their split, what was left out, and the labels that may be wrong."""
    split = case.split
    learnt, asked = split.sizes, split.held_out_sizes
    order = np.argsort(-(learnt + asked), kind="stable").tolist()
    left, right = st.columns([2, 1], gap="medium")
    with left:
        counts = {"to learn from": learnt, "held out": asked}
        bars = {side: {split.names[code]: int(sizes[code]) for code in order} for side, sizes in counts.items()}
        told = "For each class a bar of its texts: those to learn from and those held out."
        show_chart(balance(bars, dark=dark()), "finetune-balance", told)
        if len(order) > MOST_CLASSES:
            st.caption(
                f"The {MOST_CLASSES} largest of {counted(len(order), 'class', 'classes')}; all of them are in the "
                "table below."
            )
            with st.expander("All classes"):
                frame(
                    {
                        "Class": [split.names[code] for code in order],
                        "To learn from": [int(learnt[code]) for code in order],
                        "Held out": [int(asked[code]) for code in order],
                    },
                )
    with right:
        _facts(case)
    _conflicts(case)
    _doubts(case)


def _facts(case: FinetuneCase) -> None:
    split = case.split
    with st.container(horizontal=True):
        st.metric("To learn from", f"{len(split.train):,}", border=True)
        st.metric("Held out", f"{len(split.held_out):,}", border=True)
        st.metric("Classes", f"{len(split.names):,}", border=True)
    drawn = f"drawn at random with seed {split.seed}, of each class in proportion"
    part = f"the file's {split.part} part" if split.part else drawn
    st.caption(as_typed(f"Held out: {part}. No text that is used stands on both sides, nor a near-copy of it."))
    for note in split.notes:
        st.caption(as_typed(note))


def _conflicts(case: FinetuneCase) -> None:
    found = jobs.review(case.opened, case.setup.label).conflicting
    if not found:
        return
    left_out = case.setup.conflicting == "leave out"
    if len(found) == 1:
        taken = "is left out" if left_out else "counts for its most frequent label"
    else:
        taken = "are left out" if left_out else "count for their most frequent label"
    with st.expander(f"{counted(len(found), 'text')} with more than one label"):
        them = "It" if len(found) == 1 else "They"
        st.caption(f"{them} {taken}; choose otherwise under “Split”.")
        frame(
            {"Text": [text for text, _ in found], "Labels": [", ".join(labels) for _, labels in found]},
        )


def _doubts(case: FinetuneCase) -> None:
    with st.expander("Labels to doubt", key="finetune-doubts", on_change="rerun") as opened:
        if not opened.open:
            return
        prepared = session.prepared(case.texts, case.how)
        found = jobs.doubts(case, prepared)
        if not found:
            st.caption("None: the model would give every text to learn from the label that it has.")
            return
        frame(
            {
                "Text": [beginning(case.texts.texts[one.row], CHARS) for one in found],
                "Label": [one.given for one in found],
                "Likelier": [one.likelier for one in found],
                "Probability": [float(one.probability) for one in found],
            },
            column_config={"Probability": st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1)},
        )
        st.caption(
            "Texts of the training side to which a probe that hasn't seen them would rather give another label. Some "
            "are wrong labels, some are hard texts: read them. Nothing is changed."
        )


# --- Frozen --------------------------------------------------------------------------------------


def draw_frozen(case: FinetuneCase) -> None:
    """Draw how well the labels can be read off frozen vectors, and what more labels would bring."""
    prepared = session.prepared(case.texts, case.how)
    found = jobs.read_off(case, prepared)
    unread = without_reading(case, found)
    unreadable = jobs.unreadable(case, prepared.space, found)
    if unreadable:
        st.markdown(
            "**The labels can't be read off these vectors: nothing names them better than always naming the largest "
            f"class would ({100 * largest_share(case.split.codes[case.split.held_out]):.1f} %).**"
        )
    left, right = st.columns([2, 1], gap="medium")
    with left:
        told = "For accuracy and macro F1 a dot for each way of reading labels off, with its 95 % interval."
        show_chart(dots(_measures(found), dark=dark()), "finetune-frozen", told)
        columns = {name[:1].upper() + name[1:]: list(map(str, of.values())) for name, of in _measures(found).items()}
        show_table({"Way": [one.name for one in found], **columns})
    with right:
        probe = next(one for one in found if one.name == PROBE)
        st.metric(
            "Accuracy of the linear probe", f"{100 * probe.accuracy.mean:.1f} %", border=True,
            help=f"95 % interval: {probe.accuracy}.",
        )  # fmt: skip
        for name, explained in EXPLAINED.items():
            st.caption(f"**{name}**: {explained}")
        st.caption(as_typed(unread))
        st.caption(as_typed(f"Measured on {case.split.measured_on}; intervals: 95 %. {_other_numbers(case)}"))
    if not unreadable:  # more of labels that say nothing would bring nothing
        _curve(case, prepared)


def without_reading(case: FinetuneCase, found: tuple[Classifier, ...]) -> str:
    """Say first if the labels can be told without reading; return what there is to say of it besides."""
    unread = jobs.unread(case)
    best = max(one.accuracy.mean for one in found)
    first = unread.first_sentence(best, "the best way of reading the vectors")
    if first:
        st.markdown(f"**{as_typed(first)}**")
    return unread.detail if first else unread.note


def _other_numbers(case: FinetuneCase) -> str:
    if case.split.part:
        return "Held out at random they would be others: choose so under “Split”."
    return "Another split would give other numbers: change the seed under “Split” to see by how much."


def _measures(found: tuple[Classifier, ...]) -> dict[str, dict[str, Interval]]:
    return {
        "accuracy": {one.name: one.accuracy for one in found},
        "macro F1": {one.name: one.macro_f1 for one in found},
    }


def _curve(case: FinetuneCase, prepared: Prepared) -> None:
    st.markdown("**What would more labels bring?**")
    draw_curve(jobs.curve(case, prepared), {}, "finetune-curve")
    st.caption(
        f"The linear probe on {case.split.measured_on}, trained on ever more of the labels (several draws of each size "
        "but the last). Where the curve is still rising, more labels help the frozen model as well; beyond its end it "
        "says nothing."
    )


def draw_curve(points: tuple[CurvePoint, ...], beside: dict[str, tuple[float, Interval]], key: str) -> None:
    """Draw the learning curve of the frozen model, and results `beside` it, each with its labels a class."""
    labels, accuracies = [point.labels_a_class for point in points], [point.accuracy for point in points]
    told = "Accuracy of the linear probe on frozen vectors by labels a class, with a band for the 95 % interval."
    show_chart(learning_curve(labels, accuracies, beside, dark=dark()), key, told)
