"""What a whole comparison holds, and the same as plain values for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from embedlab.check.shortcuts import Shortcut
from embedlab.compare.blind import Tally
from embedlab.compare.comparison import Difference
from embedlab.compare.cost import Cost
from embedlab.compare.noise import Floors
from embedlab.compare.overlap import most_changed
from embedlab.compare.replacement import QueryChange, Turnover, verdict
from embedlab.encoders.speed import Timing
from embedlab.evaluate.quality import PROBE, Quality
from embedlab.evaluate.versus import all_versus, headline, ranked
from embedlab.explore.nearest import neighbours_of
from embedlab.space import Layout, Neighbours, Space
from embedlab.stats.intervals import Interval

if TYPE_CHECKING:
    from embedlab.figures.colouring import Colouring

CHANGED = 20
NEAR = 5
LONGEST = 600  # characters of a text


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that a report tells. The first two models are the pair that is looked at closely.

    `names`, `spaces`, `neighbours` and `costs` are in one order; all spaces are of the same texts. `differences` are
    by names; `floors` are those of the pair. `qualities` are of one task, empty where nobody has labels; `shortcut` is
    how well those labels can be told without reading, None where that was not looked at. `layouts` are
    the maps of the pair, the second aligned onto the first, coloured by `colouring`. `turnover` tells what would
    become of the results if the second of the pair replaced the first, `changes` what becomes of each of `queries`.
    `timing` is where the speeds in `costs` come from. `notes` are sentences.
    """

    title: str
    names: tuple[str, ...]
    spaces: tuple[Space, ...]
    neighbours: tuple[Neighbours, ...]
    differences: Mapping[tuple[str, str], Difference]
    costs: tuple[Cost, ...]
    floors: Floors | None = None
    qualities: tuple[Quality, ...] = ()
    shortcut: Shortcut | None = None
    layouts: tuple[Layout, Layout] | None = None
    colouring: Colouring | None = None
    tally: Tally | None = None
    notes: tuple[str, ...] = ()
    turnover: Turnover | None = None
    queries: tuple[str, ...] = ()
    changes: tuple[QueryChange, ...] = ()
    timing: Timing | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that were compared."""
        return self.spaces[0].corpus.texts

    @property
    def pair(self) -> Difference:
        """What differs between the first two."""
        return self.differences[self.names[0], self.names[1]]

    @property
    def measures(self) -> tuple[str, ...]:
        """What the models were measured by."""
        return tuple(self.qualities[0].intervals) if self.qualities else ()

    @property
    def quality_sentences(self) -> tuple[str, ...]:
        """Which model is better, in sentences; the first says so where the labels can't tell."""
        if not self.qualities:
            return ()
        return tuple(filter(None, (shortcut_sentence(self.shortcut, self.qualities), self._headline)))

    @property
    def measured(self) -> tuple[Quality, ...]:
        """The models as they were measured, and beside them what is known without reading."""
        if self.shortcut is None or not self.qualities:
            return self.qualities
        return (*self.qualities, self.shortcut.quality(self.qualities[0].task))

    @property
    def quality_notes(self) -> tuple[str, ...]:
        """What to bear in mind of how the models were measured."""
        if not self.qualities:
            return ()
        task = self.qualities[0].task
        found = self.shortcut
        about = "" if found is None else found.detail if shortcut_sentence(found, self.qualities) else found.note
        return tuple(filter(None, (task.how, about, *task.notes)))

    @property
    def _headline(self) -> str:
        return headline(self.qualities, self.measures[0])

    @property
    def sentences(self) -> Iterator[str]:
        """What it all comes to, in sentences."""
        yield from self.quality_sentences
        yield f"{self.names[0]} and {self.names[1]}: {self.pair.sentence(self.floors)}"
        if self.verdict:
            yield self.verdict
        if len(self.qualities) < 2 and self.tally is None:
            yield (
                "Which of them is better can't be known from this: that takes labels, pairs with scores, judgements "
                "or a blind test."
            )
        if self.tally is not None:
            yield self.tally.sentence
            if self.tally.detail:
                yield self.tally.detail

    @property
    def verdict(self) -> str:
        """What it would come to if the second of the pair replaced the first; nothing where nobody asked."""
        if self.turnover is None:
            return ""
        return verdict(self.pair, self.turnover, self.floors, self.changes, (self.names[0], self.names[1]))


def shortcut_sentence(found: Shortcut | None, qualities: Sequence[Quality]) -> str:
    """Say that the labels can be told without reading, where that explains what the best model knows of them."""
    if found is None or not qualities or PROBE not in qualities[0].intervals:
        return ""
    best = max(qualities, key=lambda one: one.intervals[PROBE].mean)
    return found.first_sentence(best.intervals[PROBE].mean, best.model)


def title_of(corpus: str, names: Sequence[str]) -> str:
    """Return what a comparison is called: by its texts and its models."""
    return f"{corpus}: {f'{names[0]} against {names[1]}' if len(names) == 2 else f'{len(names)} models compared'}"


