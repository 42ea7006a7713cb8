"""Phrases of one to three words that clusters may be named by, and the vectors of those by the texts' own model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from embedlab.base.arrays import Flags, Floats, Rows
from embedlab.base.fingerprint import fingerprint
from embedlab.encoders.base import Vectors
from embedlab.space.keywords import (
    FILLERS,
    Tokens,
    Vocabulary,
    display,
    holds_number,
    least,
    log_likelihood,
    means_nothing,
    parts_of,
    same_word,
    unpossessed,
)
from embedlab.text.function_words import function_words
from embedlab.text.tokenise import PARTICLES, STOP_WORDS, says_nothing, unelided, unspaced
from embedlab.text.unspaced import clusters

MOST = 1_500
"""Phrases of a corpus that are encoded: a small model needs 1 to 3 s for them."""
FINER = 4
"""So many times the usual granularity has the finer grouping that phrases are taken from, too."""
OF_A_CLUSTER = 40
_MOST_TOKENS = 1_500_000
_COVERED = 0.7  # a phrase so often part of a longer one gives way to that
_LONGEST_WORD = 4  # characters, or Thai and Lao syllables, that are a word for sure
_NEAREST = 3  # other clusters that a phrase must be far from
_APART = 0.7
_ALIKE = 3 / 7  # how much likeness to a phrase that is there already takes away
# Function words of English that may stand inside a phrase; others belong to a clause ("money do I").
_INSIDE = frozenset(
    (
        "of", "and", "or", "for", "to", "in", "on", "at", "with", "from", "by", "my", "your", "our", "their", "the",
        "a", "an", "as", "per", "into", "out", "up", "off", "down", "over", "without", "not", "no", "is", "isn't",
        "are", "aren't", "was", "wasn't", "were", "weren't",
    )
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Phrases:
    """What clusters of a corpus may be called: `terms` as they are mostly written, and where they come.

    `presence` is a CSR matrix of float32 (r, p) with 1 where one of the texts `rows` (r,) holds the term; these are all
    texts, or an even sample of many. `vectors` is float32 (p, d), rows of length 1, made by what made the texts'.
    """

    terms: tuple[str, ...]
    rows: Rows
    presence: csr_matrix
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.terms)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Phrases that have no vectors yet; see `Phrases`."""

    terms: tuple[str, ...]
    rows: Rows
    presence: csr_matrix

    def with_vectors(self, kept: Rows, vectors: Vectors) -> Phrases:
        """Return those numbered `kept` (p,), rising, with their `vectors` (p, d)."""
        return Phrases(tuple(self.terms[at] for at in kept.tolist()), self.rows, self.presence[:, kept], vectors)

    @property
    def fingerprint(self) -> str:
        """Stands for the phrases, in order."""
        return fingerprint("phrases", self.terms)


# --- What may be a name --------------------------------------------------------------------------


