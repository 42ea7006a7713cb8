"""Text to words, in any script: letters with their marks, by what the words are for.

- `words_of` for words that are shown, as names of clusters: with inner apostrophes, hyphens and digits. Scripts that
  put no spaces between words are cut into overlapping pieces, as search engines do: two Han or Hiragana characters,
  three Thai, Lao, Khmer or Myanmar ones (a character with its marks); a run of Katakana stays whole, as a loanword.
- `index_words` for words that are looked for and counted (TF-IDF, BM25): without case, unspaced scripts in overlapping
  pairs, an emoji is a word.
- `bare_words` for words that two texts have in common, whatever the order: without apostrophes, numbers apart.
- `word_spans` for what can be left out of a text: words and marks where they stand.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from embedlab.text.normalise import caseless, well_formed
from embedlab.text.script import HAN, HIRAGANA, KANA_AND_HAN, KATAKANA, UNCUT, UNSPACED, marks, unspaced, with_marks
from embedlab.text.stopwords import STOP_WORDS

# Stands between words that are not side by side in one phrase: for punctuation, a number, a tag.
BREAK = ""
# Longer runs of letters are keys, encoded data or noise.
LONGEST_WORD = 60

_LONE_KANA = frozenset(map(chr, range(0x3041, 0x30A0)))
_RUNS = re.compile(f"(?P<twos>[{HAN}]+|[{HIRAGANA}]+)|(?P<threes>[{UNCUT}]+)|(?P<whole>[{KATAKANA}]+|[^{UNSPACED}]+)")
_APOSTROPHES = str.maketrans("", "", "'’")
# Addresses, tags, entities and LaTeX commands hold letters that are no words of the text.
_MARKUP = re.compile(r"https?://\S+|</?[A-Za-z][^<>]{0,300}>|&#?\w{1,10};|\\[A-Za-z]+")
_LATEX_ACCENT = re.compile(r"(?:(?<=[^\W\d_])|\{)\\([\"'^`~])\{?([A-Za-z])\}{0,2}")
_ACCENTS = {'"': "\u0308", "'": "\u0301", "^": "\u0302", "`": "\u0300", "~": "\u0303"}


def words_of(text: str) -> list[str]:
    """Return the words of `text` as written and in order, stop words included, `BREAK` between phrases."""
    return [piece for surface in surfaces(text) for piece in pieces(surface)]


def surfaces(text: str) -> list[str]:
    """Return the unbroken runs of letters in `text`, and each punctuation mark on its own."""
    if "\\" in text or "<" in text or "&" in text or "://" in text:
        text = _LATEX_ACCENT.sub(lambda found: found[2] + _ACCENTS[found[1]], text)
        text = _MARKUP.sub(" . ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.replace("\u00ad", "").replace("\ufeff", ""))
    return _surface_pattern().findall(text)


def pieces(surface: str) -> tuple[str, ...]:
    """Return the words in one of `surfaces`: mostly itself; `(BREAK,)` where it is none."""
    if not unspaced(surface):
        word = surface.strip("_")
        return (word,) if len(word) <= LONGEST_WORD and any(map(str.isalpha, word)) else (BREAK,)
    return tuple(piece for run in _RUNS.finditer(surface) for piece in _cut(run))


def fold(word: str) -> str:
    """Return the form that counts as the same word: case, the sort of apostrophe and "'s" don't matter."""
    folded = word.casefold().replace("’", "'")
    return folded.removesuffix("'s") or folded


def says_nothing(folded: str) -> bool:
    """Return whether a folded word is no use alone: an English stop word, a single letter or kana."""
    if len(folded) == 1:
        return folded in _LONE_KANA or not unspaced(folded)
    return folded in STOP_WORDS


def _cut(run: re.Match[str]) -> Iterator[str]:
    if run["whole"]:
        yield run["whole"] if any(map(str.isalpha, run["whole"])) else BREAK
        return
    width = 2 if run["twos"] else 3
    characters = with_marks(run[0])
    for start in range(max(1, len(characters) - width + 1)):
        yield "".join(characters[start : start + width])


@lru_cache(maxsize=1)
def _surface_pattern() -> re.Pattern[str]:
    return re.compile(
        r"(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?"  # U.S., U.S.A
        rf"|[\w{marks()}]+(?:['’‐‑\-\u200c\u200d][\w{marks()}]+)*(?:\+\+|\#)?"  # can't, two-factor, C++
        r"|[^\w\s]"
    )


# --- Words that are looked for and counted -------------------------------------------------------


def index_words(text: str) -> list[str]:
    """Return the words of `text` in order, without regard to case.

    Scripts that put no spaces between words are cut into overlapping pairs of characters. An emoji or another
    pictorial symbol is a word; punctuation is one only in a text that has nothing else.
    """
    signs: list[str] = _index_pattern().findall(index_form(text))
    found = [word for sign in signs if _says(sign) for word in _pairs(sign)]
    return found or [mark for mark in signs if mark.isprintable()]


def index_form(text: str) -> str:
    """Return the form in which equal words are equal: case, width, ligatures and sorts of apostrophe don't matter."""
    return caseless(well_formed(text)).replace("’", "'")


def _says(sign: str) -> bool:
    """Return whether a sign is a word: letters, digits, unspaced script or a pictorial symbol."""
    return len(sign) > 1 or sign.isalnum() or unicodedata.category(sign) == "So"


def _pairs(sign: str) -> list[str]:
    if not unspaced(sign[0]):
        return [sign.removesuffix("'s")]
    return [sign[start : start + 2] for start in range(max(1, len(sign) - 1))]


@lru_cache(maxsize=1)
def _index_pattern() -> re.Pattern[str]:
    """Runs of unspaced characters, words with their marks and inner apostrophes, and any other sign alone."""
    letters = f"(?:[^\\W_{UNSPACED}]|[{marks()}])"
    return re.compile(f"[{UNSPACED}]+|[^\\W_{UNSPACED}]{letters}*(?:'{letters}+)*|[^\\w\\s]|_")


# --- Words that two texts have in common ---------------------------------------------------------


def bare_words(text: str) -> list[str]:
    """Return the words of a text in order, without apostrophes: "can't" is one word, "top-up" are two.

    Kana and Han are words by themselves, and so are a number and the sign beside it that says what it counts.
    """
    return [sys.intern(bare(word)) for word in _bare_pattern().findall(text)]


def bare(word: str) -> str:
    """Return `word` without its apostrophes."""
    return word.translate(_APOSTROPHES)


@lru_cache(maxsize=1)
def _bare_pattern() -> re.Pattern[str]:
    letters = rf"(?:[^\W\d_{KANA_AND_HAN}][{marks()}]*)+"
    return re.compile(rf"[{KANA_AND_HAN}]|{letters}(?:['’]{letters})*|\d+|[$£€¥₹](?=\d)|(?<=\d)[$£€¥₹%]")


# --- Words where they stand ----------------------------------------------------------------------


def word_spans(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Yield where each word, number or run of marks begins and ends in `text`, from `start` on.

    Characters of scripts that put no spaces between words stand for themselves.
    """
    return (match.span() for match in _span_pattern().finditer(text, start))


@lru_cache(maxsize=1)
def _span_pattern() -> re.Pattern[str]:
    letters = f"(?:[^\\W_{UNSPACED}][{marks()}]*)+"
    return re.compile(f"[{UNSPACED}]|{letters}(?:[-'’]{letters})*|[^\\w\\s]+|_+")
