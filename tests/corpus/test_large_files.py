"""What very large files ask for: memory that is there, vectors that are looked at where they lie."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedlab.base import memory
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.corpus.reading import packed
from embedlab.corpus.reading.table import read_table
from embedlab.corpus.vectors import OwnVectors, from_path
from embedlab.space.embedding import own_space

VECTORS = np.random.default_rng(0).standard_normal((50, 8)).astype(np.float32)


def test_a_matrix_of_single_precision_is_not_copied(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", VECTORS)
    own = from_path(tmp_path / "v.npy", 50)
    assert isinstance(own.values, np.memmap)
    assert own.take(np.arange(50)) is own
    np.testing.assert_array_equal(own.take(np.array([3, 1])).values, VECTORS[[3, 1]])
    own.release()
    np.testing.assert_array_equal(own.values, VECTORS)  # read again from the file
    OwnVectors("in memory", VECTORS).release()


@pytest.mark.parametrize("kind", [np.float64, np.float16, np.int32])
def test_others_are_as_before(tmp_path: Path, kind: type) -> None:
    np.save(tmp_path / "v.npy", (VECTORS * 10).astype(kind))
    own = from_path(tmp_path / "v.npy", 50)
    assert own.values.dtype == np.float32
    np.testing.assert_allclose(own.values, (VECTORS * 10).astype(kind), rtol=1e-6)


def test_what_is_no_matrix_is_said(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", VECTORS)
    with pytest.raises(EmbedlabError, match="has 50 rows, but 51 rows were read"):
        from_path(tmp_path / "v.npy", 51)
    (tmp_path / "cut.npy").write_bytes((tmp_path / "v.npy").read_bytes()[:200])
    with pytest.raises(EmbedlabError, match=r"it is no \.npy file"):
        from_path(tmp_path / "cut.npy", 50)
    np.save(tmp_path / "o.npy", np.array([{"a": 1}]), allow_pickle=True)
    with pytest.raises(EmbedlabError, match="pickled"):
        from_path(tmp_path / "o.npy", 1)


def test_own_vectors_of_copies_and_others(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", VECTORS)
    corpus = Corpus("c", tuple(f"text {at % 49}" for at in range(50)), vectors=(from_path(tmp_path / "v.npy", 50),))
    space = own_space(corpus, "v.npy")
    np.testing.assert_allclose(space.vectors[:49], VECTORS[:49] / np.linalg.norm(VECTORS[:49], axis=1)[:, None], 1e-5)
    np.testing.assert_array_equal(space.vectors[49], space.vectors[0])  # the first counts
    assert space.card.checked.startswith("1 repeated")


@pytest.mark.parametrize("kind", [pa.list_(pa.float32()), pa.list_(pa.float32(), 8), pa.list_(pa.float64())])
def test_vectors_of_parquet(kind: pa.DataType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MAX_BYTES", 100)  # vectors are hardly packed
    stream = io.BytesIO()
    texts = [f"some words {at}" for at in range(50)]
    pq.write_table(pa.table({"text": texts, "v": pa.array(VECTORS.tolist(), kind)}), stream, row_group_size=7)
    corpus = read_table(stream.getvalue(), "a.parquet").corpus()
    np.testing.assert_allclose(corpus.vectors[0].values, VECTORS, rtol=1e-6)


def test_free_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal: 9000 kB\nMemAvailable:    8000 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", told)
    monkeypatch.setattr(memory, "_GROUPS", ())
    assert memory.available() == 8_192_000
    for name, content in (("max", "5000000"), ("current", "1000000")):
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(memory, "_GROUPS", ((str(tmp_path / "max"), str(tmp_path / "current")),))
    assert memory.available() == 4_000_000
    (tmp_path / "max").write_text("max")
    assert memory.available() == 8_192_000
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "nothing")
    assert (memory.available() or 1) > 0
    assert [memory.gigabytes(count) for count in (3_140_000_000, 240_000_000, 10)] == ["3.1 GB", "240 MB", "1 MB"]
