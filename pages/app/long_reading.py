"""A job that will take long: how long with each model here, and the offer to begin with a sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from embedlab.base.progress import Job, Progress
from embedlab.corpus import Corpus
from embedlab.encoders import ModelEntry, speed
from embedlab.encoders.base import REMOTE
from embedlab.encoders.speed import Timing
from embedlab.pipeline import EmbeddingChoice
from pages.app import results
from pages.app.widgets import as_typed, duration, show_table

LONG = 20.0
"""Seconds from which on a job is long enough to ask what is wanted."""
TELLS = 1.0
"""Seconds after which the speed of the job itself tells how long the rest takes."""
SAMPLE_SECONDS = 10.0
FEWEST, MOST = 500, 5_000
UNMEASURED = "not measured yet"


@dataclass(frozen=True)
class Expected:
    """How long it will take to read all texts, or a sample of them, with one model, in seconds; None is not known."""

    model: str
    all: float | None
    sample: float | None


def long_reading(
    texts: Corpus,
    how: EmbeddingChoice,
    sample: Callable[[Corpus, int], None],
    read_on: Callable[[Corpus], None],
    job: Job[Any],
) -> None:
    """Say how long the embedding of `texts` takes, once that is known and is long, and what can be had sooner.

    It has begun meanwhile, so that who wants all of them loses nothing; if a sample is chosen instead, what was made
    by then is kept and the rest pauses. `sample` and `read_on` keep what is chosen.
    """
    progress = job.progress
    if progress is None or progress.stage != "Embedding":
        return
    timings = speed.known()
    rate = _rate(progress, how, timings)
    of, size = st.session_state.get("asked-sample", ("", 0))
    if rate is None or ((progress.total - progress.done) / rate < LONG and of != texts.fingerprint):
        return
    if of != texts.fingerprint:  # once for all: a button that somebody is about to press keeps its words
        size = sample_size(len(texts), rate)
        st.session_state["asked-sample"] = (texts.fingerprint, size)
    _offer(texts, size, sample, read_on, (progress.total - progress.done) / rate)
    known = expected(progress, size, how.model, rate, results.listed_models(), timings)
    st.caption("With each model that is here:")
    show_table(
        {
            "Model": [one.model for one in known],
            f"All {len(texts):,} texts": [_told(one.all) for one in known],
            f"A sample of {size:,}": [_told(one.sample) for one in known],
        }
    )
    if any(one.all is None for one in known):
        st.caption("“Measure speeds” under Models tells the others: best when nothing else runs.")
    st.page_link("library/models.py", label="Change model", icon=":material/model_training:")


def _offer(
    texts: Corpus, size: int, sample: Callable[[Corpus, int], None], read_on: Callable[[Corpus], None], left: float
) -> None:
    if size >= len(texts):
        return
    st.markdown(
        f"All {len(texts):,} texts take about **{duration(left)}** more. A random sample of **{size:,}** shows most of "
        "what is in them, and can be gone on from at any time."
    )
    with st.container(horizontal=True):
        if st.button(f"Begin with a sample of {size:,}", key="begin-sample", type="primary", icon=":material/casino:"):
            sample(texts, size)
            st.rerun()
        if st.button(f"Read all {len(texts):,}", key="read-on", icon=":material/play_arrow:"):
            read_on(texts)
            st.rerun()


def sample_size(texts: int, rate: float) -> int:
    """Return how many texts are read in some ten seconds at `rate` a second: 500 to 5,000, all where that is half."""
    size = int(np.clip(round(rate * SAMPLE_SECONDS, -2), FEWEST, MOST))
    return size if 2 * size <= texts else texts


def expected(
    progress: Progress, size: int, model: str, rate: float, listings: Sequence[ModelEntry], timings: Sequence[Timing]
) -> list[Expected]:
    """Return how long each model that is here would take, the one in use first; it reads at `rate` texts a second.

    Models that are reached over a network are left out, unless one is in use: what they cost is not only time.
    """
    left = progress.total - progress.done
    found = [Expected(model, left / rate, min(size, left) / rate)]
    for listing in listings:
        if listing.name != model and listing.ready and listing.family != REMOTE:
            known = [one.rate for one, _ in speed.of_listing(listing, timings).values()]
            fast = max(known, default=None)
            found.append(Expected(listing.name, *(None if fast is None else n / fast for n in (progress.total, size))))
    return sorted(found, key=lambda one: (one.model != model, one.all is None, one.all or 0.0))


def _rate(progress: Progress, how: EmbeddingChoice, timings: Sequence[Timing]) -> float | None:
    """Return the texts a second: of the job itself once it tells, else as measured before."""
    if progress.rate and progress.seconds >= TELLS:
        return progress.rate
    listing = next((one for one in results.listed_models() if one.name == how.model), None)
    known = {} if listing is None else speed.of_listing(listing, timings)
    rates = [one.rate for runtime, (one, _) in known.items() if how.exact == (runtime == "OpenVINO fp32")]
    return max(rates or [one.rate for one, _ in known.values()], default=None)


def _told(seconds: float | None) -> str:
    return UNMEASURED if seconds is None else as_typed("under a second") if seconds < 1 else duration(seconds)
