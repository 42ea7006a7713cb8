"""Text to words, in any script: letters with their marks, by what the words are for.

- `pieces` of `surfaces` for words that are shown, as names of clusters: with inner apostrophes, hyphens and digits.
  Scripts that put no spaces between words are cut into overlapping pieces, as search engines do: two Han or Hiragana
  characters, three Thai, Lao, Khmer or Myanmar ones (a character with its marks); a run of Katakana stays whole, as a
  loanword.
- `index_words` for words that are looked for and counted (TF-IDF, BM25): without case, unspaced scripts in overlapping
  pairs, an emoji is a word.
- `bare_words` for words that two texts have in common, whatever the order: without apostrophes, numbers apart.
- `word_spans` for what can be left out of a text: words and marks where they stand.

`script` tells what letters a text is in.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache

from embedlab.text.normalise import APOSTROPHES, HYPHENS, caseless, well_formed

# Scripts, as ranges of characters to put into a regular expression's class.
UNCUT = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai and Lao, Myanmar, Khmer: an alphabet, without spaces between words."""
KATAKANA = "\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
HIRAGANA = "\u3041-\u309f"
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA_AND_HAN = f"{KATAKANA}{HIRAGANA}{HAN}"
UNSPACED = f"{UNCUT}{KANA_AND_HAN}"
"""All that is written without spaces."""
_UNSPACED = re.compile(f"[{UNSPACED}]")

# Stands between words that are not side by side in one phrase: for punctuation, a number, a tag.
BREAK = ""
# Longer runs of letters are keys, encoded data or noise.
LONGEST_WORD = 60

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

_LONE_KANA = frozenset(map(chr, range(0x3041, 0x30A0)))
_RUNS = re.compile(f"(?P<twos>[{HAN}]+|[{HIRAGANA}]+)|(?P<threes>[{UNCUT}]+)|(?P<whole>[{KATAKANA}]+|[^{UNSPACED}]+)")
_APOSTROPHES = str.maketrans("", "", "'’")
# Addresses, tags, entities and LaTeX commands hold letters that are no words of the text.
_MARKUP = re.compile(r"https?://\S+|</?[A-Za-z][^<>]{0,300}>|&#?\w{1,10};|\\[A-Za-z]+")
_LATEX_ACCENT = re.compile(r"(?:(?<=[^\W\d_])|\{)\\([\"'^`~])\{?([A-Za-z])\}{0,2}")
_ACCENTS = {'"': "\u0308", "'": "\u0301", "^": "\u0302", "`": "\u0300", "~": "\u0303"}


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
    """Return the form that counts as the same word: case, the sort of apostrophe, "'s" and elisions don't matter."""
    folded = word.casefold().replace("’", "'")
    return unelided(folded).removesuffix("'s") or folded