def candidates(vocabulary: Vocabulary, groupings: Sequence[NDArray[np.int32]], most: int = MOST) -> Candidates:
    """Return up to `most` phrases that set groups apart, and no more than there are texts.

    Each of `groupings` is int32 (n,), the group of each text, -1 for none; the first has twice the share of the others.
    A phrase is one word, two or three side by side as they stand in the texts; it begins and ends with a word that says
    something (or ends with a particle, as "top up"). It comes three times at least, and is no part of a longer one that
    comes nearly as often. Words of scripts without spaces stand alone. The strongest by log-likelihood (Dunning 1993)
    are taken, of each group as many, up to 40.
    """
    found = _stretches(vocabulary)
    wanted = min(most, len(set(vocabulary.texts)))
    ranked = [_ranked(found, np.asarray(groups)[found.rows]) for groups in groupings]
    chosen: dict[int, None] = {}
    for place, of_groups in enumerate(ranked):
        _dealt(of_groups, chosen, wanted if place == len(ranked) - 1 else wanted * 2 // 3)
    kept = np.array(sorted(chosen), dtype=np.intp)
    return Candidates(tuple(_written(found, kept)), found.rows, found.presence[:, kept])


def _dealt(of_groups: list[Rows], chosen: dict[int, None], most: int) -> None:
    """Add the first of each group, then the second of each, and so on, until `most` are chosen."""
    for rank in range(OF_A_CLUSTER):
        for own in of_groups:
            if rank < len(own) and len(chosen) < most:
                chosen.setdefault(int(own[rank]))


def _ranked(found: _Stretches, groups: NDArray[np.int32]) -> list[Rows]:
    """Return for each group the stretches that may name it, strongest first."""
    told = strongest(found.presence, groups, 3 * OF_A_CLUSTER)
    return [terms[found.fit[terms]][:OF_A_CLUSTER] for terms in told]


def strongest(presence: csr_matrix, groups: NDArray[np.int32], top: int) -> list[Rows]:
    """Return for each group the numbers of the terms that set it apart, the highest log-likelihood ratio first."""
    rows = np.flatnonzero(groups >= 0)
    count = int(groups.max(initial=-1)) + 1
    sizes, total = np.bincount(groups[rows], minlength=count), len(groups)
    member = csr_matrix((np.ones(len(rows), dtype=np.float32), (groups[rows], rows)), shape=(count, total))
    holds = (member @ presence).tocsr()
    holds.sort_indices()
    frequencies = np.bincount(presence.indices, minlength=presence.shape[1]).astype(np.float64)
    told = []
    for group, (start, end) in enumerate(zip(holds.indptr[:-1], holds.indptr[1:], strict=True)):
        terms, inside = holds.indices[start:end].astype(np.intp), holds.data[start:end].astype(np.float64)
        size, outside = int(sizes[group]), frequencies[holds.indices[start:end]] - inside
        scores = inside if size == total else log_likelihood(inside, size, outside, total - size)
        order = np.lexsort((terms, -scores))[:top]
        order = order[scores[order] > 0]
        told.append(terms[order])
    return told


# --- Which of them name a group ------------------------------------------------------------------


def best(phrases: Phrases, groups: NDArray[np.int32], vectors: Vectors, top: int) -> list[tuple[str, ...]]:
    """Return for each group of texts up to `top` phrases that say what it is about, the best first.

    `groups` is int32 (n,), -1 for none; `vectors` float32 (n, d), the texts'. Of the 40 phrases that set a group apart
    by log-likelihood those are best whose own vector lies near the group's mean, far from the three other groups that
    it lies nearest to, and not near a phrase that is there already (maximal marginal relevance, Carbonell and Goldstein
    1998, as KeyBERT uses it). No two share a word. A group that no phrase sets apart has none.
    """
    means = _means(groups, vectors)
    cosines = phrases.vectors @ means.T
    told = strongest(phrases.presence, np.asarray(groups)[phrases.rows], OF_A_CLUSTER)
    told += [np.empty(0, dtype=np.intp)] * (len(means) - len(told))
    return [_chosen(phrases, terms, _relevance(cosines[terms], group), top) for group, terms in enumerate(told)]


def _means(groups: NDArray[np.int32], vectors: Vectors) -> Vectors:
    """Return the mean direction of each group (g, d)."""
    rows = np.flatnonzero(groups >= 0)
    count = int(groups.max(initial=-1)) + 1
    member = csr_matrix((np.ones(len(rows), dtype=np.float32), (groups[rows], rows)), shape=(count, len(groups)))
    sums = member @ vectors
    return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def _relevance(cosines: Vectors, group: int) -> Floats:
    """Return how well phrases with these `cosines` (p, groups) name a group: near to it, far from the next ones."""
    own, others = cosines[:, group], np.delete(cosines, group, axis=1)
    nearest = np.sort(others, axis=1)[:, -_NEAREST:].mean(axis=1) if others.shape[1] else 0.0
    return np.asarray(own - _APART * nearest, dtype=np.float64)


def _chosen(phrases: Phrases, terms: Rows, relevance: Floats, top: int) -> tuple[str, ...]:
    """Return the most relevant of `terms`, each unlike those before it."""
    vectors, left = phrases.vectors[terms], np.ones(len(terms), dtype=bool)
    taken: list[int] = []
    likeness = np.zeros(len(terms))
    parts = [parts_of(phrases.terms[term]) for term in terms.tolist()]
    while len(taken) < top and left.any():
        at = int(np.argmax(np.where(left, relevance - _ALIKE * likeness, -np.inf)))
        taken.append(at)
        likeness = np.maximum(likeness, vectors @ vectors[at])
        for other in np.flatnonzero(left).tolist():
            left[other] = not any(same_word(a, b) for a in parts[other] for b in parts[at])
    return tuple(phrases.terms[terms[at]] for at in taken)


# --- Stretches of words --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Stretches:
    """All stretches of one to three words that come often enough.

    Of each place where one stands: `begins` among the tokens, and which it is, `number`. `lengths` (s,) are in words,
    `fit` bool (s,) says which may be names. `presence` is a CSR matrix (r, s) over the texts `rows`.
    """

    tokens: Tokens
    begins: Rows
    number: Rows
    lengths: Rows
    fit: Flags
    rows: Rows
    presence: csr_matrix


@dataclass(frozen=True, eq=False)
class _Roles:
    """What each word may be in a phrase, bool (w + 1,), the last for a break: its end, its inside, what it is about."""

    end: Flags
    inside: Flags
    telling: Flags
    spaced: Flags
    particle: Flags


def _roles(tokens: Tokens, fewest: int) -> _Roles:
    spoken = function_words(dict(zip(tokens.words, tokens.counts.tolist(), strict=True)))
    often = np.append(tokens.counts >= fewest, False)

    def flags(holds: Callable[[str], bool]) -> Flags:
        return np.append(np.fromiter(map(holds, tokens.words), dtype=bool, count=len(tokens.words)), False)

    clean = flags(lambda word: word not in FILLERS and not holds_number(word))
    end = often & clean & flags(lambda word: not says_nothing(word, spoken))
    foreign = spoken - STOP_WORDS
    return _Roles(
        end,
        end | (often & flags(lambda word: word in _INSIDE or word in foreign)),
        end & flags(lambda word: not means_nothing(word)),
        flags(lambda word: not unspaced(word)),
        often & flags(lambda word: word in PARTICLES),
    )


def _stretches(vocabulary: Vocabulary) -> _Stretches:
    tokens, count, fewest = vocabulary.tokens, len(vocabulary.texts), least(len(vocabulary.texts))
    step = 1 + len(tokens.text) // _MOST_TOKENS
    roles = _roles(tokens, fewest)
    word, text = tokens.word.astype(np.intp), tokens.text.astype(np.intp)
    places, lengths = _places(roles, word, text, text % step == 0)
    keys = _keys(word, places, lengths, len(tokens.words) + 1)
    unique, first, number = np.unique(keys, return_index=True, return_inverse=True)
    rows = np.arange(0, count, step)
    presence = csr_matrix(
        (np.ones(len(places), dtype=np.float32), (text[places] // step, number)), shape=(len(rows), len(unique))
    )
    presence.sum_duplicates()
    presence.data[:] = 1
    times = np.bincount(presence.indices, minlength=len(unique))
    size = lengths[first]
    fit = (times >= fewest) & _about_something(roles, word, places[first], size)
    fit &= ~_sentences(tokens, word[places[first]], size, times)
    fit &= ~_parts_of_longer(unique, size, times, word, places[first], len(tokens.words) + 1)
    return _Stretches(tokens, places, number, size, fit, rows, presence)


def _places(roles: _Roles, word: Rows, text: Rows, read: Flags) -> tuple[Rows, Rows]:
    """Return where a stretch may begin, and how many words it has: a place comes up to three times."""
    end = roles.end[word] & read
    single = np.flatnonzero(end)
    spaced = (end & roles.spaced[word])[:-1]
    last = (roles.end & roles.spaced) | roles.particle
    pairs = np.flatnonzero(spaced & last[word[1:]] & (text[1:] == text[:-1]) & (word[1:] != word[:-1]))
    inside = (roles.inside & roles.spaced)[word[1:-1]]
    triples = np.flatnonzero(spaced[:-1] & inside & last[word[2:]] & (text[2:] == text[:-2]) & (word[2:] != word[:-2]))
    found = (single, pairs, triples)
    return np.concatenate(found), np.repeat([1, 2, 3], list(map(len, found)))


def _keys(word: Rows, places: Rows, lengths: Rows, base: int) -> NDArray[np.int64]:
    """Return one number for each stretch, the same for the same words."""
    padded = np.append(word, [-1, -1]).astype(np.int64)
    second = np.where(lengths > 1, padded[places + 1], -1)
    third = np.where(lengths > 2, padded[places + 2], -1)
    return (padded[places] * base + second + 1) * base + third + 1


def _about_something(roles: _Roles, word: Rows, places: Rows, lengths: Rows) -> Flags:
    """Return which stretches hold a word that says something, bool (s,)."""
    telling = np.append(roles.telling[word], [False, False])
    return np.asarray(
        telling[places] | ((lengths > 1) & telling[places + 1]) | ((lengths > 2) & telling[places + 2]), dtype=bool
    )


def _parts_of_longer(keys: NDArray[np.int64], lengths: Rows, times: Rows, word: Rows, places: Rows, base: int) -> Flags:
    """Return which stretches are nearly always a part of one that is longer by a word or two, bool (s,)."""
    part = np.zeros(len(keys), dtype=bool)
    for size in (2, 3):
        longer = np.flatnonzero(lengths == size)
        for start, length in ((s, n) for n in range(1, size) for s in range(size - n + 1)):
            shorter = _keys(word, places[longer] + start, np.full(len(longer), length), base)
            at = np.minimum(np.searchsorted(keys, shorter), len(keys) - 1)
            covered = (keys[at] == shorter) & (times[longer] >= _COVERED * times[at])
            part[at[covered]] = True
    return part


def _sentences(tokens: Tokens, word: Rows, lengths: Rows, times: Rows) -> Flags:
    """Return which are long runs of a script without spaces that hold a word twice as frequent: half a sentence."""
    alone = np.flatnonzero(lengths == 1)
    often = {tokens.words[at]: int(count) for at, count in zip(word[alone], times[alone], strict=True)}
    long = np.zeros(len(lengths), dtype=bool)
    for at in alone.tolist():
        written = tokens.words[word[at]]
        if unspaced(written) and len(signs := clusters(written)) > _LONGEST_WORD:
            starts = ((start, end) for start in range(len(signs)) for end in range(start + 2, len(signs) + 1))
            long[at] = any(often.get("".join(signs[a:b]), 0) >= 2 * times[at] for a, b in starts)
    return long


def _written(found: _Stretches, kept: Rows) -> list[str]:
    """Return the stretches numbered `kept`, rising, as they are mostly written."""
    place = np.full(len(found.lengths), -1)
    place[kept] = np.arange(len(kept))
    at = np.flatnonzero(place[found.number] >= 0)
    begins, number = found.begins[at], found.number[at]
    form = np.append(found.tokens.form, [-1, -1])
    lengths = found.lengths[number]
    forms = np.stack(
        [place[number], form[begins]] + [np.where(lengths > more, form[begins + more], -1) for more in (1, 2)], axis=1
    )
    ways, times = np.unique(forms, axis=0, return_counts=True)
    written: list[dict[str, int]] = [{} for _ in kept]
    for (own, *way), often in zip(ways.tolist(), times.tolist(), strict=True):
        shown = _shown(found.tokens, [one for one in way if one >= 0])
        written[own][shown] = written[own].get(shown, 0) + often
    return [display(forms) for forms in written]


def _shown(tokens: Tokens, forms: list[int]) -> str:
    """Return words as they stand side by side, without what belongs to the words before and after them."""
    *before, last = (tokens.forms[form] for form in forms)
    words = [*before, unpossessed(tokens.bare.get(last) or last)]
    return " ".join([unelided(words[0]), *words[1:]])
