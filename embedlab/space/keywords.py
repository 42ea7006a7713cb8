"""Which texts hold which words, and which words set a group of texts apart from the others."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Flags, Floats, Rows
from embedlab.base.fingerprint import fingerprint
from embedlab.text.forms import bare_forms
from embedlab.text.function_words import function_words
from embedlab.text.tokenise import BREAK, PARTICLES, fold, says_nothing, surfaces, unelided, unspaced
from embedlab.text.unspaced import in_hiragana, lexicon, pieces

MAX_CHARACTERS = 20_000_000
MAX_TERMS = 60_000
LEAST_READ = 200
"""So many characters of a text say what it is about."""
# Two words side by side are a term of their own from this normalised pointwise mutual information on.
LEAST_ASSOCIATION = 0.25

_POSSESSIVE = ("'s", "’s", "'S", "’S")


FILLERS = frozenset(
    (
        "nr", "nro", "num", "núm", "ref", "www", "http", "https", "com", "html", "htm", "php", "nbsp", "amp", "quot",
        "br", "div", "href", "px", "img", "src", "fwd", "fw", "aw", "wg",
    )
)  # fmt: skip
"""Abbreviations before numbers, parts of addresses and of HTML, what mail programs put before a subject."""
_NUMBERED = re.compile(r"\d\D*\d\D*\d")  # order numbers, keys


@dataclass(frozen=True)
class Word:
    """A word that sets a group apart.

    `score` is its log-likelihood ratio; `inside` is the share of the group's texts that hold it, `outside`
    the share of all other texts.
    """

    term: str
    score: float
    inside: float
    outside: float


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Which text holds which term.

    `presence` is a CSR matrix of float32 (n texts, number of terms) with 1 where the text holds the term.
    `terms` are single words and pairs of words, as they are mostly written; `frequencies` is int64 (number
    of terms): how many texts hold each. `read_to` is how many characters of each text were read, None
    where all were. `read` bool (n,) says which texts were read at all, None where all were.
    """

    texts: tuple[str, ...]
    presence: Any
    terms: tuple[str, ...]
    frequencies: NDArray[np.int64]
    read_to: int | None
    read: Flags | None = None

    def __len__(self) -> int:
        return len(self.terms)

    @cached_property
    def fingerprint(self) -> str:
        """Stands for the texts and the terms found in them."""
        return fingerprint("vocabulary", self.texts, self.terms, self.frequencies)


def vocabulary(texts: Sequence[str]) -> Vocabulary:
    """Return the words of `texts` and the pairs of neighbouring words that belong together.

    Function words of English, and of other languages that the texts are in, are left out, words of one letter and
    numbers too; so is what is elided before a word, and the particle after a Korean one. Words of scripts without
    spaces are found by `embedlab.text.unspaced`. A pair must occur three times
    (twice where there are fewer than 200 texts) and have a normalised pointwise mutual information (Bouma
    2009, "Normalized (pointwise) mutual information in collocation extraction") of at least 0.25; "top up"
    and "top-up" are one term. The most frequent 60,000 words and as many pairs are kept. Above 20 million
    characters in all, only the beginning of each text is read, and `read_to` says how much; where that would be
    less than 200 characters, an even sample of the texts is read instead, and `read` says which.
    """
    texts = tuple(texts)
    if sum(map(len, texts)) > MAX_CHARACTERS and MAX_CHARACTERS // len(texts) < LEAST_READ:
        return _of_sample(texts)
    read_to = MAX_CHARACTERS // len(texts) if sum(map(len, texts)) > MAX_CHARACTERS else None
    return _of_all(texts, read_to)


def _of_all(texts: tuple[str, ...], read_to: int | None) -> Vocabulary:
    """Return the words of texts, of each as many characters as are to be read."""
    tokens = _tokens(texts, read_to)
    words, of_word = _words(tokens)
    pairs, of_pair = _pairs(tokens, of_word >= 0)
    held = np.concatenate([of_word[tokens.word], of_pair + np.where(of_pair >= 0, len(words), 0)])
    terms, same = _merged(words + pairs, np.bincount(held[held >= 0], minlength=len(words) + len(pairs)))
    presence = _presence(np.concatenate([tokens.text, tokens.text]), held, same, len(texts), len(terms))
    frequencies = np.bincount(presence.indices, minlength=len(terms)).astype(np.int64)
    return Vocabulary(texts, presence, tuple(terms), frequencies, read_to)


