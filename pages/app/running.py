"""What runs on this machine, for whom, and how to stop it: a list in the sidebar, there only while something runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import StopException

from embedlab.base.progress import Progress
from embedlab.finetune import runs
from pages.app.jobs import RunningJob, registry
from pages.app.widgets import as_typed, duration, errors_said

SHOWN_AFTER = 1.5
"""Seconds: what is over sooner would only flicker."""
SHARED_STOP = "It stops for everybody who waits for it. What was made by then is kept where it can be gone on with."


@dataclass(frozen=True)
class _Running:
    """One thing that runs: what it does and how far it is, what it is about and for whom, and how to stop it."""

    doing: str
    about: str
    stopping: bool
    told: str
    stop: Callable[[], None]


@contextmanager
def listed(place: DeltaGenerator) -> Iterator[None]:
    """Draw a page, and then, in `place`, what runs: it may have begun with this page, which ends early if it waits."""
    try:
        yield
    except StopException:
        _draw_if_any(place)
        raise
    _draw_if_any(place)


def _draw_if_any(place: DeltaGenerator) -> None:
    if registry().running() or any(run.active for run in runs.all_runs()):
        with place:
            _draw()


@st.fragment(run_every=1)
def _draw() -> None:
    with errors_said():
        lines = [*map(_job, registry().running()), *map(_training, (run for run in runs.all_runs() if run.active))]
        shown = [line for line in lines if line is not None]
        if not lines:
            if st.session_state.pop("running-shown", False):
                st.rerun()
            return
        if shown:
            st.session_state["running-shown"] = True
            st.caption("Running now")
        for place, line in enumerate(shown):
            with st.container(gap="xxsmall", key=f"running-{place}"):
                st.markdown(as_typed(line.doing))
                st.caption(as_typed(line.about))
                st.button(
                    "Stopping…" if line.stopping else "Stop", key=f"running-stop-{place}", on_click=line.stop,
                    disabled=line.stopping, help=line.told, type="tertiary", icon=":material/stop:",
                )  # fmt: skip


def _job(one: RunningJob) -> _Running | None:
    if one.seconds < SHOWN_AFTER:
        return None
    about = " · ".join(filter(None, (one.about, one.whom)))
    return _Running(_doing(one.job.progress), about, one.job.stopping, SHARED_STOP, one.job.stop)


def _training(run: runs.Run) -> _Running:
    doing = "Training, behind another one" if run.status == "queued" else _doing(run.progress)
    told = "Keeps the best so far." if run.status == "running" else "It will not be trained."
    about = f"{run.name} · in a process of its own, whoever waits"
    return _Running(doing, about, False, told, partial(_stop_training, run.name))


def _stop_training(name: str) -> None:
    with errors_said():
        runs.stop(name)


def _doing(progress: Progress | None) -> str:
    """Return for example "Embedding: 3,400 of 20,000, 20 s left"."""
    if progress is None:
        return "Starting"
    if not progress.total:
        return progress.stage
    left = f", {duration(progress.seconds_left)} left" if progress.seconds_left else ""
    return f"{progress.stage}: {progress.done:,} of {progress.total:,}{left}"
