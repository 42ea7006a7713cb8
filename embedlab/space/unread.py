"""Texts that a model can't read: left out of the corpus, counted, and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from embedlab.base.arrays import Flags, Rows
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.corpus.corpus import Note, row_numbers
from embedlab.space.space import Space
from embedlab.text.cut import beginning

NAMED = 3
SHOWN = 40  # characters of a text
ENOUGH = 500
"""So many texts that can't be read, and none that can, are taken for all."""


def readable_part(corpus: Corpus, model: str, why: Mapping[int, str]) -> tuple[Corpus, Flags]:
    """Return the texts that `model` could read, and which those are, bool (n,); a note says which are left out.

    `why` says what hinders, by place among the distinct texts. Raises `EmbedlabError` where none is left.
    """
    kept = ~np.isin(corpus.distinct[1], list(why))
    if kept.all():
        return corpus, kept
    if not kept.any():
        raise nothing_read(corpus, model, why)
    lost = np.flatnonzero(~kept)
    left = corpus.take(np.flatnonzero(kept))
    return replace(left, notes=(*corpus.notes, _note(corpus, model, lost, why))), kept


def nothing_read(corpus: Corpus, model: str, why: Mapping[int, str]) -> EmbedlabError:
    """Return the error for texts of which `model` could read none."""
    first = next(iter(why))
    text = corpus.texts[corpus.distinct[0][first]]
    named = f"“{_shown(text)}” ({why[first]})"
    if len(why) == 1:
        return EmbedlabError(f"“{model}” could not read the text {named}: change it, or choose another model.")
    return EmbedlabError(
        f"“{model}” could not read any of the {len(why):,} texts that were tried, such as {named}: check the model and "
        "its settings, or choose another."
    )


def unread_note(space: Space) -> Note | None:
    """Return the note on the texts that were left out of a space; None where none was."""
    return space.corpus.notes[-1] if len(space.unread) else None


def refuse_unread(space: Space) -> None:
    """Raise `EmbedlabError` if some texts were left out of a space, where all of them are needed."""
    note = unread_note(space)
    if note is not None:
        raise EmbedlabError(
            f"All texts are needed here, but {note.sentence} Leave them out of the file, or choose another model."
        )


def _note(corpus: Corpus, model: str, lost: Rows, why: Mapping[int, str]) -> Note:
    first, place = corpus.distinct
    unlike = [int(first[text]) for text in dict.fromkeys(place[lost].tolist())]
    reasons = {row: why[int(place[row])] for row in unlike}
    alike = len(set(reasons.values())) == 1  # and then the reason is said once, at the end
    named = [
        f"row {corpus.rows[row] + 1:,}, “{_shown(corpus.texts[row])}”" + ("" if alike else f" ({reasons[row]})")
        for row in unlike[:NAMED]
    ]
    more = len(unlike) - len(named)
    shown = "; ".join(named) + (f"; and {more:,} more" if more else "") + (f" ({reasons[unlike[0]]})" if alike else "")
    are, them = (counted(len(lost), "text is", "texts are"), "it" if len(lost) == 1 else "them")
    sentence = f"{are} left out, for “{model}” could not read {them}: {shown}."
    return Note("dropped", len(lost), sentence, row_numbers(corpus.rows[lost]))


def _shown(text: str) -> str:
    return beginning(" ".join(text.split()), SHOWN)
