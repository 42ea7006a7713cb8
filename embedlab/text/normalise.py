"""Texts and words in the form in which they can be kept and compared."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]+")
APOSTROPHES = "\u2018\u2019\u201b\u02bb\u02bc\u2032\uff07\u05f3"
"""What is typed for ': curly ones, primes, the letter for it, full-width, the Hebrew geresh."""
HYPHENS = "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d\u05be"
"""What is typed for -: true and unbreakable ones, dashes that stand for one, the minus sign, the Hebrew maqaf."""
# Shows nothing by itself: soft hyphens, joiners and their contraries, marks of order, variants and skins of emoji.
_UNSEEN = "\u00ad\u034f\u180e\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f\U0001f3fb-\U0001f3ff"
# Vowels and other points that Arabic and Hebrew mostly go without, and the stroke that makes an Arabic word longer.
_POINTS = (
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06ed"
)
_HALF_SPACE = re.compile("(?<=[\u0620-\u06ff])\u200c(?=[\u0620-\u06ff])")  # parts the words of Persian
_LEFT_OUT = re.compile(f"[{_UNSEEN}{_POINTS}]+")
# Letters that people type one for the other, and that are no letter with an accent for Unicode.
_ALIKE = str.maketrans(
    {
        **dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(HYPHENS, "-"),
        "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه",
    }
)  # fmt: skip


def well_formed(text: str) -> str:
    """Return `text` with lone surrogates, which no encoding can hold, replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def caseless(text: str) -> str:
    """Return `text` without case, and with one form for what Unicode calls compatible (NFKC): widths, ligatures."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def searched(text: str) -> str:
    """Return `text` as letters are looked for in it: without case, width and, as `unaccented` says, accents.

    Nor does it matter which apostrophe or hyphen was typed, whether the i of Turkish has its dot, whether Arabic and
    Hebrew are pointed (with one form for each of the alefs, yehs and heh), and what an emoji's skin is.
    """
    return text.lower() if text.isascii() else alike(caseless(text))


def alike(folded: str) -> str:
    """Return text that is `caseless` already without accents and points, with one form for letters that stand in."""
    if folded.isascii():
        return folded
    plain = _LEFT_OUT.sub("", _HALF_SPACE.sub("-", folded))
    return unicodedata.normalize("NFC", unaccented(plain).translate(_ALIKE)).casefold()


def unaccented(text: str) -> str:
    """Return `text` without accents on Latin, Greek and Cyrillic, composed (NFC)."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))
