"""Cut texts: their end is missing, in the file, at a length at which many end, or because the model's window ends."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows, frozen
from embedlab.base.english import counted, percent
from embedlab.check.base import Checked, Finding, FindingKind, Line, ShownTexts, usual
from embedlab.space import Space

END = 120  # characters of the end of a text
FEWEST = 10
SPIKE = 5
SHORTEST = 20
A_WORD = 12
LONGER = 0.01
UNLIKE_REST = 0.2
BROKEN_WORDS = 0.1
_READ = 2_000  # texts whose words are known words
_AFTER_END = "\"'”’»«)]}>*_` \t\r\n"
_LAST_WORD = re.compile(r"[^\W\d_]+\Z")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, eq=False)
class Cuts:
    """`rows` int, rising, are texts that look cut in the file, `at` its length in `unit` ("characters", "bytes" or
    "words"), 0 where none do. `over` int, rising, are those longer than the model's window of `window` tokens.
    """

    rows: Rows
    at: int
    unit: str
    over: Rows
    window: int

    @property
    def all(self) -> Rows:
        """The rows of both, int, rising."""
        return np.union1d(self.rows, self.over)


def cuts(space: Space) -> Cuts:
    """Return the texts of a space whose end is missing.

    Texts are taken for cut where at least ten different ones end at one length, at most one in a hundred is longer,
    five times fewer are a little shorter, and those that end there end otherwise than the rest: without the end of a
    sentence, or within a word. That length may be one in characters, in bytes of UTF-8 or in words. A text that ends
    there with the end of a sentence may be whole, and is not listed.
    """
    texts, first = space.corpus.texts, space.corpus.distinct[0]
    best, at, unit = np.zeros(len(texts), dtype=bool), 0, "characters"
    for name, measure in _UNITS.items():
        lengths = np.array([measure(text) for text in texts], dtype=np.intp)
        limit = _limit(lengths[first], name)
        there = np.isin(lengths, limit)
        if there.sum() > 1.1 * best.sum() and _end_otherwise(texts, there):
            best, at, unit = there, limit[0], name
    rows = np.array([row for row in np.flatnonzero(best).tolist() if _is_open(texts[row])], dtype=np.intp)
    return Cuts(frozen(rows), at, unit, frozen(np.flatnonzero(space.over_window)), space.card.window)


_UNITS: dict[str, Callable[[str], int]] = {
    "characters": len,
    "bytes": lambda text: len(text) if text.isascii() else len(text.encode("utf-8", "replace")),
    "words": lambda text: len(text.split()),
}


def _limit(lengths: Rows, unit: str) -> list[int]:
    """Return the length at which many of different texts end, and those beside it at which as many do.

    A cut that leaves words whole ends a little before the limit. An empty list where there is no such length.
    """
    if len(lengths) < FEWEST:
        return []
    values, counts = np.unique(lengths[lengths >= np.quantile(lengths, 1 - LONGER, method="lower")], return_counts=True)
    at = int(values[np.argmax(counts)])
    if at < (SHORTEST // 4 if unit == "words" else SHORTEST):
        return []
    wide = 1 if unit == "words" else min(A_WORD, at // 10)
    before = float(((lengths > at - 2 * wide) & (lengths <= at - wide)).sum()) / wide
    beside = range(at + wide - 1, at - wide, -1)
    found = {length: int((lengths == length).sum()) for length in beside}
    found = {length: count for length, count in found.items() if count >= max(1, SPIKE * before)}
    if sum(found.values()) < max(FEWEST, SPIKE * before * len(found)) or at not in found:
        return []
    limit = at if found[at] >= sum(found.values()) / 2 else max(found)
    return [limit, *(length for length in found if length < limit)]


# --- How texts end -------------------------------------------------------------------------------


def _end_otherwise(texts: Sequence[str], there: NDArray[np.bool_]) -> bool:
    """Whether the texts at the limit end without the end of a sentence, or within a word, more than the others do."""
    here, rest = (_sampled(np.flatnonzero(rows)) for rows in (there, ~there))
    opened = np.mean([_is_open(texts[row]) for row in here])
    if opened < 0.5:
        return False
    within = _Words(texts)
    broken = np.mean([within.breaks(texts[row]) for row in here])
    if len(rest) < FEWEST:
        return bool(broken >= BROKEN_WORDS)
    elsewhere = np.mean([_is_open(texts[row]) for row in rest])
    broken_elsewhere = np.mean([within.breaks(texts[row]) for row in rest])
    return bool(opened - elsewhere >= UNLIKE_REST or broken - broken_elsewhere >= BROKEN_WORDS)


def _is_open(text: str) -> bool:
    """Whether a text ends without the end of a sentence: with a letter, a comma, or the dots of what was left out."""
    end = text.rstrip(_AFTER_END)
    return bool(end) and (end[-1].isalnum() or end[-1] in ",-–(…" or end.endswith(".."))


class _Words:
    """The words of some texts but their last ones, which may be cut."""

    def __init__(self, texts: Sequence[str]) -> None:
        rows = _sampled(np.arange(len(texts)))
        self._known = {word for row in rows for word in self._inside(texts[row])}
        self._sorted = sorted(self._known)

    @staticmethod
    def _inside(text: str) -> Iterator[str]:
        found = _WORD.findall(text.casefold())
        return iter(found[:-1] if _LAST_WORD.search(text) else found)

    def breaks(self, text: str) -> bool:
        """Whether a text ends within a word: with letters that are no word elsewhere, but the beginning of one."""
        last = _LAST_WORD.search(text.casefold())
        if last is None or last.group() in self._known:
            return False
        at = bisect_left(self._sorted, last.group())
        return at < len(self._sorted) and self._sorted[at].startswith(last.group())


def _sampled(rows: Rows) -> list[int]:
    found: list[int] = rows[:: max(1, -(-len(rows) // _READ))].tolist()
    return found


# --- What to say ---------------------------------------------------------------------------------


def sentences(found: Cuts, texts: int) -> Iterator[str]:
    """Yield a sentence on each way in which texts were cut; one that none was, if so."""
    if len(found.rows):
        count = len(found.rows)
        yield (
            f"{counted(count, 'text')} ({percent(count / texts)}) {'ends' if count == 1 else 'end'} at {found.at:,} "
            f"{found.unit} without the end of a sentence: {'it looks' if count == 1 else 'they look'} cut in the file."
        )
    if len(found.over):
        count = len(found.over)
        limit = f"the {found.window:,} tokens that the model reads" if found.window else "the model reads"
        yield (
            f"{counted(count, 'text')} ({percent(count / texts)}) {'is' if count == 1 else 'are'} longer than {limit}: "
            "it did not see the end."
        )
    if not len(found.all):
        yield "No text looks cut, in the file or by the model."


class CutTexts(FindingKind):
    """Texts whose end is missing."""

    key = "cut"
    title = "Cut texts"
    limits = (0.01, 0.2)
    heads = ("Cut", "Characters", "How it ends")
    offer = None

    def found(self, checked: Checked) -> Finding:
        """Count the texts that are cut in one way or the other."""
        cut, of = checked.cuts, checked.texts
        told, *more = sentences(cut, of)
        colours = (("by the model", cut.over), ("in the file", cut.rows))
        return self.summed(told, cut.all, of, " ".join(more), usual=usual(len(cut.all), of), colours=colours)

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each text that is cut, with its end."""
        found, texts = checked.cuts, checked.space.corpus.texts
        in_file, over = set(found.rows.tolist()), set(found.over.tolist())
        for row in found.all.tolist():
            ways = [name for name, rows in (("in the file", in_file), ("by the model", over)) if row in rows]
            text = shown.whole(row)
            end = text if len(text) <= END else f"…{text[-END:]}"
            yield Line((" and ".join(ways), len(texts[row]), end), (row,))

    def advice(self, checked: Checked) -> Iterator[str]:
        """Say what to do about them: nothing that leaves them out."""
        if len(checked.cuts.rows):
            yield "Nothing here brings the end of a text back: get the whole texts from where they come from."
        if len(checked.cuts.over):
            yield "For what the model does not see, choose one with a longer window, or part long texts."
