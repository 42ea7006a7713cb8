from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from embedlab.base.english import percent
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.drift import measure as measuring
from embedlab.drift.measure import Drift, measure
from embedlab.drift.sides import AFTER, BEFORE, NEITHER, Sides, by_values, joined
from embedlab.drift.verdict import Thresholds, verdict
from embedlab.space.embedding import embed
from embedlab.space.neighbours import neighbours
from embedlab.stats.intervals import Interval
from tests.check.planted import compared, labels, side, space_of_topics
from tests.conftest import ALPHABET, LetterEncoder
from tests.sentences import says

EVEN = (40, 40, 40, 40, 0)
MOVED = (40, 40, 40, 0, 40)


def of(before: Corpus, after: Corpus, **options: int) -> Drift:
    sides, space, near = compared(before, after)
    return measure(space, near, sides, **{"permutations": 199, **options})


@pytest.fixture(scope="module")
def moved() -> Drift:
    """Fraud vanished, phone appeared, and so did the label."""
    return of(side("old", EVEN, 0, label=labels(*EVEN)), side("new", MOVED, 1, label=labels(*MOVED)))


def test_what_vanished_and_appeared_is_found_and_named(moved: Drift) -> None:
    assert moved.different
    assert {(one.name, one.change, one.counts) for one in moved.changed} == {
        ("fraud", "vanished", (40, 0)), ("phone", "appeared", (0, 40)),
    }  # fmt: skip
    assert moved.moved.mean == pytest.approx(0.25)  # the same regions stand out whichever fifth is left out
    assert moved.moved.low < 0.2 < 0.3 < moved.moved.high
    assert all(one.change == "same" for one in moved.regions if one not in moved.changed)
    fraud = next(one for one in moved.changed if one.name == "fraud")
    assert fraud.before.mean == pytest.approx(0.25)
    assert fraud.ratio.high < 0.2
    texts = moved.sides.corpus.texts
    assert {texts[row].split()[0] for row in fraud.rows.tolist()} == {"fraud"}


def test_the_most_typical_texts_are_of_what_changed_and_of_their_side(moved: Drift) -> None:
    texts = moved.sides.corpus.texts
    for place, (word, code) in enumerate((("fraud", BEFORE), ("phone", AFTER))):
        found = moved.typical[place]
        assert len({one.row for one in found}) == 20
        assert all(texts[one.row].startswith(word) and moved.sides.codes[one.row] == code for one in found)
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        assert found[0].score > 1


def test_the_label_drifts_by_the_share_that_would_have_to_change(moved: Drift) -> None:
    label = next(one for one in moved.drifted if one.source == "label")
    assert label.observed == pytest.approx(0.25)
    assert {one.value: (one.before, one.after) for one in label.values[:2]} == {
        "fraud": (0.25, 0.0), "phone": (0.0, 0.25),
    }  # fmt: skip
    assert label.effect.low < label.effect.mean < 0.25 < label.effect.high
    assert label.chance.low < label.chance.mean < label.chance.high < 0.25
    assert label.p <= 0.01


def test_the_verdict_gives_its_reasons_and_follows_the_thresholds(moved: Drift) -> None:
    found = verdict(moved)
    assert found.level == "fail"
    assert found.reasons[0].level == "fail"
    assert any("2 regions changed beyond chance" in reason.sentence for reason in found.reasons)
    label = next(reason for reason in found.reasons if reason.key == "label")
    least = next(one for one in moved.drifted if one.source == "label").effect.low
    assert says(label.sentence, "“label”", f"at least {percent(least)}")
    assert "as counted 0.250, of which chance makes" in label.numbers
    lax = Thresholds(auc=(1, 1), regions=(1, 1), property=(1, 1), label=(1, 1), column=(1, 1))
    assert verdict(moved, lax).level == "pass"
    assert verdict(moved, replace(lax, label=(0.05, 1))).level == "warn"
    with pytest.raises(EmbedlabError, match="the warning below the failure"):
        Thresholds(auc=(0.9, 0.6))


def test_equal_sides_are_different_in_anything_one_time_in_twenty() -> None:
    corpus = side("texts", (60, 60, 60, 60, 60), 0, label=labels(60, 60, 60, 60, 60))
    space = space_of_topics(corpus)
    near = neighbours(space)
    called = 0
    for seed in range(40):
        codes = (np.random.default_rng(seed).permutation(len(corpus)) % 2).astype(np.int8)
        found = measure(space, near, Sides(corpus, codes, ("a", "b"), ""), permutations=99, seed=seed)
        called += found.different
        assert found.different or (not found.changed and not found.drifted and not found.typical[0])
        assert verdict(found).level == "pass" or found.different
    assert called <= 6


def test_identical_corpora_pass() -> None:
    corpus = side("same", EVEN, 0)
    found = of(corpus, corpus)
    assert not found.different
    assert found.vectors.energy.p > 0.9
    assert found.vectors.auc.mean == pytest.approx(0.5, abs=0.01)
    assert any("160 texts stand on both sides" in note for note in found.notes)
    assert verdict(found).level == "pass"


def test_copies_in_other_capitals_stay_in_one_fold_as_exact_ones_do() -> None:
    """Each text stands there twice on its side, and the model sees no capitals."""
    texts = ["".join(np.random.default_rng(seed).choice(list(ALPHABET), 30)) for seed in range(120)]

    def area(again: Callable[[str], str]) -> Interval:
        sides = joined(*(Corpus.of([*some, *map(again, some)]) for some in (texts[:60], texts[60:])))
        space = embed(sides.corpus, LetterEncoder())
        return measure(space, neighbours(space), sides, permutations=99).vectors.auc

    assert area(str.upper) == area(str)


