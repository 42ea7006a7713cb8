"""The store: bit-exact, shared between processes, and clear about what is wrong with it."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import EncoderInfo
from embedlab.encoders.store import PAGE_BYTES, UNREADABLE, Store, clear, stored

ROOT = Path(__file__).parents[2]
CARD = EncoderInfo("model", "weights", 8, 16, "runtime")
TABLE_LEAF = 0x0D  # the first byte of a page of rows in SQLite's file format


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store(CARD)) as opened:
        yield opened


def vectors_of(numbers: range, dimensions: int = CARD.dimensions) -> NDArray[np.float32]:
    """Return vectors that follow from their numbers, with bits set down to the last."""
    return np.sqrt(np.arange(1, dimensions + 1) + np.array(numbers)[:, None] * 10.0).astype(np.float32)


def texts_of(numbers: range) -> list[str]:
    return [f"text {number}" for number in numbers]


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Run `code` in a process of its own, after what this module has."""
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    return subprocess.Popen(
        [sys.executable, "-c", f"from test_store import *\n{code}", *arguments],
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def say(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go on\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_vectors_come_back_bit_for_bit(store: Store) -> None:
    texts, vectors = texts_of(range(1_200)), vectors_of(range(1_200))
    vectors[0, :4] = np.array([-0.0, 1e-39, 3.4e38, 1e-45], dtype=np.float32)
    store.put(texts, vectors)
    found = store.get(texts)
    assert sorted(found) == list(range(1_200))
    assert np.stack([found[row] for row in range(1_200)]).tobytes() == vectors.tobytes()


def test_what_is_not_there_is_not_given(store: Store) -> None:
    store.put(["a"], vectors_of(range(1)))
    assert set(store.get(["b", "a", "A", "a "])) == {1}
    assert store.get([]) == {}


def test_an_empty_batch_is_no_trouble(store: Store) -> None:
    store.put([], np.empty((0, 8), dtype=np.float32))
    assert stored()[0].texts == 0


def test_a_repeated_text_is_kept_once_and_given_everywhere(store: Store) -> None:
    one, two = vectors_of(range(2))
    store.put(["a", "b", "a"], np.stack([one, two, one]))
    store.put(["a"], one[None])
    found = store.get(["a", "b", "a", "a"])
    assert [found[row].tobytes() for row in range(4)] == [v.tobytes() for v in (one, two, one, one)]
    assert stored()[0].texts == 2


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "", "\x00", "😀", "x" * 1_000_000])
def test_any_string_can_be_a_text(store: Store, text: str) -> None:
    store.put([text], vectors_of(range(1)))
    assert set(store.get([text, text + "."])) == {0}


def test_a_lone_surrogate_is_a_text_of_its_own(store: Store) -> None:
    store.put(["\ud83d", "\ud83d\ude00"], vectors_of(range(2)))
    assert set(store.get(["\ude00", "?", "\ufffd", "😀", "??", "\ud83d"])) == {5}


OTHER_CARDS: dict[str, dict[str, Any]] = {
    "model": {"model": "other"},
    "weights": {"weights": "other"},
    "dimensions": {"dimensions": 9},
    "window": {"window": 17},
    "runtime": {"runtime": "other"},
    "prompt": {"prompt": "query: "},
    "normalised": {"normalised": False},
}


@pytest.mark.parametrize("changes", OTHER_CARDS.values(), ids=OTHER_CARDS)
def test_cards_never_mix(store: Store, changes: dict[str, Any]) -> None:
    store.put(["a"], vectors_of(range(1)))
    with closing(Store(dataclasses.replace(CARD, **changes))) as other:
        assert other.get(["a"]) == {}
    assert len(stored()) == 2


def test_how_a_card_was_checked_does_not_count(store: Store) -> None:
    store.put(["a"], vectors_of(range(1)))
    with closing(Store(dataclasses.replace(CARD, checked="checked: lowest cosine 1"))) as same:
        assert set(same.get(["a"])) == {0}


