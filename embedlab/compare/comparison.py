"""Models compared: what they have in common, which is better, what each costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from embedlab.base.result import Result
from embedlab.check.shortcuts import Shortcut
from embedlab.compare.blind import Tally
from embedlab.compare.common import Common
from embedlab.compare.cost import Cost, how_measured
from embedlab.compare.difference import Difference
from embedlab.compare.models import ComparedModel
from embedlab.compare.noise import Floors
from embedlab.compare.overlap import most_changed
from embedlab.compare.replacement import QueryAnswers, Turnover, verdict
from embedlab.encoders.speed import Timing
from embedlab.evaluate.quality import PROBE, Quality
from embedlab.evaluate.versus import Place, all_versus, headline, ranked
from embedlab.explore.nearest import neighbours_of
from embedlab.pipeline import Groups
from embedlab.space import Layout, Space

if TYPE_CHECKING:
    import pandas as pd

CHANGED = 20
NEAR = 5
LONGEST = 600  # characters of a text


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """Models of the same texts, compared. The first two are the pair that is looked at closely.

    All that a page or a command adds is in these pieces; what is said of them follows from them. `differences` are by
    names, `costs` in the order of the `models`, which are all of the texts in `common`; `floors` are those of the pair.
    `turnover` tells what would become of the results if the second of the pair replaced the first, `answers` what
    becomes of queries. `qualities` are of one task, empty where nobody has labels; `shortcut` is how well those labels
    can be told without reading, None where that was not looked at. `layouts` are the maps of the pair, the second
    aligned onto the first, `groups` their named clusters; None where no map was asked for. `timing` is where the speeds
    in `costs` come from. `of_models` are sentences on models that are left out or flattered.
    """

    common: Common
    models: tuple[ComparedModel, ...]
    differences: Mapping[tuple[str, str], Difference]
    costs: tuple[Cost, ...]
    turnover: Turnover | None = None
    answers: QueryAnswers = field(default_factory=QueryAnswers)
    floors: Floors | None = None
    qualities: tuple[Quality, ...] = ()
    shortcut: Shortcut | None = None
    layouts: tuple[Layout, Layout] | None = None
    groups: tuple[Groups, Groups] | None = None
    timing: Timing | None = None
    tally: Tally | None = None
    of_models: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What the models are called."""
        return tuple(one.name for one in self.models)

    @property
    def spaces(self) -> tuple[Space, ...]:
        """The vectors of each model, all of the same texts."""
        return tuple(one.space for one in self.models)

    @property
    def title(self) -> str:
        """What the comparison is called: by its texts and its models."""
        names = self.names
        told = f"{names[0]} against {names[1]}" if len(names) == 2 else f"{len(names)} models compared"
        return f"{self.common.corpus.name}: {told}"

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that were compared."""
        return self.common.corpus.texts

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or changed, and what there is to doubt, in sentences."""
        of_texts = dict.fromkeys(note.sentence for note in (*self.common.corpus.notes, *self.common.notes))
        of_groups = doubts(self.names, self.groups or ())
        return (*of_texts, *self.answers.notes, *doubts_of(self.models), *of_groups, *self.of_models)

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
        told = shortcut_sentence(self.shortcut, self.qualities), headline(self.qualities, self.measures[0])
        return tuple(filter(None, told))

    @property
    def measured(self) -> tuple[Quality, ...]:
        """The models as they were measured, and beside them what is known without reading."""
        return beside(self.qualities, self.shortcut)

    @property
    def quality_notes(self) -> tuple[str, ...]:
        """What to bear in mind of how the models were measured."""
        if not self.qualities:
            return ()
        task = self.qualities[0].task
        return tuple(filter(None, (task.how, shortcut_note(self.shortcut, self.qualities), *task.notes)))

    @property
    def places(self) -> tuple[Place, ...]:
        """The models that were measured in the order of the first measure."""
        return ranked(self.qualities, self.measures[0]) if self.qualities else ()

    @property
    def speed_notes(self) -> tuple[str, ...]:
        """How the speeds were measured, in sentences."""
        return how_measured(self.costs, self.timing)

    @property
    def sentence(self) -> str:
        """Which model is better, where that was measured; else how different the first two are."""
        return next(self.sentences)

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
        return verdict(self.pair, self.turnover, self.floors, self.answers.changes, (self.names[0], self.names[1]))

    def table(self) -> pd.DataFrame:
        """Return a row a model: its neighbours in common with the first, its measures with their bounds, its cost.

        `verdict` is its place by the first measure. Sizes are in bytes, speeds in texts a second; what was not measured
        is missing.
        """
        import pandas as pd

        qualities = {one.model: one for one in self.qualities}
        verdicts = {one.model: one.verdict for one in self.places}
        rows = []
        for one in self.costs:
            difference = self._with_first(one.model)
            row: dict[str, Any] = {"model": one.model, "overlap": difference and difference.overlap.mean.mean}
            for measure in self.measures if one.model in qualities else ():
                found = qualities[one.model].intervals[measure]
                row |= {measure: found.mean, f"{measure}, low": found.low, f"{measure}, high": found.high}
            row |= {"verdict": verdicts[one.model]} if one.model in verdicts else {}
            rows.append(row | {name: value for name, value in one.facts().items() if name not in ("shape", "turns")})
        return pd.DataFrame(rows)

    def _with_first(self, name: str) -> Difference | None:
        pairs = (self.names[0], name), (name, self.names[0])
        return next((self.differences[pair] for pair in pairs if pair in self.differences), None)

    def facts(self) -> dict[str, Any]:
        """Return the whole comparison, ready for JSON: NaN is None, rows are counted from 1 as in the source."""
        found = {
            "title": self.title,
            "read": self.common.corpus.reading(),
            "texts": len(self.texts),
            "models": [_model(one) for one in self.models],
            "sentences": list(self.sentences),
            "detail": self.pair.detail(self.floors),
            "differences": [
                {"first": first, "second": second, "k": one.overlap.k, "overlap": one.overlap.mean, "cka": one.cka}
                | {"rank_correlation": one.ranks, **_of(one, "random_overlap", "random_cka")}
                | {"order": one.order.facts if one.order else None}
                for (first, second), one in self.differences.items()
            ],
            "noise_floors": [
                {**_of(one, "what", "overlap", "cka"), "rank_correlation": one.ranks}
                for one in (self.floors.floors if self.floors else ())
            ],
            "changed_most": list(changed(self)),
            "texts_as_queries": self.turnover,
            "queries": list(_queries(self)),
            "quality": _quality(self) if self.qualities else None,
            "blind": _tally(self.tally) if self.tally else None,
            "cost": [one.facts() for one in self.costs],
            "speed_measured": _of(self.timing, "when", "name", "texts", "rounds") if self.timing else None,
            "notes": self.notes,
        }
        return {name: _known(value) for name, value in found.items()}


