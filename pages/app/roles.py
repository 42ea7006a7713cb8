"""Which column of an uploaded table is what: a guess, and a place to say it otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from embedlab.corpus.reading.table import Table

GUESS, NONE = "guess", "no score: all count the same"


def columns_control(tables: Sequence[Table], roles: Sequence[str], key: str) -> tuple[str, ...]:
    """Return the columns that a person says are `roles`, in this order; () where the guess is left as it is.

    The last role may be left out. With two tables the columns are those of the one that has no texts of queries.
    """
    with st.expander("Columns", key=f"{key}-columns"):
        table = min(tables, key=lambda one: {column.name for column in one.columns} >= {"_id", "text"})
        names = [column.name for column in table.columns]
        st.caption("Name them where the guess is wrong; all of them, the score if there is one.")
        chosen = [
            st.selectbox(
                role.capitalize(),
                [GUESS, *([NONE] if role == roles[-1] else []), *names],
                key=f"{key}-{table.name}-{at}",
            )
            for at, role in enumerate(roles)
        ]
    if GUESS in chosen[:-1]:
        return ()
    return tuple(name for name in chosen if name not in (GUESS, NONE))
