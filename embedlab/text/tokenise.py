"""Text to words, in any script.

Letters with their marks make a word, with inner apostrophes, hyphens and digits. Scripts that put no
spaces between words are cut into overlapping pieces, as search engines do: two Han or Hiragana
characters, three Thai, Lao, Khmer or Myanmar ones (a character with its marks); a run of Katakana, mostly
a loanword, stays whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# English function words, and what people say around their point ("please", "want", "thanks").
_STOP = """
a about above after again against all also although am among an and any are aren't as at away be
because been before being below between both but by can can't cannot come could couldn't d did
didn't do does doesn't doing don don't done during each either else etc ever every few for from
further get gets getting give go goes going gonna got had hadn't has hasn't have haven't having he
he'd he'll her here hers herself hi him himself his how however i i'd i'll i'm i've if in instead
into is isn't it its itself just know let like ll make makes many may maybe me might mine more most
much must my myself need needs neither no nor not now of off on once one only or other our ours
ourselves out over own please put rather re really s same see shall she she'd she'll should
shouldn't since so some something such sure t than thank thanks that the their theirs them
themselves then there these they they'd they'll they're they've thing things this those through thus
to too toward towards under until up upon us use used using ve very via want wanted wants was wasn't
way we we'd we'll we're we've well were weren't what when where whether which while who whom whose
why will with within without won't would wouldn't yes yet you you'd you'll you're you've your yours
yourself yourselves cant couldnt didnt doesnt dont hasnt havent im isnt ive wasnt wont wouldnt youre
e.g. i.e.
"""
STOP_WORDS = frozenset(_STOP.split())
# Stop words that may still end a pair of words: "top up", "turn off".
PARTICLES = frozenset(("away", "back", "down", "off", "out", "over", "up"))
# Stands between words that are not side by side in one phrase: for punctuation, a number, a tag.
BREAK = ""
# Longer runs of letters are keys, encoded data or noise.
LONGEST_WORD = 60

_UNCUT = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai and Lao, Myanmar, Khmer
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_HIRAGANA = "\u3041-\u309f"
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LONE_KANA = frozenset(map(chr, range(0x3041, 0x30A0)))
_UNSPACED = re.compile(f"[{_UNCUT}{_KATAKANA}{_HIRAGANA}{_HAN}]")
_RUNS = re.compile(
    f"(?P<twos>[{_HAN}]+|[{_HIRAGANA}]+)|(?P<threes>[{_UNCUT}]+)"
    f"|(?P<whole>[{_KATAKANA}]+|[^{_UNCUT}{_KATAKANA}{_HIRAGANA}{_HAN}]+)"
)
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


def unspaced(word: str) -> bool:
    """Return whether `word` has characters of a script that is written without spaces."""
    return not word.isascii() and _UNSPACED.search(word) is not None


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
    characters = _with_marks(run[0])
    for start in range(max(1, len(characters) - width + 1)):
        yield "".join(characters[start : start + width])


def _with_marks(run: str) -> list[str]:
    characters: list[str] = []
    for character in run:
        if characters and unicodedata.category(character).startswith("M"):
            characters[-1] += character
        else:
            characters.append(character)
    return characters


@lru_cache(maxsize=1)
def _surface_pattern() -> re.Pattern[str]:
    marks = "".join(c for c in map(chr, range(0x300, 0x3100)) if unicodedata.category(c) in ("Mn", "Mc"))
    return re.compile(
        r"(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?"  # U.S., U.S.A
        rf"|[\w{marks}]+(?:['’‐‑\-\u200c\u200d][\w{marks}]+)*(?:\+\+|\#)?"  # can't, two-factor, C++
        r"|[^\w\s]"
    )
