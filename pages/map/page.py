"""Map: what is in these texts, and what lies near what?"""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab import pipeline
from embedlab.explore.exploration import Exploration
from embedlab.explore.nearest import Placement as Place
from embedlab.explore.nearest import containing, holding, place
from embedlab.figures.map import Marker
from embedlab.figures.map_view import colour_names, colouring_of
from embedlab.pipeline import MeasuredLayout, Prepared
from embedlab.space.clusters import GRANULARITIES, default_resolution
from embedlab.space.projection import LayoutSettings
from embedlab.space.quality import Trust
from pages.app import panel, results, session
from pages.app.map_view import focus_of, show_explored, umap_or_sketch, wait_for_umap
from pages.app.widgets import choose, errors_said, heading, say_unknown, show_doubt

HEIGHT = 620
MEANING, WORDS, LETTERS = "Meaning", "Words", "Letters"
BESIDE = "beside-map"  # the key of what tells of a touch


@st.fragment
def main() -> None:
    """Draw the page, heading and all: its buttons react to touches, and a fragment must not write outside of itself."""
    buttons = heading("Map", "What is in these texts, and what lies near what?")
    with errors_said():
        prepared = session.prepared(session.corpus())
        with buttons:
            settings, method = _settings_control(prepared)
            with st.popover("Filter", icon=":material/filter_list:"):
                passing = panel.filters(prepared.space.corpus)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            coloured = st.empty()
            typed, mode = _search_control()
            granularity = _granularity_control(prepared)
        trusted, waiting = _layout(prepared, settings, method)
        groups = results.groups(prepared, granularity)
        explored = pipeline.explored(prepared, trusted, groups)
        show_doubt(explored.doubt)
        with coloured:
            colour_by = st.selectbox(
                "Colour by", colour_names(explored), key="colour_by", persist_state="session", width=190
            )
        placed, found = _search(explored, typed, mode)
        chosen = panel.Chosen.now(passing)
        picture, beside = st.columns([2, 1], gap="medium")
        with picture:
            _picture(explored, colour_by, _star(typed, placed), found, chosen)
            if waiting:
                wait_for_umap(prepared, settings)
            elif trusted.trust:
                _trust_line(explored, trusted.trust)
            _unread(prepared)
            say_unknown(prepared.space.unknown)
        with beside, st.container(key=BESIDE):
            panel.draw(explored, placed, found, chosen)
        with buttons:
            panel.take_away(explored, colour_by)


def _unread(prepared: Prepared) -> None:
    """Say how many texts the model could not read to their end; those that it could not read at all stand in the
    sidebar.
    """
    count = int(prepared.space.over_window.sum())
    if count:
        are, their = ("is", "its") if count == 1 else ("are", "their")
        window = prepared.space.card.window
        limit = f"the {window:,} tokens that the model reads" if window else "the model reads"
        st.caption(f"{count:,} of {len(prepared.space):,} texts {are} longer than {limit}: {their} end does not count.")


# --- Controls ------------------------------------------------------------------------------------


def _search_control() -> tuple[str, str]:
    typed = st.text_input(
        "Find",
        key=session.FIND,
        persist_state="session",
        placeholder="A word, or a sentence to place on the map",
        width="stretch",
        type="search",
    )
    mode = choose(
        "Find by",
        [MEANING, WORDS, LETTERS],
        "find_by",
        help="Meaning: what you type is embedded and placed among its nearest texts. "
        "Words: texts that hold it as whole words, with what a language writes onto them (l'hôtel, 환불은). "
        "Letters: texts that contain it anywhere. Neither minds capitals and accents.",
    )
    return (typed or "").strip(), mode


def _granularity_control(prepared: Prepared) -> float:
    return st.select_slider(
        "Granularity",
        GRANULARITIES,
        value=default_resolution(prepared.neighbours),
        key=session.granularity_key(prepared.space.corpus),
        persist_state="session",
        width=170,
        help="How fine the clusters are: to the left a few large ones, to the right many small ones. It is the "
        "resolution of the modularity that the clusters maximise.",
        disabled=not results.tendency_of(prepared).grouped,
    )