def doubts_of(models: Iterable[ComparedModel]) -> tuple[str, ...]:
    """Return what each model can't tell apart and what it doesn't know, a sentence each."""
    told = ((one.name, said) for one in models for said in (one.space.doubt, one.space.unknown))
    return tuple(f"{name}: {said}" for name, said in told if said)


def doubts(names: Sequence[str], groups: Sequence[Groups]) -> tuple[str, ...]:
    """Return what there is to doubt about the groups of models, or about their names, a sentence each."""
    doubted = ((name, one.names.doubt) for name, one in zip(names, groups, strict=False))
    return tuple(dict.fromkeys(f"{name}: {doubt}" for name, doubt in doubted if doubt))


# --- What can be known without reading -----------------------------------------------------------


def shortcut_sentence(found: Shortcut | None, qualities: Sequence[Quality]) -> str:
    """Say that the labels can be told without reading, where that explains what the best model knows of them."""
    if found is None or not qualities or PROBE not in qualities[0].intervals:
        return ""
    best = max(qualities, key=lambda one: one.intervals[PROBE].mean)
    return found.first_sentence(best.intervals[PROBE].mean, best.model)


def shortcut_note(found: Shortcut | None, qualities: Sequence[Quality]) -> str:
    """Say what that rests on: in detail where `shortcut_sentence` says that labels can be told so, else in short."""
    if found is None:
        return ""
    return found.detail if shortcut_sentence(found, qualities) else found.note