def says_nothing(folded: str, function_words: Collection[str] = STOP_WORDS) -> bool:
    """Return whether a folded word is no use alone: one of the function words, a single letter or kana."""
    if len(folded) == 1:
        return folded in _LONE_KANA or not unspaced(folded)
    return folded in function_words


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
    pictorial symbol is a word, and so is a flag; punctuation is one only in a text that has nothing else. What is
    elided before a word (l'hôtel, dell'arte, l'hotel in Catalan) or put after a name (Anna's, İstanbul'da) is no part
    of it.
    """
    form = index_form(text)
    return [word for word, _, _ in index_spans(form)] or [
        mark for mark in _index_pattern().findall(form) if mark.isprintable()
    ]


def index_form(text: str) -> str:
    """Return the form in which equal words are equal: case, width, ligatures and sorts of apostrophe don't matter."""
    form = caseless(well_formed(text))
    return form if form.isascii() else form.translate(_ONE_APOSTROPHE)


def index_spans(form: str) -> Iterator[tuple[str, int, int]]:
    """Yield each of the `index_words` of what `index_form` made, and where it begins and ends in that.

    Where nothing but punctuation is there, nothing comes.
    """
    for found in _index_pattern().finditer(form):
        sign, start = found[0], found.start()
        if unspaced(sign[0]):
            yield from _pairs(sign, start)
        elif len(sign) > 1 or sign.isalnum() or unicodedata.category(sign) == "So":
            yield from _core(sign, start)


def compounds(form: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word with hyphens (or Persian's half spaces) of an `index_form` as one: e-mail as email."""
    for found in _compound_pattern().finditer(form):
        if any(map(str.isalpha, found[0])):  # no date, no range
            yield _JOINTS.sub("", found[0]), *found.span()


def unelided(word: str) -> str:
    """Return `word` without an elided article, preposition or pronoun before it: hôtel of l'hôtel and of l’hôtel."""
    if "'" not in word and "’" not in word:
        return word
    before = _ELIDED.match(word)
    return word[before.end() :] if before and word.casefold().replace("’", "'") not in _WHOLE else word


def _pairs(sign: str, start: int) -> Iterator[tuple[str, int, int]]:
    places = [at for at, letter in enumerate(sign) if letter != "\u200b"]
    for first, last in zip(places, places[1:] or places, strict=False):
        yield sign[first] + (sign[last] if last > first else ""), start + first, start + last + 1


def _core(sign: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Yield the word without what is elided before it or put after it; the parts that a half space keeps apart."""
    core = unelided(sign)
    start += len(sign) - len(core)
    if found := _ENDING.search(core):
        core = core[: found.start()]
    if "\u200c" in core and "\u0600" <= core[0] <= "\u06ff":
        yield from ((part[0], start + part.start(), start + part.end()) for part in re.finditer("[^\u200c]+", core))
    elif core:
        yield core.translate(_NO_JOINERS) if not core.isascii() else core, start, start + len(core)


ELISIONS = (
    "(?:[cdjlmnstv]|qu|lorsqu|puisqu|quoiqu|jusqu|gl|un|(?:d|n|su|da|co)?ell|all|dall|sull|coll|degl|agl|negl|sugl|dagl"
    "|quell|quest|bell|sant|tutt|anch|cos|com|dov|senz|mezz|nessun|ciascun|alcun|buon)['’]"
)
"""What French, Italian and Catalan write as one with a word that begins with a vowel, as a pattern."""
ENDINGS = (
    "(?:'s|(?<=\\w{3})(?<!qu)'(?:[dt][ae](?:n|ki)?|[yn]?[ıiuü]n?|y?[ae]|n[ae]|y?l[ae]|l[ıiuü]|c[ae]|l[ae]r(?:[ıi]n?)?"
    "|[lmn]s?))"
)
"""English 's; the case endings that Turkish puts after a name; the pronouns that Catalan puts after a verb."""
_ELIDED = re.compile(rf"{ELISIONS}(?=[^\W\d_])", re.IGNORECASE)
_ENDING = re.compile(rf"(?<=.){ENDINGS}$")
_WHOLE = frozenset(("c'mon", "d'oh", "d'you", "m'lady", "t'was", "s'more", "s'mores"))  # English, with no elision
_ONE_APOSTROPHE = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))
_JOINERS = "\u00ad\u200c\u200d\u2060\ufeff"
"""Show nothing inside a word: soft hyphens, joiners and non-joiners."""
_NO_JOINERS = str.maketrans("", "", _JOINERS)
_JOINTS = re.compile(f"[-{HYPHENS}\u200c]")


@lru_cache(maxsize=1)
def _index_pattern() -> re.Pattern[str]:
    """Runs of unspaced characters, flags, words with their marks and inner apostrophes, and any other sign alone."""
    letters = f"(?:[^\\W_{UNSPACED}]|[{marks()}])"
    return re.compile(
        f"[{UNSPACED}]+(?:\u200b+[{UNSPACED}]+)*|[\U0001f1e6-\U0001f1ff]{{2}}"
        f"|[^\\W_{UNSPACED}]{letters}*(?:(?:'|[{_JOINERS}]+){letters}+)*|[^\\w\\s]|_"
    )


@lru_cache(maxsize=1)
def _compound_pattern() -> re.Pattern[str]:
    letters = f"(?:[^\\W_{UNSPACED}][{marks()}]*)+"
    return re.compile(f"{letters}(?:[-{HYPHENS}\u200c]{letters})+")


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


# --- Scripts, and characters with their marks ----------------------------------------------------


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


# --- Scripts of texts ----------------------------------------------------------------------------


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
