"""Where do two models disagree: texts whose neighbours changed, groups that went together, pairs that changed rank."""

from __future__ import annotations

import numpy as np
import streamlit as st

from embedlab.compare.agreement import PAIRS as DRAWN
from embedlab.compare.agreement import PairChange
from embedlab.compare.overlap import Overlap, most_changed
from embedlab.figures.map_view import labels_of, points_of
from embedlab.figures.theme import one_line
from pages.app.map_component import show_map
from pages.app.map_view import take
from pages.app.pair import why_button
from pages.app.widgets import as_typed
from pages.compare import jobs, linked, side_by_side
from pages.compare.linked import ModelPair

HEIGHT = 520
COUNT = 20
GROUPS = 12
PAIRS = 10


def draw(compared: ModelPair, k: int) -> None:
    """Draw the lens on the map, the texts that changed most, and what moved together."""
    if compared.same:
        st.info("Both are the same vectors: they agree on everything.", icon=":material/equal:")
        return
    found = jobs.overlapped(*compared.pair, k)
    left, right = st.columns([2, 1], gap="medium")
    with right:
        _most_changed(compared, found)
    with left:
        _lens(compared, k)
    row = linked.clicked(compared)
    if row is not None:
        linked.both_lists(compared, row, "changed")
        st.caption("“Why?” takes a pair apart with the model that the sidebar names.")
    _groups(compared)
    _pairs(compared)


def _lens(compared: ModelPair, k: int) -> None:
    (first, _), _ = side_by_side.layouts(compared)
    view = side_by_side.view(compared, first)
    show_map(
        points_of(view),
        side_by_side.lens(compared, k),
        labels_of(view),
        selection=linked.selected(compared),
        focus=linked.focus(compared, compared.first),
        key=side_by_side.FIRST_MAP,
        alt="Map of the texts, coloured by how much of their neighbourhood both models agree on.",
        height=HEIGHT,
        on_event=lambda events: take(events, view, compared.common.rows),
    )
    st.caption(as_typed(f"The map of {compared.names[0]}. Click a text for its nearest texts in both models."))


def _most_changed(compared: ModelPair, found: Overlap) -> None:
    rows = most_changed(found, COUNT)
    if not len(rows):
        st.info("No text has other nearest texts in one model than in the other.", icon=":material/equal:")
        return
    shared = found.shared[found.rows]
    none = int((shared == 0).sum())
    st.markdown(f"**The {len(rows)} texts that changed most**")
    st.caption(
        f"{shared.mean():.0%} of the {found.k} nearest texts are the same on average; {none:,} of {len(shared):,} "
        "texts have none in common. Choose one to see both lists."
    )
    chosen = st.dataframe(
        {
            "In common": [f"{round(float(found.shared[row]) * found.k)} of {found.k}" for row in rows],
            "Text": [one_line(compared.texts[row]) for row in rows],
        },
        hide_index=True,
        height=420,
        on_select="rerun",
        selection_mode="single-row",
        key=f"compare-changed-{found.k}-{compared.first.space.fingerprint[:8]}-{compared.second.space.fingerprint[:8]}",
    )
    picked = chosen["selection"]["rows"]
    mark = (compared.names, found.k, tuple(picked))
    if picked and st.session_state.get("compare-changed-taken") != mark:
        st.session_state["compare-changed-taken"] = mark
        linked.touch(compared, row=int(rows[picked[0]]))
        st.rerun(scope="fragment")


def _groups(compared: ModelPair) -> None:
    first, second = (side_by_side.groups_of(compared, place) for place in (0, 1))
    moved = jobs.moved(first.clusters, second.clusters, compared.common.corpus)
    with st.container(border=True):
        st.markdown("**Texts that moved together**")
        if not (first.names.grouped and second.names.grouped):
            st.caption("One of the two holds no groups, so none can move.")
            return
        if not moved:
            st.caption("No group of five texts or more went from one cluster to another.")
            return
        st.caption(
            "Texts of one cluster of the first model that lie together in another of the second. Each cluster is first "
            "matched with one of the other model, so that as few texts as possible count as moved; clusters that were "
            "only cut otherwise appear here too. A group no larger than chance makes it says nothing. Choose a row to "
            "select its texts."
        )
        shown = moved[:GROUPS]
        chosen = st.dataframe(
            {
                f"In {compared.names[0]}": [first.names.of(one.name_first) for one in shown],
                f"In {compared.names[1]} ": [second.names.of(one.name_second) for one in shown],
                "Texts": [one.count for one in shown],
                "Of the cluster": [100 * one.share for one in shown],
                "By chance": [one.chance for one in shown],
            },
            hide_index=True,
            height="content",
            on_select="rerun",
            selection_mode="single-row",
            key=f"compare-groups-{first.clusters.fingerprint[:8]}-{second.clusters.fingerprint[:8]}",
            column_config={
                "Texts": st.column_config.NumberColumn(width="small"),
                "Of the cluster": st.column_config.NumberColumn(format="%.0f %%", width="small"),
                "By chance": st.column_config.NumberColumn(
                    format="%.1f",
                    width="small",
                    help="So many texts two clusterings of these sizes that have nothing to do with each other would "
                    "put together.",
                ),
            },
        )
        if len(moved) > len(shown):
            st.caption(f"and {len(moved) - len(shown):,} smaller groups")
    picked = chosen["selection"]["rows"]
    mark = (first.clusters.fingerprint, second.clusters.fingerprint, tuple(picked))
    if picked and st.session_state.get("compare-groups-taken") != mark:
        st.session_state["compare-groups-taken"] = mark
        linked.touch(compared, np.sort(shown[picked[0]].rows), "cluster")
        st.rerun(scope="fragment")


def _pairs(compared: ModelPair) -> None:
    with st.expander("Pairs whose likeness changed most", key="compare-pairs", on_change="rerun") as opened:
        if not opened.open:
            return
        found = jobs.awaited(jobs.pairs_job, *compared.pair)
        st.caption(
            f"Of {DRAWN:,} pairs drawn at random (all, where there are fewer), those whose rank by cosine changed "
            "most. A rank of 100 % is the most alike pair of that model: ranks can be compared between models, cosines "
            "can't. Choose a row to read both texts and to ask why."
        )
        shown = found[:PAIRS]
        chosen = st.dataframe(
            {
                "Rank in A": [100 * pair.before for pair in shown],
                "Rank in B": [100 * pair.after for pair in shown],
                "One text": [one_line(compared.texts[pair.first]) for pair in shown],
                "The other": [one_line(compared.texts[pair.second]) for pair in shown],
            },
            hide_index=True,
            height="content",
            on_select="rerun",
            selection_mode="single-row",
            key=f"compare-pairs-{compared.first.space.fingerprint[:8]}-{compared.second.space.fingerprint[:8]}",
            column_config={
                rank: st.column_config.NumberColumn(format="%.1f %%", width="small", help=as_typed(name))
                for rank, name in zip(("Rank in A", "Rank in B"), compared.names, strict=True)
            },
        )
        for picked in chosen["selection"]["rows"]:
            _pair(compared, shown[picked])


def _pair(compared: ModelPair, pair: PairChange) -> None:
    texts = compared.texts[pair.first], compared.texts[pair.second]
    for column, text in zip(st.columns(2, gap="small"), texts, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.text(text)
    why_button(*texts, "why-pair")
