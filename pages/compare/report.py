"""Take the whole comparison away: one page that stands alone, or JSON."""

from __future__ import annotations

import streamlit as st

from embedlab.base.english import joined
from embedlab.compare.comparison import Comparison
from embedlab.compare.cost import costs_of, timing_known
from pages.app.widgets import as_json, as_typed, download
from pages.compare import jobs, judge, numbers, quality, side_by_side
from pages.compare.linked import ModelPair


def draw(compared: ModelPair, k: int) -> None:
    """Say what the report holds, and offer it."""
    evidence = quality.kept(compared)
    if evidence is not None:
        quality.measured(compared, evidence)
    made = gathered(compared, k)
    for sentence in made.sentences:
        st.markdown(as_typed(sentence))
    name = f"{compared.common.corpus.name} - models compared"
    with st.container(horizontal=True):
        alone = "It stands alone: pictures, tables and texts without a server or a network."
        download("Report as a web page", made.page, f"{name}.html", "compare-html", type="primary", help=alone)
        download(
            "Every number as JSON",
            lambda: as_json(made.facts()),
            f"{name}.json",
            "compare-json",
        )
    holds = ["the maps" if made.layouts else "", "the numbers with their floors", "the texts that changed most"]
    holds += ["the cost", "quality" if made.qualities else "", "the blind test" if made.tally else ""]
    st.caption(f"It holds {joined([one for one in holds if one])}.")
    missing = []
    if not made.qualities:
        missing.append("measure the models under “Quality” and the report tells which is better as well")
    if made.layouts is None:
        missing.append("the maps are still being laid out: open this section again in a moment, and it has them")
    if missing:
        said = "; ".join(missing)
        st.caption(f"{said[:1].upper()}{said[1:]}.")
    if not made.qualities:
        quality.offer(compared, "compare-report-by-label")


def gathered(compared: ModelPair, k: int) -> Comparison:
    """Return all that is known of the comparison by now; wait for its numbers."""
    differences, corpus = numbers.differences(compared, k), compared.common.corpus
    ordered = (*compared.pair, *(entry for entry in compared.entries if entry.name not in compared.names))
    evidence = quality.kept(compared)
    (first, second), waiting = side_by_side.layouts(compared)
    timing = timing_known(ordered)
    return Comparison(
        compared.common,
        ordered,
        differences,
        costs_of(ordered, timing),
        jobs.results_changed(*compared.pair, k),
        numbers.answered(compared, k),
        numbers.floors_of(compared, k),
        jobs.qualities_known(ordered, evidence),
        None if evidence is None else jobs.shortcut_job.made(corpus, evidence),
        None if waiting else (first.layout, jobs.aligned(second.layout, first.layout, corpus)),
        (side_by_side.groups_of(compared, 0), side_by_side.groups_of(compared, 1)),
        timing,
        judge.judged(compared, k),
        (*compared.failed, *jobs.flattered(corpus, compared.entries, evidence)),
    )
