"""How well a word's vector tells its meanings apart: at the input, at each layer, and in a static model."""

from __future__ import annotations

import statistics

from benchmarks.report import Table, met
from benchmarks.setting import Setting
from embedlab.encoders import DEFAULT_MODEL, load, registry
from embedlab.encoders.static import WORDLLAMA
from embedlab.words.senses import Meanings, SenseScores, Separation, meanings
from embedlab.words.uses import builtin_uses, builtin_words

FEWEST_WORDS = 6
CHANCE = 0.5
NEAR_CHANCE = 0.1


def senses(setting: Setting) -> Table:
    """AUC of "same sense" by the cosine of a word's vectors, for each ambiguous word of the built-in data set."""
    setting.enter()
    inside, static = registry.inside(DEFAULT_MODEL), load(WORDLLAMA)
    found = [meanings(inside, builtin_uses(word), static=static) for word in builtin_words()]
    columns = (
        "Word", "Sentences", "Input", "Best layer", "Last layer", "Above chance", "Last layer, centred",
        "Whole sentence", WORDLLAMA,
    )  # fmt: skip
    return Table(columns, tuple(map(_row, found)), _notes([_told(one) for one in found]))


def _row(found: Meanings) -> tuple[str, ...]:
    told, centred = _told(found), found.centred
    last = told.layers[-1]
    return (
        told.word,
        f"{len(found.uses.uses)} in {len(set(found.senses))} senses",
        _shown(told.layers[0]),
        f"{told.layers[told.best].auc:.2f} (layer {told.best})",
        _shown(last),
        met(last.low > CHANCE),
        _shown(centred.layers[-1] if centred else None),
        _shown(told.whole),
        _shown(told.static),
    )


def _told(found: Meanings) -> SenseScores:
    if found.told is None:
        raise RuntimeError(f"The sentences with “{found.uses.word}” have no senses.")
    return found.told


def _notes(found: list[SenseScores]) -> tuple[str, ...]:
    last = [told.layers[-1] for told in found]
    static = [told.static.auc for told in found if told.static]
    above = sum(one.low > CHANCE for one in last)
    near = sum(abs(auc - CHANCE) <= NEAR_CHANCE for auc in static)
    return (
        f"Median over the words: input {statistics.median(told.layers[0].auc for told in found):.2f}, last layer "
        f"{statistics.median(one.auc for one in last):.2f}, {WORDLLAMA} {statistics.median(static):.2f}. At the last "
        f"layer {above} of {len(found)} words are above chance with their whole interval (at least {FEWEST_WORDS} "
        f"wanted: {met(above >= FEWEST_WORDS)}); {WORDLLAMA} is within {NEAR_CHANCE} of chance for {near} of "
        f"{len(static)}.",
        "AUC: how often two sentences that share the word's sense are more alike than two that don't, 0.5 being "
        "chance; the 95 % interval comes from 1,000 bootstrap samples of sentences. “Centred” takes out the mean of "
        "the word's vectors before comparing. A static model has one vector for each way of writing a word, so what it "
        "has above 0.5 is given away by capital letters and plurals.",
    )


def _shown(found: Separation | None) -> str:
    return f"{found.auc:.2f} ({found.low:.2f} to {found.high:.2f})" if found else ""
