"""Google's word analogies (Mikolov et al. 2013), answered as the page of words answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Table, met
from benchmarks.setting import ROOT, Missing, Setting
from embedlab.encoders import DEFAULT_MODEL, load, models
from embedlab.encoders.glove import NAME as GLOVE
from embedlab.encoders.static import WORDLLAMA
from embedlab.encoders.store import store_for
from embedlab.words.analogies import Method, Words, answers
from embedlab.words.lists import seen_by, words_of_model

FILE = "questions-words.txt"
IN_PACKAGE = Path("gensim") / "test" / "test_data" / FILE
LEAST = 0.58
METHODS: dict[str, Method] = {"3CosAdd": "add", "3CosMul": "multiply"}
IN_ALL = "all questions that count"
Questions = Mapping[str, Sequence[tuple[str, ...]]]


def analogies(setting: Setting) -> Table:
    """Share of Google's analogies whose first answer is right, in all and by category: at least 58 % for MiniLM."""
    asked = _questions(_file(setting))
    setting.enter()
    ready = {listing.name for listing in models() if listing.ready}
    names = [name for name in (DEFAULT_MODEL, WORDLLAMA, GLOVE) if name in ready]
    words, which = _vocabulary(GLOVE if GLOVE in names else DEFAULT_MODEL)
    counted = _counted(asked, words)
    shares = {name: _shares(name, words, counted) for name in names}
    total = sum(map(len, asked.values()))
    rows = [
        (
            part,
            f"{_count(counted, part):,} of {len(asked.get(part, ())) or total:,}",
            *(f"{shares[name][method][part]:.1%}" for name in names for method in METHODS),
        )
        for part in (IN_ALL, *counted)
    ]
    reached = shares[DEFAULT_MODEL]["3CosAdd"][IN_ALL] >= LEAST
    notes = (
        f"MiniLM at {LEAST:.0%} or more by 3CosAdd on all questions that count: {met(reached)}.",
        f"Vocabulary: {which} A question counts if all four of its words, in lower case, are in it; every category is "
        "shown, and none is left out of the total. The three given words are left out of the answers, as is usual. "
        "Each word is embedded on its own; WordLlama tells capital letters apart, and sees lower case too.",
    )
    return Table(
        ("Category", "Questions", *(f"{name}, {method}" for name in names for method in METHODS)), tuple(rows), notes
    )


def _file(setting: Setting) -> Path:
    """Return the questions, from the data folder or from the package gensim beside the peers."""
    found = sorted((ROOT / ".venv-peers").glob(f"lib/*/site-packages/{IN_PACKAGE}"))
    if found:
        return found[0]
    try:
        return setting.file(FILE)
    except Missing as missing:
        raise Missing(f"It needs {FILE}: run `make bench`, which puts gensim into .venv-peers.") from missing


def _questions(file: Path) -> Questions:
    asked: dict[str, list[tuple[str, ...]]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith(":"):
            part = asked.setdefault(line.lstrip(": "), [])
        elif line.strip():
            part.append(tuple(line.lower().split()))
    return asked


def _vocabulary(name: str) -> tuple[tuple[str, ...], str]:
    words = words_of_model(load(name))
    if name == GLOVE:
        return words, f"the {len(words):,} most frequent words of GloVe that are letters only."
    return words, f"the {len(words):,} words that {name}'s tokenizer has as one piece (GloVe is not installed here)."


def _counted(asked: Questions, words: Sequence[str]) -> dict[str, NDArray[np.intp]]:
    """Return the rows of the words of each question that counts, int (q, 4), by category."""
    rows = {word.lower(): row for row, word in enumerate(words)}
    return {
        part: np.array(
            [[rows[word] for word in four] for four in fours if rows.keys() >= {*four}], dtype=np.intp
        ).reshape(-1, 4)
        for part, fours in asked.items()
    }


def _count(counted: Mapping[str, NDArray[np.intp]], part: str) -> int:
    return len(counted[part]) if part in counted else sum(map(len, counted.values()))


def _shares(name: str, words: Sequence[str], counted: Mapping[str, NDArray[np.intp]]) -> dict[str, dict[str, float]]:
    """Return the share of right first answers by method and category."""
    encoder = load(name)
    seen = seen_by(encoder, words, store_for(encoder.card))
    return {shown: _right(seen, counted, method) for shown, method in METHODS.items()}


def _right(words: Words, counted: Mapping[str, NDArray[np.intp]], method: Method) -> dict[str, float]:
    right = {part: answers(words, rows[:, :3], method) == rows[:, 3] for part, rows in counted.items()}
    return {
        IN_ALL: float(np.concatenate(list(right.values())).mean()),
        **{part: float(one.mean()) if len(one) else float("nan") for part, one in right.items()},
    }