def test_threads_share_a_store(store: Store) -> None:
    def write(first: int) -> None:
        for at in range(first, first + 400, 50):
            numbers = range(at, at + 50)
            store.put(texts_of(numbers), vectors_of(numbers))
            assert len(store.get(texts_of(numbers))) == 50

    threads = [threading.Thread(target=write, args=[first]) for first in (0, 200, 400)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(store.get(texts_of(range(800)))) == set(range(800))


WRITER = """
first = int(sys.argv[1])
print("ready", flush=True)
input()
store = Store(CARD)
for at in range(first, first + 2_000, 100):
    numbers = range(at, at + 100)
    store.put(texts_of(numbers), vectors_of(numbers))
store.close()
"""


def test_two_processes_write_a_new_store_at_once_and_lose_nothing() -> None:
    """The second thousand of the one is the first thousand of the other."""
    writers = [start(WRITER, "0"), start(WRITER, "1000")]
    for writer in writers:
        assert hear(writer) == "ready"
    for writer in writers:
        say(writer)
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with closing(Store(CARD)) as store:
        found = store.get(texts_of(range(3_000)))
    assert np.stack([found[row] for row in range(3_000)]).tobytes() == vectors_of(range(3_000)).tobytes()
    assert [entry.texts for entry in stored()] == [3_000]


def test_opening_waits_for_another_process_that_makes_the_same_store(own_home: Path) -> None:
    """SQLite itself gives up at once ("database is locked") where it would switch on write-ahead logging."""
    (own_home / "vectors").mkdir(parents=True)
    path = own_home / "vectors" / f"{CARD.fingerprint}.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, other.execute, ["COMMIT"]).start()
        with closing(Store(CARD)) as store:
            store.put(["a"], vectors_of(range(1)))
    assert stored()[0].texts == 1


HOLDER = """
store = Store(CARD)
store.put(texts_of(range(100)), vectors_of(range(100)))
print(len(store.get(texts_of(range(100)))), flush=True)
input()
store.put(texts_of(range(90, 150)), vectors_of(range(90, 150)))
print(len(store.get(texts_of(range(150)))), flush=True)
"""


def test_clear_while_another_process_goes_on() -> None:
    holder = start(HOLDER)
    assert hear(holder) == "100"
    before = stored()[0]
    assert before.texts == 100
    freed = clear()
    after = stored()[0]
    assert after.texts == 0
    assert freed == before.bytes - after.bytes
    say(holder)
    assert hear(holder) == "60", "what was cleared is gone, what came after is kept"
    assert holder.wait(60) == 0
    assert stored()[0].texts == 60


def test_clear_gives_the_bytes_back(store: Store) -> None:
    store.put(texts_of(range(2_000)), vectors_of(range(2_000)))
    assert clear() > 2_000 * 8 * 4
    assert stored()[0].bytes < 200_000
    assert store.get(texts_of(range(2_000))) == {}


def test_clear_with_nothing_there() -> None:
    assert clear() == 0
    assert stored() == ()


def test_the_file_is_hardly_larger_than_its_vectors(own_home: Path) -> None:
    card = EncoderInfo("model", "weights", 384, 256, "runtime")
    rng = np.random.default_rng(0)
    with closing(Store(card)) as store:
        for at in range(0, 5_000, 128):
            texts = texts_of(range(at, min(at + 128, 5_000)))
            store.put(texts, rng.standard_normal((len(texts), 384), dtype=np.float32))
    size = sum(file.stat().st_size for file in (own_home / "vectors").iterdir())
    assert size < 1.15 * 5_000 * 384 * 4
    assert [(entry.model, entry.runtime, entry.texts, entry.bytes) for entry in stored()] == [
        ("model", "runtime", 5_000, size)
    ]


def test_the_largest_is_listed_first(store: Store) -> None:
    with closing(Store(dataclasses.replace(CARD, model="large"))) as large:
        large.put(texts_of(range(500)), vectors_of(range(500)))
    store.put(["a"], vectors_of(range(1)))
    store.close()
    assert [(entry.model, entry.texts) for entry in stored()] == [("large", 500), ("model", 1)]


def test_a_batch_is_all_or_nothing(store: Store) -> None:
    store.put(["a"], vectors_of(range(1)))
    with pytest.raises(ValueError):
        store.put(["b", "c"], vectors_of(range(1)))
    with closing(sqlite3.connect(stored()[0].path, isolation_level=None)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON vectors WHEN (SELECT count(*) FROM vectors) >= 3 "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    with pytest.raises(EmbedlabError, match=r"disk is full.*free some disk space"):
        store.put(["b", "c", "d"], vectors_of(range(3)))
    assert set(store.get(["a", "b", "c", "d"])) == {0}
    store.put(["b"], vectors_of(range(1)))


def test_a_file_that_is_no_store_is_said_and_can_be_cleared(store: Store) -> None:
    store.close()
    path = stored()[0].path
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(EmbedlabError, match=r"file is not a database.*clear the stored vectors"):
        Store(CARD)
    assert [(entry.model, entry.texts) for entry in stored()] == [(UNREADABLE, 0)]
    assert clear() == 2_200
    assert stored() == ()
    Store(CARD).close()


def test_a_damaged_file_is_said_and_can_be_cleared(store: Store) -> None:
    """Rows in the middle are overwritten: the file opens and counts its rows, but they can't be read."""
    texts = texts_of(range(3_000))
    store.put(texts, vectors_of(range(3_000)))
    store.close()
    path = stored()[0].path
    content = bytearray(path.read_bytes())
    for start in range(5 * PAGE_BYTES, len(content), PAGE_BYTES):
        if content[start] == TABLE_LEAF:
            content[start : start + PAGE_BYTES] = b"\xa5" * PAGE_BYTES
    path.write_bytes(content)
    assert [(entry.model, entry.texts) for entry in stored()] == [("model", 3_000)]
    with closing(Store(CARD)) as damaged, pytest.raises(EmbedlabError, match=r"malformed.*clear the stored vectors"):
        damaged.get(texts)
    assert clear() > 0
    with closing(Store(CARD)) as fresh:
        assert fresh.get(texts) == {}
        fresh.put(texts, vectors_of(range(3_000)))


def test_a_file_that_cannot_be_opened_is_said(own_home: Path) -> None:
    (own_home / "vectors" / f"{CARD.fingerprint}.sqlite").mkdir(parents=True)
    with pytest.raises(EmbedlabError, match=r"unable to open database file.*EMBEDLAB_HOME"):
        Store(CARD)


def test_an_impossible_home_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EMBEDLAB_HOME", str(tmp_path / "file"))
    with pytest.raises(EmbedlabError, match="set EMBEDLAB_HOME"):
        Store(CARD)
    assert stored() == ()
    assert clear() == 0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only to this user")
def test_a_read_only_home_is_said(own_home: Path) -> None:
    (own_home / "vectors").mkdir(parents=True)
    (own_home / "vectors").chmod(0o500)
    with pytest.raises(EmbedlabError, match="EMBEDLAB_HOME"):
        Store(CARD)
    (own_home / "vectors").chmod(0o700)