def beside(qualities: tuple[Quality, ...], found: Shortcut | None) -> tuple[Quality, ...]:
    """Return the models as they were measured, and last, as if it were one, what is known without reading."""
    return qualities if found is None or not qualities else (*qualities, found.quality(qualities[0].task))


# --- As plain values -----------------------------------------------------------------------------


def _of(thing: object, *names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}


def _model(one: ComparedModel) -> dict[str, Any]:
    space, card = one.space, one.space.card
    return {
        "name": one.name,
        **_of(card, "model", "revision", "weights", "dimensions"),
        "window": card.window or None,
        "runtime": card.runtime,
        "over_window": int(space.over_window.sum()),
        "unknown_to_model": space.known.facts() if space.known else None,
        "encoded_now": space.encoded,
    }


def _quality(comparison: Comparison) -> dict[str, Any]:
    qualities, measures, told = comparison.qualities, comparison.measures, comparison.shortcut
    without = told and _of(told, "accuracy", "chance", "by") | {"sources": told.sources[:5], "left_out": told.same}
    return {
        **_of(qualities[0].task, "kind", "name", "items", "of", "how", "notes"),
        "sentences": comparison.quality_sentences,
        "chance": {measure: {one.model: one.chance.get(measure) for one in qualities} for measure in measures},
        "without_reading": without,
        "measures": {measure: {one.model: one.intervals[measure] for one in qualities} for measure in measures},
        "verdicts": [
            _of(one, "measure", "first", "second", "difference", "verdict", "at_chance", "sentence", "detail")
            | {"hangs_on": one.hangs}
            for measure in measures
            for one in all_versus(qualities, measure)
        ],
        "ranking": {
            measure: [_of(one, "model", "verdict") for one in ranked(qualities, measure)] for measure in measures
        },
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "first": tally.names[0],
        "second": tally.names[1],
        **_of(tally, "wins_first", "wins_second"),
        "undecided": tally.ties,
        **_of(tally, "better", "follows_side", "contradicts"),
        "pressed": _of(tally, "left", "right"),
        "twice": _of(tally, "same", "other"),
        "rate": tally.rate,
    }


def _queries(comparison: Comparison) -> Iterator[dict[str, Any]]:
    rows = comparison.spaces[0].corpus.rows
    for query, one in zip(comparison.answers.queries, comparison.answers.changes, strict=True):
        yield {
            "query": query,
            "shared": one.shared,
            "before": (rows[one.before] + 1).tolist(),
            "after": (rows[one.after] + 1).tolist(),
        }


def changed(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """Yield the texts that changed most, each with its nearest texts in the first two models."""
    found = comparison.pair.overlap
    for row in most_changed(found, CHANGED).tolist() if found.k else ():
        yield {
            **_text(comparison, row),
            "in_common": round(float(found.shared[row]) * found.k),
            "of": found.k,
            "lists": [{"model": one.name, "nearest": _nearest(comparison, one, row)} for one in comparison.models[:2]],
        }


def _nearest(comparison: Comparison, one: ComparedModel, row: int) -> list[dict[str, Any]]:
    hits = neighbours_of(one.space, one.neighbours, row, NEAR)
    return [
        {"cosine": round(float(cosine), 4), **_text(comparison, other)}
        for other, cosine in zip(hits.rows.tolist(), hits.cosines.tolist(), strict=True)
    ]


def _text(comparison: Comparison, row: int) -> dict[str, Any]:
    return {"row": int(comparison.spaces[0].corpus.rows[row]) + 1, "text": comparison.texts[row][:LONGEST]}


def _known(value: Any) -> Any:
    """Return `value` as JSON can hold it, with None for what is not a number: JSON has no NaN."""
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, dict):
        return {name: _known(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_known(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
