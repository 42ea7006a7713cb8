"""Which columns of a file are the text: a guess that a person can change."""

from __future__ import annotations

import streamlit as st

from embedlab.corpus.guess import guess_title, titles
from embedlab.corpus.reading.table import Table

NO_TITLE = "None"


def choose_text(table: Table, key: str, label: str = "Text column", width: int = 260) -> tuple[str, ...]:
    """Ask for the column of texts, and where a column could hold their titles, whether these stand before them."""
    names = [column.name for column in table.columns]
    guess = names.index(table.guessed_text) if table.guessed_text else 0
    text = st.selectbox(label, names, guess, key=f"{key}-text", width=width)
    could_be = titles(table.columns, text)
    if not could_be:
        return (text,)
    offered = [NO_TITLE, *could_be]
    title = guess_title(table.columns, text)
    title = st.selectbox(
        "Title column",
        offered,
        offered.index(title) if title else 0,
        key=f"{key}-title-{table.name}-{text}",
        width=width,
        help="A title chosen here is read as the beginning of its text.",
    )
    return (text,) if title == NO_TITLE else (title, text)
