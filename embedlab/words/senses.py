"""One word in several sentences: does its vector tell the meanings apart, and from which layer on?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from embedlab.base.arrays import Flags, Floats, Rows, Singles, frozen
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report, Stopwatch, no_report
from embedlab.encoders.base import Encoder, Vectors, unit
from embedlab.encoders.capabilities import parts_of
from embedlab.encoders.transformer.layers import Inside
from embedlab.words.layers import MOST_TOKENS, plane, pooling_weights
from embedlab.words.uses import Use, Uses

ROUNDS = 1000
_AT_ONCE = 64  # resamples computed together
_EQUAL = 6  # decimals; cosines that agree in them are ties
_NOTHING = 1e-5  # shorter than this, what is left of a unit vector is rounding


# --- How well meanings are told apart --------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Separation:
    """How often a pair that shares a sense is more alike than a pair that doesn't, 0 to 1; ties count half.

    `samples` float64 is the same for sentences drawn anew, those of each sense among themselves.
    """

    auc: float
    samples: Floats

    @property
    def low(self) -> float:
        """The lower end of the 95 % interval."""
        return float(np.percentile(self.samples, 2.5))

    @property
    def high(self) -> float:
        """The upper end of the 95 % interval."""
        return float(np.percentile(self.samples, 97.5))

    @property
    def shown(self) -> str:
        """For example "97 %", with a space that doesn't break."""
        return f"{100 * self.auc:.0f}\u00a0%"

    def beats(self, other: Separation) -> bool:
        """Say whether this one is higher in 97.5 % of the same resamples."""
        return float(np.percentile(self.samples - other.samples, 2.5)) > 0


def separation(vectors: Vectors, senses: Sequence[str], rounds: int = ROUNDS) -> Separation | None:
    """Return how well unit `vectors` (n, d) tell `senses` apart; None without a pair of each kind.

    It is the area under the ROC curve of the cosine as a sign of the same sense, over all pairs of sentences. The
    bootstrap draws sentences, not pairs, since pairs that share a sentence hang together; a sentence drawn twice
    makes no pair with itself. Cosines equal to six decimals are ties, so vectors that are all equal give exactly 0.5.
    """
    codes = np.unique(np.array(senses, dtype=str), return_inverse=True)[1]
    first, second = np.triu_indices(len(codes), 1)
    same = codes[first] == codes[second]
    if same.all() or not same.any():
        return None
    cosines = (vectors.astype(np.float64) @ vectors.T.astype(np.float64))[first, second].round(_EQUAL)
    order = np.argsort(cosines, kind="stable")
    first, second, same = first[order], second[order], same[order]
    ties = np.flatnonzero(np.diff(cosines[order], prepend=-np.inf))
    auc = float(_aucs(np.ones((1, len(codes))), first, second, same, ties)[0])
    drawn = _drawn(codes, rounds)
    starts = range(0, rounds, _AT_ONCE)
    samples = np.concatenate([_aucs(drawn[at : at + _AT_ONCE], first, second, same, ties) for at in starts])
    return Separation(auc, frozen(np.where(np.isfinite(samples), samples, auc)))


def _drawn(codes: Rows, rounds: int) -> Floats:
    """Return how often each sentence is drawn, float64 (rounds, n): with replacement within its sense."""
    rng = np.random.default_rng(0)
    times = np.zeros((rounds, len(codes)))
    for code in range(int(codes.max()) + 1):
        members = np.flatnonzero(codes == code)
        times[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=rounds)
    return times


def _aucs(times: Floats, first: Rows, second: Rows, same: Flags, ties: Rows) -> Floats:
    """Return the AUC for each row of `times` (rounds, n); pairs are in rising order, `ties` where a new value begins.

    NaN where nothing was drawn of one kind.
    """
    weight = times[:, first] * times[:, second]
    alike = np.add.reduceat(weight * same, ties, axis=1)
    other = np.add.reduceat(weight * ~same, ties, axis=1)
    below = np.cumsum(other, axis=1) - other
    with np.errstate(invalid="ignore"):
        return np.asarray((alike * (below + other / 2)).sum(axis=1) / (alike.sum(axis=1) * other.sum(axis=1)))


