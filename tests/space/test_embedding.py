"""From a corpus to its space: every text encoded once, nothing done lost, nothing hidden."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Progress, Stopped
from embedlab.corpus import Corpus
from embedlab.encoders import EncoderInfo, Vectors
from embedlab.encoders.store import Store, stored
from embedlab.space.embedding import embed
from tests.conftest import LetterEncoder
from tests.sentences import says

ROOT = Path(__file__).parents[2]
BATCH = LetterEncoder().card.at_once
TESTS = Path(__file__).parents[1]


@pytest.fixture
def store(letters: Any) -> Iterator[Store]:
    with closing(Store(letters.card)) as opened:
        yield opened


def numbered(count: int) -> list[str]:
    """Return distinct texts, most with letters of their own."""
    return [f"{'abcdefghijklmnopqrstuvwxyz'[number % 26] * (1 + number % 7)} {number}" for number in range(count)]


def encoded(encoder: Any) -> list[str]:
    return [text for call in encoder.calls for text in call]


def test_each_text_has_its_vector_in_its_place(letters: Any) -> None:
    texts = ["ccc", "a", "ab and more", "a", "bb", *numbered(300)]
    space = embed(Corpus.of(texts), letters)
    assert np.array_equal(space.vectors, letters.encode(texts))
    assert space.vectors.dtype == np.float32
    assert not space.vectors.flags.writeable
    assert space.card is letters.card


def test_by_hand(letters: Any) -> None:
    vectors = embed(Corpus.of(["ab", "a", "b", "ba", "42"]), letters).vectors
    cosines = vectors @ vectors.T
    assert cosines[0].tolist() == pytest.approx([1, 0.5**0.5, 0.5**0.5, 1, 0])
    assert cosines[1, 2] == 0


def test_each_distinct_text_is_encoded_once(letters: Any, store: Store) -> None:
    space = embed(Corpus.of(["b", "a", "b", "b", "c", "a"] * 100), letters, store)
    assert sorted(encoded(letters)) == ["a", "b", "c"]
    assert space.encoded == 3
    assert len(space) == 600


def test_the_second_time_nothing_is_encoded(letters: Any, store: Store) -> None:
    corpus = Corpus.of(numbered(300))
    first = embed(corpus, letters, store)
    letters.calls.clear()
    seen: list[Progress] = []
    second = embed(Corpus.of(numbered(300)), letters, store, seen.append)
    assert letters.calls == []
    assert second.encoded == 0
    assert second.vectors.tobytes() == first.vectors.tobytes()
    assert second.fingerprint == first.fingerprint
    assert [(p.done, p.total, p.fresh) for p in seen] == [(300, 300, 0)]


def test_only_what_is_new_is_encoded(letters: Any, store: Store) -> None:
    embed(Corpus.of(numbered(200)), letters, store)
    letters.calls.clear()
    seen: list[Progress] = []
    space = embed(Corpus.of(numbered(500)[::-1]), letters, store, seen.append)
    assert sorted(encoded(letters)) == sorted(numbered(500)[200:])
    assert space.encoded == 300
    assert np.array_equal(space.vectors, letters.encode(numbered(500)[::-1]))
    assert (seen[0].done, seen[0].fresh) == (200, 0), "what was stored is no work done"
    assert (seen[-1].done, seen[-1].fresh, seen[-1].total) == (500, 300, 500)


def test_without_a_store_nothing_is_written(letters: Any, own_home: Path) -> None:
    embed(Corpus.of(["a"]), letters)
    assert not own_home.exists()


def test_progress_grows_batch_by_batch(letters: Any) -> None:
    seen: list[Progress] = []
    embed(Corpus.of(numbered(3 * BATCH + 1)), letters, report=seen.append)
    done = [progress.done for progress in seen]
    assert done[0] == 0
    assert done == sorted(done)
    assert done[-1] == 3 * BATCH + 1
    assert len(done) == 5
    assert {progress.stage for progress in seen} == {"Embedding"}


def test_texts_of_like_length_go_together(letters: Any) -> None:
    texts = ["a" * length for length in range(1, 4 * BATCH + 1)]
    embed(Corpus.of(texts[::2] + texts[1::2]), letters)
    assert [max(map(len, call)) - min(map(len, call)) for call in letters.calls] == [BATCH - 1] * 4


def test_long_texts_make_smaller_batches(letters: Any) -> None:
    texts = [f"{number} " + "a" * 19_000 for number in range(20)]
    embed(Corpus.of(texts), letters)
    assert [len(call) for call in letters.calls] in ([8, 8, 4], [8, 4, 8], [4, 8, 8])


def test_a_stop_keeps_what_was_done(letters: Any, store: Store) -> None:
    corpus = Corpus.of(numbered(5 * BATCH))

    def stop_after_two(progress: Progress) -> None:
        if progress.done >= 2 * BATCH:
            raise Stopped

    with pytest.raises(Stopped):
        embed(corpus, letters, store, stop_after_two)
    assert len(letters.calls) == 2
    assert stored()[0].texts == 2 * BATCH
    letters.calls.clear()
    assert embed(corpus, letters, store).encoded == 3 * BATCH
    assert len(letters.calls) == 3


SLOW = """
import sys, time
from conftest import LetterEncoder
from test_embedding import *

