"""Which code page Cyrillic, Greek, Hebrew, Arabic or Thai is in: by which its letters are as frequent as in a language.

A page that is another one's reading gives words of seldom letters, or capitals inside words. A line is enough to tell,
where statistics of pairs of letters need a paragraph.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from itertools import pairwise

_CYRILLIC = (
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",  # Russian
    "оаниевтірсклудмпзьбгячйхцєїюжшщфґ",  # Ukrainian
    "аоиетнрсвлкдпмзгъубячцжйщхшюфь",  # Bulgarian
    "аоиенрсјтукдвлмпзгбчхцжшћњљђфџ",  # Serbian
)
_LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "cp1251": _CYRILLIC, "koi8_r": _CYRILLIC, "koi8_u": _CYRILLIC, "cp866": _CYRILLIC, "iso8859_5": _CYRILLIC,
    "cp1253": ("αοιετσνηυρπκμλωίόςάγέδήχθφύβώξζψϊϋΐΰ",),
    "cp1255": ("יוהלארתבשמנדחקעפםכזטגסןךצףץ",),
    "cp1256": ("اليمنوترهبدعسفكقحةجشصطىخذأزضغثئءإظؤآ",),
    "cp874": ("านรอกเง่มยวล้ีสตัดิทหคปบแไจพะขใชุูืึ์โถผ็ศซธณญภษฟฉฐฤ",),
}  # fmt: skip
"""The letters of languages, from the most frequent to the least, by the code pages in which they are written."""
_FALL = 3.7
"""From the first to the last letter of an alphabet the frequency falls to exp(-3.7), a fortieth, as in Russian."""
_ODD = math.log(1e-4)
"""What a sign weighs that the language has not, or a capital after a small letter."""
_LEAST = -0.25
"""The mean logarithm of how frequent the letters are, against an even spread: texts of their language have 0.4, what is
read by the page of another one less than -1.5."""
_WORD = re.compile(r"[^\W\d_]+")


def script_page(sample: bytes, apart: frozenset[str]) -> str | None:
    """Name the code page of `sample`; None where it is in none of these scripts. Signs in `apart` tell nothing."""
    fits = {page: _fit(sample.decode(page, errors="replace"), page, apart) for page in _LANGUAGES}
    best = max(fits, key=lambda page: fits[page])
    return best if fits[best] >= _LEAST else None


def _fit(text: str, page: str, apart: frozenset[str]) -> float:
    """Return the mean logarithm of how frequent the letters beyond ASCII are, by the best language, against an even
    spread."""
    beyond = [char for char in text if char > "\x7f" and char not in apart]
    if not beyond:
        return -math.inf
    words = _WORD.findall(text)
    misplaced = sum(after.isupper() and before.islower() for word in words for before, after in pairwise(word))
    fits: list[float] = []
    for alphabet in _LANGUAGES[page]:
        table = _logarithms(alphabet)
        fits.append((sum(table.get(char.lower(), _ODD) for char in beyond) + misplaced * _ODD) / len(beyond))
    return max(fits)


def _logarithms(alphabet: str) -> dict[str, float]:
    """Return the logarithm of each letter's frequency, times their number; it falls evenly from the first on."""
    steps = [-_FALL * place / len(alphabet) for place in range(len(alphabet))]
    whole = math.log(sum(map(math.exp, steps)) / len(steps))
    return {letter: step - whole for letter, step in zip(alphabet, steps, strict=True)}
