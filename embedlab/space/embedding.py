"""From a corpus to its space: what is stored is taken, what is new is encoded and kept as it comes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import Corpus, frozen
from embedlab.encoders import Encoder, Vectors
from embedlab.errors import EmbedlabError
from embedlab.space.space import Space
from embedlab.store import Store
from embedlab.work import Report, Stopwatch, no_report

BATCH = 128


def embed(corpus: Corpus, encoder: Encoder, store: Store | None = None, report: Report = no_report) -> Space:
    """Return the space of `corpus` under `encoder`.

    Each distinct text is encoded once, and only if `store` doesn't hold it; every batch is stored before the
    next begins, so that a stop (`Stopped` raised by `report`) or a kill loses at most the batch in hand.
    Raises `EmbedlabError` for an empty corpus or vectors that are not finite.
    """
    if not len(corpus):
        raise EmbedlabError("There are no texts to embed: open a file or paste some lines that hold text.")
    rows, place = corpus.distinct
    distinct = [corpus.texts[row] for row in rows]
    vectors = np.empty((len(distinct), encoder.card.dimensions), dtype=np.float32)
    ready = store.get(distinct) if store else {}
    for row, vector in ready.items():
        vectors[row] = vector
    missing = [row for row in range(len(distinct)) if row not in ready]
    watch = Stopwatch("Embedding", len(distinct), report, ready=len(ready))
    watch.at(len(ready))
    for batch in _batches(distinct, missing):
        texts = [distinct[row] for row in batch]
        made = encoder.encode(texts)
        _check(made, texts)
        vectors[batch] = made
        if store:
            store.put(texts, made)
        watch.at(watch.done + len(batch))
    over = _over_window(distinct, encoder)
    return Space(corpus, encoder.card, frozen(vectors[place]), frozen(over[place]), encoded=len(missing))


def _batches(texts: Sequence[str], rows: list[int]) -> list[list[int]]:
    """Return `rows` in batches of texts of like length.

    The batches are shuffled: the rate measured on the first ones then holds for the rest, and so does the
    estimate of the time left.
    """
    rows = sorted(rows, key=lambda row: len(texts[row]))
    batches = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    order = np.random.default_rng(0).permutation(len(batches))
    return [batches[index] for index in order]


def _check(vectors: Vectors, texts: Sequence[str]) -> None:
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise EmbedlabError(
            f"The model gave no usable vector for the text “{texts[bad[0]][:60]}”: leave that text out, or choose "
            "another model."
        )


def _over_window(texts: Sequence[str], encoder: Encoder) -> NDArray[np.bool_]:
    """Say which texts are longer than the window. A token takes at least one byte, so short texts can't be."""
    over = np.zeros(len(texts), dtype=bool)
    long = [row for row, text in enumerate(texts) if _bytes(text) + 2 > encoder.card.window]
    if long:
        over[long] = encoder.count_tokens([texts[row] for row in long]) > encoder.card.window
    return over


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
