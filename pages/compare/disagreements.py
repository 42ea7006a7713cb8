"""Where do two models disagree: texts whose neighbours changed, groups that went together, pairs that changed rank."""

from __future__ import annotations

import numpy as np
import streamlit as st

from embedlab.base.english import percent
from embedlab.compare.agreement import PAIRS as DRAWN
from embedlab.compare.models import ComparedModel
from embedlab.compare.overlap import Overlap, most_changed
from embedlab.figures.theme import one_line
from embedlab.space import Clusters
from pages.app.map_view import show_explored
from pages.app.pair import why_button
from pages.app.widgets import as_typed, long_text, newly_picked, pick, waited_for
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
    show_explored(
        side_by_side.view(compared, first),
        side_by_side.lens(compared, k),
        compared.common.rows,
        selection=linked.selected(compared),
        focus=linked.focus(compared, compared.first),
        key=side_by_side.FIRST_MAP,
        alt="Map of the texts, coloured by how much of their neighbourhood both models agree on.",
        height=HEIGHT,
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
        f"{percent(shared.mean())} of the {found.k} nearest texts are the same on average; {none:,} of {len(shared):,} "
        "texts have none in common. Choose one to see both lists."
    )
    picked = newly_picked(
        {
            "In common": [f"{round(float(found.shared[row]) * found.k)} of {found.k}" for row in rows],
            "Text": [one_line(compared.texts[row]) for row in rows],
        },
        f"compare-changed-{found.k}-{_of_both(*compared.pair)}",
        height=420,
    )
    if picked is not None:
        linked.touch(compared, row=int(rows[picked]))
        st.rerun(scope="fragment")


def _of_both(first: ComparedModel | Clusters, second: ComparedModel | Clusters) -> str:
    return f"{first.fingerprint[:8]}-{second.fingerprint[:8]}"


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
        picked = newly_picked(
            {
                f"In {compared.names[0]}": [first.names.of(one.name_first) for one in shown],
                f"In {compared.names[1]} ": [second.names.of(one.name_second) for one in shown],
                "Texts": [one.count for one in shown],
                "Of the cluster": [100 * one.share for one in shown],
                "By chance": [one.chance for one in shown],
            },
            f"compare-groups-{_of_both(first.clusters, second.clusters)}",
            height="content",
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
    if picked is not None:
        linked.touch(compared, np.sort(shown[picked].rows), "cluster")
        st.rerun(scope="fragment")


def _pairs(compared: ModelPair) -> None:
    with st.expander("Pairs whose likeness changed most", key="compare-pairs", on_change="rerun") as opened:
        if not opened.open:
            return
        found = waited_for(jobs.pairs_job)(*compared.pair)
        st.caption(
            f"Of {DRAWN:,} pairs drawn at random (all, where there are fewer), those whose rank by cosine changed "
            "most. A rank of 100 % is the most alike pair of that model: ranks can be compared between models, cosines "
            "can't. Choose a row to read both texts and to ask why."
        )
        shown = found[:PAIRS]
        picked = pick(
            {
                "Rank in A": [100 * pair.before for pair in shown],
                "Rank in B": [100 * pair.after for pair in shown],
                "One text": [one_line(compared.texts[pair.first]) for pair in shown],
                "The other": [one_line(compared.texts[pair.second]) for pair in shown],
            },
            f"compare-pairs-{_of_both(*compared.pair)}",
            "single-row",
            height="content",
            column_config={
                rank: st.column_config.NumberColumn(format="%.1f %%", width="small", help=as_typed(name))
                for rank, name in zip(("Rank in A", "Rank in B"), compared.names, strict=True)
            },
        )
        for at in picked:
            texts = compared.texts[shown[at].first], compared.texts[shown[at].second]
            for place, (column, text) in enumerate(zip(st.columns(2, gap="small"), texts, strict=True)):
                with column, st.container(border=True, height="stretch"):
                    long_text(text, f"changed-{place}")
            why_button(*texts, "why-pair")