def facts(report: Report) -> dict[str, Any]:
    """Return the whole comparison, ready for JSON: NaN is None, rows are counted from 1 as in the source."""
    found = {
        "title": report.title,
        "texts": len(report.texts),
        "models": [_model(name, space) for name, space in zip(report.names, report.spaces, strict=True)],
        "sentences": list(report.sentences),
        "detail": report.pair.detail(report.floors),
        "differences": [
            {
                "first": first,
                "second": second,
                "k": one.overlap.k,
                "overlap": _written(one.overlap.mean),
                "cka": one.cka,
                "rank_correlation": one.ranks,
                "random_overlap": one.random_overlap,
                "random_cka": one.random_cka,
                "order": one.order.facts if one.order else None,
            }
            for (first, second), one in report.differences.items()
        ],
        "noise_floors": [
            {"what": one.what, "overlap": one.overlap, "cka": one.cka, "rank_correlation": one.ranks}
            for one in (report.floors.floors if report.floors else ())
        ],
        "changed_most": list(changed(report)),
        "texts_as_queries": asdict(report.turnover) if report.turnover else None,
        "queries": list(_queries(report)),
        "quality": _quality(report),
        "blind": _tally(report.tally),
        "cost": [
            {"rate": one.rate} | {name: getattr(one, name) for name in Cost.__dataclass_fields__}
            for one in report.costs
        ],
        "speed_measured": {name: getattr(report.timing, name) for name in ("when", "name", "texts", "rounds")}
        if report.timing else None,
        "notes": list(report.notes),
    }  # fmt: skip
    return {name: _known(value) for name, value in found.items()}


def _model(name: str, space: Space) -> dict[str, Any]:
    card = space.card
    return {
        "name": name,
        "model": card.model,
        "revision": card.revision,
        "weights": card.weights,
        "dimensions": card.dimensions,
        "window": card.window or None,
        "runtime": card.runtime,
        "over_window": int(space.over_window.sum()),
        "encoded_now": space.encoded,
    }


def _quality(report: Report) -> dict[str, Any] | None:
    if not report.qualities:
        return None
    task = report.qualities[0].task
    return {
        "kind": task.kind,
        "name": task.name,
        "items": task.items,
        "of": task.of,
        "how": task.how,
        "notes": list(task.notes),
        "sentences": list(report.quality_sentences),
        "chance": {
            measure: {one.model: one.chance.get(measure) for one in report.qualities} for measure in report.measures
        },
        "without_reading": _shortcut(report.shortcut),
        "measures": {
            measure: {one.model: _written(one.intervals[measure]) for one in report.qualities}
            for measure in report.measures
        },
        "verdicts": [
            {
                "measure": measure,
                "first": one.first,
                "second": one.second,
                "difference": _written(one.difference),
                "verdict": one.verdict,
                "at_chance": one.at_chance,
                "sentence": one.sentence,
                "detail": one.detail,
                "hangs_on": one.hangs,
            }
            for measure in report.measures
            for one in all_versus(report.qualities, measure)
        ],
        "ranking": {
            measure: [{"model": one.model, "verdict": one.verdict} for one in ranked(report.qualities, measure)]
            for measure in report.measures
        },
    }


def _shortcut(found: Shortcut | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "accuracy": _written(found.accuracy),
        "chance": found.chance,
        "by": found.by,
        "sources": [asdict(one) for one in found.sources[:5]],
        "left_out": list(found.same),
    }


def _tally(tally: Tally | None) -> dict[str, Any] | None:
    if tally is None:
        return None
    return {
        "first": tally.names[0],
        "second": tally.names[1],
        "wins_first": tally.wins_first,
        "wins_second": tally.wins_second,
        "undecided": tally.ties,
        "better": tally.better,
        "follows_side": tally.follows_side,
        "contradicts": tally.contradicts,
        "pressed": {"left": tally.left, "right": tally.right},
        "twice": {"same": tally.same, "other": tally.other},
        "rate": _written(tally.rate),
    }


def _queries(report: Report) -> Iterator[dict[str, Any]]:
    rows = report.spaces[0].corpus.rows
    for query, one in zip(report.queries, report.changes, strict=True):
        yield {
            "query": query,
            "shared": one.shared,
            "before": (rows[one.before] + 1).tolist(),
            "after": (rows[one.after] + 1).tolist(),
        }


def changed(report: Report) -> Iterator[dict[str, Any]]:
    """Yield the texts that changed most, each with its nearest texts in the first two models."""
    found, corpus = report.pair.overlap, report.spaces[0].corpus
    if not found.k:
        return
    for row in most_changed(found, CHANGED).tolist():
        lists = []
        for name, space, near in zip(report.names[:2], report.spaces[:2], report.neighbours[:2], strict=True):
            hits = neighbours_of(space, near, row, NEAR)
            lists.append(
                {
                    "model": name,
                    "nearest": [
                        {
                            "row": int(corpus.rows[other]) + 1,
                            "cosine": round(float(cosine), 4),
                            "text": report.texts[other][:LONGEST],
                        }
                        for other, cosine in zip(hits.rows.tolist(), hits.cosines.tolist(), strict=True)
                    ],
                }
            )
        yield {
            "row": int(corpus.rows[row]) + 1,
            "text": report.texts[row][:LONGEST],
            "in_common": round(float(found.shared[row]) * found.k),
            "of": found.k,
            "lists": lists,
        }


def _written(one: Interval) -> dict[str, float]:
    return {"mean": one.mean, "low": one.low, "high": one.high}


def _known(value: Any) -> Any:
    """Return `value` with None for what is not a number: JSON has no NaN."""
    if isinstance(value, dict):
        return {name: _known(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_known(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
