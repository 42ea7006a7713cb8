"""Map: what is in these texts, and what lies near what?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab import pipeline
from embedlab.base.english import counted
from embedlab.base.progress import Job
from embedlab.explore.exploration import Exploration
from embedlab.explore.nearest import Placement as Place
from embedlab.explore.nearest import containing, found_in, holding, place
from embedlab.figures.map import MapLabel, Marker
from embedlab.figures.map_view import colour_names, labels_at
from embedlab.pipeline import EmbeddingChoice, MeasuredLayout, Prepared
from embedlab.space.clusters import GRANULARITIES, default_resolution
from embedlab.space.projection import LayoutSettings
from embedlab.space.quality import Trust
from pages.app import panel, results, session
from pages.app.components import MapEvents, charts_beside
from pages.app.map_view import focus_of, show_explored, take, umap_or_sketch, wait_for_umap
from pages.app.widgets import choose, errors_said, heading, say_unknown, show_doubt, sketched

MEANING, WORDS, LETTERS = "Meaning", "Words", "Letters"
COLOUR = "colour_by"
MOST_FOR_SKETCH = 30_000  # texts of a sketch that are laid out by UMAP: more would hold up the model that reads
BESIDE = "beside-map"  # the key of what tells of a touch


@st.fragment
def main() -> None:
    """Draw the page, heading and all: its buttons react to touches, and a fragment must not write outside of itself."""
    buttons = heading("Map", "What is in these texts, and what lies near what?")
    with errors_said():
        looked = session.looked_at(session.corpus())
        prepared = looked.prepared
        if looked.better is not None:
            _sketched(looked, looked.better)
        with buttons:
            settings, method = _settings_control(prepared)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            coloured = st.empty()
            typed, mode = _search_control()
            granularity = _granularity_control(prepared)
        rough = looked.better is not None and len(prepared.space) > MOST_FOR_SKETCH
        trusted, waiting = _layout(prepared, settings, "PCA" if rough else method)
        groups = results.groups(prepared, granularity)
        explored = pipeline.explored(prepared, trusted, groups)
        show_doubt(explored.doubt)
        with coloured:
            colour_by = _colour_control(explored)
        placed, found = _search(explored, typed, mode, looked.how)
        picture, beside = st.columns([5, 2], gap="small")
        with picture:
            named = results.levels_job(prepared, granularity)
            named.wait(0.1)
            levels = named.result() if named.succeeded else (groups,)
            _picture(explored, levels, colour_by, typed, placed, found)
            if not named.done and not waiting:
                _wait_for_names(prepared, granularity)
            if waiting:
                wait_for_umap(prepared, settings)
            elif trusted.trust:
                _trust_line(explored, trusted.trust)
            _unread(prepared)
            say_unknown(prepared.space.unknown)
        with beside, st.container(key=BESIDE):
            with st.container():  # the charts below keep their place in the page, and the focus
                panel.draw(explored, placed, found)
            charts_beside(panel.ON_MAP)
        with buttons:
            panel.take_away(explored, colour_by, levels if named.succeeded else ())


@st.fragment(run_every=0.5)
def _wait_for_names(prepared: Prepared, granularity: float) -> None:
    """Draw the page again when the names to be seen from nearer, and from farther, are there."""
    if results.levels_job(prepared, granularity).done:
        st.rerun()


def _sketched(looked: session.Looked, better: Job[Prepared]) -> None:
    texts, how = looked.prepared.space.corpus, session.reading()
    forget = partial(results.prepared_job.forget, texts, how)
    sketched(better, looked.how.model, how.model, forget, session.offered_sooner(texts))


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


def _colour_control(explored: Exploration) -> str:
    names = colour_names(explored)
    return st.selectbox("Colour by", names, key=COLOUR, persist_state="session", width=190)


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
        "Letters: texts that contain it anywhere. Neither minds capitals and accents, and both look into other columns "
        "of texts as well.",
    )
    return (typed or "").strip(), mode


def _granularity_control(prepared: Prepared) -> float:
    made = results.groups(prepared, session.granularity(prepared)).clusters
    grouped = results.tendency_of(prepared).grouped
    return st.select_slider(
        f"Granularity: {counted(made.count, 'cluster')}" if grouped else "Granularity",
        GRANULARITIES,
        value=default_resolution(prepared.neighbours),
        # An option's words are what the browser sends back: they must stay the same while the counts change.
        format_func=lambda granularity: f"{GRANULARITIES.index(granularity) + 1} of {len(GRANULARITIES)}",
        key=session.granularity_key(prepared.space.corpus),
        persist_state="session",
        width=190,
        help="How fine the clusters are: to the left a few large ones, to the right many small ones. It is the "
        "resolution of the modularity that the clusters maximise.",
        disabled=not grouped,
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


def _search(
    explored: Exploration, typed: str, mode: str, how: EmbeddingChoice
) -> tuple[Place | None, NDArray[np.intp] | None]:
    """Return where a sentence lies by its meaning, or the rows that contain it."""
    if not typed:
        return None, None
    if mode != MEANING:
        return None, found_in(explored.space.corpus, typed, holding if mode == WORDS else containing)
    vector = results.sentence_vector(typed, explored.space, how)
    return place(explored.space, explored.layout, explored.neighbours, vector), None


def _let_go(_: str) -> None:
    """What is found or placed is so by what was typed."""
    st.session_state[session.FIND] = ""


def _heard(
    events: MapEvents, explored: Exploration, labels: list[MapLabel], levels: tuple[pipeline.Groups, ...]
) -> None:
    if events.label is not None and events.label < len(labels):
        label = labels[events.label]
        rows = np.flatnonzero(levels[label.level].clusters.labels == label.code)
        session.select(rows, label.text)
    take(replace(events, label=None), explored, let_go=_let_go)
    if events.colour in colour_names(explored):
        st.session_state[COLOUR] = events.colour


def _picture(
    explored: Exploration,
    levels: tuple[pipeline.Groups, ...],
    colour_by: str,
    typed: str,
    placed: Place | None,
    found: NDArray[np.intp] | None,
) -> None:
    touched = session.touched()
    labels = labels_at(explored, levels)
    show_explored(
        explored,
        results.coloured(explored, colour_by),
        labels=labels,
        on_event=partial(_heard, explored=explored, labels=labels, levels=levels),
        charts=results.charts(explored),
        selection=touched.selected,
        focus=focus_of(explored.space, explored.neighbours, touched.clicked),
        goto=() if touched.clicked is None else (touched.clicked,),
        found=found,
        sought=f"“{typed}”",
        placed=_star(typed, placed),
        beside=BESIDE,
        key=panel.ON_MAP,
        alt=f"Map of {explored.counted}, coloured by {colour_by}.",
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
