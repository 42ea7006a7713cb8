"""Take the whole comparison away: one page that stands alone, or JSON."""

from __future__ import annotations

import json

import streamlit as st

from embedlab.figures.map_view import CLUSTERS, colouring_of
from embedlab.figures.report import report_html
from embedlab.figures.report_facts import Report, facts, title_of
from pages.app.widgets import as_typed
from pages.compare import jobs, judge, measuring, numbers, quality, side_by_side
from pages.compare.linked import ModelPair
from pages.compare.measuring import Wanted


def draw(compared: ModelPair, k: int) -> None:
    """Say what the report holds, and offer it."""
    wanted = quality.kept(compared)
    if wanted is not None:
        quality.measured(compared, wanted)
    made = gathered(compared, k)
    for sentence in made.sentences:
        st.markdown(as_typed(sentence))
    name = f"{compared.common.corpus.name} - models compared"
    with st.container(horizontal=True):
        st.download_button(
            "Report as a web page",
            lambda: report_html(made).encode("utf-8", "replace"),
            f"{name}.html",
            "text/html",
            key="compare-html",
            icon=":material/html:",
            on_click="ignore",
            type="primary",
            help="It stands alone: pictures, tables and texts without a server or a network.",
        )
        st.download_button(
            "Every number as JSON",
            lambda: json.dumps(facts(made), ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8", "replace"),
            f"{name}.json",
            "application/json",
            key="compare-json",
            icon=":material/data_object:",
            on_click="ignore",
        )
    holds = [
        "the maps" if made.layouts else "",
        "the numbers with their floors",
        "the texts that changed most",
        "the cost",
    ]
    holds.append("quality" if made.qualities else "")
    holds.append("the blind test" if made.tally else "")
    st.caption(f"It holds {', '.join(one for one in holds if one)}.")
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


def gathered(compared: ModelPair, k: int) -> Report:
    """Return all that is known of the comparison by now; wait for its numbers."""
    differences = numbers.differences(compared, k)
    ordered = (*compared.pair, *(entry for entry in compared.entries if entry.name not in compared.names))
    wanted = quality.kept(compared)
    (first, second), waiting = side_by_side.layouts(compared)
    turned = jobs.aligned(
        second.layout.fingerprint,
        first.layout.fingerprint,
        second.layout,
        first.layout,
        compared.common.corpus.distinct[0],
    )
    queries, changes = numbers.queries_changed(compared, k)
    return Report(
        title=title_of(compared.common.corpus.name, [entry.name for entry in ordered]),
        names=tuple(entry.name for entry in ordered),
        spaces=tuple(entry.ground.space for entry in ordered),
        neighbours=tuple(entry.ground.neighbours for entry in ordered),
        differences=differences,
        costs=measuring.costs(ordered),
        floors=numbers.floors_of(compared, k),
        qualities=measuring.qualities_known(ordered, wanted) if wanted is not None else (),
        shortcut=measuring.shortcut_known(compared.common.corpus, wanted) if wanted is not None else None,
        layouts=None if waiting else (first.layout, turned),
        colouring=colouring_of(side_by_side.view(compared, first), CLUSTERS),
        tally=judge.judged(compared, k),
        notes=_notes(compared, wanted),
        turnover=jobs.results_changed(compared.first.ground, compared.second.ground, k),
        queries=queries,
        changes=changes,
        timing=measuring.timed(ordered),
    )


def _notes(compared: ModelPair, wanted: Wanted | None) -> tuple[str, ...]:
    corpus = compared.common.corpus
    flattered = () if wanted is None else measuring.flattered(corpus, compared.entries, wanted)
    return (
        *compared.failed,
        *side_by_side.doubts(compared),
        *flattered,
        *(note.sentence for note in (*corpus.notes, *compared.common.notes)),
    )
