"""Which column of an uploaded table is what: what was taken is said, and can be changed there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from embedlab.base.fingerprint import fingerprint
from embedlab.corpus.roles import TakenColumns
from pages.app.widgets import as_typed

NO_SCORE = "None: all count the same"


def columns_control(taken: TakenColumns, roles: Sequence[str], key: str, scoreless: bool = False) -> tuple[str, ...]:
    """Return the columns that a person says are `roles`, in this order; () where what was taken is left as it is.

    The last role is the score; with `scoreless`, there may be none.
    """
    names = [column.name for column in taken.table.columns]
    if len(names) < 2:
        return ()
    marked = f"{key}-{fingerprint(taken.table.name, names, taken.names)[:16]}"
    first = [name or None for name in taken.names]
    if scoreless and None not in first[:-1]:
        first[-1] = first[-1] or NO_SCORE
    now = [st.session_state.get(f"{marked}-{at}", name) for at, name in enumerate(first)]
    with (
        st.expander(as_typed(_spoken(roles, now)), key=f"{marked}-columns", icon=":material/tune:"),
        st.container(horizontal=True),
    ):
        for at, (role, name) in enumerate(zip(roles, first, strict=True)):
            offered = [*([NO_SCORE] if scoreless and role == roles[-1] else []), *names]
            st.selectbox(
                role.capitalize(), offered, None if name is None else offered.index(name), key=f"{marked}-{at}",
                placeholder="Choose a column", width=230,
            )  # fmt: skip
    if now == first or None in now:
        return ()
    return tuple(name for name in now if name and name != NO_SCORE)


def _spoken(roles: Sequence[str], names: Sequence[str | None]) -> str:
    """Return for example "Columns: query “q” · id “doc” · score “grade”"."""
    told = [
        f"no {role}" if name in (None, NO_SCORE) else f"{role} “{name}”"
        for role, name in zip(roles, names, strict=True)
    ]
    return "Columns: which is what?" if None in names else f"Columns: {' · '.join(told)}"