def _of_sample(texts: tuple[str, ...]) -> Vocabulary:
    """Return the words of an even sample of texts, too many to read all, at most `LEAST_READ` characters of each."""
    lengths = np.minimum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)), LEAST_READ)
    count = min(len(texts), int(len(texts) * MAX_CHARACTERS / lengths.sum()))
    rows = np.sort(np.random.default_rng(0).choice(len(texts), count, replace=False))
    few = _of_all(tuple(texts[row] for row in rows.tolist()), LEAST_READ)
    starts = np.zeros(len(texts) + 1, dtype=few.presence.indptr.dtype)
    starts[rows + 1] = np.diff(few.presence.indptr)
    presence = type(few.presence)(
        (few.presence.data, few.presence.indices, np.cumsum(starts, dtype=starts.dtype)), (len(texts), len(few))
    )
    read = np.zeros(len(texts), dtype=bool)
    read[rows] = True
    return Vocabulary(texts, presence, few.terms, few.frequencies, LEAST_READ, read)


def distinctive(vocabulary: Vocabulary, groups: NDArray[np.int32], top: int = 10) -> list[tuple[Word, ...]]:
    """Return for each group the words that set it apart from all other texts, strongest first.

    `groups` is int32 (n,): the group of each text, counted from 0; a negative number is no group. Words
    are ranked by the log-likelihood ratio of "this text holds the word" inside and outside the group
    (Dunning 1993, "Accurate methods for the statistics of surprise and coincidence"), which favours words
    that many of the group's texts hold and, unlike log-odds scaled by their error (Monroe, Colaresi and
    Quinn 2008), doesn't punish words that the others never use. Words that say the same again are left
    out: other forms of a chosen word, the parts of a chosen pair. What carries no meaning (order numbers, "Nr", parts
    of addresses) comes last. Where a group is the whole corpus, its
    most frequent words are returned. A group may have fewer than `top` words, or none.
    """
    from scipy import sparse

    groups = np.asarray(groups, dtype=np.int64)
    count = int(groups.max(initial=-1)) + 1
    if vocabulary.read is not None:
        groups = np.where(vocabulary.read, groups, -1)
    rows = np.flatnonzero(groups >= 0)
    sizes = np.bincount(groups[rows], minlength=count)
    member = sparse.csr_matrix((np.ones(len(rows), dtype=np.float32), (groups[rows], rows)), shape=(count, len(groups)))
    holds = (member @ vocabulary.presence).tocsr()
    spans = map(slice, holds.indptr[:-1], holds.indptr[1:])
    return [
        _strongest(vocabulary, holds.indices[own], holds.data[own].astype(np.float64), size, top)
        for own, size in zip(spans, sizes.tolist(), strict=True)
    ]


def distinctive_of(vocabulary: Vocabulary, rows: Rows) -> tuple[Word, ...]:
    """Return the words that set the texts `rows` apart from all others, as `distinctive` does."""
    groups = np.full(len(vocabulary.texts), -1, dtype=np.int32)
    groups[rows] = 0
    return distinctive(vocabulary, groups)[0] if len(rows) else ()


def _strongest(
    vocabulary: Vocabulary, terms: NDArray[np.int32], inside: Floats, size: int, top: int
) -> tuple[Word, ...]:
    total = len(vocabulary.texts) if vocabulary.read is None else int(vocabulary.read.sum())
    outside = vocabulary.frequencies[terms] - inside
    if not size:  # none of the group was read
        return ()
    scores = inside if size == total else log_likelihood(inside, size, outside, total - size)
    order = np.lexsort((terms, -inside, -scores))[: 6 * top]
    order = order[scores[order] > 0]
    shares = inside[order] / size, outside[order] / max(1, total - size)
    words = [vocabulary.terms[term] for term in terms[order].tolist()]
    candidates = list(map(Word, words, scores[order].tolist(), *(share.tolist() for share in shares)))
    candidates.sort(key=lambda word: means_nothing(word.term))  # stable: the strongest stay first
    return _without_repeats(candidates, top)


def log_likelihood(inside: Floats, size: int, outside: Floats, others: int) -> Floats:
    """Return the ratio for counts in `size` texts and in `others`, negative where it is rarer inside."""
    from scipy.special import xlogy

    def log_share(held: Floats, of: int) -> Floats:
        return np.asarray(xlogy(held, held / of) + xlogy(of - held, 1 - held / of))

    apart = log_share(inside, size) + log_share(outside, others)
    ratio = 2 * np.maximum(0, apart - log_share(inside + outside, size + others))
    return np.where(inside / size > outside / others, ratio, -ratio)


def means_nothing(term: str) -> bool:
    """Return whether a term may name a group only where no other word is there: a filler, a key, Hiragana alone."""
    if len(term) == 1:  # what is left of a Japanese verb
        return True
    return all(part in FILLERS or _NUMBERED.search(part) for part in _parts(term)) or in_hiragana(term)


