"""Models compared: what they have in common, which is better, what each costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from embedlab.base.result import Result
from embedlab.check.shortcuts import Shortcut
from embedlab.compare.blind import Tally
from embedlab.compare.common import Common
from embedlab.compare.cost import Cost, how_measured
from embedlab.compare.difference import Difference
from embedlab.compare.facts import facts
from embedlab.compare.models import ComparedModel
from embedlab.compare.noise import Floors
from embedlab.compare.replacement import QueryAnswers, QueryChange, Turnover, verdict
from embedlab.encoders.speed import Timing
from embedlab.evaluate.quality import PROBE, Quality
from embedlab.evaluate.versus import Place, headline, ranked
from embedlab.pipeline import Groups
from embedlab.space import Layout, Space

if TYPE_CHECKING:
    import pandas as pd


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
    def queries(self) -> tuple[str, ...]:
        """The queries that were put to the first two."""
        return self.answers.queries

    @property
    def changes(self) -> tuple[QueryChange, ...]:
        """What becomes of each query."""
        return self.answers.changes

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or changed, and what there is to doubt, in sentences."""
        of_texts = dict.fromkeys(note.sentence for note in (*self.common.corpus.notes, *self.common.notes))
        return (*of_texts, *self.answers.notes, *doubts(self.names, self.groups or ()), *self.of_models)

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
        return verdict(self.pair, self.turnover, self.floors, self.changes, (self.names[0], self.names[1]))

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
        return facts(self)


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
