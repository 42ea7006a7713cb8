"""What stands beside the map: what was clicked, found or selected, and how to take it away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.english import counted
from embedlab.corpus import Column, Corpus
from embedlab.corpus.export import texts_csv
from embedlab.corpus.written import PLAIN
from embedlab.explore.exploration import Exploration
from embedlab.explore.nearest import Hits, neighbours_of
from embedlab.explore.nearest import Placement as Place
from embedlab.explore.selection import LabelShare, Selection
from embedlab.space import Space
from embedlab.text.normalise import searched
from pages.app import results, session
from pages.app.pair import LISTED, text_with_why
from pages.app.widgets import as_typed, download, frame, pick, show_table

Rows = NDArray[np.intp]

MOST_IN_TABLE = 1_000
MOST_LABELS = 8


def draw(explored: Exploration, placed: Place | None, found: Rows | None, chosen: Rows | None) -> None:
    """Draw what was touched; an overview of the clusters where nothing was."""
    clicked(explored)
    if placed is not None:
        _placed(explored, placed)
    if found is not None:
        _found(explored, found)
    if chosen is not None:
        _selected(explored, chosen)
    if session.touched().clicked is None and placed is None and found is None and chosen is None:
        _overview(explored)


def clicked(explored: Exploration) -> None:
    """Draw the text that was clicked with its nearest ones, if one was."""
    row = session.touched().clicked
    if row is not None:
        _clicked(explored, row)


# --- Filters -------------------------------------------------------------------------------------


def filters(corpus: Corpus) -> NDArray[np.bool_] | None:
    """Draw a control for each column to filter by; return which rows pass, None where no filter is set."""
    columns = [column for column in corpus.columns if not column.missing.all()]
    if not columns:
        st.caption("These texts have no other columns to filter by.")
        return None
    names = st.multiselect("Columns", [column.name for column in columns], key=f"filters-{corpus.fingerprint}")
    passing = np.ones(len(corpus), dtype=bool)
    for name in names:
        column = corpus.column(name)
        passing &= _passing(column, f"filter-{corpus.fingerprint}-{name}")
    if not names:
        st.caption("Rows that don't pass stay on the map, in grey.")
        return None
    st.caption(f"{int(passing.sum()):,} of {counted(len(corpus), 'text')} pass.")
    return passing


def _passing(column: Column, key: str) -> NDArray[np.bool_]:
    label = as_typed(column.name)
    if column.kind == "text":
        part = searched(st.text_input(f"{label} contains", key=key))
        return np.array([part in searched(value or "") for value in column.values], dtype=bool)
    if column.kind == "category":
        options = sorted({value for value in column.values if value is not None})
        wanted = set(st.multiselect(label, options, key=key))
        return np.array([not wanted or value in wanted for value in column.values], dtype=bool)
    known = column.values[~column.missing]
    low, high = known.min(), known.max()
    if column.kind == "date":
        return _dates_passing(column, label, key)
    if low == high:
        shown = f"{low:g}" if column.written == PLAIN else column.written.number(float(low))
        st.caption(f"{label} is {as_typed(shown)} in every row.")
        return np.ones(len(column.values), dtype=bool)
    form = None if column.written == PLAIN else column.written.printf
    start, end = st.slider(label, float(low), float(high), (float(low), float(high)), format=form, key=key)
    whole = start == low and end == high
    return np.asarray((column.values >= start) & (column.values <= end) | (whole & column.missing))


def _dates_passing(column: Column, label: str, key: str) -> NDArray[np.bool_]:
    days = column.values.astype("datetime64[D]")
    known = days[~column.missing]
    first, last = known.min().item(), known.max().item()
    chosen = st.date_input(label, (first, last), first, last, key=key)
    if not isinstance(chosen, tuple) or len(chosen) != 2:
        return np.ones(len(days), dtype=bool)
    start, end = (np.datetime64(day, "D") for day in chosen)
    whole = chosen == (first, last)
    return np.asarray((days >= start) & (days <= end) | (whole & column.missing))


# --- One text ------------------------------------------------------------------------------------


def _clicked(explored: Exploration, row: int) -> None:
    corpus = explored.space.corpus
    with st.container(border=True):
        head("Text", "clicked", lambda: session.touch(clicked=None))
        st.text(corpus.texts[row])
        st.caption(as_typed(" · ".join(_facts(explored, row))))
        near = neighbours_of(explored.space, explored.neighbours, row)
        if explored.trust and explored.trust.k:
            k = explored.trust.k
            kept = round(float(explored.trust.per_point[row]) * k)
            st.caption(
                f"{kept} of its {counted(k, 'true neighbour')} {'is' if kept == 1 else 'are'} near it on this map."
            )
        _hits(explored.space, near, corpus.texts[row])


def _facts(explored: Exploration, row: int) -> Iterator[str]:
    space = explored.space
    if explored.grouped:
        yield explored.names.of(int(explored.clusters.labels[row]))
    for column in space.corpus.columns:
        if shown := column.shown(row):
            yield f"{column.name}: {shown[:80]}"
    if space.over_window[row]:
        limit = f"the model's {space.card.window} tokens" if space.card.window else "the model reads"
        yield f"longer than {limit}: its end was not read"


def _placed(explored: Exploration, placed: Place) -> None:
    with st.container(border=True):
        st.markdown("**Your sentence**")
        st.text(placed.sentence)
        _hits(explored.space, placed.hits, st.session_state.get("find", ""))


def _hits(space: Space, hits: Hits, beside: str) -> None:
    if not len(hits):
        st.caption("There are no other texts.")
        return
    st.caption("Nearest texts in the original space, with their cosines")
    with st.container(gap="xsmall"):
        for row, cosine in zip(hits.rows.tolist(), hits.cosines.tolist(), strict=True):
            text_with_why(f"{cosine:.2f}", beside, space.corpus.texts[row], f"why-{row}")


# --- Several texts -------------------------------------------------------------------------------


def _found(explored: Exploration, rows: Rows) -> None:
    corpus = explored.space.corpus
    with st.container(border=True):
        st.markdown(f"**{counted(len(rows), 'text contains', 'texts contain')} it**")
        if not len(rows):
            st.caption("Try fewer letters, or look by meaning.")
            return
        st.button("Select them", on_click=session.touch, kwargs={"selected": rows, "by": "found"}, key="select-found")
        _table(corpus, rows, "found", "found")


def _selected(explored: Exploration, rows: Rows) -> None:
    corpus = explored.space.corpus
    with st.container(border=True):
        head("Selection", "selection", lambda: session.touch(selected=None, by=""))
        if not len(rows):
            st.caption("No text passes both the selection and the filter.")
            return
        found = results.described(explored.space, rows)
        st.markdown(f"**{found.count:,}** {'text' if found.count == 1 else 'texts'}, {found.share:.1%} of all")
        if not np.isnan(found.inside) and not np.isnan(found.outside):
            st.caption(
                f"Mean cosine {found.inside:.2f} among them, {found.outside:.2f} to the rest.",
                help="The further apart these two, the more the selection is a group of its own.",
            )
        if found.words and found.count < len(corpus):
            st.caption("Words that set it apart")
            _words(found)
        st.caption("Most typical texts")
        with st.container(gap="xsmall"):
            for typical in found.typical:
                copies = f" ({typical.copies} times)" if typical.copies > 1 else ""
                st.text(f"{typical.cosine:.2f}  {corpus.texts[typical.row][:LISTED]}{copies}")
        for name, shares in found.labels.items():
            _mix(name, shares)
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
    """Return a table of `rows`: their texts, the first `longest` characters of each, and all columns."""
    table = {"Text": [corpus.texts[row][:longest] for row in rows]}
    for column in corpus.columns:
        name = column.name
        while name in table:
            name += " "
        table[name] = [column.shown(row) for row in rows]
    return table


def _overview(explored: Exploration) -> None:
    clusters = explored.clusters
    st.markdown(f"**{counted(clusters.count, 'cluster')}**" if explored.grouped else "**No groups**")
    st.caption("Click a point for its nearest texts; draw around some with the lasso to learn what sets them apart.")
    if not explored.grouped:
        return
    named = "Named by the words that set it apart" if explored.names.drawn else "Not named"
    columns = {named: explored.names.names, "Texts": clusters.sizes}
    picked = pick(columns, f"clusters-{clusters.fingerprint}", "single-row", height=460)
    if picked:
        session.touch(selected=np.flatnonzero(clusters.labels == picked[0]), by="cluster")
        st.rerun(scope="fragment")


def head(title: str, key: str, clear: Callable[[], None]) -> None:
    """Draw what is touched above what is said of it, with a button that lets go of it."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{title}**")
        st.button("Clear", key=f"clear-{key}", on_click=clear, type="tertiary", icon=":material/close:")


# --- Taking it away ------------------------------------------------------------------------------


def take_away(explored: Exploration) -> None:
    """Offer the map as a page, as a table, and as the lines of Python that make it."""
    corpus = explored.space.corpus
    with st.popover("Save", icon=":material/download:"):
        download(
            "Map as a web page",
            explored.page,
            f"{corpus.name} - map.html",
            help="It stands alone: hover, search and colours work without a server or a network.",
        )
        download("Places and clusters as CSV", explored.csv, f"{corpus.name} - map.csv")
        st.caption("The picture itself: the arrow above the map. In Python, with the recipe of this map:")
        st.code(explored.python, language="python")
        st.code(explored.recipe, language=None, wrap_lines=True)
