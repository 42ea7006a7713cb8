"""Sentences with one word in them: those that come with embedlab, and one's own as typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.datasets import builtin
from embedlab.text.normalise import well_formed
from embedlab.text.tokenise import unspaced

MOST_SENTENCES = 100


@dataclass(frozen=True)
class Use:
    """A sentence with the word in it, at `text[start:end]`, and what it means there ("" where nobody said)."""

    text: str
    sense: str
    start: int
    end: int


@dataclass(frozen=True)
class Uses:
    """The sentences of one word, and how many were left out: without the word, repeated, or too many."""

    word: str
    uses: tuple[Use, ...]
    without: int = 0
    repeated: int = 0
    too_many: int = 0

    @property
    def left_out(self) -> str:
        """One sentence that says what was left out and why; "" if nothing was."""
        said = [
            f"{count} {why}"
            for count, why in (
                (self.without, f"without “{self.word}” as a word of its own"),
                (self.repeated, "that stood there before"),
                (self.too_many, f"beyond the first {MOST_SENTENCES}"),
            )
            if count
        ]
        return f"Left out: {', '.join(said)}." if said else ""


def builtin_words() -> tuple[str, ...]:
    """Return the ambiguous words that there are sentences for, in the order of the data set."""
    return tuple(dict.fromkeys(builtin("senses").column("word").values.tolist()))


def builtin_uses(word: str) -> Uses:
    """Return the built-in sentences of `word`. Raises `EmbedlabError` for a word that has none."""
    corpus = builtin("senses")
    words, senses = corpus.column("word").values, corpus.column("sense").values
    rows = np.flatnonzero(words == word)
    return uses(word, [(corpus.texts[row], str(senses[row]).removeprefix(f"{word}: ")) for row in rows])


def typed(lines: str) -> list[tuple[str, str]]:
    """Return (sentence, sense) of each line that isn't blank; the sense follows a tab or the last "|", or is ""."""
    found = []
    for line in lines.splitlines():
        sentence, mark, sense = line.rpartition("\t" if "\t" in line else "|")
        if not mark:
            sentence, sense = line, ""
        if sentence.strip():
            found.append((sentence.strip(), sense.strip()))
    return found


def uses(word: str, sentences: Iterable[tuple[str, str]]) -> Uses:
    """Return where `word` stands in each (sentence, sense), leaving out and counting those without it.

    It must stand there as a whole word, in any case, as it is or with -s or -es; its first occurrence counts.
    Raises `EmbedlabError` for no word, and where no sentence has it.
    """
    word = " ".join(well_formed(word).split())
    if not word:
        raise EmbedlabError("There is no word to follow: type one that your sentences share.")
    found: dict[tuple[str, str], Use] = {}
    without = repeated = 0
    for text, sense in sentences:
        text = well_formed(text)
        place = occurrence(text, word)
        if place is None:
            without += 1
        elif (text, sense) in found:
            repeated += 1
        else:
            found[text, sense] = Use(text, sense, *place)
    if not found:
        raise EmbedlabError(f"None of the sentences has the word “{word}”: type some that do, a sentence a line.")
    kept = tuple(found.values())
    return Uses(word, kept[:MOST_SENTENCES], without, repeated, max(0, len(kept) - MOST_SENTENCES))


def occurrence(text: str, word: str) -> tuple[int, int] | None:
    """Return where `word` first stands in `text` as a whole word, in any case, with or without -s or -es."""
    pattern = re.escape(word)
    if not unspaced(word):
        before = r"(?<!\w)" if re.match(r"\w", word) else ""
        after = r"(?:e?s)?(?!\w)" if re.search(r"\w$", word) else ""
        pattern = f"{before}{pattern}{after}"
    found = re.search(pattern, text, re.IGNORECASE)
    return found.span() if found else None
