"""How the tests of pages run one, wait for its jobs and read it."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from embedlab.corpus import Column, Corpus

MAIN = Path(__file__).parents[2] / "pages" / "main.py"
WORDS = ["aaab", "aabb", "abbb", "cccd", "ccdd", "cddd", "eeef", "eeff", "efff", "gggh", "gghh", "ghhh"]


def tickets() -> Corpus:
    texts = tuple(f"{word} {word[::-1]}{'x' * (row % 3)}" for row, word in enumerate(WORDS * 3))
    topics = np.array([text[0] for text in texts], dtype=object)
    stars = np.array([row % 5 if row % 7 else np.nan for row in range(len(texts))], dtype=float)
    return Corpus(
        "tickets", texts, (Column("topic", "category", topics), Column("stars", "number", stars)), label="topic"
    )


def run(corpus: Corpus | None = None, page: str | None = None) -> AppTest:
    at = AppTest.from_file(MAIN, default_timeout=60)
    at.session_state["corpus"] = corpus or tickets()
    at.run()
    if page:
        at.switch_page(page).run()
    return settled(at)


def settled(at: AppTest) -> AppTest:
    """Run again until no job is on its way."""
    for _ in range(100):
        assert not at.exception, at.exception
        if not any(progress for progress in at.get("progress")):
            return at
        time.sleep(0.2)
        at.run()
    raise AssertionError("the page never finished")


def said(at: AppTest) -> str:
    kinds = (at.text, at.caption, at.markdown, at.error, at.info, at.title)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def button(at: AppTest, label: str) -> object:
    return next(one for one in at.button if one.label.startswith(label))
