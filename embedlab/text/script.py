"""Scripts: ranges of characters for a regular expression's class, letters with their marks, what a text is in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

UNCUT = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai and Lao, Myanmar, Khmer: an alphabet, without spaces between words."""
KATAKANA = "\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
HIRAGANA = "\u3041-\u309f"
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA_AND_HAN = f"{KATAKANA}{HIRAGANA}{HAN}"
UNSPACED = f"{UNCUT}{KANA_AND_HAN}"
"""All that is written without spaces."""
_UNSPACED = re.compile(f"[{UNSPACED}]")


def unspaced(text: str) -> bool:
    """Return whether `text` has characters of a script that is written without spaces."""
    return not text.isascii() and _UNSPACED.search(text) is not None


@lru_cache(maxsize=1)
def marks() -> str:
    """Return what is written onto a letter: accents, vowel signs, viramas. No regular expression's \\w holds them."""
    return "".join(sign for sign in map(chr, range(0x300, 0x3100)) if unicodedata.category(sign) in ("Mn", "Mc"))


def with_marks(text: str) -> list[str]:
    """Return the characters of `text`, each with the marks that follow it."""
    starts = [at for at, sign in enumerate(text) if not at or not unicodedata.category(sign).startswith("M")]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=False)]


def script(text: str) -> str:
    """Return the script that most letters of a text are of, such as "Latin"; "none" where there is no letter.

    Han letters beside kana are Japanese, alone they are called Chinese.
    """
    if text.isascii():
        return "Latin" if any(map(str.isalpha, text)) else "none"
    counts = Counter(_script(letter) for letter in text if letter.isalpha())
    if counts["Japanese"]:
        counts["Japanese"] += counts.pop("Chinese", 0)
    return counts.most_common(1)[0][0] if counts.total() else "none"


@lru_cache(maxsize=20_000)
def _script(letter: str) -> str:
    """Return the first word of a letter's name in Unicode, which is its script's for all scripts in use."""
    plain = unicodedata.normalize("NFKC", letter)[0]  # full-width, mathematical and small raised letters
    first = unicodedata.name(plain, "unknown").split()[0].split("-")[0]
    return {"CJK": "Chinese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean"}.get(
        first, first.capitalize()
    )
