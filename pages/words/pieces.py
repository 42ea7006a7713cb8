"""Words: the boxes, examples and sentences that its questions share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from embedlab.corpus.export import csv_bytes
from embedlab.figures.theme import TOOLBAR
from embedlab.words.analogies import Words
from pages.app.widgets import as_typed, download

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def line(
    label: str, key: str, first: str, width: int | Literal["stretch"] = "stretch", explained: str | None = None
) -> str:
    """Draw a box for a word or a line, with what stands in it at `first`."""
    st.session_state.setdefault(key, first)
    return st.text_input(label, key=key, persist_state="session", width=width, help=explained)


def area(label: str, key: str, first: str, height: int) -> str:
    """Draw a larger box, `height` pixels high, with what stands in it at `first`."""
    st.session_state.setdefault(key, first)
    return st.text_area(label, key=key, persist_state="session", height=height)


def offer_examples(made: dict[str, dict[str, object]]) -> None:
    """Draw a button for each example; a click writes its values into the boxes that are named."""
    st.caption("Try")
    with st.container(horizontal=True, gap="small"):
        for name, values in made.items():
            st.button(as_typed(name), key=f"words-try-{name}", on_click=partial(st.session_state.update, values))


def say_pieces(words: Words, texts: Iterable[str]) -> None:
    """Say into which pieces the model cuts a word that isn't one of those to choose from."""
    for text in texts:
        pieces = words.cut(text) if text else ()
        if text and text not in words and len(pieces) > 1:
            shown = "  ".join(pieces[:24]) + (" …" if len(pieces) > 24 else "")
            st.caption(as_typed(f"Not one of these words: the model reads “{text[:60]}” as {shown}"))


def say_trust(told: str, how: str, more: str = "") -> None:
    """Say how far to trust an answer, what it was chosen from, and how it was computed."""
    st.text(told)
    if more:
        st.caption(as_typed(more))
    with st.popover("How was this computed?", type="tertiary"):
        st.text(how)


def offer_table(buttons: DeltaGenerator, name: str, header: list[str], rows: Iterable[Sequence[object]]) -> None:
    """Offer the rows of an answer as CSV, called `name`."""
    content = list(rows)
    with buttons:
        file = f"words - {name}.csv"
        download("Save as CSV", lambda: csv_bytes(header, content), file, f"words-save-{name}", "download")


def picture(figure: Figure, key: str, alt: str) -> None:
    """Draw a figure in its own colours; `alt` tells a screen reader what it shows."""
    st.plotly_chart(figure, key=key, theme=None, config=TOOLBAR, alt=alt)