# --- The word in a model ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SenseScores:
    """How well the senses of `word` are told apart: by each of the `layers`, the input first, and by other vectors.

    `whole` is the vector of the whole sentence, `static` a model with one vector for each way of writing a word,
    called `static_name`; None where there is none. `unmarked` sentences have no sense and don't count.
    """

    word: str
    layers: tuple[Separation, ...]
    whole: Separation | None
    static: Separation | None
    static_name: str
    unmarked: int

    @property
    def best(self) -> int:
        """The layer that does best, the later of two equals."""
        aucs = [round(one.auc, 4) for one in self.layers]
        return max(range(len(aucs)), key=lambda layer: (aucs[layer], layer))

    @property
    def sentence(self) -> str:
        """The number in words, beside what the input and a static model give."""
        at_end, at_start = self.layers[-1], self.layers[0]
        said = (
            f"At the last layer two sentences that mean the same “{self.word}” are more alike than two that don't in "
            f"{at_end.shown} of the cases (95 % interval {100 * at_end.low:.0f} to {100 * at_end.high:.0f}); at the "
            f"input in {at_start.shown}"
        )
        if self.static:
            said += f"; for {self.static_name}, with one vector for each way of writing it, in {self.static.shown}"
        without = f" {self.unmarked} without a sense don't count here." if self.unmarked else ""
        return f"{said}. Chance is 50 %.{without}"

    @property
    def whole_sentence(self) -> str:
        """What the vector of the whole sentence does with the same senses; "" where there is none."""
        if self.whole is None:
            return ""
        return (
            f"The vector of the whole sentence tells the meanings apart in {self.whole.shown} of the cases: what a "
            "sentence is about says much about its words."
        )

    @property
    def best_sentence(self) -> str:
        """Which layer does best, where it isn't the last; "" where it is."""
        best, last = self.layers[self.best], self.layers[-1]
        if best is last:
            return ""
        sure = (
            "a lead that holds for nearly all other draws of these sentences, though it was picked as the best"
            if best.beats(last)
            else "a lead that another draw of sentences may well turn round"
        )
        where = f"layer {self.best}" if self.best else "the input"
        return (
            f"The last layer is not the best: {where} tells the meanings apart in {best.shown} of the cases, {sure}. "
            "The last layer is trained to serve the vector of the whole sentence, not of a word."
        )


@dataclass(frozen=True, eq=False)
class Meanings:
    """A word's vectors in its sentences at each layer, and how well they tell the meanings apart.

    `vectors` is float32 (layers + 1, n, d), rows of length 1: the mean of the word's tokens in each of the n
    sentences of `uses`, before the first layer and after each. `told` compares them by their cosines as they are,
    `centred` after taking out the mean of all n, which leaves what sets the sentences apart; both None where there
    are no two senses, one of them twice. `unread` sentences were left out: the model doesn't read as far as the word.
    """

    uses: Uses
    vectors: Vectors
    told: SenseScores | None
    centred: SenseScores | None
    unread: int = 0

    @property
    def senses(self) -> tuple[str, ...]:
        """The sense of each sentence."""
        return tuple(use.sense for use in self.uses.uses)

    @property
    def last(self) -> int:
        """The number of the last layer."""
        return len(self.vectors) - 1

    @cached_property
    def planes(self) -> tuple[tuple[Singles, float], ...]:
        """The vectors of each layer on two axes of their own, float32 (n, 2), and the variance that these hold.

        Each picture is turned (or mirrored) so that it fits the one before it best: turning changes no distance.
        """
        found: list[tuple[Singles, float]] = []
        for vectors in self.vectors:
            positions, shown = plane(vectors)
            if found:
                left, _, right = np.linalg.svd(positions.T @ found[-1][0])
                positions = np.asarray(positions @ (left @ right), dtype=np.float32)
            found.append((positions, shown))
        return tuple(found)


