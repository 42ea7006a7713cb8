"""Very many texts, with few: nearly all neighbours, kept on disk; memory; a million copies."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Progress, Stopped
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo
from embedlab.encoders.base import unit
from embedlab.space import Space, approximate, distinct, embedding
from embedlab.space import neighbours as module
from embedlab.space.approximate import nearly_nearest
from embedlab.space.kept import keep, kept
from embedlab.space.keywords import distinctive, vocabulary
from embedlab.space.neighbours import nearest, neighbours
from embedlab.space.space import Distinct


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMBEDLAB_HOME", str(tmp_path))
    return tmp_path


def grouped(count: int, dimensions: int = 24, seed: int = 0) -> np.ndarray:
    """Return vectors in 20 groups, each of which lies on a sheet of eight dimensions."""
    rng = np.random.default_rng(seed)
    middles, sheet = rng.standard_normal((20, dimensions)), rng.standard_normal((8, dimensions))
    return unit(middles[rng.integers(20, size=count)] + 0.4 * rng.standard_normal((count, 8)) @ sheet)


def space_of(vectors: np.ndarray, texts: list[str] | None = None) -> Space:
    card = EncoderInfo("random", "", vectors.shape[1], 8, "numpy")
    corpus = Corpus.of(texts or [f"text {at}" for at in range(len(vectors))])
    return Space(corpus, card, vectors.astype(np.float32), np.zeros(len(vectors), dtype=bool))


def test_nearly_all_are_found_and_counted() -> None:
    vectors = grouped(4_000)
    found = nearly_nearest(vectors, np.arange(4_000), 30)
    true, _ = nearest(vectors, 15)
    shares = [len(set(a) & set(b)) / 15 for a, b in zip(true.tolist(), found.indices[:, :15].tolist(), strict=True)]
    assert np.mean(shares) > 0.93
    assert found.recall == pytest.approx(np.mean(shares), abs=0.02)
    assert found.recall >= 0.95
    assert found.sample == 1_000
    assert (np.diff(found.cosines, axis=1) <= 0).all()
    assert not (found.indices == np.arange(4_000)[:, None]).any()
    assert all(len(set(row)) == 30 for row in found.indices.tolist())
    own = (vectors[:, None] * vectors[found.indices]).sum(axis=2)
    np.testing.assert_allclose(found.cosines, own, atol=1e-5)


def test_the_same_again_and_of_some_rows() -> None:
    vectors, rows = grouped(3_000), np.arange(0, 3_000, 2)
    one, other = (nearly_nearest(vectors, rows, 10, seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.indices, other.indices)
    alone = nearly_nearest(np.ascontiguousarray(vectors[rows]), np.arange(1_500), 10, seed=4)
    np.testing.assert_array_equal(one.indices, alone.indices)


def test_effort_is_raised_until_it_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rounds the trees alone find too few."""
    vectors = grouped(4_000)
    monkeypatch.setattr(approximate, "LEAF", 40)
    monkeypatch.setattr(approximate, "TREES", 2)
    assert nearly_nearest(vectors, np.arange(4_000), 30).recall >= 0.95
    monkeypatch.setattr(approximate, "MOST_ROUNDS", 0)
    assert nearly_nearest(vectors, np.arange(4_000), 30).recall < 0.9


def test_exact_up_to_a_number_and_said_beyond() -> None:
    vectors = np.concatenate([grouped(2_000), grouped(2_000)[:50]])
    space = space_of(vectors)
    exact, near = neighbours(space), neighbours(space, exact=500)
    assert (exact.recall, exact.measured_on) == (None, 0)
    assert near.recall is not None
    assert 0.95 <= near.recall <= 1
    assert near.measured_on == 1_000
    assert len(near.apart) == 2_000  # of equal vectors one counts
    assert near.indices.shape == exact.indices.shape
    assert near.indices[:50, 0].tolist() == list(range(2_000, 2_050))
    assert (near.indices[:, :15] == exact.indices[:, :15]).mean() > 0.7


def test_hopeless_ones_are_compared_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in (("MOST_ROUNDS", 0), ("TREES", 1), ("LEAF", 40)):
        monkeypatch.setattr(approximate, name, few)
    space = space_of(grouped(3_000))
    assert neighbours(space, exact=500).recall is None
    monkeypatch.setattr(module, "MOST_HARD", 1_000)
    low = neighbours(space, exact=500).recall
    assert low is not None
    assert low < 0.95


