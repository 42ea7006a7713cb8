"""A map that is there at once, principal components until UMAP is ready, and what is touched on it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from embedlab.explore.exploration import Exploration
from embedlab.explore.nearest import neighbours_of
from embedlab.figures.map import Focus
from embedlab.pipeline import MeasuredLayout, Prepared
from embedlab.space.projection import LayoutSettings
from pages.app import results, session
from pages.app.jobs import registry
from pages.app.map_component import MapEvents
from pages.app.widgets import progress_sentence


def umap_or_sketch(ground: Prepared, settings: LayoutSettings) -> tuple[MeasuredLayout, bool]:
    """Return the layout to show, and whether a better one is on its way."""
    job = results.layout_job(ground, settings)
    job.wait(0.2)
    if not job.done:
        return results.first_sketch(ground, settings.dimensions), True
    if job.stopped:
        st.info("The layout was stopped: this is PCA.", icon=":material/stop_circle:")
        st.button("Lay out again", on_click=lambda: registry().forget(results.layout_key(ground, settings)))
        return results.pca_trust(ground.space.fingerprint, settings.dimensions, ground), False
    return job.result(), False


@st.fragment(run_every=0.5)
def wait_for_umap(ground: Prepared, settings: LayoutSettings) -> None:
    """Say how far UMAP is; draw the page again when it is ready."""
    job = results.layout_job(ground, settings)
    if job.done:
        st.rerun()
    progress = job.progress
    told = progress_sentence(progress) if progress and progress.total else "Laying out the map"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(
            progress.fraction if progress and progress.total else 0.0,
            text=f"These are the principal components; UMAP is on its way. {told}",
        )
        st.button("Stop", on_click=job.stop, icon=":material/stop:", key="stop-layout")


def focus_of(explored: Exploration) -> Focus | None:
    """Return the clicked text with its nearest ones; None where none was clicked."""
    clicked = session.touched().clicked
    if clicked is None:
        return None
    near = neighbours_of(explored.space, explored.neighbours, clicked)
    return Focus(clicked, tuple(near.rows.tolist()))


def take(events: MapEvents, explored: Exploration) -> None:
    """Keep what was done on the map."""
    if events.cleared:
        session.touch(clicked=None, selected=None, by="")
    if events.clicked is not None:
        session.touch(clicked=events.clicked)
    if events.selected is not None:
        session.touch(selected=events.selected if len(events.selected) else None, by=events.kind or "")
    if events.label is not None:
        session.touch(selected=np.flatnonzero(explored.clusters.labels == events.label), by="cluster")
