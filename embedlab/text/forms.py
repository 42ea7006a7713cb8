"""In which forms a word stands in texts: with particles, articles and prefixes written onto it; and who holds it.

Korean puts particles after a word (환불은, 환불을), Arabic and Hebrew put articles and prepositions before it,
and scripts without spaces anything on both sides. French, Italian and Catalan elisions are dealt with before, in
`tokenise`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

from embedlab.text.normalise import HYPHENS, searched
from embedlab.text.tokenise import ELISIONS, ENDINGS, index_form, index_spans, marks, unspaced

HANGUL = "\uac00-\ud7a3"
_ARABIC, _HEBREW = "\u0621-\u06d5", "\u05d0-\u05ea"
_KOREAN = re.compile(f"[{HANGUL}]+")
# Particles of Korean nouns, and the copula; longer ones first where one begins another.
PARTICLES_OF_KOREAN = (
    "은|는|이|가|을|를|의|에|에서|에게|에게서|한테|한테서|께|께서|로|으로|로서|으로서|로써|으로써|와|과|도|만|까지|부터|조차|마저|처럼|보다|마다|밖에|이나|나|이랑|랑|하고"
    "|이며|이고|이라|이라고|라고|이라는|라는|이란|란|에는|에도|에서는|에서도|으로는|으로도|로는|로도|까지는|까지도|만은|만이|들|들이|들은|들을|들의|들도|들에게"
    "|입니다|이에요|예요|이다|인데|인가요|이요|요|인"
)
_PARTICLE = re.compile(f"(?P<stem>[{HANGUL}]{{2,}}?)(?:{PARTICLES_OF_KOREAN})")
# Light stemming of Arabic (Larkey, Ballesteros and Connell, "Light stemming for Arabic information retrieval", 2007):
# the article with what may stand before it, and "and"; none that leaves fewer than two letters.
_BEFORE_ARABIC = "(?:[وف]?(?:[بك]?ال|لل)|و)?"
_ARTICLE = re.compile("[وف]?(?:[بك]?ال|لل)(?=.{3})")
# "And", "that", "when", "in", "to", "as" and the article in Hebrew; "from" only before the article.
_BEFORE_HEBREW = "(?:ו?(?:כש|ש)?(?:[בלכה]|מה)?)"
_HYPHEN = frozenset(("-", *HYPHENS))
_HEBREW_ARTICLE = re.compile("ה(?=.{3})")


@lru_cache(maxsize=10_000)
def forms(word: str) -> re.Pattern[str] | None:
    """Return what all of a word must match, as `searched` writes it, to be a form of `word`; None where only it is.

    A Korean word of two syllables or more is found wherever another one begins with it; a lone character of an
    unspaced script in every pair that has it.
    """
    if word.isascii():
        return None
    if len(word) == 1 and unspaced(word):
        return re.compile(f".?{re.escape(word)}.?")
    made = _form_pattern(word)
    return re.compile(made) if made else None


def _form_pattern(word: str) -> str:
    """Return `forms` as the text of a pattern, "" where a word has none but itself."""
    written = re.escape(word)
    if _KOREAN.fullmatch(word):
        own = f"{written}[{HANGUL}]*" if len(word) > 1 else f"{written}(?:{PARTICLES_OF_KOREAN})?"
        stem = bare_korean(word)
        return own if stem == word else f"(?:{own}|{stem}(?:{PARTICLES_OF_KOREAN})?)"
    if re.fullmatch(f"[{_ARABIC}]{{2,}}", word):
        bare = _ARTICLE.sub("", word, count=1) if _ARTICLE.match(word) else word
        return f"{_BEFORE_ARABIC}{bare}" if bare == word else f"(?:{written}|{_BEFORE_ARABIC}{bare})"
    if re.fullmatch(f"[{_HEBREW}]{{2,}}", word):
        before = _BEFORE_HEBREW if len(word) > 2 else "ה?"
        bare = _HEBREW_ARTICLE.sub("", word, count=1) if _HEBREW_ARTICLE.match(word) else word
        return f"{before}{written}" if bare == word else f"(?:{before}{written}|{_BEFORE_HEBREW}{bare})"
    return ""


def bare_korean(word: str) -> str:
    """Return a Korean word without the particle at its end, where two syllables or more are left; any other as it is.

    What only looks like a particle goes, too: this is for finding more. `bare_forms` asks for evidence.
    """
    found = _PARTICLE.fullmatch(word)
    return found["stem"] if found else word


def bare_forms(words: Iterable[str]) -> dict[str, str]:
    """Return which Korean ones of some words are others with a particle: each with the word without.

    A stem counts that is one of the words itself, or comes with two particles or more: 고양이 stays as it is.
    """
    korean = [word for word in words if not word.isascii() and _KOREAN.fullmatch(word)]
    stems = {word: stem for word in korean if (stem := bare_korean(word)) != word}
    often, alone = Counter(stems.values()), set(korean)
    return {word: stem for word, stem in stems.items() if stem in alone or often[stem] > 1}


def holder(needle: str) -> Callable[[str], bool] | None:
    """Return whether a text holds `needle` as whole words, one after the other; None where `needle` has no word.

    The text is given as `searched` makes it. Whatever is no letter may stand between two words; what is elided or
    written onto a word doesn't keep it from being found (`forms`), nor does a hyphen inside. Scripts without spaces
    have no whole words: there the characters need only stand side by side.
    """
    form = index_form(needle)
    words = [searched(form[start:end]) for start, end in _stretches(form)]
    if not any(words):
        return None
    letter = f"[\\w{marks()}]"
    parts = [_part(word, letter) for word in words if word]
    found = re.compile(f"(?:(?!{letter}).)*?".join(parts), re.DOTALL)
    return lambda text: found.search(text) is not None


def _stretches(form: str) -> list[tuple[int, int]]:
    """Return where each word stands; pairs that overlap are one, and so are parts with a hyphen between them."""
    found: list[tuple[int, int]] = []
    for _, start, end in index_spans(form):
        if found and (start < found[-1][1] or form[found[-1][1] : start] in _HYPHEN):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _part(word: str, letter: str) -> str:
    """Return the pattern of one word."""
    if unspaced(word) or not any(map(str.isalnum, word)):
        return re.escape(word)
    inner = _form_pattern(word) or "-?".join("[- ]?" if sign == "-" else re.escape(sign) for sign in word)
    return f"(?<!{letter})(?<!{letter}')(?:{ELISIONS})?{inner}{ENDINGS}?(?!'?{letter})"
