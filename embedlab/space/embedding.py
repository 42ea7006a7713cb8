"""From a corpus to its space: what is stored is taken, what is new is encoded and kept as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from embedlab.base.arrays import Flags, Rows, Singles, frozen
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.memory import available, gigabytes
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.corpus import Corpus
from embedlab.encoders import Encoder, EncoderInfo, Vectors
from embedlab.encoders.base import NO_WINDOW, unit
from embedlab.encoders.capabilities import Readable, over_window, readable
from embedlab.encoders.known import known_share
from embedlab.encoders.store import Store
from embedlab.space.space import Space
from embedlab.space.unread import ENOUGH, nothing_read, readable_part

CHARACTERS = 160_000
AT_ONCE = 20_000
WORKING = 2.5
"""So many times the vectors a map of them takes in memory, with all that is made on the way."""
SAME_MODEL = 0.99
SAMPLE = 1_000
UNKNOWN = "of unknown origin"


def check_memory(texts: int, dimensions: int) -> None:
    """Raise `EmbedlabError` where the free memory can't hold a map of so many texts, and say how many it can.

    At its most a map needs two and a half times its vectors, in single precision.
    """
    free = available()
    needed = WORKING * 4 * texts * dimensions
    if free is None or needed <= free:
        return
    fit = int(free / (WORKING * 4 * dimensions))
    few = 10 ** max(0, len(str(fit)) - 2)
    raise EmbedlabError(
        f"{counted(texts, 'text')} of {counted(dimensions, 'dimension')} would take about {gigabytes(needed)} of "
        f"memory, and {gigabytes(free)} are free: take a random sample of {max(1, fit // few * few):,} texts or fewer, "
        "keep fewer dimensions, or close other programs."
    )


def embed(corpus: Corpus, encoder: Encoder, store: Store | None = None, report: Report = no_report) -> Space:
    """Return the space of `corpus` under `encoder`.

    Each distinct text is encoded once, and only if `store` doesn't hold it; every batch is stored before the
    next begins, so that a stop (`Stopped` raised by `report`), a kill or an error loses at most the batch in hand.
    Texts that the encoder can't read are left out of the space's corpus, with a note. Raises `EmbedlabError` for an
    empty corpus, one of which nothing can be read, and where the encoder fails altogether.
    """
    if not len(corpus):
        raise EmbedlabError("There are no texts to embed: open a file or paste some lines that hold text.")
    check_memory(len(corpus), encoder.card.dimensions)
    rows, place = corpus.distinct
    distinct = [corpus.texts[row] for row in rows]
    vectors = np.empty((len(corpus), encoder.card.dimensions), dtype=np.float32)
    ready = _stored(distinct, rows, vectors, store)
    over = store.cut(distinct) & ready if store else np.zeros(len(distinct), dtype=bool)
    missing = np.flatnonzero(~ready).tolist()
    watch = Stopwatch("Embedding", len(distinct), report, ready=int(ready.sum()))
    watch.at(watch.done)
    why: dict[int, str] = {}
    for batch in _batches(distinct, missing, encoder.card.at_once):
        texts = [distinct[row] for row in batch]
        found = _read(encoder, texts, watch.done - len(why) if store else 0, len(distinct))
        vectors[rows[batch]] = found.vectors
        over[[batch[row] for row in found.cut]] = True
        if store:
            _keep(store, texts, found)
        why |= {batch[row]: said for row, said in found.refused.items()}
        watch.at(watch.done + len(batch))
        if ENOUGH <= len(why) == watch.done:
            raise nothing_read(corpus, encoder.card.model, why)
    copies = np.flatnonzero(rows[place] != np.arange(len(corpus)))
    for start in range(0, len(copies), AT_ONCE):  # all of them at once would double the memory
        some = copies[start : start + AT_ONCE]
        vectors[some] = vectors[rows[place[some]]]
    over |= over_window(encoder, distinct)
    left, kept = readable_part(corpus, encoder.card.model, why)
    encoded, read = len(missing) - len(why), over[place]
    known = known_share(encoder, distinct if not why else [left.texts[row] for row in left.distinct[0]])
    if not why:
        return Space(corpus, encoder.card, frozen(vectors), frozen(read), encoded, known=known)
    unread = frozen(np.flatnonzero(~kept))
    return Space(left, encoder.card, frozen(vectors[kept]), frozen(read[kept]), encoded, unread, known)


def _read(encoder: Encoder, texts: list[str], kept: int, total: int) -> Readable:
    """Return what an encoder makes of a batch; where it fails, say how many vectors are `kept` already, if any are."""
    try:
        found = readable(encoder, texts)
    except EmbedlabError as error:
        if not kept:
            raise
        raise EmbedlabError(
            f"{error} The vectors of {kept:,} of {total:,} texts are kept: starting again goes on from there."
        ) from error.__cause__
    _check(found.vectors, texts, encoder.card)
    return found


def _keep(store: Store, texts: Sequence[str], found: Readable) -> None:
    """Store what could be read of a batch."""
    good = [row for row in range(len(texts)) if row not in found.refused]
    cut = [place for place, row in enumerate(good) if row in found.cut]
    store.put([texts[row] for row in good], found.vectors[good], cut)


def _stored(distinct: Sequence[str], rows: Rows, vectors: Vectors, store: Store | None) -> Flags:
    """Write what `store` holds into `vectors`; return which of the distinct texts that are, bool (u,)."""
    ready = np.zeros(len(distinct), dtype=bool)
    if store is None:
        return ready
    for start in range(0, len(distinct), AT_ONCE):
        for row, vector in store.get(distinct[start : start + AT_ONCE]).items():
            vectors[rows[start + row]] = vector
            ready[start + row] = True
    return ready


def own_space(corpus: Corpus, column: str, model: str = "") -> Space:
    """Return the space of `corpus` under the vectors that came with it in `column`, each scaled to length 1.

    `model` names what made them, if that is known. Where a text repeats, its first vector counts. Raises
    `EmbedlabError` when there is no such column, or a text has no vector, or one that is not finite or zero.
    """
    own = next((own for own in corpus.vectors if own.name == column), None)
    if own is None:
        have = ", ".join(f"“{own.name}”" for own in corpus.vectors) or "none"
        raise EmbedlabError(f"No column “{column}” of vectors came with these texts (there is {have}): name another.")
    check_memory(*own.values.shape)
    lengths = np.concatenate(
        [np.linalg.norm(own.values[some].astype(np.float64), axis=1) for some in _blocks(len(own))]
    )
    bad = np.flatnonzero(~np.isfinite(lengths) | (lengths == 0))
    if len(bad):
        where = ", ".join(f"{corpus.rows[row] + 1:,}" for row in bad[:5]) + (", …" if len(bad) > 5 else "")
        raise EmbedlabError(
            f"{len(bad):,} of {len(own):,} texts have no usable vector in “{own.name}” (rows {where}): give them one, "
            "leave them out of the file, or choose a model that embeds the texts."
        )
    rows, place = corpus.distinct
    vectors = np.empty(own.values.shape, dtype=np.float32)
    for some in _blocks(len(own)):
        vectors[some] = unit(own.values[some])
    differing = _as_first(vectors, rows[place])
    card = EncoderInfo(
        model=model or UNKNOWN,
        weights=own.fingerprint,
        dimensions=own.values.shape[1],
        window=NO_WINDOW,
        runtime=f"your own vectors, “{own.name}”",
        column=own.name,
        checked=f"{differing:,} repeated texts have another vector: the first counts" if differing else "",
    )
    own.release()
    return Space(corpus, card, frozen(vectors), frozen(np.zeros(len(corpus), dtype=bool)))


def _blocks(count: int) -> list[slice]:
    return [slice(start, start + AT_ONCE) for start in range(0, max(1, count), AT_ONCE)]


def _as_first(vectors: Vectors, first: Rows) -> int:
    """Give each text the vector of the `first` that reads the same, int (n,), in place; return how many had another."""
    copies = np.flatnonzero(first != np.arange(len(first)))
    differing = 0
    for some in _blocks(len(copies)):
        theirs = vectors[first[copies[some]]]
        differing += int((np.einsum("nd,nd->n", vectors[copies[some]], theirs) < 0.999).sum())
        vectors[copies[some]] = theirs
    return differing


def verify_encoder(encoder: Encoder, space: Space, sample: int = 16) -> None:
    """Make sure that `encoder` made the vectors of `space`, which came from elsewhere.

    Encodes a few texts again. Raises `EmbedlabError` where they differ (a cosine under 0.99) or don't even have the
    same dimensions: a typed sentence would then land anywhere. Where the texts' vectors stand in other rows, that is
    said, too, and by how many rows they are off if it is the same for all.
    """
    rows = np.random.default_rng(0).choice(len(space), min(sample, len(space)), replace=False)
    made = encoder.encode([space.corpus.texts[row] for row in rows])
    own = np.array([np.nan])
    if made.shape[1] == space.card.dimensions:
        own = np.einsum("nd,nd->n", made, space.vectors[rows])
    if not own.min() >= SAME_MODEL:
        raise EmbedlabError(
            f"Your vectors do not look like those of {encoder.card.model} (dimensions {space.card.dimensions} against "
            f"{made.shape[1]}, lowest cosine {own.min():.2f}), so a typed sentence has no place among them: find by "
            f"letters, or name the model that made them.{_moved(made, own, rows, space)}"
        )


def _moved(made: Vectors, own: Singles, rows: Rows, space: Space) -> str:
    """Say in which rows the vectors of the texts at `rows` stand, if most stand in others; "" otherwise."""
    if made.shape[1] != space.card.dimensions:
        return ""
    cosines = made @ space.vectors.T
    nearest = cosines.argmax(axis=1)
    found = (cosines.max(axis=1) >= SAME_MODEL) & (own < SAME_MODEL)
    if 2 * found.sum() <= len(rows):
        return ""
    source = space.corpus.rows
    steps, times = np.unique(source[nearest[found]] - source[rows[found]], return_counts=True)
    by = int(steps[times.argmax()])
    if 2 * times.max() <= found.sum():
        return " They stand in other rows: the order of the rows is wrong."
    count = "one row" if abs(by) == 1 else f"{abs(by):,} rows"
    return f" They stand {count} too {'low' if by > 0 else 'high'}: the order of the rows is wrong."


def _batches(texts: Sequence[str], rows: list[int], most: int) -> list[list[int]]:
    """Return `rows` in batches of texts of like length, `most` texts or `CHARACTERS` at a time.

    The batches are shuffled: the rate measured on the first ones then holds for the rest, and so does the
    estimate of the time left.
    """
    rows = sorted(rows, key=lambda row: len(texts[row]))
    batches: list[list[int]] = []
    room = 0
    for row in rows:
        if not batches or len(batches[-1]) == most or room < len(texts[row]):
            batches.append([])
            room = CHARACTERS
        batches[-1].append(row)
        room -= len(texts[row])
    order = np.random.default_rng(0).permutation(len(batches))
    return [batches[index] for index in order]


def _check(vectors: Vectors, texts: Sequence[str], card: EncoderInfo) -> None:
    if vectors.shape != (len(texts), card.dimensions):
        raise EmbedlabError(
            f"{card.model} gave an array {vectors.shape} for {len(texts):,} texts of {card.dimensions:,} dimensions: "
            "mend it, or choose another model."
        )


def one_by_one(encoder: Encoder, texts: Sequence[str], query: bool = False) -> Vectors:
    """Return the vectors of `texts` (n, d), which needn't be of a corpus; zeros for each that can't be read."""
    made = np.zeros((len(texts), encoder.card.dimensions), dtype=np.float32)
    for row, text in enumerate(texts):
        with suppress(EmbedlabError):
            made[row] = encoder.encode([text], query)[0]
    return made


# --- Fewer dimensions ----------------------------------------------------------------------------


def shortened(space: Space, dimensions: int) -> Space:
    """Return the space of the first `dimensions` of each vector, scaled to length 1 again (Kusupati et al. 2022).

    Good for models that were trained for it (Matryoshka), and where the dimensions come in order of importance.
    Raises `EmbedlabError` unless there are that many.
    """
    if not 1 <= dimensions <= space.card.dimensions:
        raise EmbedlabError(
            f"{space.card.model} has {space.card.dimensions} dimensions: choose between 1 and {space.card.dimensions}."
        )
    if dimensions == space.card.dimensions:
        return space
    whole = space.card.shortened_from or space.card.dimensions
    card = replace(space.card, dimensions=dimensions, shortened_from=whole)
    return replace(space, card=card, vectors=frozen(cut(space.vectors, dimensions)))


def cut(vectors: Vectors, dimensions: int | None) -> Vectors:
    """Return the first `dimensions` of each of some vectors (n, d), of length 1 again; all, as they are, for None."""
    return vectors if dimensions is None or dimensions >= vectors.shape[1] else unit(vectors[:, :dimensions])


@dataclass(frozen=True)
class NeighboursKept:
    """How many of a text's nearest texts are still among them with `dimensions` instead of all.

    `share` is the mean over the sampled texts, `margin` half of its 95 % interval.
    """

    dimensions: int
    share: float
    margin: float


def neighbours_kept(space: Space, sizes: Iterable[int], k: int = 10) -> list[NeighboursKept]:
    """Return what each size in `sizes` keeps of the `k` nearest texts by cosine, exactly, for up to 1,000 texts.

    Repeated texts count once. The margin is that of sampling texts: 1.96 standard errors of the mean.
    """
    rows, _ = space.corpus.distinct
    vectors = space.vectors[rows]
    k = min(k, len(vectors) - 1)
    if k < 1:
        return [NeighboursKept(size, 1.0, 0.0) for size in sizes]
    chosen = np.sort(np.random.default_rng(0).choice(len(vectors), min(SAMPLE, len(vectors)), replace=False))
    whole = _nearest(vectors, chosen, k)
    return [_kept(size, whole, _nearest(unit(vectors[:, :size]), chosen, k)) for size in sizes]


def _nearest(vectors: Vectors, chosen: Rows, k: int) -> Rows:
    cosines = vectors[chosen] @ vectors.T
    cosines[np.arange(len(chosen)), chosen] = -np.inf
    return np.argpartition(-cosines, k - 1, axis=1)[:, :k]


def _kept(size: int, whole: Rows, short: Rows) -> NeighboursKept:
    shares = np.array([len(np.intersect1d(a, b)) for a, b in zip(whole, short, strict=True)]) / whole.shape[1]
    margin = 1.96 * shares.std(ddof=1) / np.sqrt(len(shares)) if len(shares) > 1 else 0.0
    return NeighboursKept(size, float(shares.mean()), float(margin))
