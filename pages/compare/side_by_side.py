"""Two maps of the same texts, and where those that were touched went."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from embedlab.base.english import counted, percent
from embedlab.compare.comparison import doubts
from embedlab.compare.movement import farthest, whereabouts
from embedlab.explore.exploration import Exploration
from embedlab.figures.colouring import Colouring, by_share
from embedlab.figures.compare import MOST_TRAILS, trails
from embedlab.figures.map_view import CLUSTERS, NEIGHBOURS_KEPT, NOTHING, colouring_of
from embedlab.pipeline import Groups, MeasuredLayout, explored
from embedlab.space.projection import LayoutSettings
from pages.app import panel, results, session
from pages.app.map_view import show_explored, wait_for_umap
from pages.app.widgets import as_typed, dark, failure_of, show_chart, show_doubt, show_error, show_table
from pages.compare import jobs as compare_jobs
from pages.compare import linked
from pages.compare.linked import ModelPair

HEIGHT, TALL = 480, 620
# The only map of a section goes by the first one's name: the browser then moves that drawing, and makes no new one.
MAPS = FIRST_MAP, _ = "compare-a", "compare-b"
MOVED = 50
SHARED = "Neighbours in common"
SETTINGS = LayoutSettings()


def draw(compared: ModelPair, k: int) -> None:
    """Draw both maps, or one that changes into the other, and what was touched."""
    trusted, waiting = layouts(compared)
    first, second = (one.layout for one in trusted)
    turned = first if first is second else compare_jobs.aligned(second, first, compared.common.corpus)
    trusted = (trusted[0], MeasuredLayout(turned, trusted[1].trust))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        colour_by = st.selectbox("Colour by", _colours(compared), key=colour_key(compared), width=260)
        single = st.toggle(
            "One map",
            key="compare-single",
            persist_state="session",
            help="A single map whose points go from their places in one model to those in the other.",
        )
        which = compared.names[0]
        if single:
            which = st.segmented_control(
                "Map of", list(compared.names), default=compared.names[0], required=True, key="compare-which",
                format_func=as_typed,
            )  # fmt: skip
    views, colouring = _views(compared, trusted, colour_by, k)
    for doubt in doubts(compared.names, [groups_of(compared, place) for place in (0, 1)]):
        show_doubt(doubt)
    if single:
        place = 1 if which == compared.names[1] else 0
        _map(compared, views[place], colouring, place, FIRST_MAP, TALL)
    else:
        for place, column in enumerate(st.columns(2, gap="small")):
            with column:
                st.markdown(f"**{as_typed(compared.names[place])}**")
                _map(compared, views[place], colouring, place, MAPS[place], HEIGHT)
    if waiting:
        wait_for_umap(compared.first.prepared, SETTINGS, compared.second.prepared)
    _trust(compared, trusted)
    chosen, row = linked.selected(compared), linked.clicked(compared)
    if chosen is None and row is None:
        st.caption(
            "Draw around some texts with the lasso on one map to see where they lie in the other; click a text for its "
            "nearest texts in both."
        )
    if chosen is not None and len(chosen):
        _whereabouts(compared, chosen)
    if row is not None:
        linked.both_lists(compared, row, "clicked")
        st.caption("“Why?” takes a pair apart with the model that the sidebar names.")
    _movement(compared, trusted, chosen)


# --- Maps ----------------------------------------------------------------------------------------


def layouts(compared: ModelPair) -> tuple[tuple[MeasuredLayout, MeasuredLayout], bool]:
    """Return both layouts, each principal components until both are ready, and whether one is on its way."""
    jobs = [results.layout_job(entry.prepared, SETTINGS) for entry in compared.pair]
    for job in jobs:
        job.wait(0.2)
    if all(job.succeeded for job in jobs):
        return (jobs[0].result(), jobs[1].result()), False
    first, second = (results.first_sketch(entry.prepared, 2) for entry in compared.pair)
    for entry, job in zip(compared.pair, jobs, strict=True):
        if job.done and not job.succeeded and not job.stopped:
            show_error(f"The map of {entry.name}: {failure_of(job)}")
            forget = partial(results.layout_job.forget, entry.prepared, SETTINGS)
            st.button("Try again", key=f"compare-lay-out-{entry.name}", on_click=forget, icon=":material/refresh:")
    return (first, second), not all(job.done for job in jobs)


def groups_of(compared: ModelPair, place: int) -> Groups:
    """Return the named clusters of one of the two models."""
    prepared = compared.pair[place].prepared
    return results.groups(prepared, session.granularity(prepared))


def colour_key(compared: ModelPair) -> str:
    """Return the key of what the maps are coloured by."""
    return f"compare-colour-{compared.names}"


def _clusters(name: str) -> str:
    return f"{CLUSTERS} of {name}"


def _colours(compared: ModelPair) -> list[str]:
    corpus = compared.common.corpus
    columns = [column.name for column in corpus.columns if column.kind != "text" and not column.missing.all()]
    grouped = [name for place, name in enumerate(compared.names) if groups_of(compared, place).names.grouped]
    return [*dict.fromkeys(map(_clusters, grouped)), SHARED, *columns, NOTHING]


def _views(
    compared: ModelPair, trusted: tuple[MeasuredLayout, MeasuredLayout], colour_by: str, k: int
) -> tuple[tuple[Exploration, Exploration], Colouring]:
    """Return both maps with the same clusters and names on them, and the colours of both."""
    whose = 1 if colour_by == _clusters(compared.names[1]) and not compared.same else 0
    groups = groups_of(compared, whose)
    first, second = (explored(entry.prepared, one, groups) for entry, one in zip(compared.pair, trusted, strict=True))
    if colour_by == SHARED:
        return (first, second), lens(compared, k)
    name = CLUSTERS if colour_by in map(_clusters, compared.names) else colour_by
    drawn = first if whose == 0 else second
    return (first, second), colouring_of(drawn, name) if name != NEIGHBOURS_KEPT else lens(compared, k)


def view(compared: ModelPair, trusted: MeasuredLayout) -> Exploration:
    """Return the map of the first model, with its own clusters."""
    return explored(compared.first.prepared, trusted, groups_of(compared, 0))


def lens(compared: ModelPair, k: int) -> Colouring:
    """Return the colours that show how much of each text's neighbourhood both models share."""
    found = compare_jobs.overlapped(*compared.pair, k)
    note = f"Share of a text's {found.k} nearest texts that both models agree on."
    return by_share(SHARED, found.shared, note)