def _settings_control(prepared: Prepared) -> tuple[LayoutSettings, str]:
    with st.popover("Settings", icon=":material/tune:"):
        method = choose(
            "Layout",
            ["UMAP", "PCA"],
            "method",
            help="UMAP keeps neighbours together and gives up distances. PCA is the flattest shadow of the vectors: "
            "it keeps the broad directions and lets neighbours overlap.",
        )
        dimensions = choose(
            "Dimensions",
            [2, 3],
            "dimensions",
            help="Three dimensions keep more neighbours, but have to be turned to be read.",
        )
        most = prepared.neighbours.k + 1 if prepared.neighbours.k > 1 else 3
        reach = st.slider(
            "Neighbours",
            2,
            most,
            min(15, max(2, prepared.neighbours.k)),
            key=f"n_neighbors-{most}",  # what was chosen for many texts may be too much for a few
            persist_state="session",
            help="How many neighbours each text tries to stay near. Few show fine detail, many the whole.",
        )
        min_dist = st.slider(
            "Minimum distance",
            0.0,
            0.99,
            0.1,
            key="min_dist",
            persist_state="session",
            help="How tightly texts may be packed. Small makes tight clumps, large spreads them evenly.",
        )
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            0,
            key="seed",
            persist_state="session",
            help="Fixes every random step: the same seed gives the same map. What another seed changes was never "
            "in your texts.",
        )
    return LayoutSettings(reach, min_dist, dimensions=dimensions, seed=int(seed)), method


# --- Map -----------------------------------------------------------------------------------------


def _layout(prepared: Prepared, settings: LayoutSettings, method: str) -> tuple[MeasuredLayout, bool]:
    """Return the layout to show, and whether a better one is on its way."""
    if method == "PCA":
        return results.pca_trust(prepared, settings.dimensions), False
    return umap_or_sketch(prepared, settings)


def _search(explored: Exploration, typed: str, mode: str) -> tuple[Place | None, NDArray[np.intp] | None]:
    """Return where a sentence lies by its meaning, or the rows that contain it."""
    if not typed:
        return None, None
    if mode != MEANING:
        return None, (holding if mode == WORDS else containing)(explored.space.corpus.texts, typed)
    vector = results.sentence_vector(typed, explored.space, session.reading())
    return place(explored.space, explored.layout, explored.neighbours, vector), None


def _let_go() -> None:
    """Clear what was typed with the map. A filter stays: map and panel say what it keeps, and offer to clear it."""
    st.session_state["find"] = ""


def _picture(
    explored: Exploration,
    colour_by: str,
    star: Marker | None,
    found: NDArray[np.intp] | None,
    chosen: panel.Chosen,
) -> None:
    touched = session.touched()
    show_explored(
        explored,
        colouring_of(explored, colour_by),
        selection=chosen.rows,
        said=chosen.sentence,
        clearable=touched.selected is not None or touched.clicked is not None or star is not None or found is not None,
        let_go=_let_go,
        beside=BESIDE,
        focus=focus_of(explored.space, explored.neighbours, touched.clicked),
        found=found,
        placed=star,
        key="map",
        alt=f"Map of {explored.counted}, coloured by {colour_by}.",
        height=HEIGHT,
    )


def _star(typed: str, placed: Place | None) -> Marker | None:
    if placed is None:
        return None
    x, y, *z = map(float, placed.position)
    return Marker(typed, x, y, z[0] if z else None, tuple(placed.hits.rows.tolist()))


def _trust_line(explored: Exploration, trust: Trust) -> None:
    st.text(explored.how_far)
    with st.popover("How was this computed?", type="tertiary"):
        st.text(trust.detail)
        if explored.names.tendency:
            st.text(explored.names.tendency.detail)
        st.markdown(
            "Trustworthiness falls with every false neighbour on the map, continuity with every true one torn away "
            "(Venna and Kaski 2001). Colour by “Neighbours kept by the map” to see where."
        )


main()
