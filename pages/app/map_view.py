"""A map that is there at once, principal components until UMAP is ready, and what is touched on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.progress import Job
from embedlab.explore.exploration import Exploration
from embedlab.explore.nearest import neighbours_of
from embedlab.figures.colouring import Colouring
from embedlab.figures.map import Focus, MapLabel
from embedlab.figures.map_view import labels_of, points_of
from embedlab.pipeline import MeasuredLayout, Prepared
from embedlab.space import Neighbours, Space
from embedlab.space.projection import LayoutSettings
from pages.app import results, session
from pages.app.components import MapEvents, show_map
from pages.app.widgets import progress_of


def umap_or_sketch(prepared: Prepared, settings: LayoutSettings) -> tuple[MeasuredLayout, bool]:
    """Return the layout to show, and whether a better one is on its way."""
    job = results.layout_job(prepared, settings)
    job.wait(0.2)
    if not job.done:
        return results.first_sketch(prepared, settings.dimensions), True
    if job.stopped:
        st.info("The layout was stopped: this is PCA.", icon=":material/stop_circle:")
        st.button("Lay out again", on_click=partial(results.layout_job.forget, prepared, settings))
        return results.pca_trust(prepared, settings.dimensions), False
    return job.result(), False


@st.fragment(run_every=0.5)
def wait_for_umap(prepared: Prepared, settings: LayoutSettings, *others: Prepared) -> None:
    """Say how far UMAP is; draw the page again when all layouts are ready."""
    jobs = [results.layout_job(one, settings) for one in (prepared, *others)]
    if all(job.done for job in jobs):
        st.rerun()
    first = next((job for job in jobs if not job.done), jobs[0])
    with st.container(horizontal=True, vertical_alignment="center"):
        told = "These are the principal components; UMAP is on its way. "
        progress_of(first, told, f"Laying out the map{'s' * bool(others)}")
        st.button("Stop", on_click=_stop, args=jobs, icon=":material/stop:", key="stop-layout")


def _stop(*jobs: Job[MeasuredLayout]) -> None:
    for job in jobs:
        job.stop()


def show_explored(
    explored: Exploration,
    colours: Colouring,
    rows: NDArray[np.intp] | None = None,
    let_go: Callable[[str], None] | None = None,
    labels: Sequence[MapLabel] | None = None,
    **more: Any,
) -> None:
    """Draw the map, and keep what is done on it; `more` are arguments of `show_map`, for the others see `take`.

    `labels` are the names on it, by themselves those of its clusters.
    """
    touched = session.touched()
    usual: dict[str, Any] = {
        "on_event": partial(take, explored=explored, rows=rows, let_go=let_go),
        "mark": touched.mark,
        "by": touched.by,
    }
    names = labels_of(explored) if labels is None else labels
    show_map(points_of(explored), colours, names, **(usual | more))


def focus_of(space: Space, neighbours: Neighbours, clicked: int | None) -> Focus | None:
    """Return the clicked text with its nearest ones; None where none was clicked."""
    if clicked is None:
        return None
    return Focus(clicked, tuple(neighbours_of(space, neighbours, clicked).rows.tolist()))


def take(
    events: MapEvents,
    explored: Exploration,
    rows: NDArray[np.intp] | None = None,
    let_go: Callable[[str], None] | None = None,
) -> None:
    """Keep what was done on the map; `rows` int (n,) are those of its texts where it shows only some.

    Who selects texts looks at those: what was clicked before is let go of. `let_go` is called with what of the page's
    own was taken off: "found" or "placed".
    """

    def of(texts: NDArray[np.intp]) -> NDArray[np.intp]:
        return texts if rows is None else rows[texts]

    if events.chosen:
        session.select(None if events.selected is None else of(events.selected), events.kind, events.mark)
    if events.off and let_go is not None:
        let_go(events.off)
    if events.clicked is not None:
        session.look_at(int(of(np.array([events.clicked]))[0]))
    if events.label is not None:
        session.select(of(np.flatnonzero(explored.clusters.labels == events.label)), "cluster")
