"""The verb `drift` and its report: the pieces put together once, as a table, a figure and a page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.corpus import Column, Corpus
from embedlab.drift.drift import against, drift
from embedlab.drift.report import DriftReport
from embedlab.drift.sides import joined, two_sides
from tests.conftest import LetterEncoder


def texts(name: str, letters: str, years: tuple[int, ...] = ()) -> Corpus:
    made = tuple(f"{letters[row % 4] * 3}{'xyz'[row % 3]} note {row:03}" for row in range(120))
    topics = Column("topic", "category", np.array([text[0] for text in made], dtype=object))
    year = Column("year", "number", np.repeat([float(year) for year in years or (2000,)], 120 // len(years or (1,))))
    return Corpus(name, made, (topics, year))


OLD, NEW = texts("old", "abcd"), texts("new", "abcq")


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): LetterEncoder())


@pytest.fixture
def report() -> DriftReport:
    return drift(joined(OLD, NEW))


def test_a_report_is_a_line_and_a_table_of_what_was_tested(report: DriftReport) -> None:
    assert repr(report) == "<DriftReport: Different beyond the thresholds set.>"
    table = report.table()
    assert set(table["what"]) == {"region", "column"}
    changed = table[table["beyond_chance"] & (table["what"] == "region")]
    assert changed["name"].tolist() == [one.name for one in report.drift.changed]
    assert (changed["before"].sum(), changed["after"].sum()) == pytest.approx((0.25, 0.25))
    assert (changed[["before", "after"]].min(axis=1) == 0).all()
    topic = table[table["name"] == "topic"].iloc[0]
    trait = next(one for one in report.drift.traits if one.key == "topic")
    assert (topic["measure"], topic["value"], topic["p"]) == ("total variation", trait.effect.mean, trait.p)
    assert topic["low"] < topic["value"] < topic["high"]
    assert topic[["before", "after"]].isna().all()  # a category has no median
    assert "year" not in set(table["name"])  # one value only
    assert "<table" in report._repr_html_()


def test_a_report_draws_the_regions_and_writes_the_page_of_the_command(report: DriftReport) -> None:
    figure = report.figure()
    assert {trace.name for trace in figure.data} >= {"old", "new"}
    assert len(figure.layout.yaxis.ticktext) == len(report.drift.foremost) >= len(report.drift.changed) >= 2
    assert "Where they differ" in report.page()


def test_where_there_is_no_region_the_classifier_is_drawn(report: DriftReport) -> None:
    without = replace(report, drift=replace(report.drift, regions=()))
    assert without.figure().layout.xaxis.title.text == "AUC of the classifier"
    assert set(without.table()["what"]) == {"column"}


def test_without_a_curve_its_stages_are_named_and_with_one_it_is_over_the_cut_column() -> None:
    stages = Stages()
    assert against(joined(OLD, NEW), stages=stages, of="both").curve is None
    assert set(stages.seconds) == {"model both", "embed both", "neighbours both", "drift"}
    over = drift(two_sides(texts("all", "abcd", (2000, 2001, 2002)), by="year", at=2002)).curve
    assert over is not None
    assert [point.name for point in over.points] == ["2000", "2001", "2002"]
    assert drift(two_sides(texts("all", "abcd", (2000, 2001)), by="year")).curve is None  # two periods are no curve
    with pytest.raises(EmbedlabError, match="“topic” has no order"):
        drift(joined(OLD, NEW), over="topic")
    with pytest.raises(EmbedlabError, match="a curve takes 3"):
        drift(two_sides(texts("all", "abcd", (2000, 2001)), by="year"), over="year")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"before_value": "a"},
        {"after": NEW, "by": "topic"},
        {"after": NEW, "at": 2001},
        {"by": "topic", "after_value": "a"},
        {"by": "year", "at": 2001, "before_value": "2000"},
    ],
)
def test_what_makes_no_two_sides_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(EmbedlabError, match=r"^Give "):
        two_sides(OLD, **asked)  # type: ignore[arg-type]
