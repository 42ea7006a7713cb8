"""Names for clusters, from the words that set each apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from embedlab.base.arrays import Rows
from embedlab.base.fingerprint import fingerprint
from embedlab.encoders.base import Vectors
from embedlab.space.keywords import Vocabulary, Word, distinctive, means_nothing
from embedlab.space.phrases import Phrases, best
from embedlab.space.space import Clusters
from embedlab.space.tendency import Tendency
from embedlab.text.cut import beginning
from embedlab.text.tokenise import fold

MAX_NAME = 32
_WORDS_IN_NAME = 3
_CANDIDATES = 5
# A further word must be at least this fraction as distinctive as the first to stand in a name.
_LEAST_OF_FIRST = 0.1
_TRIED = 60  # words or texts that are tried for a name that no other cluster has


@dataclass(frozen=True, eq=False)
class ClusterNames:
    """A name for each cluster, all different, and the words that set it apart, strongest first.

    Where `tendency` says that words can't name them they are only numbered, and have no words.
    """

    names: tuple[str, ...]
    words: tuple[tuple[Word, ...], ...]
    clusters: str  # the Clusters' fingerprint
    tendency: Tendency | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Stands for the clusters and what they are called."""
        return fingerprint(self.clusters, self.names)

    @property
    def drawn(self) -> bool:
        """Whether they say something of the clusters, and belong on a map."""
        return self.tendency is None or self.tendency.named

    @property
    def grouped(self) -> bool:
        """Whether the clusters are groups at all, and belong in a legend, a list or a table."""
        return self.tendency is None or self.tendency.grouped

    @property
    def doubt(self) -> str:
        """What there is to doubt about clusters and names, in plain words; "" where there is nothing."""
        return self.tendency.sentence if self.tendency else ""

    def of(self, label: int) -> str:
        """Return the name of the cluster numbered `label`; "no cluster" for -1."""
        return self.names[label] if label >= 0 else "no cluster"


def name_clusters(
    clusters: Clusters,
    vocabulary: Vocabulary,
    vectors: Vectors | None = None,
    tendency: Tendency | None = None,
    phrases: Phrases | None = None,
) -> ClusterNames:
    """Name each cluster by up to three phrases or words that set it apart, in at most about 32 characters.

    With `phrases` of the same texts, and `vectors`, these are the phrases whose own vectors lie nearest to the
    cluster's; see `embedlab.space.phrases.best`. Without, as for own vectors of which nobody knows the model, they are
    the strongest words by log-likelihood alone.

    Names are unique: where two clusters would share one, the smaller takes the next of its words, one that its texts
    have often, or one of its texts; a number only where all of these are taken. A word that half as many of the other
    texts have stands in none, and what carries no meaning (order numbers, "Nr") only where there is nothing else.

    Where no word occurs in two different texts of a cluster (a list of single words, say), its texts nearest to
    its mean direction name it, if `vectors` (n, d) are given. A cluster without any word (emoji, numbers) is
    named by the text it holds most often. Where `tendency` finds no groups, or none that words go with, they are
    called "Group 1", "Group 2" and so on.
    """
    if tendency is not None and not tendency.named:
        numbered = tuple(f"Group {number:,}" for number in range(1, clusters.count + 1))
        return ClusterNames(numbered, ((),) * clusters.count, clusters.fingerprint, tendency)
    words = distinctive(vocabulary, clusters.labels)
    told = _phrases(clusters, vectors, phrases)
    taken: set[str] = set()
    names: list[str] = []
    for label, own in enumerate(words):
        rows = np.flatnonzero(clusters.labels == label)
        central = _from_middle(rows, own, vocabulary, vectors, taken)
        base = (
            central
            or _from_phrases(told[label], taken)
            or _from_words(own, taken)
            or _from_text(rows, vocabulary)
            or f"cluster {label + 1}"
        )
        if fold(base) in taken:
            base = _further(base, rows, vocabulary, taken) or _text_apart(rows, vocabulary, taken) or base
        names.append(_unused(base, taken))
        taken.add(fold(names[-1]))
    return ClusterNames(tuple(names), tuple(words), clusters.fingerprint, tendency)


def _phrases(clusters: Clusters, vectors: Vectors | None, phrases: Phrases | None) -> list[tuple[str, ...]]:
    """Return the best phrases of each cluster, those that are too long for a name left out."""
    if vectors is None or phrases is None or not len(phrases):
        return [()] * clusters.count
    told = best(phrases, clusters.labels, vectors, 2 * _CANDIDATES)
    return [tuple(phrase for phrase in own if len(phrase) <= MAX_NAME) for own in told]


