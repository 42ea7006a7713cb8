"""When one model may be said to beat another, in what order several are, and what is said where chance explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.datasets import builtin
from embedlab.encoders import Encoder
from embedlab.evaluate.quality import ARI, KNN, PROBE, SILHOUETTE, Quality, Task
from embedlab.evaluate.ranking import NDCG
from embedlab.evaluate.versus import all_versus, headline, knows_nothing, ranked, versus
from embedlab.space.embedding import embed
from embedlab.stats.intervals import percentiles, resampled_means
from tests.conftest import LetterEncoder
from tests.evaluate.labels import column, measured, planted, space_of
from tests.sentences import says


def made(values: Sequence[float], model: str = "A", measure: str = PROBE, kind: str = "labels") -> Quality:
    """Return a quality with these values and nothing else."""
    found = np.array(values, dtype=np.float64)
    drawn = resampled_means(found[None])[0]
    task = Task(kind, "kind", len(found), ())  # type: ignore[arg-type]
    intervals = {measure: percentiles(float(found.mean()), drawn)}
    return Quality(model, task, np.arange(len(found)), {measure: found}, {}, intervals, {measure: drawn})


def test_the_better_model_is_named_with_its_points_and_interval() -> None:
    better, worse = [1.0] * 90 + [0.0] * 10, [1.0] * 70 + [0.0] * 30
    found = versus(made(better, "MiniLM"), made(worse, "WordLlama"), PROBE)
    assert found.verdict == "better"
    assert found.difference.mean == pytest.approx(0.2)
    low, high = (f"{100 * bound:+.1f}" for bound in (found.difference.low, found.difference.high))
    beats = "MiniLM beats WordLlama by 20.0 points of linear-probe accuracy."
    assert found.sentence == beats
    assert says(found.detail, "+20.0 points", "95 %", f"{low} to {high}", "100 texts")
    turned = versus(made(worse, "WordLlama"), made(better, "MiniLM"), PROBE)
    assert (turned.verdict, turned.sentence, turned.detail) == ("worse", beats, found.detail)


def test_a_tie_is_called_a_tie() -> None:
    rng = np.random.default_rng(0)
    first, second = (rng.integers(0, 2, 60).astype(float) for _ in range(2))
    found = versus(made(first), made(second, "B"), PROBE)
    assert found.verdict == "tie"
    assert found.sentence.startswith(
        "No difference in linear-probe accuracy between A and B that these 60 texts can show"
    )
    assert "points, 95 % interval -" in found.detail
    assert "interval" not in found.sentence


def test_the_same_values_are_a_tie_that_says_so() -> None:
    found = versus(made([1, 0, 1]), made([1, 0, 1], "B"), PROBE)
    assert (found.verdict, found.difference.low, found.difference.high) == ("tie", 0, 0)
    assert found.sentence.endswith("that these 3 texts can show.")
    assert found.detail == "They are equal on all 3 texts."


def test_equal_measures_of_the_whole_are_called_equal() -> None:
    one = made([0.5, 0.7] * 4, measure=ARI)
    whole = replace(one, values={}, single={ARI: one.intervals[ARI].mean})
    found = versus(whole, replace(whole, model="B"), ARI)
    assert says(found.sentence, "no difference", "ARI", "A and B", "8 texts")
    assert found.detail == "They are equal on 8 texts."


def test_of_several_models_the_best_is_named_with_those_that_can_not_be_told_from_it() -> None:
    good, close, bad = [1.0] * 90 + [0.0] * 10, [0.0] * 8 + [1.0] * 85 + [0.0] * 7, [1.0] * 40 + [0.0] * 60
    models = [made(bad, "bad"), made(close, "close"), made(good, "good")]
    assert says(headline(models, PROBE), "3 models", "good has the best linear-probe accuracy", "close can't be told")
    assert headline([models[0], made(bad, "worse"), models[2]], PROBE).endswith("clearly ahead of all others.")
    none = [made(good, name) for name in "abc"]
    assert says(headline(none, PROBE), "linear-probe accuracy", "none of the 3 models can be told", "a.")


def test_five_texts_that_differ_are_too_few_whatever_the_bootstrap_says() -> None:
    """By the sign test five of five are no less likely than one time in sixteen; six of six are."""
    five, six, none = ([1.0] * count + [0.0] * (500 - count) for count in (5, 6, 0))
    found = versus(made(five), made(none, "B"), PROBE)
    assert found.difference.apart_from_zero
    assert found.verdict == "tie"
    assert found.detail == "They differ in 5 of 500 texts, too few to tell."
    assert versus(made(six), made(none, "B"), PROBE).verdict == "better"


def test_a_sure_difference_that_rounding_can_make_is_none_to_speak_of() -> None:
    values = np.linspace(0.1, 0.9, 50)
    found = versus(made(values + 0.0003, measure=SILHOUETTE), made(values, "B", SILHOUETTE), SILHOUETTE)
    assert found.difference.apart_from_zero
    assert found.verdict == "tie"
    assert says(found.sentence, "no difference", "silhouette", "A and B")
    assert found.detail.startswith("Difference +0.0003, 95 %")
    assert (
        versus(made(values + 0.001, measure=SILHOUETTE), made(values, "B", SILHOUETTE), SILHOUETTE).verdict == "better"
    )


def test_other_measures_are_not_told_in_points() -> None:
    first, second = np.linspace(0.4, 0.9, 50), np.linspace(0.3, 0.8, 50)
    found = versus(made(first, measure=NDCG, kind="judgements"), made(second, "B", NDCG, "judgements"), NDCG)
    assert found.sentence == "A beats B by 0.100 nDCG@10."
    assert says(found.detail, "+0.100", "95 %", "+0.100 to +0.100", "50 queries")


def test_many_comparisons_at_once_have_wider_intervals_and_say_so() -> None:
    rng = np.random.default_rng(0)
    models = [made((rng.random(200) < share).astype(float), f"m{share}") for share in (0.55, 0.45, 0.7)]
    found = all_versus(models, PROBE)
    assert [(one.first, one.second) for one in found] == [("m0.7", "m0.55"), ("m0.7", "m0.45"), ("m0.55", "m0.45")]
    alone = versus(models[2], models[0], PROBE).difference
    wide = found[0].difference
    # 2.394 is the normal quantile for 5 % over three comparisons
    assert wide.high - wide.low == pytest.approx((alone.high - alone.low) * 2.394 / 1.960, rel=1e-3)
    assert "95 % interval for all 3 comparisons together" in found[0].detail


def test_other_items_and_unknown_measures_are_refused() -> None:
    with pytest.raises(EmbedlabError, match=r"same items \(2 texts and 3 texts\)"):
        versus(made([1, 0]), made([1, 0, 1], "B"), PROBE)
    with pytest.raises(EmbedlabError, match="was not measured by “ARI”: choose one of linear probe"):
        versus(made([1, 0]), made([1, 1], "B"), ARI)


# --- Beside chance ---


def at_chance(quality: Quality, share: float) -> Quality:
    """Return it with what always naming the largest class would give."""
    return replace(quality, chance={PROBE: share})


def test_no_model_is_ahead_that_does_no_better_than_chance() -> None:
    """Right in 12 of 200 and in none, where the largest class has 6 %: the difference is sure, and says nothing."""
    some, none = made([1.0] * 12 + [0.0] * 188, "some"), made([0.0] * 200, "none")
    assert versus(some, none, PROBE).verdict == "better"
    found = versus(at_chance(some, 0.06), at_chance(none, 0.06), PROBE)
    assert (found.verdict, found.at_chance) == ("tie", True)
    assert says(found.sentence, "neither some nor none", "chance", "linear-probe accuracy")
    assert "hangs" not in found.told


def test_who_beats_chance_may_beat_who_does_not() -> None:
    good, none = made([1.0] * 80 + [0.0] * 120, "good"), made([1.0] * 10 + [0.0] * 190, "none")
    found = versus(at_chance(good, 0.06), at_chance(none, 0.06), PROBE)
    assert (found.verdict, found.at_chance) == ("better", False)
    places = ranked([at_chance(none, 0.06), at_chance(good, 0.06)], PROBE)
    assert [(one.model, one.verdict) for one in places] == [("good", "first"), ("none", "no better than chance")]


def test_where_no_model_beats_chance_the_first_sentence_says_that_the_labels_say_nothing() -> None:
    vectors, classes = planted(0.3)
    shuffled = column(np.random.default_rng(3).permutation(classes).tolist())
    rng = np.random.default_rng(0)
    spaces = [space_of(one, model=name) for name, one in (("a", vectors), ("b", rng.normal(size=vectors.shape)))]
    found = [measured(one, shuffled) for one in spaces]
    assert knows_nothing(found)
    for name in found[0].intervals:
        assert headline(found, name).startswith("These labels say nothing here")
        assert all(one.verdict == "tie" for one in all_versus(found, name))
        assert all(place.verdict == "no better than chance" for place in ranked(found, name))
    real = [measured(one, column(classes)) for one in spaces]
    assert not knows_nothing(real)
    assert headline(real, PROBE).startswith("a beats b by")


def test_several_models_at_chance_have_no_best_one() -> None:
    models = [at_chance(made([1.0] * count + [0.0] * (200 - count), f"m{count}"), 0.5) for count in (60, 80, 100)]
    assert headline(models, PROBE).startswith("These labels say nothing here")
    one_knows = [replace(one, chance={}) for one in models[:1]] + models[1:]
    assert says(headline(one_knows, PROBE), "linear-probe accuracy", "none of the 3 models", "chance")


def test_a_verdict_that_hangs_on_the_penalty_says_so() -> None:
    better, worse = made([1.0] * 90 + [0.0] * 10, "A"), made([1.0] * 80 + [0.0] * 20, "B")
    firm = replace(better, shifts={1.0: -0.01, 10.0: 0.0})
    assert versus(firm, replace(worse, shifts={1.0: 0.0, 10.0: 0.0}), PROBE).hangs == ""
    found = versus(firm, replace(worse, shifts={1.0: 0.08, 10.0: 0.0}), PROBE)
    assert found.verdict == "better"
    assert found.hangs.endswith("with C = 1 for both it would be a tie.")
    turned = versus(firm, replace(worse, shifts={1.0: 0.25, 3.0: 0.08, 10.0: 0.0}), PROBE)
    assert turned.hangs.endswith("with C = 1 for both B would be better.")


# --- How often it holds ---


def test_the_intervals_of_a_difference_cover_it() -> None:
    """1,000 experiments on 150 texts each, one model right in 80 %, the other in 72 %, and the same texts hard."""
    rng = np.random.default_rng(0)
    hard = rng.random((1000, 150))
    first = hard + 0.2 * rng.normal(size=hard.shape) < 0.8
    second = hard + 0.2 * rng.normal(size=hard.shape) < 0.72
    many = rng.random(2_000_000)
    noise = 0.2 * rng.normal(size=(2, len(many)))
    truth = (many + noise[0] < 0.8).mean() - (many + noise[1] < 0.72).mean()
    differences = first.astype(float) - second
    drawn = resampled_means(differences)
    found = [percentiles(float(own.mean()), row) for own, row in zip(differences, drawn, strict=True)]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.93 <= covered <= 0.97


# --- The real model ---


@pytest.mark.model
def test_minilm_beats_letters_and_ties_with_itself_in_fp32(minilm: Encoder, exact: Encoder) -> None:
    corpus = builtin("support")
    labels = corpus.column(corpus.label or "")
    fast, slow, letters = (measured(embed(corpus, one), labels) for one in (minilm, exact, LetterEncoder()))
    for name in (PROBE, KNN):
        assert versus(fast, letters, name).verdict == "better"
        assert versus(fast, replace(slow, model="fp32"), name).verdict == "tie"
    assert versus(fast, slow, ARI).verdict == "tie"