def test_the_same_seed_gives_the_same_result() -> None:
    before, after = side("old", EVEN, 0), side("new", (40, 40, 30, 50, 0), 1)
    one, again = of(before, after, seed=3), of(before, after, seed=3)
    assert one.fingerprint == again.fingerprint
    assert one.p == again.p
    assert verdict(one) == verdict(again)
    assert of(before, after, seed=4).fingerprint != one.fingerprint


def test_a_side_of_few_texts_is_too_few_to_tell() -> None:
    with pytest.raises(EmbedlabError, match="“new” has 19 texts: too few to tell a difference from chance"):
        of(side("old", EVEN, 0), side("new", (19, 0, 0, 0, 0), 1))


def test_sides_of_very_different_sizes_are_sampled_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "MOST_TESTED", 200)
    monkeypatch.setattr(measuring, "MOST_COUNTED", 300)
    found = of(side("old", (25, 25, 25, 25, 0), 0), side("new", (500, 500, 500, 0, 500), 1))
    assert len(found.tested) == 300
    assert "Of the 2,000 texts of “new”, 200 drawn at random are tested by vector." in found.notes
    assert "Regions, properties and columns count 300 of them." in found.notes
    assert {(one.name, one.change) for one in found.changed} == {("fraud", "vanished"), ("phone", "appeared")}


def test_texts_that_the_model_cannot_tell_apart_are_said() -> None:
    before = Corpus("old", tuple(f"ገጽ{chr(0x1200 + row)} {chr(0x1200 + row)}ም" for row in range(40)))
    after = Corpus("new", tuple(f"ቤት{chr(0x1240 + row)} {chr(0x1240 + row)}ን" for row in range(40)))
    sides = joined(before, after)
    space = space_of_topics(Corpus.of(["cards"] * 80))
    space = replace(space, corpus=sides.corpus, vectors=np.tile(space.vectors[:1], (80, 1)))
    found = measure(space, neighbours(space), sides, permutations=99)
    assert found.blurred == 1.0
    assert any("no test on the vectors sees a difference there" in note for note in found.notes)
    assert [reason.key for reason in verdict(found).reasons if reason.level == "warn"] == ["blurred"]
    assert not found.holds("vectors")


def test_without_columns_and_with_one_class_it_works() -> None:
    one = of(side("old", EVEN, 0, label=labels(160)), side("new", EVEN, 1, label=labels(160)))
    assert all(trait.source == "property" for trait in one.traits)
    assert [(left.column, left.why) for left in one.left_out] == [("label", "one value only")]
    assert "Not compared (one value only): “label”." in one.notes


def test_texts_on_neither_side_count_for_nothing() -> None:
    corpus = side("all", (40, 40, 40, 40, 40), 0, label=labels(40, 40, 40, 40, 40))
    sides = by_values(corpus, "label", "cards", "loans")
    space = space_of_topics(corpus)
    found = measure(space, neighbours(space), sides, permutations=99)
    assert set(sides.codes[found.tested].tolist()) == {BEFORE, AFTER}
    assert sum(sum(one.counts) for one in found.changed) == 80
    assert (sides.codes == NEITHER).sum() == 120


def test_a_column_that_only_repeats_the_sides_is_shown_but_not_counted() -> None:
    year = np.repeat([2001.0, 2009.0], 160)
    before, after = side("old", EVEN, 0, year=year[:160]), side("new", EVEN, 1, year=year[160:])
    found = of(before, after)
    trait = next(one for one in found.traits if one.key == "year")
    assert (trait.effect.mean, trait.counts) == (1.0, False)
    assert not found.drifted


def test_a_number_drifts_by_the_largest_gap_of_its_cumulative_shares() -> None:
    rng = np.random.default_rng(0)
    before = side("old", EVEN, 0, stars=rng.permutation(np.repeat([1.0, 2.0, 3.0, 4.0], 40)))
    after = side("new", EVEN, 1, stars=rng.permutation(np.repeat([1.0, 2.0, 3.0, 4.0], [0, 40, 40, 80])))
    trait = next(one for one in of(before, after).drifted if one.key == "stars")
    assert trait.observed == pytest.approx(0.25)
    assert 0.05 < trait.effect.low < trait.effect.mean <= 0.25 < trait.effect.high
    assert trait.medians == (2.5, 3.5)


def test_dates_are_compared_without_their_medians_in_seconds() -> None:
    dates = np.array(["2020-01-01", "2021-01-01"] * 80, dtype="datetime64[us]")
    corpora = [replace(side(name, EVEN, at), columns=(Column("day", "date", dates),)) for at, name in enumerate("ab")]
    trait = next(one for one in of(*corpora).traits if one.key == "day")
    assert (trait.effect.mean, trait.medians) == (0.0, None)


def test_a_text_typical_of_a_side_is_of_that_side() -> None:
    found = of(side("old", (40, 40, 40, 30, 10), 0), side("new", (40, 40, 40, 5, 35), 1))
    for code, typical in enumerate(found.typical):
        assert typical
        assert {int(found.sides.codes[one.row]) for one in typical} == {code}


def test_when_is_no_difference_and_numbers_of_rows_are_none() -> None:
    rng = np.random.default_rng(0)
    corpora = []
    for at, name in enumerate("ab"):
        made = side(name, EVEN, at, year=rng.permutation(np.repeat([2001.0 + at, 2002.0 + at], 80)))
        number = Column("id", "number", np.arange(160) + 100.0 * at)
        corpora.append(replace(made, columns=(*made.columns, number)))
    found = of(*corpora)
    assert [(one.key, one.observed, one.counts) for one in found.traits if one.source == "column"] == [
        ("year", 0.5, False)
    ]
    assert {(left.column, left.why) for left in found.left_out} == {
        ("id", "an identifier"), ("year", "says only when, or which side"),
    }  # fmt: skip
    assert not found.drifted