def _from_phrases(phrases: tuple[str, ...], taken: set[str]) -> str:
    """Return the first name that is not taken, with other phrases after the first, or another first one; "" if none."""
    options = (
        [phrases[first], *phrases[next_:]]
        for first in range(len(phrases))
        for next_ in range(first + 1, len(phrases) + 1)
    )
    return next((name for name in map(_joined, options) if fold(name) not in taken), "")


def _from_words(words: tuple[Word, ...], taken: set[str]) -> str:
    """Return the first name that is not taken, leaving out the second and third word where that helps."""
    if not words:
        return ""
    telling = [word.term for word in words if _tells(word, words[0])] or [word.term for word in words[:1]]
    options = [telling, *([telling[0], *(word.term for word in words[skipped:])] for skipped in range(1, len(words)))]
    return next((name for name in map(_joined, options) if fold(name) not in taken), _joined(telling))


def _tells(word: Word, first: Word) -> bool:
    """Return whether a word may stand in a name beside the `first`: none that half as many of the others hold, too."""
    if word.score < _LEAST_OF_FIRST * first.score:
        return False
    return word is first or (2 * word.outside <= word.inside and not (means_nothing(word.term)))


def _further(name: str, rows: Rows, vocabulary: Vocabulary, taken: set[str]) -> str:
    """Return a taken name with one more of the words that the cluster's texts have most often, or in its last's place.

    "" where there is none with which it is free.
    """
    counts = np.asarray(vocabulary.presence[rows].sum(axis=0)).ravel()
    often = [vocabulary.terms[term] for term in np.argsort(-counts, kind="stable")[:_TRIED].tolist() if counts[term]]
    old = name.split(", ")
    for word in often:
        if means_nothing(word) or any(fold(word) in fold(part) for part in old):
            continue
        for kept in (old, old[:-1] or old, old[:1]):
            made = ", ".join([*kept, word])
            if len(made) <= MAX_NAME and fold(made) not in taken:
                return made
    return ""


def _from_middle(
    rows: Rows, words: tuple[Word, ...], vocabulary: Vocabulary, vectors: Vectors | None, taken: set[str]
) -> str:
    """Return the most central short texts as a name, if the cluster's words are as good as drawn by lot."""
    if vectors is None or len(rows) < _WORDS_IN_NAME:
        return ""
    copies = max(Counter(vocabulary.texts[row] for row in rows).values())
    if any(word.inside * len(rows) > copies + 0.5 for word in words):
        return ""
    centrality = vectors[rows] @ vectors[rows].mean(axis=0)
    central = [vocabulary.texts[rows[place]].strip() for place in np.argsort(-centrality, kind="stable")]
    short = list(dict.fromkeys(text for text in central[: 2 * _CANDIDATES] if 0 < len(text) <= MAX_NAME // 2))
    name = _joined(short) if len(short) >= _WORDS_IN_NAME else ""
    return name if fold(name) not in taken else ""


def _joined(terms: list[str]) -> str:
    """Join the first terms that fit by commas; the very first is cut if it is too long by itself."""
    chosen = [_shortened(term) for term in terms[:1]]
    for term in terms[1:_CANDIDATES]:
        if len(chosen) < _WORDS_IN_NAME and len(", ".join([*chosen, term])) <= MAX_NAME:
            chosen.append(term)
    return ", ".join(chosen)


def _from_text(rows: Rows, vocabulary: Vocabulary) -> str:
    texts = Counter(" ".join(vocabulary.texts[row][: 4 * MAX_NAME].split()) for row in rows)
    return _shortened(texts.most_common(1)[0][0]) if texts else ""


def _text_apart(rows: Rows, vocabulary: Vocabulary, taken: set[str]) -> str:
    """Return the most frequent text that is no other cluster's name yet; "" where there is none."""
    texts = Counter(" ".join(vocabulary.texts[row][: 4 * MAX_NAME].split()) for row in rows)
    names = (_shortened(text) for text, _ in texts.most_common(_TRIED))
    return next((name for name in names if name and fold(name) not in taken), "")


def _shortened(text: str) -> str:
    return beginning(text, MAX_NAME)


def _unused(name: str, taken: set[str]) -> str:
    number, unique = 2, name
    while fold(unique) in taken:
        unique, number = f"{name} ({number})", number + 1
    return unique