def _map(compared: ModelPair, view: Exploration, colouring: Colouring, place: int, key: str, height: int) -> None:
    entry = compared.pair[place]
    show_explored(
        view,
        colouring,
        compared.common.rows,
        selection=linked.selected(compared),
        focus=linked.focus(compared, entry),
        key=key,
        alt=f"Map of {counted(len(view.space), 'text')} as {entry.name} reads them, "
        f"coloured by {colouring.title or 'nothing'}.",
        height=height,
    )


def _trust(compared: ModelPair, trusted: tuple[MeasuredLayout, MeasuredLayout]) -> None:
    how = trusted[1].layout.settings
    method = dict(how).get("aligned", "orthogonal Procrustes: turned, mirrored, scaled and shifted")
    st.caption(
        as_typed(
            f"The map of {compared.names[1]} is laid onto that of {compared.names[0]} ({method}). Two maps of one "
            "model differ as well: read what moved from the lists of neighbours, which are of the original vectors."
        )
    )
    known = [one.trust for one in trusted if one.trust and one.trust.k]
    if len(known) == len(trusted):
        told = " and ".join(
            f"{percent(one.kept)} on that of {name}" for one, name in zip(known, compared.names, strict=True)
        )
        st.caption(as_typed(f"True neighbours kept by the maps: {told}."))


# --- What was touched ----------------------------------------------------------------------------


def _whereabouts(compared: ModelPair, rows: np.ndarray) -> None:
    with st.container(border=True):
        panel.head(
            f"Where {counted(len(rows), 'selected text lies', 'selected texts lie')}",
            "compare",
            lambda: session.touch(selected=None, by=""),
        )
        for place, column in enumerate(st.columns(2, gap="medium")):
            entry, groups = compared.pair[place], groups_of(compared, place)
            found = whereabouts(entry.neighbours, groups.clusters, rows)
            with column:
                st.markdown(f"**{as_typed(entry.name)}**")
                if not np.isnan(found.together):
                    st.caption(
                        f"{percent(found.together)} of their ten nearest texts are among them "
                        f"({percent(found.expected)} if they were drawn at random)."
                    )
                if not groups.names.grouped:
                    continue
                show_table(
                    {
                        "Cluster": [groups.names.of(number) for number, _ in found.clusters[:8]],
                        "Of them": [count for _, count in found.clusters[:8]],
                    }
                )
                if len(found.clusters) > 8:
                    st.caption(f"and {counted(len(found.clusters) - 8, 'more cluster')}")


def _movement(compared: ModelPair, trusted: tuple[MeasuredLayout, MeasuredLayout], rows: np.ndarray | None) -> None:
    if compared.same:
        return
    with st.expander("Who moved? Trails from map to map", key="compare-trails", on_change="rerun") as opened:
        if not opened.open:
            return
        first, second = (one.layout for one in trusted)
        if rows is not None and len(rows):
            drawn, told = rows[:: max(1, -(-len(rows) // MOST_TRAILS))], "of the selected texts"
        else:
            drawn, told = farthest(first, second, MOVED), "that moved farthest"
        figure = trails(first, second, drawn, compared.texts, compared.names, dark=dark())
        alt = "Lines from the places of texts on the first map to those on the second."
        show_chart(figure, "compare-trails-figure", alt)
        st.caption(
            f"{counted(len(drawn), 'text')} {told}. How far a point goes depends on the layout as much as on the "
            "model: "
            "trust a trail where the neighbours have changed as well."
        )
