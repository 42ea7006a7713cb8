"""The pictures of frozen against fine-tuned: each number of theirs can be checked by hand."""

from __future__ import annotations

import numpy as np

from embedlab.figures.finetune import MOST_CLASSES, balance, confusions, general, learning_curve, training
from embedlab.stats.intervals import Interval


def test_a_bar_for_each_class_holds_its_parts() -> None:
    figure = balance({"to learn from": {"a<": 7, "b": 2}, "held out": {"a<": 3, "b": 1}})
    learnt, asked = figure.data
    assert (learnt.x, asked.x) == ((7, 2), (3, 1))
    assert figure.layout.barmode == "stack"
    assert figure.layout.yaxis.ticktext == ("a&lt;", "b")
    assert learnt.marker.color != asked.marker.color


def test_no_more_classes_are_drawn_than_can_be_read() -> None:
    figure = balance(
        {"to learn from": {}, "held out": {f"class {number}": number for number in range(MOST_CLASSES + 9)}}
    )
    assert len(figure.data[1].x) == MOST_CLASSES


def test_the_learning_curve_has_its_band_and_what_stands_beside_it() -> None:
    found = [Interval(0.5, 0.4, 0.6), Interval(0.7, 0.65, 0.75)]
    figure = learning_curve([2, 8], found, {"tuned $x$": (8, Interval(0.8, 0.75, 0.9))})
    band, curve, other = figure.data
    assert (band.x, band.y) == ((2, 8, 8, 2), (0.6, 0.75, 0.65, 0.4))
    assert (curve.x, curve.y) == ((2, 8), (0.5, 0.7))
    assert (other.name, other.y) == ("tuned &#36;x&#36;", (0.8,))
    assert np.allclose(other.error_y.array, [0.1])
    assert np.allclose(other.error_y.arrayminus, [0.05])
    assert figure.layout.xaxis.type == "log"


def test_a_training_marks_the_best_validation_score() -> None:
    figure = training([(1, 3.0), (2, 2.0)], [(1, 0.5), (2, 0.7), (3, 0.6)])
    loss, score = figure.data
    assert (loss.x, loss.y) == ((1, 2), (3.0, 2.0))
    assert score.marker.symbol == ("circle", "star", "circle")
    assert score.yaxis == "y2"
    assert figure.layout.yaxis2.visible


def test_a_training_without_validation_shows_its_loss_alone() -> None:
    figure = training([(1, 3.0)], [])
    assert not figure.layout.yaxis2.visible
    assert figure.data[0].mode == "markers"


def test_confusions_go_from_before_to_after() -> None:
    figure = confusions([("late", "lost <b>", 5, 1), ("lost", "late", 0, 2)])
    lines, before, after = figure.data
    assert lines.x == (5, 1, None, 0, 2, None)
    assert (before.x, after.x) == ((5, 0), (1, 2))
    assert before.marker.symbol != after.marker.symbol
    assert figure.layout.yaxis.ticktext[0] == "late<br>→ lost &lt;b&gt;"
    assert before.text[0] == "late taken for lost &lt;b&gt;"
    assert figure.layout.xaxis.dtick == 1  # no half texts
    many = confusions([("late", "lost", 500, 0)]).layout.xaxis
    assert many.dtick is None  # as many as there is room for
    assert many.range[0] <= -5  # half a marker is no marker
    assert many.range[1] >= 505


def test_general_pairs_lie_by_their_cosine_before_and_after() -> None:
    before, after = np.array([-0.2, 0.9]), np.array([0.1, 0.8])
    figure = general(before, after, np.array([0.0, 5.0]), [("a<", "b"), ("c", "d")], dark=True)
    line, pairs = figure.data
    assert (list(pairs.x), list(pairs.y)) == ([-0.2, 0.9], [0.1, 0.8])
    assert list(pairs.marker.color) == [0.0, 5.0]
    assert pairs.text[0] == "a&lt;<br>b"
    assert line.x == line.y
    assert line.x[0] < -0.2
