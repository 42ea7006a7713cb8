"""Comparing two sides: the jobs behind it, and the quick results that are kept."""

from __future__ import annotations

import streamlit as st

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Report, Stopwatch
from embedlab.check.findings.properties import Property, properties
from embedlab.corpus import Corpus
from embedlab.corpus.ordering import Ordered, Unit, ordered
from embedlab.drift.measure import Drift, measure
from embedlab.drift.over_time import OverTime, Reference, over_time
from embedlab.drift.report import DriftReport
from embedlab.drift.sides import Sides, joined, values_of
from embedlab.pipeline import Prepared
from pages.app import results, session
from pages.app.jobs import kept, registry
from pages.app.widgets import made, result_of

STOPPED = "Stopped before the two sides were compared. Nothing was changed."


both = kept(joined)


@kept
def order_of(texts: Corpus, name: str) -> Ordered | None:
    """Return a column in its order, if it has one."""
    return ordered(texts.column(name))


@kept
def values(texts: Corpus, name: str) -> tuple[tuple[str, int], ...]:
    """Return the values of a column, the most frequent first, with how many texts have each."""
    return values_of(texts.column(name))


@kept
def _properties(texts: Corpus) -> tuple[Property, ...]:
    return properties(texts.texts)


def ground_of(sides: Sides) -> Prepared:
    """Return what the comparison stands on; until it is there, show how far it is and end this run of the page.

    Raises `EmbedlabError` where the texts are read by vectors that only one side brings.
    """
    how = session.reading()
    if how.own and how.own not in {one.name for one in sides.corpus.vectors}:
        raise EmbedlabError(
            f"Only one of the two brings vectors in “{how.own}”: choose a model that reads both, at the left."
        )
    key = results.ground_key(sides.corpus, how)
    return result_of(results.ground_job(sides.corpus, how), lambda: registry().forget(key), STOPPED)


def compared(ground: Prepared, sides: Sides, seed: int) -> Drift:
    """Return what differs; until that is known, show how far it is and end this run of the page."""
    key = fingerprint("drift", ground.space.fingerprint, sides.fingerprint, seed)

    def work(report: Report) -> Drift:
        Stopwatch("Comparing the two sides", 0, report).at(0)
        texts = sides.corpus
        known, words = _properties(texts), results.words(texts.fingerprint, texts)
        return measure(ground.space, ground.neighbours, sides, known, words, seed=seed, report=report)

    return made(key, work, STOPPED)


def curve(ground: Prepared, order: Ordered, unit: Unit | None, reference: Reference, seed: int) -> OverTime:
    """Return the curve over a column; until it is there, show how far it is and end this run of the page."""
    key = fingerprint("over time", ground.space.fingerprint, order.name, unit, reference, seed)

    def work(report: Report) -> OverTime:
        Stopwatch("Comparing periods", 0, report).at(0)
        return over_time(ground.space, order, unit=unit, reference=reference, seed=seed, report=report)

    return made(key, work, STOPPED)


def keep(texts: Corpus, report: DriftReport) -> None:
    """Keep what was found of the open texts, for their report."""
    st.session_state["drift-kept"] = (texts.fingerprint, report)


def found_last(texts: Corpus) -> DriftReport | None:
    """Return what was found of these texts last; None where nothing was."""
    of: str
    report: DriftReport | None
    of, report = st.session_state.get("drift-kept", ("", None))
    return report if of == texts.fingerprint else None
