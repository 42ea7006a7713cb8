"""Texts that come with embedlab: written for it, or read from the running Python."""

from __future__ import annotations

import csv
import io
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.columns import column_of
from embedlab.corpus.corpus import Corpus, Note, noted
from embedlab.corpus.datasets.docstrings import Docstring, docstrings
from embedlab.corpus.origin import Origin
from embedlab.text.same import exact, repeats


@dataclass(frozen=True)
class DataSet:
    """What there is to know about a built-in data set before it is opened.

    `look_for` is what a teacher would point at on its map (all-MiniLM-L6-v2). `label` is the column
    that holds the texts' labels.
    """

    name: str
    title: str
    sentence: str
    look_for: str
    label: str
    licence: str = "MIT, written for embedlab"


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
        label="intent",
    ),
    DataSet(
        name="senses",
        title="One word, several senses",
        sentence="Sentences with an ambiguous word such as “bank” or “spring”, a dozen for each of its senses.",
        look_for=(
            "The word decides first and the sense second: “bank” and “light” fall into two clean halves, while "
            "the two kinds of “crane” are hardly told apart."
        ),
        label="sense",
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
    ),
    DataSet(
        name="nouns",
        title="Nouns by category",
        sentence="Nouns in 31 categories from birds to money, a few of them in two categories at once.",
        look_for=(
            "One word is enough for most categories to gather; then see where the ambiguous ones went: “crane” to "
            "the vehicles, “mouse” to the computers, and “apple” as well."
        ),
        label="category",
    ),
    DataSet(
        name="sayings",
        title="Sayings in twelve languages",
        sentence="The same 33 proverbs, idioms and everyday sentences in twelve languages and five scripts.",
        look_for=(
            "MiniLM was trained on English, so the map shows languages and not meanings: translations of one "
            "saying lie far apart, and a multilingual model is needed to bring them together."
        ),
        label="language",
    ),
    DataSet(
        name="contrasts",
        title="Same words, other claim",
        sentence="Thirty sentences, each with a paraphrase, a negation, swapped roles and other small changes.",
        look_for=(
            "The sentence that swaps who did what, or denies it, lies closer to the original than the paraphrase "
            "does: the vectors hold what is talked about better than what is claimed."
        ),
        label="change",
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
    header: Sequence[str] = Docstring._fields
    rows: Sequence[Sequence[str]]
    if name == "docstrings":
        rows, left_out = docstrings()
        sentence = (
            f"{len(rows):,} docstrings were read from Python {platform.python_version()}; {left_out:,} more were left "
            "out because they repeat another or have no sentence of four words."
        )
        notes = [Note("info", left_out, sentence)]
    else:
        header, *rows = csv.reader(io.StringIO((files(__name__) / f"{name}.csv").read_text(encoding="utf-8")))
        again = repeats([row[0] for row in rows], exact)
        sentence = f"{len(again)} texts repeat an earlier one word for word, and are meant to."
        notes = noted("info", len(again), sentence, again)
    texts, *cells = zip(*rows, strict=True)
    columns = tuple(column_of(title, values)[0] for title, values in zip(header[1:], cells, strict=True))
    return Corpus(
        data_set.title, texts, columns, notes=tuple(notes), label=data_set.label, origin=Origin("built-in", name)
    )