class Slow(LetterEncoder):
    def encode(self, texts):
        print(len(self.calls) + 1, flush=True)
        if len(self.calls) == int(sys.argv[1]):
            time.sleep(600)
        return super().encode(texts)

encoder = Slow()
embed(Corpus.of(numbered(int(sys.argv[2]))), encoder, Store(encoder.card))
"""


def killed_in_batch(heard: int, sleeps_in: int, count: int) -> None:
    """Embed `count` texts in a process of its own and kill it when batch number `heard` begins."""
    path = os.pathsep.join([str(ROOT), str(TESTS), str(TESTS / "space")])
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(sleeps_in), str(count)],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == heard:
                process.kill()
    assert process.returncode != 0


def test_a_kill_loses_at_most_the_batch_in_hand(letters: Any) -> None:
    count = 5 * BATCH
    killed_in_batch(heard=4, sleeps_in=3, count=count)
    assert stored()[0].texts == 3 * BATCH
    with closing(Store(letters.card)) as store:
        space = embed(Corpus.of(numbered(count)), letters, store)
    assert space.encoded == len(encoded(letters)) == 2 * BATCH
    assert np.array_equal(space.vectors, letters.encode(numbered(count)))


def test_a_kill_at_any_moment_leaves_whole_batches(letters: Any) -> None:
    """Nothing sleeps here, so the kill comes while later batches are encoded or written."""
    count = 60 * BATCH
    killed_in_batch(heard=5, sleeps_in=50, count=count)
    kept = stored()[0].texts
    assert 4 * BATCH <= kept < count
    assert kept % BATCH == 0
    with closing(Store(letters.card)) as store:
        space = embed(Corpus.of(numbered(count)), letters, store)
    assert space.encoded == count - kept
    assert np.array_equal(space.vectors, letters.encode(numbered(count)))


def test_texts_over_the_window_are_counted(letters: Any, store: Store) -> None:
    """The window is eight words."""
    texts = ["word " * 9, "word " * 8, "a", "i i i i i i i i i", "word " * 9, "i i i i i i i i", "onelongword" * 20]
    expected = [True, False, False, True, True, False, False]
    assert embed(Corpus.of(texts), letters, store).over_window.tolist() == expected
    again = embed(Corpus.of(texts), letters, store)
    assert again.encoded == 0
    assert again.over_window.tolist() == expected, "also when the vectors were stored"
    assert not again.over_window.flags.writeable


def test_a_lone_surrogate_is_a_text_like_any_other(letters: Any, store: Store) -> None:
    texts = ["a\ud800", "a", "b\udfff " * 9]
    assert embed(Corpus.of(texts), letters, store).over_window.tolist() == [False, False, True]
    assert embed(Corpus.of(texts), letters, store).encoded == 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_not_finite_are_left_out_and_not_kept(letters: Any, store: Store, value: float) -> None:
    class Broken:
        card: EncoderInfo = letters.card

        def encode(self, texts: Sequence[str]) -> Vectors:
            vectors: Vectors = letters.encode(texts)
            vectors[[row for row, text in enumerate(texts) if "bad" in text], 3] = value
            return vectors

        def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
            return np.ones(len(texts), dtype=np.int32)

    space = embed(Corpus.of(["good", "bad one", "also good", "bad one"]), Broken(), store)
    assert space.corpus.texts == ("good", "also good")
    assert (space.unread.tolist(), space.encoded, stored()[0].texts) == ([1, 3], 2, 2)
    (note,) = space.corpus.notes
    assert (note.kind, note.count, note.rows) == ("dropped", 2, (2, 4))
    assert says(note.sentence, 2, "“letters", 2, "“bad one", "finite")
    assert (space.corpus.facts()["dropped"], space.corpus.rows_read) == (2, 4)
    with pytest.raises(EmbedlabError, match="“letters” could not read the text “bad one”"):
        embed(Corpus.of(["bad one"]), Broken(), store)


def test_vectors_of_another_shape_are_refused_and_not_kept(letters: Any, store: Store) -> None:
    class Broken(LetterEncoder):
        def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
            return super().encode(texts, query)[:1]

    with pytest.raises(EmbedlabError, match=r"letters gave an array \(1, 27\) for 2 texts of 27 dimensions: mend it"):
        embed(Corpus.of(["good", "bad"]), Broken(), store)
    assert stored()[0].texts == 0


def test_an_empty_corpus_is_refused(letters: Any) -> None:
    with pytest.raises(EmbedlabError, match="no texts to embed"):
        embed(Corpus.of([]), letters)
    assert letters.calls == []


def test_the_fingerprint_knows_texts_and_encoder(letters: Any) -> None:
    one = embed(Corpus.of(["a", "b"]), letters)
    assert one.fingerprint == embed(Corpus.of(["a", "b"]), letters).fingerprint
    assert one.fingerprint != embed(Corpus.of(["b", "a"]), letters).fingerprint
    assert one.fingerprint != embed(Corpus.of(["a", "b"]), type(letters)(window=9)).fingerprint
