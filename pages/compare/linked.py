"""What is touched on one map of a comparison is touched on all: rows of the compared texts, from and to the session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.compare.common import Common
from embedlab.compare.models import ComparedModel
from embedlab.explore.nearest import neighbours_of
from embedlab.figures.map import Focus
from pages.app import session
from pages.app.map_view import focus_of
from pages.app.pair import text_with_why
from pages.app.widgets import as_typed, long_text, say_columns

Rows = NDArray[np.intp]

LISTED = 10


@dataclass(frozen=True, eq=False)
class ModelPair:
    """The models of a comparison that are ready, the two looked at in pairs, and the texts common to all.

    `failed` says in a sentence each why other models that were asked for are not among them.
    """

    common: Common
    entries: tuple[ComparedModel, ...]
    first: ComparedModel
    second: ComparedModel
    failed: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called."""
        return self.first.name, self.second.name

    @property
    def pair(self) -> tuple[ComparedModel, ComparedModel]:
        """The two that are looked at."""
        return self.first, self.second

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts, in the order of all rows here."""
        return self.common.corpus.texts

    @property
    def same(self) -> bool:
        """Whether the two are one and the same vectors."""
        return self.first.space.fingerprint == self.second.space.fingerprint


def selected(compared: ModelPair) -> Rows | None:
    """Return the rows that are selected; None where nothing is."""
    rows = session.touched().selected
    return None if rows is None else compared.common.of(rows)


def clicked(compared: ModelPair) -> int | None:
    """Return the row that was clicked; None where none was."""
    row = session.touched().clicked
    found = np.empty(0, dtype=np.intp) if row is None else compared.common.of(np.array([row]))
    return int(found[0]) if len(found) else None


def touch(compared: ModelPair, rows: Rows | None = None, by: str = "", row: int | None = None) -> None:
    """Touch rows, or one row, of the compared texts."""
    if rows is not None:
        session.touch(selected=compared.common.rows[rows], by=by)
    if row is not None:
        session.touch(clicked=int(compared.common.rows[row]))


def focus(compared: ModelPair, entry: ComparedModel) -> Focus | None:
    """Return the clicked text with its neighbours in one of the models."""
    return focus_of(entry.space, entry.neighbours, clicked(compared))


def both_lists(compared: ModelPair, row: int, key: str) -> None:
    """Draw a text with its nearest texts in both models side by side; those in both lists are marked."""
    texts = compared.texts
    with st.container(border=True):
        long_text(texts[row], f"linked-{key}")
        say_columns(compared.common.corpus, row)
        hits = [neighbours_of(entry.space, entry.neighbours, row, LISTED) for entry in compared.pair]
        both = set(hits[0].rows.tolist()) & set(hits[1].rows.tolist())
        if not len(hits[0]):
            st.caption("There are no other texts.")
            return
        st.caption(f"{len(both)} of its {len(hits[0])} nearest texts are the same in both models; they are marked ●.")
        for place, (entry, found, column) in enumerate(
            zip(compared.pair, hits, st.columns(2, gap="medium"), strict=True)
        ):
            with column, st.container(gap="xsmall"):
                st.markdown(f"**{as_typed(entry.name)}**")
                for other, cosine in zip(found.rows.tolist(), found.cosines.tolist(), strict=True):
                    mark = "●" if other in both else "○"
                    marked = f"why-{key}-{place}-{other}"
                    text_with_why(f"{mark} {cosine:.2f}", texts[row], texts[other], marked)
