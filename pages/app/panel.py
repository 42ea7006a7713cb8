"""What stands beside the map: what was clicked, found or selected, and how to take it away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.english import counted, percent
from embedlab.corpus import Corpus
from embedlab.corpus.export import texts_csv
from embedlab.explore.exploration import Exploration
from embedlab.explore.nearest import Hits, neighbours_of
from embedlab.explore.nearest import Placement as Place
from embedlab.explore.selection import LabelShare, Selection
from embedlab.figures.map_view import map_page
from embedlab.figures.theme import one_line
from embedlab.pipeline import Groups
from embedlab.space import Space
from embedlab.text.cut import beginning
from pages.app import results, session
from pages.app.components import ShownText, show_texts
from pages.app.widgets import as_typed, download, frame, long_text, show_table

Rows = NDArray[np.intp]

ON_MAP = "map"  # the key of the map that all this stands beside
MOST_IN_TABLE = 1_000
MOST_LABELS = 8
LISTED_HITS = 20


def draw(explored: Exploration, placed: Place | None, found: Rows | None) -> None:
    """Draw what was touched, and what to touch where nothing was."""
    rows = session.touched().selected
    clicked(explored)
    if placed is not None:
        _placed(explored, placed)
    if found is not None:
        _found(explored, found)
    if rows is not None:
        _selected(explored, rows)
    if session.touched().clicked is None and placed is None and found is None and rows is None:
        _invite(explored)


def clicked(explored: Exploration, on_map: str = ON_MAP) -> None:
    """Draw the text that was clicked with its nearest ones, if one was; `on_map` is the map that it is on."""
    row = session.touched().clicked
    if row is not None:
        _clicked(explored, row, on_map)


# --- One text ------------------------------------------------------------------------------------


def _clicked(explored: Exploration, row: int, on_map: str) -> None:
    corpus = explored.space.corpus
    with st.container(border=True):
        head("Text", "clicked", partial(session.look_at, None))
        if session.touched().before:
            before = session.touched().before[-1]
            st.button(
                f"Back to “{beginning(one_line(corpus.texts[before]), 40)}”", key="look-back", type="tertiary",
                icon=":material/arrow_back:", on_click=partial(session.look_at, before, back=True),
            )  # fmt: skip
        long_text(corpus.texts[row], "clicked")
        st.caption(as_typed(" · ".join(_facts(explored, row))))
        near = neighbours_of(explored.space, explored.neighbours, row)
        if explored.trust and explored.trust.k:
            k = explored.trust.k
            kept = round(float(explored.trust.per_point[row]) * k)
            st.caption(
                f"{kept} of its {counted(k, 'true neighbour')} {'is' if kept == 1 else 'are'} near it on this map."
            )
        _hits(explored.space, near, corpus.texts[row], f"near-{on_map}", on_map)


def _facts(explored: Exploration, row: int) -> Iterator[str]:
    space = explored.space
    if explored.grouped:
        yield explored.names.of(int(explored.clusters.labels[row]))
    for column in space.corpus.columns:
        if shown := column.shown(row):
            yield f"{column.name}: {beginning(shown, 80)}"
    if space.over_window[row]:
        limit = f"the model's {space.card.window} tokens" if space.card.window else "the model reads"
        yield f"longer than {limit}: its end was not read"


def _placed(explored: Exploration, placed: Place) -> None:
    with st.container(border=True):
        st.markdown("**Your sentence**")
        st.text(placed.sentence)
        _hits(explored.space, placed.hits, st.session_state.get(session.FIND, ""), "near-placed", ON_MAP)


def _hits(space: Space, hits: Hits, beside: str, key: str, on_map: str) -> None:
    """Draw the nearest texts, each with the way to it, and to why it is alike to the text `beside`."""
    if not len(hits):
        st.caption("There are no other texts.")
        return
    st.caption("Nearest texts in the original space, with their cosines")
    texts = [
        ShownText(row, space.corpus.texts[row], f"{cosine:.2f}")
        for row, cosine in zip(hits.rows.tolist(), hits.cosines.tolist(), strict=True)
    ]
    asked = show_texts(texts, on_map=on_map, key=key, label="Nearest texts", on_went=session.look_at, why=True)
    if asked is not None:
        session.open_pair(beside, space.corpus.texts[asked])
        st.switch_page("similarity/page.py")


# --- Several texts -------------------------------------------------------------------------------


def _found(explored: Exploration, rows: Rows) -> None:
    corpus = explored.space.corpus
    with st.container(border=True):
        st.markdown(f"**{counted(len(rows), 'text contains', 'texts contain')} it**")
        if not len(rows):
            st.caption("Try fewer letters, or look by meaning.")
            return
        shown = [ShownText(row, corpus.texts[row]) for row in rows[:LISTED_HITS].tolist()]
        show_texts(shown, on_map=ON_MAP, key="found-texts", label="Texts that contain it", on_went=session.look_at)
        if len(rows) > len(shown):
            st.caption(f"The first {len(shown)} of {len(rows):,}; the table below has more.")
        st.button("Select them", on_click=session.select, args=[rows, "found"], key="select-found")
        with st.expander("As a table"):
            _table(corpus, rows, "found", "found")


def _selected(explored: Exploration, rows: Rows) -> None:
    corpus = explored.space.corpus
    with st.container(border=True):
        head("Selection", "selection", partial(session.select, None, ""))
        if by := session.touched().by:
            st.caption(as_typed(by))
        if not len(rows):
            st.caption("No text is left: widen a filter, or take one off.")
            return
        found = results.described(explored.space, rows)
        st.markdown(f"**{found.count:,}** {'text' if found.count == 1 else 'texts'}, {percent(found.share)} of all")
        if not np.isnan(found.inside) and not np.isnan(found.outside):
            st.caption(
                f"Mean cosine {found.inside:.2f} among them, {found.outside:.2f} to the rest.",
                help="The further apart these two, the more the selection is a group of its own.",
            )
        if found.words and found.count < len(corpus):
            st.caption("Words that set it apart")
            _words(found)
        st.caption("Most typical texts")
        typical = [
            ShownText(
                one.row, corpus.texts[one.row], f"{one.cosine:.2f}", f"{one.copies} times" if one.copies > 1 else ""
            )
            for one in found.typical
        ]
        show_texts(typical, on_map=ON_MAP, key="typical-texts", label="Most typical texts", on_went=session.look_at)
        for name, shares in found.labels.items():
            _mix(name, shares)
        for spread in found.spreads:
            st.caption(as_typed(spread.sentence))
        with st.expander("As a table"):
            _table(corpus, rows, "selected", "selection")


def _words(found: Selection) -> None:
    show_table(
        {
            "Word": [word.term for word in found.words],
            "In it": [100 * word.inside for word in found.words],
            "Elsewhere": [100 * word.outside for word in found.words],
        },
        column_config={
            "In it": st.column_config.NumberColumn(format="%.0f %%", help="Share of its texts that hold the word."),
            "Elsewhere": st.column_config.NumberColumn(format="%.1f %%", help="Share of the other texts that do."),
        },
    )


def _mix(name: str, shares: Sequence[LabelShare]) -> None:
    st.caption(as_typed(name))
    shown = shares[:MOST_LABELS]
    show_table(
        {
            "Value": [share.name for share in shown],
            "Texts": [share.count for share in shown],
            "Share": [100 * share.share for share in shown],
            "In all": [100 * share.share_in_all for share in shown],
        },
        column_config={
            "Share": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100),
            "In all": st.column_config.NumberColumn(format="%.1f %%"),
        },
    )
    if len(shares) > MOST_LABELS:
        st.caption(f"and {counted(len(shares) - MOST_LABELS, 'more value')}")


def _table(corpus: Corpus, rows: Rows, key: str, file: str) -> None:
    shown = rows[:MOST_IN_TABLE].tolist()
    frame(with_columns(corpus, shown), height=280, key=f"table-{key}")
    if len(rows) > len(shown):
        st.caption(f"The first {len(shown):,} of {len(rows):,}; the download has all.")
    name = f"{corpus.name} - {file}.csv"
    download("Download as CSV", lambda: texts_csv(corpus, rows), name, f"download-{key}", icon="download")


def with_columns(corpus: Corpus, rows: Sequence[int], longest: int | None = None) -> dict[str, list[str]]:
    """Return a table of `rows`: their texts, of each the beginning of at most `longest` characters, and all columns."""
    table = {"Text": [corpus.texts[row] if longest is None else beginning(corpus.texts[row], longest) for row in rows]}
    for column in corpus.columns:
        name = column.name
        while name in table:
            name += " "
        table[name] = [column.shown(row) for row in rows]
    return table


def _invite(explored: Exploration) -> None:
    told = "Click a point for its nearest texts; "
    if explored.layout.dimensions == 2:
        st.caption(f"{told}draw around some with the lasso, or touch a chart, to learn what sets them apart.")
    else:
        st.caption(f"{told}touch a chart to learn what sets some apart. The lasso needs a map of two dimensions.")


def head(title: str, key: str, clear: Callable[[], None]) -> None:
    """Draw what is touched above what is said of it, with a button that lets go of it."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{title}**")
        st.button("Clear", key=f"clear-{key}", on_click=clear, type="tertiary", icon=":material/close:")


# --- Taking it away ------------------------------------------------------------------------------


def take_away(explored: Exploration, colour_by: str, named: Sequence[Groups] = ()) -> None:
    """Offer the map as a page, coloured as it is now, as a table, and as the lines of Python that make it.

    `named` are the clusters at several granularities, where they are known.
    """
    corpus = explored.space.corpus
    with st.popover("Save", icon=":material/download:"):
        download(
            "Map as a web page",
            partial(map_page, explored, colour_by, named),
            f"{corpus.name} - map.html",
            help="It stands alone: hover, search and colours work without a server or a network.",
        )
        download("Places and clusters as CSV", explored.csv, f"{corpus.name} - map.csv")
        st.caption("The picture itself: the arrow above the map. In Python, with the recipe of this map:")
        st.code(explored.python, language="python")
        st.code(explored.recipe, language=None, wrap_lines=True)