def meanings(
    inside: Inside,
    uses: Uses,
    prompt: str = "",
    static: Encoder | None = None,
    report: Report = no_report,
    rounds: int = ROUNDS,
) -> Meanings:
    """Follow the word of `uses` through the model, beside the encoder `static` if there is one.

    `prompt` is what the model puts before a text. Raises `EmbedlabError` if the model reads the word in no sentence.
    """
    read, words, wholes = [], [], []
    watch = Stopwatch("Reading the sentences", len(uses.uses), report)
    for number, use in enumerate(uses.uses):
        watch.at(number)
        followed = _followed(inside, use, prompt)
        if followed is not None:
            read.append(use)
            words.append(followed[0])
            wholes.append(followed[1])
    if not read:
        raise EmbedlabError(
            f"The model reads {inside.window} tokens, and “{uses.word}” comes later in every sentence: shorten them."
        )
    vectors = np.stack([unit(layer) for layer in np.stack(words, axis=1)])
    others = (unit(np.stack(wholes)) if inside.pooling != "other" else None, _static(static, read))
    name = static.card.model if static else ""
    Stopwatch("Measuring how far the meanings lie apart", 0, report).at(0)
    told, centred = (_told(uses.word, read, vectors, others, name, change, rounds) for change in (unit, _centred))
    return Meanings(replace(uses, uses=tuple(read)), frozen(vectors), told, centred, len(uses.uses) - len(read))


def _told(
    word: str,
    read: Sequence[Use],
    vectors: Vectors,
    others: tuple[Vectors | None, Vectors | None],
    name: str,
    change: Callable[[Vectors], Vectors],
    rounds: int,
) -> SenseScores | None:
    """Compare the senses of those sentences that have one, after `change` has been made to the vectors."""
    marked = [row for row, use in enumerate(read) if use.sense]
    senses = [read[row].sense for row in marked]
    if len(set(senses)) < 2:
        return None

    def separated(found: Vectors | None) -> Separation | None:
        return None if found is None else separation(change(found[marked]), senses, rounds)

    layers = [one for one in map(separated, vectors) if one is not None]
    if not layers:
        return None
    whole, static = map(separated, others)
    return SenseScores(word, tuple(layers), whole, static, name, len(read) - len(marked))


def _centred(vectors: Vectors) -> Vectors:
    """Return unit `vectors` (n, d) less their mean, scaled to length 1; what the mean leaves nothing of is 0."""
    apart = vectors - vectors.mean(axis=0, dtype=np.float64)
    apart[np.linalg.norm(apart, axis=1) < _NOTHING] = 0
    return unit(apart)


def _followed(inside: Inside, use: Use, prompt: str) -> tuple[Vectors, Vectors] | None:
    """Return the word's vectors by layer (layers + 1, d) and the sentence's (d,); None if the model reads no word."""
    if min(inside.count(prompt + use.text), inside.window) > MOST_TOKENS:
        return None
    trace = inside.trace(prompt + use.text)
    places = trace.tokens_of(use.start + len(prompt), use.end + len(prompt))
    if not len(places):
        return None
    weights = pooling_weights(inside.pooling, len(trace))
    whole = np.zeros(1) if weights is None else (weights @ trace.hidden[-1])[: inside.dimensions]
    return trace.hidden[:, places].mean(axis=1), whole.astype(np.float32)


def _static(encoder: Encoder | None, read: Sequence[Use]) -> Vectors | None:
    """Return the word's vector in each sentence (n, d); None where the encoder doesn't tell for all of them."""
    found = [_static_vector(encoder, use) for use in read] if encoder else []
    vectors = [vector for vector in found if vector is not None]
    return unit(np.stack(vectors)) if vectors and len(vectors) == len(read) else None


def _static_vector(encoder: Encoder, use: Use) -> Vectors | None:
    parts = parts_of(encoder, use.text)
    if parts is None:
        return None
    before = len(parts.text) - len(use.text)
    first, last = parts.spans.T
    chosen = (first < use.end + before) & (last > use.start + before) & (first < last)
    return parts.vectors[chosen].mean(axis=0).astype(np.float32) if chosen.any() else None
