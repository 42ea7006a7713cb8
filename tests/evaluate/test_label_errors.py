"""Doubtful labels: confident learning by hand, and on planted errors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Progress, Stopped
from embedlab.evaluate import label_errors
from embedlab.evaluate.label_errors import Method, discriminant, doubted, out_of_fold


def clouds(
    per_class: int, classes: int, spread: float = 0.3, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return unit vectors around as many directions as there are classes."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(classes), per_class)
    vectors = np.eye(classes + 2)[codes] + spread * rng.normal(size=(len(codes), classes + 2))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), codes


def judged(monkeypatch: pytest.MonkeyPatch, likely: list[list[float]], codes: list[int]) -> label_errors.Doubted:
    """Return what is doubtful where classifiers say `likely`."""
    table = np.array(likely)
    monkeypatch.setattr(label_errors, "out_of_fold", lambda *_: table)
    return doubted(np.zeros((len(codes), 2), dtype=np.float32), np.array(codes), table.shape[1])


def test_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Class 0 is usually as likely as (0.9 + 0.8 + 0.1 + 0.4) / 4 = 0.55, class 1 as (0.9 + 0.7 + 0.8) / 3 = 0.8."""
    of_first = [0.9, 0.8, 0.1, 0.4, 0.1, 0.3, 0.2]
    found = judged(monkeypatch, [[one, 1 - one] for one in of_first], [0, 0, 0, 0, 1, 1, 1])
    # Text 2: class 1 at 0.9, which is 0.8 or more. Text 3: class 1 at 0.6 is likelier, but less than usual.
    assert found.order.tolist() == [2]
    np.testing.assert_allclose(found.margin, [-0.8, -0.6, 0.8, 0, -0.8, -0.4, -0.6])
    assert found.likelier.tolist() == [1, 1, 1, 1, 0, 0, 0]
    assert found.named.tolist() == [0, 0, 1, 1, 1, 1, 1]
    # Sure are 0, 1 (of class 0), 2 (given 0, of class 1), and 4, 6 (of class 1): a third of the 4 of class 0.
    assert found.wrong == pytest.approx(4 / 3)


def test_a_class_of_two_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    likely = [[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.8, 0.2], [0.9, 0.1]]
    found = judged(monkeypatch, likely, [0, 0, 0, 1, 1])
    assert len(found.order) == 0
    assert found.wrong == 0


@pytest.mark.parametrize("method", ["logistic regression", "linear discriminant"])
def test_planted_errors_come_first(method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_errors, "PROBED", 10**9 if method == "logistic regression" else 0)
    vectors, codes = clouds(100, 5, 0.2)
    rng = np.random.default_rng(1)
    rows = rng.permutation(500)[:25]
    codes[rows] = (codes[rows] + rng.integers(1, 5, 25)) % 5
    found = doubted(vectors, codes, 5)
    assert found.method == method
    right = len(np.intersect1d(found.order[:25], rows))
    assert right >= 20
    assert right >= 0.9 * len(found.order[:25])
    assert found.wrong == pytest.approx(25, abs=6)
    assert (found.margin[found.order] > 0).all()
    assert (np.diff(found.margin[found.order]) <= 0).all()


def test_right_labels_are_hardly_doubted() -> None:
    vectors, codes = clouds(60, 4, 0.15)
    found = doubted(vectors, codes, 4)
    assert len(found.order) <= 2
    assert found.wrong <= 2


@pytest.mark.parametrize("method", ["logistic regression", "linear discriminant"])
def test_no_text_is_judged_by_its_own_label(method: Method) -> None:
    """Vectors that say nothing of the labels: nothing can be learned, whatever the label of the text itself."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 60)).astype(np.float32)
    codes = rng.integers(0, 2, 400)
    likely = out_of_fold(vectors, codes, 2, method=method)
    assert np.mean(likely.argmax(axis=1) == codes) == pytest.approx(0.5, abs=0.08)
    np.testing.assert_allclose(likely.sum(axis=1), 1)


def test_the_discriminant_by_hand() -> None:
    """Two classes, three against one, on a line: the mean square within is 1, so the sphere changes nothing."""
    line = np.array([[-2.0], [0.0], [-1.0], [3.0]], dtype=np.float32)
    found = discriminant(line, np.array([0, 0, 0, 4]))
    within = (1 + 1) / 2  # of four texts in two classes
    at = np.array([[1.0]], dtype=np.float32)
    log_odds = np.log(3 / 1) + ((1 - 3) ** 2 - (1 + 1) ** 2) / (2 * within)
    assert found.classes.tolist() == [0, 4]
    assert found.probabilities(at)[0, 0] == pytest.approx(1 / (1 + np.exp(-log_odds)), abs=1e-6)


def test_the_discriminant_of_vectors_that_are_all_the_same() -> None:
    found = discriminant(np.ones((10, 4), dtype=np.float32), np.array([0] * 7 + [1] * 3))
    np.testing.assert_allclose(found.probabilities(np.ones((2, 4), dtype=np.float32)), [[0.7, 0.3]] * 2)


def test_the_discriminant_is_as_sure_as_it_is_right() -> None:
    """Two classes that overlap, in 200 dimensions of which one tells them apart: its own answers are far too sure."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 2, 1_000)
    vectors = rng.normal(size=(1_000, 200)).astype(np.float32)
    vectors[:, 0] += codes
    likely = out_of_fold(vectors, codes, 2, method="linear discriminant")
    right = float(np.mean(likely.argmax(axis=1) == codes))
    assert float(likely.max(axis=1).mean()) == pytest.approx(right, abs=0.03)
    sure = discriminant(vectors[:800], codes[:800]).probabilities(vectors[800:])
    assert float(sure.max(axis=1).mean()) > right + 0.1


def test_the_seed_deals_the_folds() -> None:
    vectors, codes = clouds(30, 3, 0.6)
    first, again, other = (doubted(vectors, codes, 3, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.likely, again.likely)
    assert not np.array_equal(first.likely, other.likely)


def test_few_texts() -> None:
    assert doubted(np.zeros((0, 3), dtype=np.float32), np.zeros(0, dtype=np.intp), 2).order.tolist() == []
    for count in (1, 2, 3, 4):
        vectors, codes = clouds(count, 2)
        found = doubted(vectors, codes, 2)
        assert np.isfinite(found.margin).all()
        assert len(found.likely) == 2 * count


def test_too_many_classes() -> None:
    with pytest.raises(EmbedlabError, match="20,000 labels for 40,000 texts are too many"):
        doubted(np.zeros((40_000, 2), dtype=np.float32), np.repeat(np.arange(20_000), 2), 20_000)


def test_work_can_be_stopped() -> None:
    def stop(progress: Progress) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        doubted(*clouds(10, 2), 2, report=stop)
