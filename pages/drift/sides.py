"""Drift: which two sides are compared, two corpora or two parts of one."""

from __future__ import annotations

import streamlit as st

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Column, Corpus
from embedlab.corpus.datasets import DATA_SETS
from embedlab.corpus.ordering import Ordered
from embedlab.corpus.split import says_which
from embedlab.drift.sides import OTHERS, Sides, by_column, by_cut, by_values, middle
from pages.app import results
from pages.app.reading import read_upload
from pages.app.widgets import as_typed, choose, choose_text
from pages.drift import jobs

PARTS, OTHER = "Parts of these texts", "These and other texts"
CUT, VALUES = "A cut", "Two values"
UPLOAD = "A file…"
OFFERED = 50
STEPS = 120


def chosen(texts: Corpus) -> Sides | None:
    """Let the two sides be chosen; None until there are two."""
    usable = _usable(texts)
    with st.container(horizontal=True):
        first = PARTS if usable else OTHER
        what = choose("Compare", [PARTS, OTHER], f"drift-what-{bool(usable)}", default=first)
        return _parts(texts, usable) if what == PARTS else _others(texts)


# --- Parts of one corpus -------------------------------------------------------------------------


def _usable(texts: Corpus) -> list[str]:
    """Return the columns with two values or more, those that say the most about time and sides first."""
    found = [one for one in texts.columns if len(jobs.values(texts, one.name)) > 1]
    kept = [one for one in found if one.kind != "text" or jobs.order_of(texts, one.name) is not None]
    return [one.name for one in sorted(kept, key=lambda one: _rank(texts, one))]


def _rank(texts: Corpus, column: Column) -> int:
    if says_which(column):
        return 0
    order = jobs.order_of(texts, column.name)
    return 3 if order is None else 1 if order.kind == "date" else 2


def _parts(texts: Corpus, usable: list[str]) -> Sides | None:
    if not usable:
        st.info("No column parts these texts: compare them with others.", icon=":material/info:")
        return None
    key = texts.fingerprint
    name = st.selectbox(
        "By", usable, key=f"drift-by-{key}", persist_state="session", width=200, help="The column that parts the texts."
    )
    if says_which(texts.column(name)) or len(jobs.values(texts, name)) == 2:
        return by_column(texts, name)
    order = jobs.order_of(texts, name)
    if order is None:
        return _two_values(texts, name)
    way = choose("Part by", [CUT, VALUES], f"drift-way-{key}-{name}")
    return _cut(texts, name, order) if way == CUT else _two_values(texts, name)


def _cut(texts: Corpus, name: str, order: Ordered) -> Sides:
    all_steps = order.steps[1:]
    start = middle(order)
    steps = sorted({*all_steps[:: max(1, -(-len(all_steps) // STEPS))].tolist(), start})
    at = st.select_slider(
        "Cut at", steps, start, format_func=order.shown, key=f"drift-at-{texts.fingerprint}-{name}",
        persist_state="session", width=320, help="Texts below are before, texts from here on after.",
    )  # fmt: skip
    return by_cut(texts, name, at, order)


def _two_values(texts: Corpus, name: str) -> Sides | None:
    counts = dict(jobs.values(texts, name)[:OFFERED])
    total = len(jobs.values(texts, name))
    told = f"The {OFFERED} most frequent of {counted(total, 'value')}." if total > OFFERED else None
    key = f"{texts.fingerprint}-{name}"

    def shown(value: str) -> str:
        return f"{value} ({counts[value]:,})" if value in counts else value

    before = st.selectbox(
        "Before", list(counts), 0, key=f"drift-before-{key}", persist_state="session", format_func=shown, width=220,
        help=told,
    )  # fmt: skip
    after = st.selectbox(
        "After", [*counts, OTHERS], 1, key=f"drift-after-{key}", persist_state="session", format_func=shown, width=220,
        help=told,
    )  # fmt: skip
    if before == after:
        raise EmbedlabError(f"“{before}” is on both sides: choose another value for one of them.")
    return by_values(texts, name, before, None if after == OTHERS and OTHERS not in counts else after)


# --- Two corpora ---------------------------------------------------------------------------------


def _others(texts: Corpus) -> Sides | None:
    titles = {one.title: one.name for one in DATA_SETS}
    chosen = st.selectbox(
        "Other texts", [UPLOAD, *titles], key="drift-other", persist_state="session", width=260,
        help="The texts to compare those that are open with.",
    )  # fmt: skip
    newer = choose("The open texts come", ["before", "after"], "drift-order")
    other = _uploaded(texts.label) if chosen == UPLOAD else results.built_in(titles[chosen])
    if other is None:
        return None
    return jobs.both(texts, other) if newer == "before" else jobs.both(other, texts)


def _uploaded(label: str | None) -> Corpus | None:
    upload = st.file_uploader("The other file", key="drift-file", help="As on the page “Texts”: CSV, JSON, XLSX, …")
    if upload is None:
        st.caption("Choose a file, or one of the built-in sets. Nothing leaves this machine.")
        return None
    table = read_upload(upload, "drift-file")
    if table is None:
        return None
    names = [column.name for column in table.columns]
    text = choose_text(table, f"drift-{upload.name}", "Its text column", 200)
    corpus = table.corpus(text, label if label in names and label not in text else None)
    dropped = corpus.rows_read - len(corpus)
    st.caption(as_typed(f"{counted(len(corpus), 'text')} read, {counted(dropped, 'row')} dropped."))
    return corpus