def _without_repeats(candidates: list[Word], top: int) -> tuple[Word, ...]:
    """Choose from the strongest down; a pair that covers nearly half of its part takes its place."""
    chosen: list[Word] = []
    parts: list[tuple[str, ...]] = []
    pairs = [word for word in candidates if len(_parts(word.term)) == 2]
    for word in candidates:
        if len(chosen) == top:
            break
        fuller = (p for p in pairs if word.term in p.term.split(" ") and p.inside >= 0.45 * word.inside)
        for option in (*fuller, word):
            mine = _parts(option.term)
            if not any(_same_word(new, old) for new in mine for taken in parts for old in taken):
                chosen.append(option)
                parts.append(mine)
                break
    return tuple(chosen)


@lru_cache(MAX_TERMS)  # the same terms come again at the next granularity
def _parts(term: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[ -]", fold(term)) if not says_nothing(part)) or (fold(term),)


@lru_cache(MAX_TERMS)
def _same_word(first: str, second: str) -> bool:
    """Return whether two words look like forms of one: "card" and "cards", "verify" and "verified"."""
    if unspaced(first) or unspaced(second):
        return any(a[-n:] == b[:n] for a, b in ((first, second), (second, first)) for n in range(1, 9)) or (
            first in second or second in first
        )
    if first == second:
        return True
    common = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
    common = min(len(first), len(second)) if common is None else common
    rest = len(first) + len(second) - 2 * common
    plural = common >= 3 and {first[common:], second[common:]} in ({"", "s"}, {"", "es"})
    return plural or (common >= 4 and rest <= 4)


@dataclass(frozen=True, eq=False)
class _Tokens:
    """All words of all texts, in order.

    For each: the number of its text (`text`) and of its written form (`form`). `forms` are the written
    forms, `folds` gives the number of each one's folded form in `words`, or -1 where it is a break. `bare` has the
    Korean forms whose particle is left out.
    """

    text: NDArray[np.int32]
    form: NDArray[np.int32]
    forms: list[str]
    folds: NDArray[np.int32]
    words: list[str]
    bare: dict[str, str]

    @cached_property
    def word(self) -> NDArray[np.int32]:
        """The number of the folded form of each word, -1 for a break."""
        return self.folds[self.form]

    @cached_property
    def counts(self) -> Rows:
        """How often each of `words` occurs."""
        return np.bincount(self.word[self.word >= 0], minlength=len(self.words))


class _Numbers(dict[str, int]):
    """Gives each new string the next number."""

    def __missing__(self, key: str) -> int:
        self[key] = number = len(self)
        return number


def _tokens(texts: tuple[str, ...], read_to: int | None) -> _Tokens:
    surface_number, form_number, word_number = _Numbers(), _Numbers(), _Numbers()
    found, lengths = array("i"), array("i")
    for text in texts:
        runs = surfaces(text[:read_to])
        found.extend(map(surface_number.__getitem__, runs))
        lengths.append(len(runs))
    often = dict(zip(surface_number, np.bincount(np.array(found, dtype=np.int32)).tolist(), strict=True))
    known = lexicon({surface: often[surface] for surface in surface_number if unspaced(surface)}, _least(len(texts)))
    cut = [[form_number[piece] for piece in pieces(surface, known)] for surface in surface_number]
    count = np.fromiter(map(len, cut), dtype=np.int32, count=len(cut))
    flat = np.fromiter((form for forms in cut for form in forms), dtype=np.int32, count=int(count.sum()))

    surface = np.array(found, dtype=np.int32)
    times = count[surface]
    offset = (np.cumsum(count) - count)[surface] - (np.cumsum(times) - times)
    form = flat[np.repeat(offset, times) + np.arange(int(times.sum()))]
    text_of = np.repeat(np.arange(len(texts), dtype=np.int32), np.array(lengths, dtype=np.int32))

    bare = bare_forms(form_number)
    folded = [word_number[fold(bare.get(form, form))] if form != BREAK else -1 for form in form_number]
    return _Tokens(
        np.repeat(text_of, times),
        form,
        list(form_number),
        np.array(folded, dtype=np.int32),
        list(word_number),
        bare,
    )


def _words(tokens: _Tokens) -> tuple[list[str], NDArray[np.int64]]:
    """Return the words to keep as displayed, and for each folded form its place among them, or -1.

    The places have one -1 more at their end, so that a break (-1) has none either.
    """
    spoken = function_words(dict(zip(tokens.words, tokens.counts.tolist(), strict=True)))
    useful = np.array([not says_nothing(word, spoken) for word in tokens.words], dtype=bool)
    kept = _most_frequent(np.flatnonzero(useful), tokens.counts[useful])
    place = np.full(len(tokens.words) + 1, -1)
    place[kept] = np.arange(len(kept))
    written: list[dict[str, int]] = [{} for _ in kept]
    often = np.bincount(tokens.form, minlength=len(tokens.forms)).tolist()
    for form, word, times in zip(tokens.forms, place[tokens.folds].tolist(), often, strict=True):
        if word >= 0:
            shown = tokens.bare.get(form) or unelided(form)
            shown = shown[:-2] if shown[-2:] in _POSSESSIVE and len(shown) > 2 else shown
            written[word][shown] = written[word].get(shown, 0) + times
    return [_display(forms) for forms in written], place


def _pairs(tokens: _Tokens, useful: Flags) -> tuple[list[str], NDArray[np.int64]]:
    """Return the pairs that belong together, and for each token the pair that begins there, or -1."""
    place = np.full(len(tokens.word), -1)
    spaced = np.array([not unspaced(word) for word in tokens.words] + [False], dtype=bool)
    spaced &= np.array([word not in FILLERS and not _NUMBERED.search(word) for word in tokens.words] + [False])
    particle = np.array([word in PARTICLES for word in tokens.words] + [False], dtype=bool)
    first, second = tokens.word[:-1], tokens.word[1:]
    fits = (useful & spaced)[first] & ((useful & spaced) | particle)[second]
    begins = np.flatnonzero(fits & (first != second) & (tokens.text[:-1] == tokens.text[1:]))
    if not len(begins):
        return [], place
    keys, pair, times = np.unique(
        first[begins].astype(np.int64) * len(tokens.words) + second[begins],
        return_inverse=True,
        return_counts=True,
    )
    share = tokens.counts / len(tokens.word)
    expected = share[keys // len(tokens.words)] * share[keys % len(tokens.words)]
    together = np.minimum(times / len(tokens.word), 0.999)
    association = np.log(together / expected) / -np.log(together)
    least = _least(int(tokens.text[-1]) + 1)
    good = np.flatnonzero((times >= least) & (association >= LEAST_ASSOCIATION))
    good = _most_frequent(good, times[good])
    number = np.full(len(keys), -1)
    number[good] = np.arange(len(good))
    place[begins] = number[pair]
    return _written_pairs(tokens, place, len(good)), place


def _least(texts: int) -> int:
    """Return how often what stands side by side must come to be a term."""
    return 3 if texts >= 200 else 2


def _written_pairs(tokens: _Tokens, place: NDArray[np.int64], count: int) -> list[str]:
    begins = np.flatnonzero(place >= 0)
    keys, times = np.unique(
        np.stack([place[begins], tokens.form[begins], tokens.form[begins + 1]], axis=1),
        axis=0,
        return_counts=True,
    )
    written: list[dict[str, int]] = [{} for _ in range(count)]
    for (pair, first, second), often in zip(keys.tolist(), times.tolist(), strict=True):
        shown = (tokens.bare.get(form) or unelided(form) for form in (tokens.forms[first], tokens.forms[second]))
        written[pair][" ".join(shown)] = often
    return [_display(forms) for forms in written]


def _display(written: dict[str, int]) -> str:
    """Return the most frequent form; a capital that only begins words (of sentences, of titles) gives way."""
    best = max(written, key=lambda form: (written[form], form.islower(), form))
    small = best.lower()
    return small if best.istitle() and 4 * written.get(small, 0) >= written[best] else best


def _most_frequent(items: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    """Return the `MAX_TERMS` of `items` that occur most often, in their old order."""
    return items[np.sort(np.argsort(-times, kind="stable")[:MAX_TERMS])]


def _merged(terms: list[str], times: Rows) -> tuple[list[str], NDArray[np.int64]]:
    """Return the terms with "top up" and "top-up" made one, and for each old term its new place."""
    place = _Numbers()
    same = np.array([place[fold(term).replace("-", " ")] for term in terms], dtype=np.int64)
    merged = [""] * len(place)
    for old in np.argsort(times, kind="stable"):
        merged[same[old]] = terms[old]
    return merged, same


def _presence(text: NDArray[np.int32], held: NDArray[np.int64], same: NDArray[np.int64], texts: int, terms: int) -> Any:
    from scipy import sparse

    kept = held >= 0
    ones = np.ones(int(kept.sum()), dtype=np.float32)
    presence = sparse.csr_matrix((ones, (text[kept], same[held[kept]])), shape=(texts, terms))
    presence.sum_duplicates()
    presence.data[:] = 1
    return presence
