"""What lies between two poles: an axis and places on it, and whether words lean to one of two lists beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import Vectors
from embedlab.text.same import folded
from embedlab.words.analogies import NO_WORDS, SHOWN, Words, check_count, distinct

LEAST_POLE = 4
DIVISIONS = 5_000
# A pole's vectors must differ at least so much, or rounding would decide what lies between them.
LEAST_APART = 1e-3


@dataclass(frozen=True, eq=False)
class Axis:
    """A direction from one pole to another.

    A pole is one or more words or sentences; its place is the mean of their vectors. `direction` is float32 (d,), of
    length 1; positions on it are scaled so that the low pole is at -1 and the high one at +1. `alike` is the cosine
    of the two poles: the nearer to 1, the more the scale is stretched.
    """

    low: tuple[str, ...]
    high: tuple[str, ...]
    direction: Vectors
    middle: float
    half: float
    alike: float

    def positions(self, vectors: Vectors) -> Floats:
        """Return where unit `vectors` (n, d) lie, float64 (n,)."""
        return np.asarray((vectors @ self.direction - self.middle) / self.half, dtype=np.float64)


@dataclass(frozen=True)
class Usual:
    """Where all of some `kind` ("words", "texts") lie on an axis: the middle one, and the middle nine in ten."""

    low: float
    middle: float
    high: float
    kind: str

    def caveat(self, where: str = "shaded") -> str:
        """How to read a position; `where` says where in the picture most of them are."""
        return (
            f"Nine in ten of all {self.kind} lie between {self.low:+.2f} and {self.high:+.2f} ({where}; the middle one "
            f"at {self.middle:+.2f}): compare with that, not with 0. Everything has a place on an axis, also what the "
            "question makes no sense for."
        )


def axis(words: Words, low: Sequence[str], high: Sequence[str]) -> Axis:
    """Return the axis from the pole `low` to the pole `high`, each one or more words or sentences.

    Raises `EmbedlabError` for an empty pole, an unknown word, one that is in both poles, and poles that the encoder
    can't tell apart.
    """
    for name, pole in (("first", low), ("second", high)):
        if not any(text.strip() for text in pole):
            raise EmbedlabError(f"The {name} pole is empty: type a word, several with commas between, or a sentence.")
    _check_poles(low, high)
    means = [words.of(pole).astype(np.float64).mean(axis=0) for pole in (low, high)]
    apart = means[1] - means[0]
    length = float(np.linalg.norm(apart))
    if length < LEAST_APART:
        raise EmbedlabError(
            f"The model sees no difference between “{_joined(low)}” and “{_joined(high)}”: choose poles that differ."
        )
    direction = apart / length
    ends = [float(mean @ direction) for mean in means]
    lengths = max(1e-9, float(np.linalg.norm(means[0]) * np.linalg.norm(means[1])))
    return Axis(
        tuple(low),
        tuple(high),
        frozen(direction.astype(np.float32)),
        (ends[0] + ends[1]) / 2,
        (ends[1] - ends[0]) / 2,
        float(means[0] @ means[1]) / lengths,
    )


def usual(positions: Floats, kind: str = "words") -> Usual:
    """Return where most `positions` (n,) on an axis lie; `kind` says of what. Raises `EmbedlabError` for none."""
    if not len(positions):
        raise EmbedlabError(NO_WORDS)
    low, middle, high = np.percentile(positions, [5, 50, 95])
    return Usual(float(low), float(middle), float(high), kind)


def crossing(first: Axis, second: Axis) -> float:
    """Return the cosine between the directions of two axes: 0 where they are independent, 1 where they are one."""
    return float(first.direction @ second.direction)


def ends(positions: Floats, most: int) -> Rows:
    """Return up to `most` places, in order of position: all, or half from each end."""
    order = np.argsort(positions, kind="stable")
    if len(order) <= most:
        return order
    return np.concatenate([order[: most // 2], order[len(order) - (most - most // 2) :]])


# --- The bias probe ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class BiasProbe:
    """How words lean to one of two lists, beside how they lean between arbitrary divisions of the same lists.

    `leans` is float64 (m,), rising: the mean cosine to the words of `high` less that to those of `low`. `chance` (m,)
    is what the size of such a lean stays below in 95 % of random divisions of all pole words into two lists of these
    lengths. `p` is the share of divisions by which the words lean at least as strongly altogether (root mean square).
    """

    words: tuple[str, ...]
    leans: Floats
    chance: Floats
    low: tuple[str, ...]
    high: tuple[str, ...]
    p: float

    @property
    def beyond(self) -> int:
        """How many words lean more than chance explains."""
        return int((np.abs(self.leans) > self.chance).sum())

    @property
    def sentence(self) -> str:
        """What was found."""
        expected = 0.05 * len(self.words)
        p = f"p = {self.p:.3f}" if self.p >= 0.001 else "p < 0.001"
        known = "more" if self.p < 0.05 else "no more"
        return (
            f"These words lean {known} than an arbitrary division of the pole words makes them lean ({p}). "
            f"{self.beyond} of {len(self.words)} lie outside their grey bar; chance alone would put about "
            f"{expected:.0f} there."
        )


def probe(words: Words, asked: Sequence[str], low: Sequence[str], high: Sequence[str]) -> BiasProbe:
    """Return how each of the words `asked` leans to the words of `low` or of `high`, beside chance.

    After the word-embedding association test (Caliskan, Bryson and Narayanan, Science 356, 2017), here for one list
    of words: 5,000 times the words of both poles are dealt out anew. Raises `EmbedlabError` for
    fewer than four words in a pole (too few ways to deal), none asked, a word in both poles, or an unknown one.
    """
    different = distinct(asked)
    if not different:
        raise EmbedlabError("There are no words to probe: list some, a word a line.")
    for pole in (low, high):
        if len(pole) < LEAST_POLE:
            raise EmbedlabError(
                f"The pole “{_joined(pole)}” has too few words to tell a lean from chance: give at least {LEAST_POLE}."
            )
    _check_poles(low, high)
    check_count(asked)
    cosines = words.of(different).astype(np.float64) @ words.of([*low, *high]).T.astype(np.float64)
    shares = np.repeat([-1 / len(low), 1 / len(high)], [len(low), len(high)])
    leans = cosines @ shares
    rng = np.random.default_rng(0)
    dealt = cosines @ rng.permuted(np.tile(shares, (DIVISIONS, 1)), axis=1).T
    strength = np.sqrt((leans**2).mean())
    stronger = int((np.sqrt((dealt**2).mean(axis=0)) >= strength - 1e-12).sum())
    order = np.argsort(leans, kind="stable")
    return BiasProbe(
        tuple(different[place] for place in order),
        frozen(leans[order]),
        frozen(np.quantile(np.abs(dealt), 0.95, axis=1)[order]),
        tuple(low),
        tuple(high),
        (stronger + 1) / (DIVISIONS + 1),
    )


# --- What they share -----------------------------------------------------------------------------


def _check_poles(low: Sequence[str], high: Sequence[str]) -> None:
    first, second = ({folded(text): text.strip() for text in pole} for pole in (low, high))
    both = [text for same, text in first.items() if same in second]
    if not both:
        return
    if len(first) == len(second) == 1:
        raise EmbedlabError(f"Both poles are “{both[0][:SHOWN]}”: an axis needs two that differ.")
    raise EmbedlabError(f"“{both[0][:SHOWN]}” stands in both poles: leave it out of one of them.")


def _joined(texts: Sequence[str]) -> str:
    return ", ".join(texts)[:SHOWN]
