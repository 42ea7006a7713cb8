"""Texts that come with embedlab: written for it, or read from the running Python."""

from __future__ import annotations

import csv
import io
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from embedlab.base.arrays import frozen
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import row_numbers
from embedlab.corpus.corpus import Column, Corpus, Kind, Note
from embedlab.corpus.datasets.docstrings import docstrings
from embedlab.text.same import exact, repeats

WRITTEN = "MIT, written for embedlab"


@dataclass(frozen=True)
class DataSet:
    """What there is to know about a built-in data set before it is opened.

    `look_for` is what a teacher would point at on its map (all-MiniLM-L6-v2). `columns` are the metadata columns
    with their kinds, in order; `label` is the one that holds the texts' labels.
    """

    name: str
    title: str
    sentence: str
    look_for: str
    licence: str
    label: str
    columns: tuple[tuple[str, Kind], ...]


DATA_SETS: tuple[DataSet, ...] = (
    DataSet(
        name="support",
        title="Support messages",
        sentence="What the customers of a recipe-box company wrote to it in 2025, with the intent of each message.",
        look_for=(
            "Delivery, money and the account are regions of their own, intents like “wrong charge” and “refund "
            "status” run into one another, and colouring by date shows which messages the outage of 16 September "
            "brought."
        ),
        licence=WRITTEN,
        label="intent",
        columns=(
            ("intent", "category"),
            ("area", "category"),
            ("channel", "category"),
            ("date", "date"),
            ("satisfaction", "number"),
        ),
    ),
    DataSet(
        name="senses",
        title="One word, several senses",
        sentence="Sentences with an ambiguous word such as “bank” or “spring”, a dozen for each of its senses.",
        look_for=(
            "The word decides first and the sense second: “bank” and “light” fall into two clean halves, while "
            "the two kinds of “crane” are hardly told apart."
        ),
        licence=WRITTEN,
        label="sense",
        columns=(("word", "category"), ("sense", "category")),
    ),
    DataSet(
        name="docstrings",
        title="Python's docstrings",
        sentence="What the modules, classes and functions of Python's standard library say about themselves.",
        look_for=(
            "Dates and numbers are islands, while networking runs into email and archives into files: modules "
            "that do related work lie side by side, although nobody told the model which is which."
        ),
        licence="PSF, generated from the running Python",
        label="area",
        columns=(("area", "category"), ("module", "category"), ("kind", "category"), ("name", "text")),
    ),
    DataSet(
        name="nouns",
        title="Nouns by category",
        sentence="Nouns in 31 categories from birds to money, a few of them in two categories at once.",
        look_for=(
            "One word is enough for most categories to gather; then see where the ambiguous ones went: “crane” to "
            "the vehicles, “mouse” to the computers, and “apple” as well."
        ),
        licence=WRITTEN,
        label="category",
        columns=(("category", "category"), ("broader", "category")),
    ),
    DataSet(
        name="sayings",
        title="Sayings in twelve languages",
        sentence="The same 33 proverbs, idioms and everyday sentences in twelve languages and five scripts.",
        look_for=(
            "MiniLM was trained on English, so the map shows languages and not meanings: translations of one "
            "saying lie far apart, and a multilingual model is needed to bring them together."
        ),
        licence=WRITTEN,
        label="language",
        columns=(("saying", "category"), ("language", "category"), ("script", "category"), ("kind", "category")),
    ),
    DataSet(
        name="contrasts",
        title="Same words, other claim",
        sentence="Thirty sentences, each with a paraphrase, a negation, swapped roles and other small changes.",
        look_for=(
            "The sentence that swaps who did what, or denies it, lies closer to the original than the paraphrase "
            "does: the vectors hold what is talked about better than what is claimed."
        ),
        licence=WRITTEN,
        label="change",
        columns=(("change", "category"), ("family", "category")),
    ),
)


def builtin_names() -> tuple[str, ...]:
    """Return the names of the built-in data sets; the first is what the app opens with."""
    return tuple(data_set.name for data_set in DATA_SETS)


def describe(name: str) -> DataSet:
    """Return what there is to know about the data set `name`; `EmbedlabError` if there is none."""
    for data_set in DATA_SETS:
        if data_set.name == name:
            return data_set
    have = ", ".join(builtin_names())
    raise EmbedlabError(f"There is no built-in data set named “{name}”: choose one of these: {have}.")


@cache
def builtin(name: str) -> Corpus:
    """Return the built-in data set `name`, the same object at every call; `EmbedlabError` if there is none."""
    data_set = describe(name)
    if name == "docstrings":
        found, left_out = docstrings()
        return _corpus(data_set, found, (_origin(len(found), left_out),))
    content = (files(__name__) / f"{name}.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(io.StringIO(content))
    if header != ["text", *(column for column, _ in data_set.columns)]:
        raise ValueError(f"{name}.csv has the columns {header}")
    return _corpus(data_set, rows, _repeated([row[0] for row in rows]))


def _origin(kept: int, left_out: int) -> Note:
    sentence = (
        f"{kept:,} docstrings were read from Python {platform.python_version()}; {left_out:,} more were left "
        "out because they repeat another or have no sentence of four words."
    )
    return Note("info", left_out, sentence)


def _repeated(texts: Sequence[str]) -> tuple[Note, ...]:
    rows = repeats(texts, exact)
    if not len(rows):
        return ()
    sentence = f"{len(rows)} texts repeat an earlier one word for word, and are meant to."
    return (Note("info", len(rows), sentence, row_numbers(rows)),)


def _corpus(data_set: DataSet, rows: Sequence[Sequence[str]], notes: tuple[Note, ...]) -> Corpus:
    """Build the corpus from rows of a text and a cell for each column."""
    columns = tuple(
        _column(name, kind, [row[place] for row in rows])
        for place, (name, kind) in enumerate(data_set.columns, start=1)
    )
    return Corpus(
        name=data_set.title,
        texts=tuple(row[0] for row in rows),
        columns=columns,
        notes=notes,
        label=data_set.label,
    )


def _column(name: str, kind: Kind, cells: Sequence[str]) -> Column:
    if kind == "number":
        return Column(name, kind, frozen(np.array([float(cell or "nan") for cell in cells])))
    if kind == "date":
        return Column(name, kind, frozen(np.array([cell or "NaT" for cell in cells], dtype="datetime64[us]")))
    return Column(name, kind, frozen(np.array([cell or None for cell in cells], dtype=object)))
