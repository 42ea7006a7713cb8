"""What a model doesn't know of some texts: pieces that its vocabulary has learned nothing of, and their language.

The one place where that is found and said, for every page, command and verb. A score between texts that a model can't
read says little, however sure it looks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from embedlab.base.english import counted, joined, was
from embedlab.encoders.base import Encoder
from embedlab.encoders.capabilities import Pieces, pieces_of
from embedlab.text.tokenise import script

MOST_READ, MOST_GUESSED = 1_000, 300  # texts that are looked at: for pieces, for languages
READ_TO = 2_000  # characters of each
WORTH_SAYING = 0.1  # share of pieces, or of texts
HALF = 0.5
_MANY = re.compile(r"\d|multi|any|over|about", re.IGNORECASE)
_SCRIPTS = {
    "Devanagari": "Hindi", "Cyrillic": "Russian", "Hangul": "Korean", "Myanmar": "Burmese", "Sinhala": "Sinhalese",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What `model` knows of some texts.

    `of_texts` of all `texts` were looked at, evenly from first to last. They have `pieces`, of which `unknown` are
    unknown to it, mostly in the letters of `script` ("" where there is none), and `mostly` texts are unknown to it by
    half or more; all 0 where it doesn't tell. `made_for` is what its card says of languages, and `foreign` are those of
    the texts that are not among them, with how many of `guessed` texts look so. `offer` is a sentence that names a
    model that reads them, "" where there is none to name.
    """

    model: str
    texts: int
    of_texts: int
    pieces: int
    unknown: int
    mostly: int
    script: str
    made_for: str
    foreign: tuple[tuple[str, int], ...]
    guessed: int
    offer: str = ""

    @property
    def share(self) -> float:
        """The share of the pieces that are unknown."""
        return self.unknown / max(1, self.pieces)

    @property
    def sentence(self) -> str:
        """What there is to doubt, with counts, and what to do; "" where there is nothing."""
        said = self._pieces() or self._languages()
        return " ".join(filter(None, (said, self.offer if said else "")))

    def _pieces(self) -> str:
        them = "this text" if self.texts == 1 else "these texts"
        looked = "" if self.of_texts == self.texts else f" ({self.of_texts:,} of {self.texts:,} were looked at)"
        if self.share >= WORTH_SAYING:
            told = f" ({self.script} letters)" if self.script else ""
            means = "its likenesses say little" if self.share >= HALF else "its likenesses rest on the others"
            return f"{self.unknown:,} of {counted(self.pieces, 'piece')} of {them} {_are(self.unknown)} unknown to " + (
                f"{self.model}{told}{looked}: {means}."
            )
        if self.mostly >= max(1, WORTH_SAYING * self.of_texts / 10):
            return (
                f"{self.mostly:,} of {counted(self.of_texts, 'text')} {was(self.mostly)} read by {self.model} with "
                + ("half of their pieces or more unknown: where they lie says little.")
            )
        return ""

    def _languages(self) -> str:
        if not self.foreign:
            return ""
        count = sum(texts for _, texts in self.foreign)
        names = joined([name for name, _ in self.foreign[:3]], "or")
        looks = "looks" if count == 1 else "look"
        who = (
            f"{count:,} of {counted(self.guessed, 'text')} whose language was guessed {looks}"
            if self.texts > 1
            else "This text looks"
        )
        return (
            f"{who} {names}, and {self.model} was made for {named(self.made_for)}: it may go by letters and names, not "
            "by what is meant."
        )

    def facts(self) -> dict[str, Any]:
        """Return the counts, the languages and the sentence, ready for JSON."""
        return {
            "pieces": self.pieces,
            "unknown": self.unknown,
            "texts_mostly_unknown": self.mostly,
            "texts_looked_at": self.of_texts,
            "made_for": self.made_for,
            "other_languages": dict(self.foreign),
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class KnownPair:
    """What a model knows of two texts: how many of all their pieces it doesn't, and whether it reads both the same."""

    model: str
    pieces: int
    unknown: int
    same: bool
    offer: str = ""

    @property
    def sentence(self) -> str:
        """What that means for their cosine; "" where it means nothing."""
        if self.same:
            told = " (nothing of them is known to it)" if self.unknown == self.pieces else ""
            return f"{self.model} reads both texts as the same pieces{told}: it sees no difference between them." + (
                f" {self.offer}" if self.offer else ""
            )
        if not self.unknown:
            return ""
        share = self.unknown / self.pieces
        means = "the cosine says little" if share >= HALF / 2 else "the cosine rests on the others"
        told = (
            f"{self.unknown} of {counted(self.pieces, 'piece')} {_are(self.unknown)} unknown to {self.model}: {means}."
        )
        return f"{told} {self.offer}" if self.offer and share >= HALF / 2 else told

    def facts(self) -> dict[str, Any]:
        """Return the counts and the sentence, ready for JSON."""
        return {"pieces": self.pieces, "unknown": self.unknown, "same_pieces": self.same, "sentence": self.sentence}


def known_share(encoder: Encoder, texts: Sequence[str]) -> Known | None:
    """Return what `encoder` knows of `texts`; None where nothing can be told, because it tells neither.

    Up to 1,000 texts are read, 2,000 characters of each, and the language of up to 300 of them is guessed where the
    model's card names languages.
    """
    return of_pieces(lambda some: pieces_of(encoder, some), encoder.card.model, encoder.card.languages, texts)


def known_to(name: str, texts: Sequence[str]) -> Known | None:
    """Return what the model `name` doesn't know of `texts`, before it reads them: of a transformer, only its tokenizer
    is opened. None where it doesn't tell, isn't here, or would be fitted to them.
    """
    from embedlab.encoders.base import STATIC, TRANSFORMER, WORDS
    from embedlab.encoders.registry import load, models
    from embedlab.encoders.transformer.entries import piece_reader

    found = next((one for one in models() if one.name == name and one.ready), None)
    if found is None or not texts:
        return None
    if found.family == TRANSFORMER:
        reader = piece_reader(name)
        return None if reader is None else of_pieces(reader.read, name, found.languages, texts)
    return known_share(load(name), texts) if found.family in (STATIC, WORDS) else None


def of_pieces(
    read: Callable[[Sequence[str]], Iterable[Pieces] | None], model: str, made_for: str, texts: Sequence[str]
) -> Known | None:
    """Return what `model` knows of `texts`, whose pieces `read` gives (None where nobody tells)."""
    looked = [text[:READ_TO] for text in texts[:: -(-len(texts) // MOST_READ) or 1]]
    found: list[Pieces] | None = None if (cut := read(looked)) is None else list(cut)
    foreign, guessed = _foreign(looked, made_for)
    if found is None and not foreign:
        return None
    counts, letters = _counts(found or [], looked)
    names = [name for name, _ in foreign]
    if counts[1] >= WORTH_SAYING * max(1, counts[0]) and letters:
        names.append(_SCRIPTS.get(letters, letters))
    return Known(
        model,
        len(texts),
        len(looked),
        *counts,
        letters,
        made_for,
        foreign,
        guessed,
        offer(names, model) if names else "",
    )


def known_pair(encoder: Encoder, first: str, second: str) -> KnownPair | None:
    """Return what `encoder` knows of two texts; None where it doesn't tell."""
    cut = pieces_of(encoder, [first, second])
    if cut is None:
        return None
    one, other = cut
    same = first != second and one.read == other.read
    letters = Counter(script(text) for text in (first, second))
    names = [_SCRIPTS.get(name, name) for name in letters if name not in ("Latin", "none")]
    unknown = one.unknown + other.unknown
    return KnownPair(
        encoder.card.model,
        len(one) + len(other),
        unknown,
        same,
        offer(names, encoder.card.model) if names and unknown else "",
    )


def speaks(languages: str, name: str) -> bool | None:
    """Return whether a model whose card lists `languages` reads one called `name`; None where the card says nothing."""
    if not languages.strip():
        return None
    if _MANY.search(languages):
        return True
    from embedlab.text.language import called

    listed = {called(part.casefold()).casefold() for part in re.split(r"[,;/\s]+", languages)}
    return name.casefold() in listed


def named(languages: str) -> str:
    """Return the languages on a model's card by their English names."""
    from embedlab.text.language import called

    return joined([called(part) for part in filter(None, re.split(r"[,;/\s]+", languages))])


def offer(languages: Collection[str], beside: str) -> str:
    """Return a sentence that names a model that reads `languages`: one that is here, or else one to download."""
    from embedlab.encoders.registry import SUGGESTIONS, models

    for one in models():
        if (
            one.ready
            and not one.on_corpus
            and one.name != beside
            and all(speaks(one.languages, name) for name in languages)
        ):
            return (
                f"“{one.name}” reads {one.languages} languages: try it."
                if _MANY.search(one.languages)
                else (f"“{one.name}” reads {one.languages}: try it.")
            )
    for other in SUGGESTIONS:
        if all(speaks(other.languages, name) for name in languages):
            return f"“{other.name}” reads {other.languages} languages: it can be downloaded under Models."
    return ""


def _counts(found: Sequence[Pieces], texts: Sequence[str]) -> tuple[tuple[int, int, int], str]:
    """Return how many pieces there are, how many are unknown, and how many texts by half or more; and which script."""
    mostly = sum(len(one) > 0 and one.unknown >= HALF * len(one) for one in found)
    unknown = sum(one.unknown for one in found)
    letters: Counter[str] = Counter()
    for one, text in zip(found, texts, strict=False):
        if one.unknown:
            letters.update(script(text[start:end]) for start, end in one.spans[~one.known].tolist())
    named = [name for name, _ in letters.most_common() if name not in ("none", "Latin")]
    return (sum(map(len, found)), unknown, mostly), named[0] if named else ""


def _foreign(texts: Sequence[str], made_for: str) -> tuple[tuple[tuple[str, int], ...], int]:
    """Return the languages that a tenth of the texts or more are in and the model wasn't made for, and how many texts
    were looked at.
    """
    if not made_for.strip() or _MANY.search(made_for):
        return (), 0
    from embedlab.text.language import FEWEST, UNSURE, languages, spoken

    long = [text for text in texts if sum(map(str.isalpha, text)) >= FEWEST]
    some = long[:: -(-len(long) // MOST_GUESSED) or 1]
    counts = [(name, count) for name, count in spoken(languages(some)) if name != UNSURE and not speaks(made_for, name)]
    enough = sum(count for _, count in counts) >= max(1, WORTH_SAYING * len(texts))
    return (tuple(counts) if enough else ()), len(some)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
