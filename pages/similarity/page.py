"""Similarity: how alike is each of these texts to each of the others?"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.corpus import Column, Corpus
from embedlab.corpus.reading.table import paste
from embedlab.explore.similarity import MAX_HEATMAP, Similarity, sample_per_group, similarity, similarity_csv
from embedlab.figures.heatmap import heatmap, heatmap_html
from embedlab.pipeline import Prepared
from embedlab.space import Space
from pages.app import pair, results, session
from pages.app.components import show_figure
from pages.app.widgets import choose_view, dark, download, errors_said, heading, long_text, say_columns, say_unknown

SELECTED, CLUSTERS, PASTED = "Selected on the map", "A sample of each cluster", "Pasted texts"
TREE = "How alike they are"
EXAMPLE = "\n".join(
    [
        "The bank raised its interest rates.",
        "We had lunch on the bank of the river.",
        "My savings account pays hardly any interest.",
        "The stream had burst its banks.",
        "I have no interest in fishing.",
    ]
)


@st.fragment
def main() -> None:
    """Draw the page, heading and all: its buttons react to touches, and a fragment must not write outside of itself."""
    buttons = heading("Similarity", "How alike are these texts, and why?")
    with errors_said():
        prepared = session.prepared(session.corpus())
        view = choose_view("What to compare", [session.MANY_TEXTS, session.TWO_TEXTS], "similarity-view")
        if view == session.TWO_TEXTS:
            pair.draw(prepared, buttons)
            return
        space, rows, by = _chosen(prepared)
        found = similarity(space, rows, by)
        with buttons:
            _save(found, space)
        _picture(found, space)


# --- Which texts ---------------------------------------------------------------------------------


def _chosen(prepared: Prepared) -> tuple[Space, NDArray[np.intp], Column | None]:
    """Return the space, the rows in it, and the column that orders them."""
    selected = session.touched().selected
    sources = [CLUSTERS, PASTED] if selected is None else [SELECTED, CLUSTERS, PASTED]
    with st.container(horizontal=True):
        source = st.segmented_control("Texts", sources, default=sources[0], required=True, key="similarity-texts")
        each = 3
        if source == CLUSTERS:
            each = st.slider("From each cluster", 1, 20, 3, key="similarity-each", width=180)
        space = _pasted(prepared.space) if source == PASTED else prepared.space
        columns = [] if source == PASTED else [column for column in space.corpus.columns if not column.missing.all()]
        order = st.selectbox(
            "Order by",
            [*_orders(source, prepared), *(column.name for column in columns)],
            key=f"similarity-order-{source}",
            width=220,
            help="By how alike they are: texts that are alike stand beside each other (average linkage on 1 - cosine). "
            "By cluster, or by a column: what belongs together has a band with its name.",
        )
    if source == PASTED:
        return space, np.arange(len(space)), None
    groups = results.groups(prepared, session.granularity(prepared))
    column = None
    if order == session.CLUSTER:
        names = np.array([groups.names.of(int(label)) for label in groups.clusters.labels], dtype=object)
        column = Column(order, "category", names)
    if order not in (TREE, session.CLUSTER):
        column = space.corpus.column(order)
    if source == SELECTED and selected is not None:
        return space, _at_most(selected), column
    return space, sample_per_group(groups.clusters.labels, each), column


def _orders(source: str, prepared: Prepared) -> list[str]:
    """Return how texts can be ordered besides by a column, the usual way first: a sample of clusters shows these."""
    if source == PASTED:
        return [TREE]
    grouped = source == CLUSTERS and results.tendency_of(prepared).grouped
    return [session.CLUSTER, TREE] if grouped else [TREE, session.CLUSTER]


def _at_most(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    if len(rows) <= MAX_HEATMAP:
        return rows
    st.caption(
        f"{MAX_HEATMAP:,} of the {len(rows):,} selected texts, drawn at random (seed 0): a heatmap holds no more."
    )
    return rows[sample_per_group(np.zeros(len(rows), dtype=np.int32), MAX_HEATMAP)]


def _pasted(beside: Space) -> Space:
    typed = st.text_area("A text a line", EXAMPLE, key="similarity-pasted", height=140, width="stretch")
    corpus = paste(typed).corpus("text", "")
    return results.small_space(corpus, beside, session.reading())


# --- The picture ---------------------------------------------------------------------------------


def _picture(found: Similarity, space: Space) -> None:
    texts = space.corpus.texts
    left, right = st.columns([2, 1], gap="medium")
    with left:
        alt = f"Heatmap of the cosines between {counted(len(found), 'text')}, alike ones beside each other."
        cell = show_figure(heatmap(found, texts, dark=dark()), key="heatmap", name="embedlab similarity", alt=alt)
        st.caption(
            f"{counted(len(found), 'text')}. A cosine of 1 is the same direction, as of each text and itself on the "
            "diagonal; what counts as high differs from model to model, so compare cells with each other, not with a "
            "fixed bar."
        )
        unknown = st.empty()
    with right:
        mark = fingerprint(space.fingerprint, found.rows)
        if cell is not None:
            st.session_state["pair"] = (mark, cell)
        kept = st.session_state.get("pair")
        doubted = _pair(found, space, kept[1] if kept and kept[0] == mark else None)
    if not doubted:  # one such sentence is enough: of the pair, where one is looked at
        with unknown:
            say_unknown(space.unknown)


def _pair(found: Similarity, space: Space, cell: tuple[int, int] | None) -> bool:
    """Draw the pair of a cell; return whether something was said that the model doesn't know of it."""
    if cell is None:
        st.markdown("**A pair**")
        st.caption("Click a cell to see its two texts side by side.")
        return False
    clicked = found.pair(cell[1], cell[0])
    st.metric("Cosine", f"{clicked.cosine:.3f}", border=True)
    texts = space.corpus.texts
    doubted = _doubted(space, texts[clicked.first], texts[clicked.second])
    pair.why_button(texts[clicked.first], texts[clicked.second], "why-cell", type="secondary")
    for place, row in enumerate((clicked.first, clicked.second)):
        with st.container(border=True):
            long_text(texts[row], f"cell-{place}")
            say_columns(space.corpus, row)
    return doubted


def _doubted(space: Space, first: str, second: str) -> bool:
    """Say what the model doesn't know of two texts, where it is here to be asked; return whether there is anything."""
    sentence = ""
    with suppress(EmbedlabError):
        known = results.pair_known(first, second, results.encoder(space, session.reading()))
        sentence = known.sentence if known else ""
    say_unknown(sentence)
    return bool(sentence)


def _save(found: Similarity, space: Space) -> None:
    corpus: Corpus = space.corpus
    with st.popover("Save", icon=":material/download:"):
        download(
            "Heatmap as a web page",
            lambda: heatmap_html(found, corpus.texts, title=f"Similarity: {corpus.name}"),
            f"{corpus.name} - similarity.html", "similarity-html",
        )  # fmt: skip
        file = f"{corpus.name} - similarity.csv"
        download("Cosines as CSV", lambda: similarity_csv(found, corpus.texts), file, "similarity-csv")
        st.caption("As a picture (PNG): the camera at the top right of the heatmap.")


main()
