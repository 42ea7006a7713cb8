from __future__ import annotations

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.corpus.ordering import ordered
from embedlab.drift import over_time as periods
from embedlab.drift.over_time import OverTime, over_time
from embedlab.space import Space
from tests.check.planted import TOPICS, space_of_topics
from tests.sentences import say, says

YEARS = range(2000, 2008)


def corpus(new_from: int, texts: int = 60, until: int = 3000) -> Corpus:
    """Texts of eight years; from one of them on, and until another, a third are of a new topic."""
    rng = np.random.default_rng(0)
    found, years = [], []
    for year in YEARS:
        for number in range(texts):
            new = new_from <= year < until and number % 3 == 0
            topic = "phone" if new else TOPICS[rng.integers(3)]
            found.append(f"{topic} {year} {number}")
            years.append(float(year))
    return Corpus("years", tuple(found), (Column("year", "number", np.array(years)),))


def curve(corpus_: Corpus, **options: object) -> tuple[Space, OverTime]:
    space = space_of_topics(corpus_)
    order = ordered(corpus_.column("year"))
    assert order is not None
    return space, over_time(space, order, permutations=199, **options)  # type: ignore[arg-type]


def test_since_when_is_the_first_period_from_which_on_all_differ() -> None:
    _, found = curve(corpus(2004))
    assert [point.name for point in found.points] == [str(year) for year in YEARS]
    assert [point.distance is None for point in found.points] == [True, True, *[False] * 6]
    assert [point.beyond for point in found.points] == [False] * 4 + [True] * 4
    assert found.since == 4
    assert says(found.sentence, "“2004”", "differ", "“2000”", "“2001”", "beyond chance")
    assert "the change itself may have begun before" in found.caution
    for point in found.points[4:]:
        assert point.distance is not None
        assert point.chance is not None
        assert point.distance > point.chance > 0
        assert point.auc is not None
        assert point.auc.low > 0.5
    quiet = found.points[2:4]
    assert all(abs(point.distance or 1) < 0.02 and (point.low or 0) < 0 for point in quiet)


def test_against_the_period_before_only_the_step_shows() -> None:
    _, found = curve(corpus(2004), reference="previous")
    assert [point.name for point in found.points if point.beyond] == ["2004"]
    assert says(found.sentence, "beyond chance", "“2004”", "the period before")


def test_what_went_and_came_back_has_no_since() -> None:
    _, found = curve(corpus(2003, until=2005))
    assert found.since is None
    assert "the texts went and came back" in found.sentence


def test_no_change_is_said_to_be_none() -> None:
    _, found = curve(corpus(3000))
    assert found.since is None
    assert says(found.sentence, "no period", "“2000”", "“2001”", "beyond chance")


def test_large_periods_are_sampled_and_missing_values_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "MOST", 50)
    made = corpus(2004)
    values = made.columns[0].values.copy()
    values[:5] = np.nan
    made = Corpus(made.name, made.texts, (Column("year", "number", values),))
    _, found = curve(made)
    assert found.points[5].beyond
    assert say(found.notes, ("5 texts", "no value", "“year”"), ("8 periods", "more than 50", "50 drawn at random"))


def test_two_periods_make_no_curve() -> None:
    made = corpus(2004)
    years = np.repeat([2000.0, 2001.0], 240)
    with pytest.raises(EmbedlabError, match="gives 2 periods of texts enough to compare: a curve takes 3"):
        curve(Corpus("two", made.texts, (Column("year", "number", years),)))
