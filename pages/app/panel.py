"""What stands beside the map: what was clicked, found or selected, and how to take it away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.english import counted, percent
from embedlab.corpus import Column, Corpus
from embedlab.corpus.export import texts_csv
from embedlab.corpus.written import PLAIN
from embedlab.explore.exploration import Exploration
from embedlab.explore.nearest import Hits, neighbours_of
from embedlab.explore.nearest import Placement as Place
from embedlab.explore.selection import LabelShare, Selection
from embedlab.figures.map_view import map_page
from embedlab.space import Space
from embedlab.text.cut import beginning
from embedlab.text.normalise import searched
from pages.app import results, session
from pages.app.pair import LISTED, LISTED_LINES, text_with_why
from pages.app.widgets import as_typed, download, frame, long_text, pick, show_table

Rows = NDArray[np.intp]

MOST_IN_TABLE = 1_000
MOST_LABELS = 8
_CLEARED = "filters-cleared"  # how often


@dataclass(frozen=True, eq=False)
class Chosen:
    """The one selection that the map and what stands beside it show: what was selected, if it passes the filter.

    `rows` are those, None where nothing is selected and no filter is set. `selected` counts what was selected on the
    map, None without; `filtered` is whether a filter is set; `texts` is how many there are.
    """

    rows: Rows | None
    selected: int | None
    filtered: bool
    texts: int

    @classmethod
    def now(cls, passing: NDArray[np.bool_] | None) -> Chosen:
        """Return what is selected in this session and passes the filter, bool (n,), if there is one."""
        selected, texts = session.touched().selected, len(session.corpus())
        count = None if selected is None else len(selected)
        if passing is None:
            return cls(selected, count, False, texts)
        rows = np.flatnonzero(passing) if selected is None else selected[passing[selected]]
        return cls(rows, count, True, texts)

    @property
    def sentence(self) -> str:
        """How many texts the filter leaves; nothing without a filter."""
        if not self.filtered or self.rows is None:
            return ""
        among = f"{self.texts:,} texts" if self.selected is None else f"the {self.selected:,} selected"
        return f"{len(self.rows):,} of {among} pass{'es' if len(self.rows) == 1 else ''} the filter"


def draw(explored: Exploration, placed: Place | None, found: Rows | None, chosen: Chosen) -> None:
    """Draw what was touched; an overview of the clusters where nothing was."""
    clicked(explored)
    if placed is not None:
        _placed(explored, placed)
    if found is not None:
        _found(explored, found)
    if chosen.rows is not None:
        _selected(explored, chosen, chosen.rows)
    if session.touched().clicked is None and placed is None and found is None and chosen.rows is None:
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
    names = st.multiselect("Columns", [column.name for column in columns], key=_filters_key(corpus))
    passing = np.ones(len(corpus), dtype=bool)
    for name in names:
        column = corpus.column(name)
        passing &= _passing(column, f"{_filters_key(corpus)}-{name}")
    if not names:
        st.caption("Rows that don't pass stay on the map, in grey.")
        return None
    st.caption(f"{int(passing.sum()):,} of {counted(len(corpus), 'text')} pass.")
    return passing


def _filters_key(corpus: Corpus) -> str:
    """Return the key of what is filtered by: another one after each time that the filter was cleared.

    The browser keeps what was chosen in a popover that is closed by then, and would send it again with the next touch.
    """
    return f"filters-{corpus.fingerprint}-{st.session_state.get(_CLEARED, 0)}"


def _without_filter() -> None:
    st.session_state[_CLEARED] = st.session_state.get(_CLEARED, 0) + 1


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
    kind = int if form is None and _whole(known) else float  # stars go from 1 to 5, not from 1.00 to 5.00
    start, end = st.slider(label, kind(low), kind(high), (kind(low), kind(high)), format=form, key=key)
    whole = start == low and end == high
    return np.asarray((column.values >= start) & (column.values <= end) | (whole & column.missing))


def _whole(numbers: NDArray[np.float64]) -> bool:
    """Whether all are whole, and none too large for the browser's slider."""
    return bool((numbers == np.floor(numbers)).all() and np.abs(numbers).max() < 2**53)


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
        long_text(corpus.texts[row], "clicked")
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
            yield f"{column.name}: {beginning(shown, 80)}"
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
        st.button("Select them", on_click=session.select, args=[rows, "found"], key="select-found")
        _table(corpus, rows, "found", "found")


def _selected(explored: Exploration, chosen: Chosen, rows: Rows) -> None:
    corpus = explored.space.corpus
    with st.container(border=True):
        if chosen.selected is None:
            head("Filter", "filter", _without_filter)
        else:
            head("Selection", "selection", lambda: session.touch(selected=None, by=""))
        if chosen.filtered and chosen.selected is not None:
            _filter_beside(chosen)
        if not len(rows):
            st.caption("No text passes: widen the filter, or clear it.")
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
        with st.container(gap="xsmall"):
            for typical in found.typical:
                copies = f" ({typical.copies} times)" if typical.copies > 1 else ""
                begins = beginning(corpus.texts[typical.row], LISTED, LISTED_LINES)
                st.text(f"{typical.cosine:.2f}  {begins}{copies}")
        for name, shares in found.labels.items():
            _mix(name, shares)
        _table(corpus, rows, "selected", "selection")


def _filter_beside(chosen: Chosen) -> None:
    """Say what a filter leaves of a selection, and offer to do without it."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"{chosen.sentence}.")
        st.button("Clear the filter", key="clear-filter", on_click=_without_filter, type="tertiary")


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


def _overview(explored: Exploration) -> None:
    clusters = explored.clusters
    st.markdown(f"**{counted(clusters.count, 'cluster')}**" if explored.grouped else "**No groups**")
    told = "Click a point for its nearest texts; "
    if explored.layout.dimensions == 2:
        st.caption(f"{told}draw around some with the lasso to learn what sets them apart.")
    elif explored.grouped:
        st.caption(f"{told}click a cluster's name, here or on the map, to learn what sets it apart.")
    else:
        st.caption(f"{told}the lasso needs a map of two dimensions.")
    if not explored.grouped:
        return
    named = "Named by the words that set it apart" if explored.names.drawn else "Not named"
    columns = {named: explored.names.names, "Texts": clusters.sizes}
    picked = pick(columns, f"clusters-{clusters.fingerprint}", "single-row", height=min(460, 40 + 35 * clusters.count))
    if picked:
        session.select(np.flatnonzero(clusters.labels == picked[0]), "cluster")
        st.rerun(scope="fragment")


def head(title: str, key: str, clear: Callable[[], None]) -> None:
    """Draw what is touched above what is said of it, with a button that lets go of it."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{title}**")
        st.button("Clear", key=f"clear-{key}", on_click=clear, type="tertiary", icon=":material/close:")


# --- Taking it away ------------------------------------------------------------------------------


def take_away(explored: Exploration, colour_by: str) -> None:
    """Offer the map as a page, coloured as it is now, as a table, and as the lines of Python that make it."""
    corpus = explored.space.corpus
    with st.popover("Save", icon=":material/download:"):
        download(
            "Map as a web page",
            partial(map_page, explored, colour_by),
            f"{corpus.name} - map.html",
            help="It stands alone: hover, search and colours work without a server or a network.",
        )
        download("Places and clusters as CSV", explored.csv, f"{corpus.name} - map.csv")
        st.caption("The picture itself: the arrow above the map. In Python, with the recipe of this map:")
        st.code(explored.python, language="python")
        st.code(explored.recipe, language=None, wrap_lines=True)
