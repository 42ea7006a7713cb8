"""The report: it stands alone, shows texts as typed, and says in JSON what it says in words."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from embedlab.compare.blind import Tally
from embedlab.compare.common import common
from embedlab.compare.comparison import Comparison
from embedlab.compare.cost import as_fast, cost
from embedlab.compare.difference import difference
from embedlab.compare.models import ComparedModel
from embedlab.compare.noise import Floors, dropped
from embedlab.compare.replacement import QueryAnswers, queries_changed, turnover
from embedlab.corpus import Column, Corpus
from embedlab.encoders.speed import Speed, Timing
from embedlab.evaluate.quality import by_labels
from embedlab.figures.report import cost_figure, report_html, tied
from embedlab.pipeline import EmbeddingChoice, Groups, of_space
from embedlab.space.clusters import cluster
from embedlab.space.embedding import embed
from embedlab.space.names import ClusterNames
from embedlab.space.projection import pca
from tests.conftest import LetterEncoder
from tests.figures.elements import Elements
from tests.pages.halves import HalfEncoder

NASTY = "</script><img src=x onerror=alert(1)>"
WORDS = ["aaab", "aabb", "abbb", "cccd", "ccdd", "cddd", "eeef", "eeff", "efff", "gggh", "gghh", "ghhh"]


@pytest.fixture
def report() -> Comparison:
    texts = (NASTY, *(f"{word} {word[::-1]}{'x' * (row % 5)}" for row, word in enumerate(WORDS * 4)))
    topics = np.array([text[0] for text in texts], dtype=object)
    corpus = Corpus(f"tick<ets {NASTY}", texts, (Column("topic", "category", topics),), label="topic")
    names = (f"letters {NASTY}", "halves")
    models = tuple(
        ComparedModel(name, EmbeddingChoice(name), of_space(embed(corpus, encoder)))
        for name, encoder in zip(names, (LetterEncoder(), HalfEncoder()), strict=True)
    )
    spaces = tuple(one.space for one in models)
    near = tuple(one.neighbours for one in models)
    clusters = [cluster(one) for one in near]
    layouts = pca(spaces[0]), pca(spaces[1])
    called = tuple(f"<i>{number}</i>" for number in range(clusters[0].count))
    return Comparison(
        common=common(corpus, ()),
        models=models,
        differences={names: difference(*spaces, *near, 5)},
        costs=tuple(cost(None, space, None, name) for space, name in zip(spaces, names, strict=True)),
        floors=Floors((dropped(spaces[0], near[0], k=5),)),
        qualities=tuple(
            by_labels(space, one, of, corpus.columns[0], name=name)
            for space, one, of, name in zip(spaces, near, clusters, names, strict=True)
        ),
        layouts=layouts,
        groups=(Groups(clusters[0], ClusterNames(called, ((),) * len(called), clusters[0].fingerprint)),) * 2,
        tally=Tally(12, 1, 2, names, left=7, right=8, same=2, other=1),
        of_models=(f"1 model left out ({NASTY}).",),
    )


def test_the_page_stands_alone_and_shows_texts_as_typed(report: Comparison) -> None:
    page = report_html(report)
    read = Elements()
    read.feed(page)
    assert read.counts.get("img", 0) == 0
    assert NASTY in read.text
    assert page.count("plotly.js v") == 1
    assert "default-src 'none'" in page
    bare = re.sub(r"<script[^>]*>.*?</script>", "", page, flags=re.DOTALL)
    assert "<i>0</i>" not in bare
    assert "http" not in bare.replace('http-equiv="', "")


def test_the_page_says_what_was_found(report: Comparison) -> None:
    read = Elements()
    read.feed(report_html(report))
    for said in (*report.sentences, "The texts that changed most", "bytes a vector", "of the texts dropped"):
        assert said.lower() in read.text.lower()
    assert read.counts["article"] > 0


def test_json_has_every_number_and_no_nan(report: Comparison) -> None:
    found = json.loads(json.dumps(report.facts(), allow_nan=False))
    assert [one["name"] for one in found["models"]] == list(report.names)
    assert found["differences"][0]["k"] == 5
    assert found["differences"][0]["overlap"]["mean"] == pytest.approx(report.pair.overlap.mean.mean)
    probe = found["quality"]["measures"]["linear probe"]
    assert set(probe) == set(report.names)
    assert {one["verdict"] for one in found["quality"]["verdicts"]} <= {"better", "worse", "tie"}
    blind = found["blind"]
    assert (blind["wins_first"], blind["undecided"], blind["better"]) == (12, 2, report.names[0])
    assert (blind["pressed"], blind["twice"]) == ({"left": 7, "right": 8}, {"same": 2, "other": 1})
    assert blind["rate"]["low"] > 0.5
    assert found["cost"][0]["bytes_a_text"] == 4 * 27
    changed = found["changed_most"][0]
    assert changed["in_common"] < changed["of"] == 5
    assert len(changed["lists"]) == 2


def test_a_replacement_is_told_with_its_queries(report: Comparison) -> None:
    first, second = report.spaces
    asked = (second.vectors[:2], first.vectors[:2])
    changes = queries_changed(first, second, asked[1], asked[0])
    told = replace(
        report,
        turnover=turnover(*(one.neighbours for one in report.models), 5),
        answers=QueryAnswers((NASTY, "one"), changes),
    )
    read = Elements()
    read.feed(report_html(told))
    assert read.counts.get("img", 0) == 0
    assert f"If halves replaced letters {NASTY}: what would return something else?" in read.text
    assert told.verdict in read.text
    assert read.text.count(told.verdict) == 1
    found = json.loads(json.dumps(told.facts(), allow_nan=False))
    assert found["texts_as_queries"]["texts"] == len(first.corpus.distinct[0])
    assert found["queries"][1]["before"][0] == 2


def test_pairs_of_many_models_stand_in_a_table_and_above_it_who_is_best(report: Comparison) -> None:
    third = replace(report.qualities[0], model="third")
    many = replace(
        report,
        models=(*report.models, replace(report.models[0], name="third")),
        costs=(*report.costs, replace(report.costs[0], model="third")),
        qualities=(*report.qualities, third),
    )
    read = Elements()
    read.feed(report_html(many))
    best = next(one for one in many.sentences if "3 models" in one)
    assert best in read.text
    for pair in (f"{report.names[0]} less halves", f"{report.names[0]} less third", "halves less third"):
        assert pair in read.text
    assert "tie: +0.000\n(+0.000 to +0.000)" in read.text
    assert "beats" not in read.text
    assert many.title == f"tick<ets {NASTY}: 3 models compared"
    assert report.title == f"tick<ets {NASTY}: letters {NASTY} against halves"


def test_nothing_known_of_quality_is_said(report: Comparison) -> None:
    bare = Comparison(report.common, report.models, report.differences, report.costs)
    assert any("can't be known" in one for one in bare.sentences)
    assert bare.facts()["quality"] is None
    assert "Which is better?" not in report_html(bare)


def test_a_model_that_is_as_good_and_dearer_is_not_on_the_frontier(report: Comparison) -> None:
    one = report.qualities[0]
    twice = (one, by_labels(report.spaces[0], report.models[0].neighbours, cluster(report.models[0].neighbours),
                            report.spaces[0].corpus.columns[0], name="again"))  # fmt: skip
    assert tied(twice, "linear probe").all()
    figure = cost_figure(
        (report.costs[0], cost(None, report.spaces[0], None, "again")), twice, "linear probe", by_size=True
    )
    assert len(figure.data[0].x) >= 1


def test_speeds_have_a_range_and_models_that_are_as_fast_cost_the_same(report: Comparison) -> None:
    """The second is faster by its median, but not in every round: only the better of the two is on the frontier."""
    speeds = {"letters, tests": Speed((100.0, 110.0, 200.0)), "halves, tests": Speed((125.0, 125.0, 90.0))}
    timing = Timing("2026-05-01", "", "tickets", 64, 3, speeds)
    costs = tuple(cost(None, space, timing, name) for space, name in zip(report.spaces, report.names, strict=True))
    figure = cost_figure(costs, report.qualities, "linear probe")
    assert [one.x[0] for one in figure.data[1:]] == pytest.approx([1000 / 110, 8])
    assert figure.data[1].error_x.array[0] == pytest.approx(10 - 1000 / 110)
    assert figure.data[1].error_x.arrayminus[0] == pytest.approx(1000 / 110 - 5)
    apart = tuple(replace(one, turns=turns) for one, turns in zip(costs, ((99.0,), (125.0,)), strict=True))
    assert as_fast(costs).all()
    assert not as_fast(apart)[0, 1]
    read = Elements()
    read.feed(report_html(replace(report, costs=costs, timing=timing)))
    assert "110 (100 to 200)" in read.text
    assert "on 2026-05-01 by turns" in read.text
    told = replace(report, costs=costs, timing=timing).facts()
    assert told["cost"][0]["rate"] == 110
    assert told["cost"][0]["turns"] == [100, 110, 200]
    assert told["speed_measured"] == {"when": "2026-05-01", "name": "tickets", "texts": 64, "rounds": 3}
    assert report.facts()["speed_measured"] is None
