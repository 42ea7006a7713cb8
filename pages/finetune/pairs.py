"""Pairs to learn from: with scores of how alike they are, or just those that belong together."""

from __future__ import annotations

import streamlit as st

from embedlab.base.english import counted
from embedlab.corpus.pair_split import PairSplit, belonging, pair_split, pair_texts
from embedlab.corpus.pairs import pairs_of
from embedlab.corpus.reading.table import Table
from embedlab.figures.compare import dots
from embedlab.finetune.cases import PairCase
from embedlab.finetune.pairs import PairsCompared
from embedlab.text.cut import beginning
from pages.app import results, session
from pages.app.widgets import as_typed, dark, frame, show_chart, show_table
from pages.compare.quality import PAIRS_EXAMPLE
from pages.finetune import jobs

BELONGING_EXAMPLE = (
    "anchor,positive\nhow do I block a card,My card is gone and must be blocked.\nwhat is the rate,Exchange rates\n"
)
SHOWN = 200


def uploaded(scored: bool, held_out: float, seed: int) -> PairSplit | None:
    """Return the pairs of an uploaded table, split; None until there is one."""
    file = st.file_uploader(
        "A table with two texts and a score in each row" if scored
        else "A table with two texts in each row: one, and another that belongs to it",
        type=session.TABLES, key=f"finetune-file-{scored}",
    )  # fmt: skip
    kept = f"finetune-kept-{scored}"
    if file is not None:
        st.session_state[kept] = results.table(file)
    table: Table | None = st.session_state.get(kept)
    if table is None:
        st.caption("For example:")
        st.code(PAIRS_EXAMPLE if scored else BELONGING_EXAMPLE, language=None)
        return None
    if scored:
        found = pairs_of(table)
        first, second, scores = found.first, found.second, found.scores
        notes = tuple(one.sentence for one in found.notes)
    else:
        first, second, notes = belonging(table)
        scores = None
    together = jobs.near_copies_of_pairs(pair_texts(first, second))
    made = pair_split(table.name, first, second, scores, held_out=held_out, seed=seed, together=together)
    for note in notes:
        st.caption(as_typed(note))
    return made


def draw_pairs(case: PairCase) -> None:
    """Draw how many pairs there are on each side, and the pairs themselves."""
    split = case.split
    left, right = st.columns([2, 1], gap="medium")
    with left:
        frame(
            {
                "First": [beginning(split.corpus.texts[row], 300) for row in split.first[:SHOWN]],
                "Second": [beginning(split.corpus.texts[row], 300) for row in split.second[:SHOWN]],
                **({} if split.scores is None else {"Score": split.scores[:SHOWN]}),
                "Held out": [pair in set(split.held_out.tolist()) for pair in range(min(SHOWN, len(split.first)))],
            },
        )
        if len(split.first) > SHOWN:
            st.caption(f"The first {SHOWN} of {counted(len(split.first), 'pair')}.")
    with right:
        with st.container(horizontal=True):
            st.metric("To learn from", f"{len(split.train):,}", border=True)
            st.metric("Held out", f"{len(split.held_out):,}", border=True)
        st.caption(f"Split with seed {split.seed}. Pairs that share a text, or nearly, are on one side.")
        for note in split.notes:
            st.caption(as_typed(note))


def draw_frozen(case: PairCase) -> None:
    """Draw how well the frozen model knows the held-out pairs."""
    found = jobs.pair_measures(case, session.prepared(case.texts, case.how))
    left, right = st.columns([2, 1], gap="medium")
    with left:
        measured = {name: {case.how.model: one} for name, one in found.items()}
        told = "For each measure a dot for the frozen model, with its 95 % interval."
        show_chart(dots(measured, dark=dark()), "finetune-pairs", told)
    with right:
        for name, one in found.items():
            st.metric(name, f"{one.mean:.3f}", border=True, help=f"95 % interval: {one}.")
        explain(case)


def draw_compared(case: PairCase, found: PairsCompared) -> None:
    """Draw both models on the held-out pairs."""
    st.markdown(f"**{as_typed(found.sentence)}**")
    if found.detail:
        st.caption(as_typed(found.detail))
    left, right = st.columns([2, 1], gap="medium")
    with left:
        measured = {found.measure: {"frozen": found.frozen, "fine-tuned": found.tuned}}
        told = "A dot for the frozen and one for the fine-tuned model, with their 95 % intervals."
        show_chart(dots(measured, dark=dark()), "finetune-pairs-compared", told)
        show_table(
            {
                "Model": ["frozen", "fine-tuned", "fine-tuned minus frozen (paired)"],
                found.measure: [str(found.frozen), str(found.tuned), str(found.difference)],
            }
        )
    with right:
        st.metric(
            f"{found.measure}, fine-tuned", f"{found.tuned.mean:.3f}", f"{found.difference.mean:+.3f}", border=True,
            delta_color="normal" if found.difference.apart_from_zero else "off",
        )  # fmt: skip
        explain(case)


def explain(case: PairCase) -> None:
    """Say what the measures of pairs mean."""
    if case.kind == "scored":
        st.caption(
            "Spearman's rank correlation: does the order of the cosines agree with the order of the scores? 1 is the "
            "same order, 0 is none."
        )
    else:
        st.caption(
            "Each first text looks for its partner among the second texts of all held-out pairs. Recall@1: how often "
            "it comes first; MRR@10: the mean of 1 / rank, 0 beyond rank 10. More pairs make it harder."
        )
    st.caption(f"On {case.split.measured_on}; intervals: 95 %, bootstrap over them.")
