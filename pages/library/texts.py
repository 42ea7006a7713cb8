"""Texts: open a file, paste some lines, or pick a built-in data set."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import streamlit as st

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.corpus.datasets import DATA_SETS, DataSet
from embedlab.corpus.reading.files import FORMATS, MORE
from embedlab.corpus.reading.table import Table, paste
from embedlab.corpus.vectors import FILES, from_file
from embedlab.encoders import models
from pages.app import panel, results, session
from pages.app.reading import read_upload
from pages.app.widgets import as_typed, choose_column, choose_text, errors_said, frame, heading, say_unknown

PREVIEW_ROWS = 50
EMBED, UNKNOWN = "Embed the texts with a model", "Not known"
NOTE_ICONS = {"dropped": ":material/remove_circle:", "changed": ":material/edit:", "info": ":material/info:"}


def main() -> None:
    """Draw the page."""
    heading("Texts", "Which texts do you want to look at?")
    own, pasted = st.tabs(["Open a file", "Paste"], key="texts-from")
    with own, errors_said():
        _file()
    with pasted, errors_said():
        _paste()
    st.subheader("Or start with a built-in data set")
    with errors_said(), st.grid(3, min_column_width=260):
        for data_set in DATA_SETS:
            with st.container(border=True, height="stretch"):
                _card(data_set)


def _file() -> None:
    upload = st.file_uploader(
        "A file with texts",
        help=f"{FORMATS}; {MORE}; also gzipped. It stays on this machine.",
        key="file",
    )
    if upload is None:
        st.caption(f"{FORMATS}, {MORE}, also gzipped. Nothing leaves this machine.")
        return
    with st.spinner("Reading…"):
        table = read_upload(upload, "file")
    if table is not None:
        _choose(table, "file")


def _paste() -> None:
    typed = st.text_area("A text a line", height=220, key="pasted", placeholder="One text\nAnother text")
    if not typed.strip():
        st.caption("A few dozen lines are enough for a map that says something.")
        return
    _choose(paste(typed), "paste")


def _choose(table: Table, key: str) -> None:
    """Choose the columns, show what was read, and open it."""
    names = [column.name for column in table.columns]
    text: tuple[str, ...] = (names[0],)
    label = ""
    if len(names) > 1:
        with st.container(horizontal=True):
            text = choose_text(table, key)
            labels = [name for name in names if name not in text]
            told = (
                "What each text is known to be, if a column says so. The other columns can be coloured and filtered "
                "by as well."
            )
            label = choose_column("Label column", labels, table.guessed_label, f"{key}-label", told, width=260)
    table = _with_npy(table, key)
    corpus = table.corpus(text, label)
    own, own_model = _vectors(corpus, key)
    _report(corpus)
    action = f"Map {counted(len(corpus), 'text')}"
    if st.button(action, type="primary", icon=":material/scatter_plot:", key=f"{key}-open"):
        session.open_corpus(corpus, own, own_model)
        st.switch_page("map/page.py")
    if not own:
        _unknown(corpus)
    _preview(corpus)


def _unknown(corpus: Corpus) -> None:
    """Say what the model in use doesn't know of these texts; the model may be chosen later, so trouble waits, too."""
    found = None
    with suppress(EmbedlabError):
        found = results.known_before(corpus, session.reading().model)
    say_unknown(found.sentence if found else "")


def _with_npy(table: Table, key: str) -> Table:
    """Offer to bring vectors for these rows as files of their own; two of one name are numbered."""
    with st.expander("I have vectors for these texts"):
        uploads = st.file_uploader(
            "A .npy, .npz or .tsv file, or several",
            type=list(FILES),
            accept_multiple_files=True,
            key=f"{key}-npy",
            help="A matrix as numpy.save writes it, or a table of numbers: one row for each row of the texts, in the "
            "same order. Two files, "
            "such as those before and after a change, can be compared with each other. In a Parquet or JSONL file, "
            "vectors may also be a column of lists of numbers.",
        )
    seen: Counter[str] = Counter()
    for upload in uploads:
        seen[upload.name] += 1
        name = f"{upload.name} ({seen[upload.name]})" if seen[upload.name] > 1 else upload.name
        table = table.with_vectors(from_file(upload.getvalue(), upload.name, len(table)).called(name))
    return table


def _vectors(corpus: Corpus, key: str) -> tuple[str, str]:
    """Return which vectors that came with the texts to use, if any, and what made them."""
    if not corpus.vectors:
        return "", ""
    with st.container(horizontal=True):
        names = [EMBED, *(own.name for own in corpus.vectors)]
        own = st.selectbox("Vectors", names, 1, key=f"{key}-own", width=260)
        if own == EMBED:
            return "", ""
        made_by = st.selectbox(
            "Made by",
            [UNKNOWN, *(listing.name for listing in models() if listing.ready and not listing.on_corpus)],
            key=f"{key}-made-by",
            width=260,
            help="The model that made these vectors. If it is here, a sentence that you type can be placed among them.",
        )
    return own, "" if made_by == UNKNOWN else made_by


def _report(corpus: Corpus) -> None:
    """Say how many rows were read and what became of each of them."""
    dropped = corpus.rows_read - len(corpus)
    with st.container(border=True):
        read = f"**{corpus.rows_read:,}** {'row' if corpus.rows_read == 1 else 'rows'} read"
        kept = f"**{len(corpus):,}** {'text' if len(corpus) == 1 else 'texts'} kept"
        st.markdown(f"{read}, {kept}, **{dropped:,}** dropped.")
        for note in corpus.notes:
            where = f" Rows: {', '.join(f'{row:,}' for row in note.rows)}" if note.rows else ""
            more = ", …" if note.rows and note.count > len(note.rows) else "." if note.rows else ""
            st.markdown(f"{NOTE_ICONS[note.kind]} {as_typed(note.sentence + where + more)}")


def _preview(corpus: Corpus) -> None:
    shown = min(len(corpus), PREVIEW_ROWS)
    table = panel.with_columns(corpus, range(shown), 500)
    st.caption(f"The first {counted(shown, 'text')}" if shown < len(corpus) else "All texts")
    frame(table, height="content" if shown < 8 else 330, key="preview")


def _card(data_set: DataSet) -> None:
    st.markdown(f"**{data_set.title}**")
    st.markdown(data_set.sentence)
    st.caption(f"Look for: {data_set.look_for}")
    st.caption(data_set.licence)
    if st.button("Open", key=f"open-{data_set.name}", icon=":material/scatter_plot:"):
        session.open_corpus(results.built_in(data_set.name))
        st.switch_page("map/page.py")


main()