def test_they_are_kept_and_found_again(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = space_of(grouped(2_000))
    near = neighbours(space, exact=500)
    monkeypatch.setattr(module, "nearly_nearest", None)
    again = neighbours(space_of(grouped(2_000)), exact=500)
    np.testing.assert_array_equal(near.indices, again.indices)
    assert again.recall == near.recall
    place = next((own_home / "neighbours").iterdir())
    (place / "indices.npy").write_bytes(b"\x93NUMPY damaged")
    assert kept(place.name, (2_000, 30)) is None


def test_only_the_last_few_are_kept(own_home: Path) -> None:
    found = nearly_nearest(grouped(500), np.arange(500), 5)
    for number in range(6):
        keep(f"key{number}", found)
        time.sleep(0.01)
    assert sorted(one.name for one in (own_home / "neighbours").iterdir()) == [f"key{at}" for at in range(2, 6)]
    assert kept("key5", (500, 6)) is None
    found.indices[0, 0] = 500
    keep("key5", found)
    assert kept("key5", (500, 5)) is None


def test_it_says_how_far_it_is_and_can_be_stopped() -> None:
    said: list[Progress] = []
    nearly_nearest(grouped(2_000), np.arange(2_000), 10, report=said.append)
    assert [one.done for one in said] == sorted(one.done for one in said)
    assert said[-1].done == said[-1].total

    def stop(progress: Progress) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        nearly_nearest(grouped(2_000), np.arange(2_000), 10, report=stop)


def test_vectors_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made beside the vectors of 40,000 texts stays well below them."""
    monkeypatch.setattr(distinct, "_BLOCK", 4_096)
    vectors = grouped(40_000, 512)
    space = space_of(vectors)
    neighbours(space_of(grouped(1_000, 512)), k=5, exact=500)
    tracemalloc.start()
    near = neighbours(space, k=5, exact=500)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(near.apart) == 40_000
    assert peak < 0.8 * vectors.nbytes


def test_a_million_copies() -> None:
    space = space_of(np.tile(np.array([[1, 0, 0, 0]], dtype=np.float32), (1_000_000, 1)), ["the same"] * 1_000_000)
    start = time.process_time()
    near = neighbours(space)
    assert near.indices.shape == (1_000_000, 30)
    assert len(near.apart) == 1
    assert time.process_time() - start < 8


def test_links_fit_beside_the_vectors() -> None:
    def of(count: int) -> int:
        rows = np.broadcast_to(np.int64(0), count)
        return Distinct(rows, rows, np.zeros((1, 30), np.int32), np.zeros((1, 30), np.float32)).links

    assert [of(count) for count in (100, 1_000_000, 2_000_000, 9_000_000)] == [15, 15, 8, 5]


def test_too_many_for_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "available", lambda: 5_000_000_000)
    embedding.check_memory(1_000_000, 384)
    with pytest.raises(EmbedlabError) as refused:
        embedding.check_memory(2_000_000, 384)
    assert "2,000,000 texts of 384 dimensions would take about 7.7 GB of memory, and 5.0 GB are free" in str(
        refused.value
    )
    assert "sample of 1,300,000 texts or fewer" in str(refused.value)
    monkeypatch.setattr(embedding, "available", lambda: None)
    embedding.check_memory(2_000_000, 384)


def test_words_of_a_sample_where_texts_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 3,000 texts some 1,600 are read, whole; the words that set groups apart are the same, with their shares."""
    monkeypatch.setattr("embedlab.space.keywords.MAX_CHARACTERS", 40_000)
    texts = [f"a word about {('rivers', 'planets')[at % 2]} number{at}" for at in range(3_000)]
    words = vocabulary(texts)
    assert words.read is not None
    assert 1_000 < words.read.sum() < 2_000
    assert words.presence.shape[0] == 3_000
    assert words.presence[~words.read].nnz == 0
    groups = np.arange(3_000, dtype=np.int32) % 2
    rivers, planets = distinctive(words, groups)
    assert (rivers[0].term, planets[0].term) == ("rivers", "planets")
    assert (rivers[0].inside, rivers[0].outside) == (1.0, 0.0)
    assert distinctive(words, np.where(words.read, 0, 1).astype(np.int32))[1] == ()
