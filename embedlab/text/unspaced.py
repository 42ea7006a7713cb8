"""Words in scripts that put no spaces between them, found by how often characters stand together.

Thai, Lao, Khmer and Myanmar are cut where no syllable is cut (`clusters`); Han and kana between any two characters.
A word is a stretch of these that comes often, is no part of a longer one that comes about as often, and has more than
one neighbour on either side (Feng, Chen, Deng and Zheng, "Accessor variety criteria for Chinese word extraction",
2004). Nothing is learned from elsewhere: words that these texts have once only can't be found so.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from embedlab.text.tokenise import BREAK, HAN, HIRAGANA, UNCUT, unspaced
from embedlab.text.tokenise import pieces as spaced_pieces

LONGEST = 8  # clusters, or characters, of a word
ENOUGH = 400_000  # clusters that are counted
SHORT = 4  # clusters of a run that may be a word although it comes once
MOST_OF = 0.9  # a stretch that is so often followed by one and the same is a part of a longer one
LEAST_ASSOCIATION = 0.25
"""Normalised pointwise mutual information of the two parts of a word, wherever it is cut."""

_THAI, _LAO = "\u0e01-\u0e2e", "\u0e81-\u0eae\u0edc\u0edd"
_THAI_ON, _LAO_ON = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e", "\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
_KHMER, _BURMESE = "\u1780-\u17b3", "\u1000-\u102a\u103f\u104e\u1050-\u1055"
_CLUSTER = re.compile(
    # Thai: a vowel written before its consonant, what is written onto it and after it, a final consonant where the
    # vowel needs one, and silent letters.
    f"[\u0e40-\u0e44]?[{_THAI}][{_THAI_ON}]*(?:(?<=[\u0e31\u0e37\u0e47])[{_THAI}](?![{_THAI_ON}\u0e30\u0e32\u0e33])"
    f"|(?<=[\u0e31\u0e37\u0e47][\u0e48-\u0e4b])[{_THAI}](?![{_THAI_ON}\u0e30\u0e32\u0e33]))?[\u0e30\u0e32\u0e33\u0e45]*"
    f"(?:[{_THAI}]?[{_THAI}][\u0e34\u0e38]?\u0e4c)?"
    # Lao, likewise.
    f"|[\u0ec0-\u0ec4]?[{_LAO}][{_LAO_ON}]*(?:(?<=[\u0eb1\u0ebb\u0eb7])[{_LAO}](?![{_LAO_ON}\u0eb0\u0eb2\u0eb3])"
    f"|(?<=[\u0eb1\u0ebb\u0eb7][\u0ec8-\u0ecb])[{_LAO}](?![{_LAO_ON}\u0eb0\u0eb2\u0eb3]))?[\u0eb0\u0eb2\u0eb3\u0ebd]*"
    # Khmer: consonants below others, vowels and signs.
    f"|[{_KHMER}](?:\u17d2[{_KHMER}])*[\u17b4-\u17d1\u17d3\u17dd]*"
    # Myanmar: stacked consonants, vowels and tones, final consonants with the sign that kills their vowel.
    f"|[{_BURMESE}](?:\u1039[{_BURMESE}]|[\u102b-\u1038\u103a-\u103e\u1056-\u1064])*"
    f"(?:[{_BURMESE}][\u1037\u1038]?\u103a[\u1037\u1038]*|[{_BURMESE}]\u1039[{_BURMESE}])*"
    "|.",
    re.DOTALL,
)
_RUN = re.compile(f"[{UNCUT}]+|[{HAN}]+|[{HIRAGANA}]+")
_PARTS = re.compile(f"{_RUN.pattern}|[^{UNCUT}{HAN}{HIRAGANA}]+")
_BARE = re.compile(f"[{_THAI}{_LAO}{_KHMER}]")
_UNCUT = re.compile(f"[{UNCUT}]")
_ONLY_HIRAGANA = re.compile(f"[{HIRAGANA}]+")
_SIGN = re.compile("[\u0e2f\u0e46\u0e4f-\u0e5b\u0ec6\u0ed0-\u0ed9\u104a-\u104f\u1040-\u1049\u17d4-\u17db\u17e0-\u17e9]")

Stretch = tuple[str, ...]


def clusters(run: str) -> list[str]:
    """Return a run of an unspaced script, cut where a reader may cut it: no sign is parted from its consonant."""
    return _CLUSTER.findall(run) if _UNCUT.match(run) else list(run)


@dataclass(frozen=True, eq=False)
class UnspacedWords:
    """The words that were found in some texts, and all beginnings of them."""

    words: frozenset[Stretch]
    beginnings: frozenset[Stretch]

    def of(self, run: str) -> Iterator[str]:
        """Yield the words in a run, also those that overlap; a short run without any is one itself."""
        signs, any_found = clusters(run), False
        for start in range(len(signs)):
            for end in range(start + 1, min(len(signs), start + LONGEST) + 1):
                stretch = tuple(signs[start:end])
                if stretch in self.words:
                    any_found = True
                    yield "".join(stretch)
                elif stretch not in self.beginnings:
                    break
        if not any_found and len(signs) <= SHORT and _may_be_word(tuple(signs), alone=True):
            yield run


def pieces(surface: str, known: UnspacedWords) -> tuple[str, ...]:
    """Return the words in one of `embedlab.text.tokenise.surfaces`, those of unspaced scripts by a lexicon."""
    if not unspaced(surface):
        return spaced_pieces(surface)
    found: list[str] = []
    for part in _PARTS.finditer(surface):
        found += known.of(part[0]) if _RUN.match(part[0]) else spaced_pieces(part[0])
    return tuple(found) or (BREAK,)


def in_hiragana(term: str) -> bool:
    """Return whether a term is Hiragana alone: mostly endings and particles of Japanese."""
    return _ONLY_HIRAGANA.fullmatch(term) is not None


def runs_of(surface: str) -> list[str]:
    """Return the runs of Thai, Lao, Khmer, Myanmar, Han and Hiragana in a surface."""
    return _RUN.findall(surface)


def lexicon(surfaces: Mapping[str, int], least: int = 2) -> UnspacedWords:
    """Return the words in some `surfaces`, given with how often each comes; a word comes `least` times or more."""
    runs = [(clusters(run), times) for surface, times in surfaces.items() for run in runs_of(surface)]
    step = max(1, sum(len(signs) for signs, _ in runs) // ENOUGH)
    runs = runs[::step]
    counts = _counted(runs, least)
    total = sum(times * len(signs) for signs, times in runs) or 1
    words = frozenset(
        stretch
        for stretch in _closed(runs, counts)
        if _may_be_word(stretch) and _cohesion(stretch, counts, total) >= LEAST_ASSOCIATION
    )
    return UnspacedWords(words, frozenset(word[:end] for word in words for end in range(1, len(word))))


def _may_be_word(stretch: Stretch, alone: bool = False) -> bool:
    """Return whether it has two letters at least, none of them a sign or a number; in Hiragana three.

    A Han character that stands `alone` between others is a word, too.
    """
    written = "".join(stretch)
    if _SIGN.search(written):
        return False
    if _ONLY_HIRAGANA.fullmatch(written):
        return len(written) >= 3
    if len(written) == 1 and alone:
        return not _UNCUT.match(written)
    return sum(map(str.isalpha, written)) >= 2


def _counted(runs: Sequence[tuple[Sequence[str], int]], least: int) -> dict[Stretch, int]:
    """Return how often each stretch comes, of one cluster up to `LONGEST`; longer ones of what is frequent only."""
    found: dict[Stretch, int] = {}
    frequent: set[Stretch] = set()
    for length in range(1, LONGEST + 1):
        counts: Counter[Stretch] = Counter()
        for signs, times in runs:
            for start in range(len(signs) - length + 1):
                stretch = tuple(signs[start : start + length])
                if length == 1 or (stretch[:-1] in frequent and stretch[1:] in frequent):
                    counts[stretch] += times
        frequent = {stretch for stretch, times in counts.items() if times >= least}
        if not frequent:
            break
        found |= {stretch: counts[stretch] for stretch in frequent}
    return found


def _closed(runs: Sequence[tuple[Sequence[str], int]], counts: Mapping[Stretch, int]) -> Iterator[Stretch]:
    """Yield the stretches that have more than one neighbour on either side, none of them nearly always there."""
    before: dict[Stretch, Counter[str]] = defaultdict(Counter)
    after: dict[Stretch, Counter[str]] = defaultdict(Counter)
    for signs, times in runs:
        for start in range(len(signs)):
            for end in range(start + 1, min(len(signs), start + LONGEST) + 1):
                stretch = tuple(signs[start:end])
                if stretch not in counts:
                    break
                before[stretch][signs[start - 1] if start else ""] += times
                after[stretch][signs[end] if end < len(signs) else ""] += times
    for stretch in before:
        times, following = counts[stretch], after[stretch]
        # A bare consonant mostly ends the syllable before it.
        ended = sum(count for sign, count in following.items() if _BARE.fullmatch(sign))
        if 2 * ended <= times and _varied(before[stretch], times) and _varied(following, times):
            yield stretch


def _varied(beside: Counter[str], times: int) -> bool:
    return all(count < MOST_OF * times for sign, count in beside.items() if sign)


def _cohesion(stretch: Stretch, counts: Mapping[Stretch, int], total: int) -> float:
    """Return the lowest association of two parts of a stretch, however it is cut; 1 for one cluster."""
    if len(stretch) == 1:
        return 1.0
    whole = min(counts[stretch] / total, 0.999)
    parts = ((counts[stretch[:at]], counts[stretch[at:]]) for at in range(1, len(stretch)))
    return min(math.log(whole * total * total / (first * second)) / -math.log(whole) for first, second in parts)
