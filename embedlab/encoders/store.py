"""Vectors already computed, on disk, for every process on this machine.

One SQLite file for each way of encoding (the card's fingerprint), one row for each distinct text. Write-ahead
logging lets several processes read and write at once and makes each batch all or nothing, also when the process
is killed. Five 384-dimensional vectors fit one page, which keeps the file within
a tenth of the vectors' own bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from embedlab.base.arrays import Flags
from embedlab.base.errors import EmbedlabError
from embedlab.base.paths import folder, home
from embedlab.encoders import EncoderInfo, Vectors

FOLDER = "vectors"
PAGE_BYTES = 8_192
AT_ONCE = 500
WAIT_SECONDS = 60.0
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Stored:
    """What the store holds for one way of encoding."""

    model: str
    runtime: str
    texts: int
    bytes: int
    path: Path


def key_of(text: str) -> bytes:
    """Return the 16 bytes that stand for a text (BLAKE2b of its UTF-8; a lone surrogate is allowed)."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Store:
    """The vectors of one card. Threads may share a store; processes open one each."""

    def __init__(self, card: EncoderInfo) -> None:
        self._card = card
        self._path = folder(FOLDER) / f"{card.fingerprint}.sqlite"
        self._lock = threading.Lock()
        with _said(self._path):
            self._connection = _open(self._path)
            self._connection.execute(
                "INSERT INTO card SELECT ? WHERE NOT EXISTS (SELECT 1 FROM card)", [json.dumps(asdict(card))]
            )

    def get(self, texts: Sequence[str]) -> dict[int, Vectors]:
        """Return the vectors that are stored, by position in `texts`; each float32 (d,)."""
        positions: dict[bytes, list[int]] = {}
        for position, text in enumerate(texts):
            positions.setdefault(key_of(text), []).append(position)
        found: dict[int, Vectors] = {}
        size = 4 * self._card.dimensions
        with _said(self._path), self._lock:
            for key, content in _rows(self._connection, list(positions)):
                if len(content) == size:
                    vector = np.frombuffer(content, dtype="<f4")
                    found.update((position, vector) for position in positions[key])
        return found

    def cut(self, texts: Sequence[str]) -> Flags:
        """Return which texts were stored as `cut`, bool (n,)."""
        with _said(self._path), self._lock:
            known = {key for (key,) in self._connection.execute("SELECT key FROM cut")}
        if not known:
            return np.zeros(len(texts), dtype=bool)
        return np.fromiter((key_of(text) in known for text in texts), dtype=bool, count=len(texts))

    def put(self, texts: Sequence[str], vectors: Vectors, cut: Sequence[int] = ()) -> None:
        """Keep `vectors` (len(texts), d): all of them, or none when the process dies half-way.

        `cut` are the places of the texts whose end was not read.
        """
        rows = [(key_of(text), v.astype("<f4").tobytes()) for text, v in zip(texts, vectors, strict=True)]
        with _said(self._path), self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", rows)
                self._connection.executemany("INSERT OR IGNORE INTO cut VALUES (?)", [rows[place][:1] for place in cut])
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def store_for(card: EncoderInfo) -> Store | None:
    """Return the store for one way of encoding; None where its vectors are not worth keeping."""
    return Store(card) if card.kept else None


@contextlib.contextmanager
def opened(card: EncoderInfo) -> Iterator[Store | None]:
    """Give what `store_for` returns, and close it afterwards."""
    store = store_for(card)
    try:
        yield store
    finally:
        if store is not None:
            store.close()


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE IF NOT EXISTS card (json TEXT NOT NULL)")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS vectors (id INTEGER PRIMARY KEY, key BLOB UNIQUE NOT NULL, vector BLOB NOT NULL)"
    )
    connection.execute("CREATE TABLE IF NOT EXISTS cut (key BLOB PRIMARY KEY)")
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging. SQLite doesn't wait here when another process switches the same new file."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > end:
                raise
        time.sleep(0.02)


def _rows(connection: sqlite3.Connection, keys: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    keys.sort()  # neighbouring keys share pages
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        marks = ",".join("?" * len(some))
        yield from connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some)  # noqa: S608


@contextlib.contextmanager
def _said(path: Path) -> Iterator[None]:
    """Turn what SQLite says into one sentence."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise EmbedlabError(
            f"The stored vectors in {path.parent} can't be used ({error}): free some disk space, clear the "
            "stored vectors, or set EMBEDLAB_HOME to another folder."
        ) from error


def stored() -> tuple[Stored, ...]:
    """Return what is stored, largest first."""
    found = [_summary(path) for path in (home() / FOLDER).glob("*.sqlite")]
    return tuple(sorted(found, key=lambda entry: -entry.bytes))


def _summary(path: Path) -> Stored:
    size = sum(file.stat().st_size for file in path.parent.glob(path.name + "*"))
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=WAIT_SECONDS)) as connection:
            card = json.loads(connection.execute("SELECT json FROM card").fetchone()[0])
            (texts,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
    except (sqlite3.DatabaseError, TypeError, ValueError):
        return Stored(UNREADABLE, path.name, 0, size, path)
    return Stored(card["model"], card["runtime"], texts, size, path)


def clear() -> int:
    """Delete all stored vectors; return the bytes freed. Whoever is embedding meanwhile goes on."""
    before = stored()
    for entry in before:
        if entry.model == UNREADABLE or not _emptied(entry.path):
            entry.path.unlink(missing_ok=True)
    return sum(entry.bytes for entry in before) - sum(entry.bytes for entry in stored())


def _emptied(path: Path) -> bool:
    """Empty the file in place, so that whoever has it open can go on; False when it is too damaged for that."""
    with _said(path):
        try:
            with contextlib.closing(_open(path)) as connection:
                connection.execute("DELETE FROM vectors")
                connection.execute("DELETE FROM cut")
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.DatabaseError as error:
            if not error.sqlite_errorname.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
                raise
            return False
    return True
