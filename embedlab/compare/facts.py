"""A comparison as plain values for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from embedlab.compare.blind import Tally
from embedlab.compare.overlap import most_changed
from embedlab.evaluate.versus import all_versus, ranked
from embedlab.explore.nearest import neighbours_of

if TYPE_CHECKING:
    from embedlab.check.shortcuts import Shortcut
    from embedlab.compare.comparison import Comparison
    from embedlab.compare.models import ComparedModel

CHANGED = 20
NEAR = 5
LONGEST = 600  # characters of a text


def facts(comparison: Comparison) -> dict[str, Any]:
    """Return the whole comparison, ready for JSON: NaN is None, rows are counted from 1 as in the source."""
    found = {
        "title": comparison.title,
        "texts": len(comparison.texts),
        "models": [_model(one) for one in comparison.models],
        "sentences": list(comparison.sentences),
        "detail": comparison.pair.detail(comparison.floors),
        "differences": [
            {"first": first, "second": second, "k": one.overlap.k, "overlap": one.overlap.mean, "cka": one.cka}
            | {"rank_correlation": one.ranks, **_of(one, "random_overlap", "random_cka")}
            | {"order": one.order.facts if one.order else None}
            for (first, second), one in comparison.differences.items()
        ],
        "noise_floors": [
            {**_of(one, "what", "overlap", "cka"), "rank_correlation": one.ranks}
            for one in (comparison.floors.floors if comparison.floors else ())
        ],
        "changed_most": list(changed(comparison)),
        "texts_as_queries": comparison.turnover,
        "queries": list(_queries(comparison)),
        "quality": _quality(comparison) if comparison.qualities else None,
        "blind": _tally(comparison.tally) if comparison.tally else None,
        "cost": [one.facts() for one in comparison.costs],
        "speed_measured": _of(comparison.timing, "when", "name", "texts", "rounds") if comparison.timing else None,
        "notes": comparison.notes,
    }
    return {name: _known(value) for name, value in found.items()}


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
        "encoded_now": space.encoded,
    }


def _quality(comparison: Comparison) -> dict[str, Any]:
    qualities, measures = comparison.qualities, comparison.measures
    return {
        **_of(qualities[0].task, "kind", "name", "items", "of", "how", "notes"),
        "sentences": comparison.quality_sentences,
        "chance": {measure: {one.model: one.chance.get(measure) for one in qualities} for measure in measures},
        "without_reading": _shortcut(comparison.shortcut) if comparison.shortcut else None,
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


def _shortcut(found: Shortcut) -> dict[str, Any]:
    return _of(found, "accuracy", "chance", "by") | {"sources": found.sources[:5], "left_out": found.same}


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
    for query, one in zip(comparison.queries, comparison.changes, strict=True):
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
