"""Odd texts: by what can be said without reading them (how long, in which script) out of the ordinary here."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.english import percent
from embedlab.check.base import LEAVE_OUT, Cell, Checked, Decision, Finding, FindingKind, Line, ShownTexts, usual
from embedlab.check.findings.outliers import FAR, modified_z
from embedlab.text.language import UNSURE, languages
from embedlab.text.tokenise import script

LEAST_SHARE = 0.2
FEW_OF_A_SCRIPT = 0.05
LONG_RUN = 5
HALF = 0.5

_URL = re.compile(r"\b(?:https?://|www\.)\S+", re.I)
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|body|br|center|code|dd|del|div|dl|dt|em|font|form|h[1-6]|head|hr|html|i|iframe|img|"
    r"input|ins|li|link|meta|ol|p|pre|q|s|script|small|span|strong|style|sub|sup|table|tbody|td|th|thead|title|tr|tt|u|"
    r"ul|video)(?:\s[^<>]*)?/?>|&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,5});",
    re.I,
)
_RUN = re.compile(r"(\S)\1+")
# UTF-8 read as Windows-1252: accented Latin letters, punctuation, Cyrillic; and characters that were given up.
_MOJIBAKE = re.compile(
    "Ã[\u0080-\u00bf]|â€|Â[\u00a0-\u00bf]|(?:[ÐÑ][\u0080-\u00bf\u0152-\u0192\u2013-\u2122]){2}|\ufffd"
)
_EMOJI = re.compile("[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf]")
_PLACEHOLDER = re.compile(
    r"\W*(?:lorem ipsum.*|n\W?a|none|null|nan|nil|undefined|unknown|empty|missing|todo|tbd|tba|test(?:ing)?(?: ?\d+)?|"
    r"asdf\w*|qwert\w*|x{2,}|foo|bar|foobar|blah(?: blah)*|deleted|removed|redacted|no (?:text|comment|content|answer)|"
    r"(?:insert|enter|your) text(?: here)?|untitled|sample text|placeholder)\W*|[\s_.?*/–—-]+",
    re.I | re.S,
)


@dataclass(frozen=True, eq=False)
class Property:
    """One thing that is known of each text: `values` float64 (n,), or an object array (n,) of names for categories.

    `odd` are the rows whose value is out of the ordinary, int, rising, and `why` says what makes them so. `common` are
    those that have what would be odd if fewer had it (`usual`): nothing is odd about what many texts are like. `has`
    says what they do, such as "hold a web address".
    """

    key: str
    title: str
    kind: Literal["number", "category"]
    values: NDArray[np.generic]
    odd: Rows
    why: str
    common: Rows = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    has: str = ""


def properties(texts: Sequence[str]) -> tuple[Property, ...]:
    """Return what is known of the texts, the lengths first.

    A length is odd where its logarithm lies far from the median on either side (a modified z-score above 3.5, Iglewicz
    and Hoaglin 1993); a share where it lies as far above it, and is a fifth or more; a script or a language where fewer
    than one text in twenty is in it; anything else where it is there at all. What more than one text in twenty has
    (and more than ten texts) is `common` instead.
    """
    found = [
        _lengths("characters", "Length in characters", np.array([len(text) for text in texts], dtype=np.float64)),
        _lengths("words", "Length in words", np.array([len(text.split()) for text in texts], dtype=np.float64)),
        _rare(
            "script", "Script", np.array([script(text) for text in texts], dtype=object),
            "Few texts here are written like this.", "are in one of many scripts, each of few texts",
        ),
        _rare(
            "language", "Language", languages(texts),
            "Few texts here are in this language, as far as their letters tell.",
            "are in one of many languages, each of few texts",
        ),
    ]  # fmt: skip
    shares: dict[str, tuple[str, Callable[[str], bool]]] = {
        "digits": ("Share of digits", str.isdigit),
        "capitals": ("Share of capitals", str.isupper),
        "symbols": ("Share of punctuation and symbols", lambda letter: unicodedata.category(letter)[0] in "PS"),
    }
    found += [_shares(key, title, _share(texts, holds)) for key, (title, holds) in shares.items()]
    counts: dict[str, tuple[str, Callable[[str], int], int, str, str]] = {
        "links": (
            "Web addresses", lambda text: len(_URL.findall(text)), 1, "It holds a web address.", "hold a web address",
        ),
        "emoji": (
            "Emoji", lambda text: len(_EMOJI.findall(text)), 1, "It holds an emoji or another small picture.",
            "hold an emoji",
        ),
        "tags": (
            "Mark-up", lambda text: len(_TAG.findall(text)), 1, "It holds HTML that should have been taken out.",
            "hold HTML",
        ),
        "run": (
            "Longest run of one character", _longest_run, LONG_RUN, "One character stands five times or more.",
            "repeat a character five times or more",
        ),
        "mojibake": (
            "Broken characters", lambda text: len(_MOJIBAKE.findall(text)), 1,
            "It holds characters of a wrongly read encoding.", "hold characters of a wrongly read encoding",
        ),
        "placeholder": (
            "Placeholders", lambda text: int(bool(_PLACEHOLDER.fullmatch(text.strip()))), 1,
            "It stands for a text that isn't there.", "stand for a text that isn't there",
        ),
    }  # fmt: skip
    for key, (title, count, least, why, has) in counts.items():
        values = np.array([count(text) for text in texts], dtype=np.float64)
        found.append(_property(key, title, values, np.flatnonzero(values >= least), why, has))
    return tuple(found)


def unread(shares: NDArray[np.floating]) -> Property:
    """Return as a property what share of each text's pieces a model doesn't know, (n,): odd from a half on."""
    values = shares.astype(np.float64)
    why = "The model has no piece for half of it or more: its vector says little."
    has = "are mostly unknown to the model"
    return _property("unknown", "Unknown to the model", values, np.flatnonzero(values >= HALF), why, has)


def _property(
    key: str, title: str, values: NDArray[np.generic], rows: Rows, why: str, has: str,
    kind: Literal["number", "category"] = "number",
) -> Property:  # fmt: skip
    """Return a property that the texts at `rows` have: they are odd, unless they are many."""
    none = np.empty(0, dtype=np.intp)
    odd, common = (none, rows) if usual(len(rows), len(values)) else (rows, none)
    return Property(key, title, kind, frozen(values), odd, why, common, has)


def _lengths(key: str, title: str, values: Floats) -> Property:
    far = np.flatnonzero(np.abs(modified_z(np.log1p(values))) > FAR)
    why = "It is much shorter or longer than most."
    return _property(key, title, values, far, why, "are much shorter or longer than most")


def _shares(key: str, title: str, values: Floats) -> Property:
    far = np.flatnonzero((modified_z(values) > FAR) & (values >= LEAST_SHARE))
    has = f"have a much higher {title[0].lower()}{title[1:]} than most"
    return _property(key, title, values, far, f"{title}: much higher than in most.", has)


def _share(texts: Sequence[str], holds: Callable[[str], bool]) -> Floats:
    answers: dict[str, bool] = {}

    def counted(text: str) -> int:
        total = 0
        for letter, count in Counter(text).items():
            if letter not in answers:
                answers[letter] = holds(letter)
            total += count if answers[letter] else 0
        return total

    return np.array([counted(text) / max(1, len(text)) for text in texts], dtype=np.float64)


def _longest_run(text: str) -> int:
    return max((len(match.group()) for match in _RUN.finditer(text)), default=int(bool(text.strip())))


def _rare(key: str, title: str, values: NDArray[np.object_], why: str, has: str) -> Property:
    """Return a category, in which what few texts are is odd."""
    counts = Counter(values.tolist())
    rare = {name for name, count in counts.items() if name != UNSURE and count < FEW_OF_A_SCRIPT * len(values)}
    return _property(key, title, values, np.flatnonzero([name in rare for name in values]), why, has, "category")


class OddTexts(FindingKind):
    """Texts that are out of the ordinary by what can be said without reading them."""

    key = "properties"
    title = "Odd texts"
    limits = (0.01, math.inf)
    heads = ("Property", "Value", "Text")
    offer = LEAVE_OUT

    def found(self, checked: Checked) -> Finding:
        """Count the texts that are odd in some way."""
        odd = [one for one in checked.properties if len(one.odd)]
        named = ", ".join(f"{one.title[0].lower()}{one.title[1:]} ({len(one.odd):,})" for one in odd)
        told = f"Out of the ordinary: {named}." if odd else "No text is out of the ordinary by its form."
        common = [
            f"{percent(len(one.common) / checked.texts)} {one.has}" for one in checked.properties if len(one.common)
        ]
        detail = f"How these texts are, and so nothing odd: {'; '.join(common)}." if common else ""
        rows = [row for one in odd for row in one.odd.tolist()]
        return self.summed(told, rows, checked.texts, detail, colours=tuple((one.title, one.odd) for one in odd))

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each odd text, property by property, and those that have what many have, to be compared with."""
        for one in checked.properties:
            for rows, flagged in ((one.odd, True), (one.common, False)):
                for row in rows.tolist():
                    value = one.values[row]
                    cell: Cell = str(value) if one.kind == "category" else round(float(value), 3)
                    drop = Decision(row, self.key, "drop", f"{one.title}: {cell}. {one.why}")
                    yield Line((one.title, cell, shown(row)), (row,), (drop,), flagged)
