"""Which way of searching finds more? Answered by judgements of which texts are relevant to which query."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from embedlab.base.english import counted
from embedlab.base.fingerprint import fingerprint
from embedlab.corpus import Corpus
from embedlab.corpus.export import csv_bytes
from embedlab.corpus.judgements import (
    MOST_QUERIES,
    ROW,
    Judgements,
    id_columns,
    judgement_columns,
    judgements_in,
    likely_ids,
    same_label,
)
from embedlab.evaluate.ranking import EXPLAINED, METRICS, NDCG, Verdict
from embedlab.evaluate.retrieval import Evaluation
from embedlab.figures.compare import ranking_figure
from embedlab.pipeline import EmbeddingChoice
from embedlab.search.bm25 import WordIndex
from embedlab.search.methods import METHODS, POOL
from embedlab.space import Space
from pages.app import results, session
from pages.app.jobs import registry
from pages.app.roles import columns_control
from pages.app.widgets import as_typed, dark, download, show_chart, show_table
from pages.search import jobs

LABELS, OWN = "Same label counts as relevant", "Judgements of your own"
SAYS: dict[Verdict, str] = {"best": "the best", "less": "finds less", "tie": "can't be told from it"}
LEADS = "the highest figure"  # of which nobody can tell whether it is the best


def draw(space: Space, index: WordIndex, how: EmbeddingChoice) -> None:
    """Draw the choice of judgements and what they say."""
    chosen = _chosen(space.corpus)
    if chosen is None:
        return
    for note in chosen.notes:
        st.caption(as_typed(note.sentence))
    key = jobs.evaluation_key(space, index, chosen)
    if registry().known(key) is None and st.session_state.get("search-measure") != key:
        st.button(
            f"Put {counted(len(chosen), 'query', 'queries')} to all three",
            key="search-go",
            type="primary",
            icon=":material/play_arrow:",
            on_click=partial(st.session_state.update, {"search-measure": key}),
        )
        return
    encoder = results.encoder(space, how)
    _show(jobs.evaluated(space, index, encoder, chosen, how), chosen, space)


# --- Which judgements ----------------------------------------------------------------------------


def _chosen(corpus: Corpus) -> Judgements | None:
    labels = [column.name for column in corpus.columns if column.kind == "category" and not column.missing.all()]
    labels.sort(key=lambda name: name != corpus.label)
    sources = [LABELS, OWN] if labels else [OWN]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.segmented_control(
            "What counts as relevant", sources, default=sources[0], required=True, key="search-relevant"
        )
        if source == LABELS:
            column = st.selectbox("Label", labels, key="search-label", width=220)
    if source == LABELS:
        found = same_label(corpus, column)
        middle = int(np.median(found.relevant)) - 1
        st.caption(
            f"{counted(len(found), 'text')}, drawn at random (seed 0, at most {MOST_QUERIES}), are put as queries; the "
            f"other texts with the same {as_typed(column)} count as relevant to each: {middle:,} or more for half "
            "of them. "
            "A stand-in: texts like each other are not yet answers to a question."
        )
        return found
    return _uploaded(corpus)


def _uploaded(corpus: Corpus) -> Judgements | None:
    left, right = st.columns([2, 1], gap="medium", vertical_alignment="bottom")
    with left:
        files = st.file_uploader(
            "A table with the columns query, id and, if you like, score (0 is not relevant)",
            type=session.TABLES,
            accept_multiple_files=True,
            key=f"search-file-{corpus.fingerprint}",
            on_change=session.forget_files,
            args=["judgements"],
            help="Or BEIR's two files together: the qrels (query-id, corpus-id, score) and the queries (_id, text).",
        )
    tables = [results.table(file) for file in files]
    if not tables:
        found: Judgements | None = session.kept_files("judgements", corpus)
        if found is None:
            st.caption("A row says that one text is relevant to one query; a query may have many rows. For example:")
            st.code(session.JUDGED_EXAMPLE, language=None)
        return found
    names = id_columns(corpus)
    with right:
        named_by = st.selectbox(
            "An id is",
            names,
            names.index(likely_ids(tables, corpus)),
            key=f"search-ids-{corpus.fingerprint}-{fingerprint([file.file_id for file in files])}",
            help="A value of this column, or the row in the file.",
        )
    taken = judgement_columns(tables, corpus, named_by or ROW)
    columns = columns_control(taken, ("query", "id", "score"), "search", scoreless=True)
    found = judgements_in(tables, corpus, named_by or ROW, columns)
    session.keep_files("judgements", corpus, [file.name for file in files], found)
    return found


# --- What they say -------------------------------------------------------------------------------


def _show(found: Evaluation, chosen: Judgements, space: Space) -> None:
    ranked = found.comparison.ranked()
    told = any(one.verdict == "less" for one in ranked)
    st.markdown(f"**{as_typed(found.sentence)}**" if told else as_typed(found.sentence))
    show_table(
        {
            "Searched": [f"By {one.method}" for one in ranked],
            "Verdict": [SAYS[one.verdict] if told or one.verdict != "best" else LEADS for one in ranked],
            NDCG: [str(one.interval) for one in ranked],
            "Behind the best": [str(one.behind) if one.behind else "" for one in ranked],
        },
        key="search-ranked",
    )
    st.caption(as_typed(found.comparison.detail))
    left, right = st.columns(2, gap="medium")
    with left:
        alt = "For each measure a dot for each way of searching, with its 95 % interval."
        show_chart(ranking_figure(found.comparison, METHODS, dark=dark()), "search-plot", alt)
    with right:
        show_table(
            {"Measure": list(METRICS)}
            | {
                f"By {one.method}": [str(found.comparison.interval(one.method, metric)) for metric in METRICS]
                for one in ranked
            }
        )
        file = f"{space.corpus.name} - {chosen.name} - search.csv"
        download("Every query as CSV", lambda: _csv(found, chosen), file, "search-values", "download")
    _trust(found, chosen)


def _trust(found: Evaluation, chosen: Judgements) -> None:
    said = [
        f"{counted(len(found), 'query', 'queries')}. Intervals: 95 %, over the queries drawn again 10,000 times (seed "
        "0). Don't compare those of two methods by eye: the verdict rests on the paired differences.",
        f"Each method is read to its first {POOL} texts, exactly. A text that nobody judged counts as not relevant, so "
        "no method is rewarded for finding one.",
        *found.notes[len(chosen.notes) :],
    ]
    if np.median(chosen.relevant) > 10:
        said.append("With more than ten relevant texts recall@10 can't reach 1.")
    st.caption(as_typed(" ".join(said)))
    with st.expander("What the measures mean"):
        for metric in METRICS:
            st.markdown(f"**{metric}** {as_typed(EXPLAINED[metric])}")


def _csv(found: Evaluation, chosen: Judgements) -> bytes:
    header = ["query", *(f"{metric} by {method}" for method in METHODS for metric in METRICS)]
    values = [found.comparison.values[method][metric] for method in METHODS for metric in METRICS]
    lines = (
        [chosen.queries[at], *row] for at, row in zip(found.queries.tolist(), zip(*values, strict=True), strict=True)
    )
    return csv_bytes(header, lines)
