"""Comparing two sides: the jobs behind it, and the quick results that are kept."""

from __future__ import annotations

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report
from embedlab.check.findings.properties import Property, properties
from embedlab.corpus import Corpus
from embedlab.corpus.ordering import Ordered, Unit, ordered
from embedlab.drift.measure import Drift, measure
from embedlab.drift.over_time import OverTime, Reference, over_time
from embedlab.drift.report import DriftReport
from embedlab.drift.sides import Sides, joined, values_of
from embedlab.pipeline import Prepared
from pages.app import results, session
from pages.app.jobs import kept, say
from pages.app.widgets import awaited, waited_for

KIND = "drift"  # of what a session keeps
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


def prepared_of(sides: Sides) -> Prepared:
    """Return what the comparison stands on; until it is there, show how far it is and end this run of the page.

    Raises `EmbedlabError` where the texts are read by vectors that only one side brings.
    """
    how = session.reading()
    if how.own and how.own not in {one.name for one in sides.corpus.vectors}:
        raise EmbedlabError(
            f"Only one of the two brings vectors in “{how.own}”: choose a model that reads both, at the left."
        )
    texts = session.corpus()
    if sides.corpus.fingerprint == texts.fingerprint:  # as on every page, so that what can't be read is said there
        return session.prepared(texts)
    return waited_for(results.prepared_job, STOPPED)(sides.corpus, how)


@awaited(STOPPED)
def compared(report: Report, prepared: Prepared, sides: Sides, seed: int) -> Drift:
    """Return what differs; until that is known, show how far it is and end this run of the page."""
    say(report, "Comparing the two sides")
    known, words = _properties(sides.corpus), results.words(sides.corpus)
    return measure(prepared.space, prepared.neighbours, sides, known, words, seed=seed, report=report)


@awaited(STOPPED)
def curve(
    report: Report, prepared: Prepared, column: str, unit: Unit | None, reference: Reference, seed: int, _order: Ordered
) -> OverTime:
    """Return the curve over a `column` in its order; until it is there, show progress and end this run of the page."""
    say(report, "Comparing periods")
    return over_time(prepared.space, _order, unit=unit, reference=reference, seed=seed, report=report)


def found_last(texts: Corpus) -> DriftReport | None:
    """Return what was found of these texts last; None where nothing was."""
    report: DriftReport | None = session.kept(KIND, texts)
    return report
