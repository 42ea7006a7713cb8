"""How much of two texts is worded the same: whatever the order, and but for typing errors.

The measure is the soft TF-IDF of Cohen, Ravikumar and Fienberg ("A comparison of string distance metrics for
name-matching tasks", 2003), made symmetric, with two changes that texts need. How rare a word is says little of a
function word, so those of English tell little whatever their number; and two words that look alike are one word with
a typing error only where one of them is rare.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

from rapidfuzz.distance import OSA

from embedlab.text.tokenise import STOP_WORDS, bare, bare_words

Places = tuple[int, ...]

LITTLE, LEAST, MOST = 1.0, 2.0, 5.0
RARE = 3
RARER = 20
PLAINLY_ALIKE = 0.85
AN_ERROR = 0.1
MANY = 6
_AGAIN = "\n"  # no word holds it

# Function words that turn what is said or asked into something else.
_OPPOSED = """
no nor not never none neither cannot without how what when where which who whom whose why
off out down before after above below under against more most us
"""
_TURNING = frozenset(_OPPOSED.split()) | {
    bare(word) for word in STOP_WORDS if word.endswith(("n't", "nt")) and word != "want"
}
_FUNCTION = frozenset(bare(word) for word in STOP_WORDS) - _TURNING


def _numbered(words: list[str]) -> frozenset[str]:
    """Return the words, each further time one stands there as another, so that sets can be compared."""
    if len(set(words)) == len(words):
        return frozenset(words)
    times: Counter[str] = Counter()
    found = []
    for word in words:
        times[word] += 1
        found.append(word if times[word] == 1 else f"{word}{_AGAIN}{times[word]}")
    return frozenset(found)


def _plain(word: str) -> str:
    return word.partition(_AGAIN)[0]


def _apart(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the words and the numbers."""
    return [word for word in words if not word.isdecimal()], [word for word in words if word.isdecimal()]


class Wording:
    """The words of texts, and how much each tells.

    A word tells the more, the fewer texts have it (the logarithm of the inverse document frequency), between `LEAST`
    and `MOST`. English function words, and rare ones of one or two letters, which are typing errors more often than
    words, tell `LITTLE` at most; but not negations, question words, and words that have an opposite.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        words = [bare_words(text) for text in texts]
        self._texts = Counter(word for found in words for word in set(found))
        self._few = max(RARE, len(texts) // 1_000)
        self._weights = {word: self._weight(word, len(texts) / count) for word, count in self._texts.items()}
        self._words = [_numbered(found) for found in words]
        self._whole = [self._told(found) for found in words]
        self._known: dict[tuple[str, str], float] = {}

    def _weight(self, word: str, rarity: float) -> float:
        told = math.log(1 + rarity)
        slip = len(word) <= 2 and word.isascii() and word.isalpha() and self._texts[word] <= self._few
        if word in _FUNCTION or (slip and word not in _TURNING):
            return min(told, LITTLE)
        return min(max(told, LEAST), MOST)

    def likeness(self, first: int, second: int) -> float:
        """Return the share of the weight of both texts' words that is in both, 0 to 1; 0 where neither has a word.

        A word counts as often as it stands there, wherever that is. Two words that differ by a typing error, or by a
        space, count as one, nearly; of two different function words half of each counts.
        """
        ours, theirs = self._words[first], self._words[second]
        left, right = sorted(map(_plain, ours - theirs)), sorted(map(_plain, theirs - ours))
        same = self._whole[first] - self._told(left)
        alike = weight = 0.0
        if left and right:
            alike, weight, left, right = self._matched(left, right)
        total = 2 * (same + weight) + self._told(left) + self._told(right)
        little = min(self._told(left, LITTLE), self._told(right, LITTLE))
        return (2 * (same + alike) + little) / total if total else 0.0

    def _told(self, words: Iterable[str], most: float = MOST) -> float:
        """Return the weight of those words that weigh at most so much."""
        return sum(weight for weight in map(self._weights.__getitem__, words) if weight <= most)

    def _matched(self, ours: list[str], theirs: list[str]) -> tuple[float, float, list[str], list[str]]:
        """Match words that are the same but for a typing error or a space, the most alike first; never numbers.

        Return their weight times their likeness, their weight, and the words that are left of both.
        """
        alike = weight = 0.0
        ours, numbers = _apart(ours)
        theirs, other_numbers = _apart(theirs)
        left, right = set(range(len(ours))), set(range(len(theirs)))
        for value, some, others in sorted(self._matches(ours, theirs), reverse=True):
            if left.issuperset(some) and right.issuperset(others):
                left.difference_update(some)
                right.difference_update(others)
                # The error makes a word rare: what it stands for says how much it matters.
                least = min(self._told([ours[at] for at in some]), self._told([theirs[at] for at in others]))
                alike, weight = alike + value * least, weight + least
        alone = [ours[at] for at in sorted(left)], [theirs[at] for at in sorted(right)]
        return alike, weight, alone[0] + numbers, alone[1] + other_numbers

    def _matches(self, ours: list[str], theirs: list[str]) -> Iterator[tuple[float, Places, Places]]:
        """Yield how alike words are, and their places: one of each text, or one and the two that it is made of."""
        for i, one in enumerate(ours):
            for j, other in enumerate(theirs):
                if value := self._mistyped(one, other):
                    yield value, (i,), (j,)
        if max(len(ours), len(theirs)) <= MANY:
            for i, value, pair in self._joined(ours, theirs):
                yield value, (i,), pair
            for j, value, pair in self._joined(theirs, ours):
                yield value, pair, (j,)

    def _joined(self, runs: list[str], words: list[str]) -> Iterator[tuple[int, float, Places]]:
        """Yield the place of a word that is two of the others without the space between them, how alike, and theirs."""
        rare = [at for at, run in enumerate(runs) if self._texts[run] <= RARE]
        for i, j in permutations(range(len(words)), 2):
            made = words[i] + words[j]
            if made in runs:
                yield runs.index(made), 1.0, (i, j)
            for at in rare:
                if abs(len(runs[at]) - len(made)) <= 1 and (value := self._mistyped(runs[at], made)):
                    yield at, value, (i, j)

    def _mistyped(self, first: str, second: str) -> float:
        """Return how alike two words are if one may be a typing error for the other, else 0."""
        if abs(len(first) - len(second)) > 2:
            return 0.0
        value = self._known.get((first, second))
        if value is None:
            value = self._known[first, second] = self._compared(first, second)
        return value

    def _compared(self, first: str, second: str) -> float:
        """Return how alike two words are by their letters, or 0 where they are two words by how many texts have them.

        One error in a word of up to five letters, two in a longer one. The rarer must be twenty
        times as rare as the other, or rare as such (a short one then by a letter too many or two exchanged), or the
        words long and almost the same (a plural, say).
        """
        longest = max(len(first), len(second))
        distance = OSA.distance(first, second, score_cutoff=2)
        if distance > (1 if longest < 6 else 2):
            return 0.0
        rarer, other = sorted((max(1, self._texts[first]), max(1, self._texts[second])))
        by_share = rarer * RARER <= other and (longest > 2 or rarer <= self._few)
        as_such = rarer <= RARE and (longest > 4 or (longest > 2 and set(first) == set(second)))
        if by_share or as_such or 1 - distance / longest >= PLAINLY_ALIKE:
            return 1 - AN_ERROR * distance
        return 0.0
