"""Labels as people type them are one class, and it is said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from embedlab.base.arrays import frozen
from embedlab.corpus import Column, Corpus
from embedlab.corpus.judgements import same_label
from embedlab.corpus.labels import review
from embedlab.corpus.reading.given import from_texts
from embedlab.corpus.reading.table import read_table
from embedlab.corpus.spellings import labels_of, merged
from embedlab.corpus.split import split
from embedlab.drift.sides import joined
from embedlab.evaluate.labels import usable_labels
from tests.sentences import say


def column(labels: Sequence[str | None]) -> Column:
    values = np.empty(len(labels), dtype=object)
    values[:] = labels
    return Column("team", "category", frozen(values))


def table(labels: Sequence[str], name: str = "team") -> bytes:
    return (f"message,{name}\n" + "".join(f'some words {at},"{label}"\n' for at, label in enumerate(labels))).encode()


LABELS = ["Billing", "Billing ", "billing", "Billing", "Tech", "Tech"] * 4


def test_spellings_of_a_label_are_one_class_and_counted() -> None:
    corpus = read_table(table(LABELS), "a.csv").corpus(label="team")
    assert corpus.column("team").values.tolist()[:6] == ["Billing"] * 4 + ["Tech"] * 2
    assert set(corpus.column("team").values) == {"Billing", "Tech"}
    (note,) = [note for note in corpus.notes if "spelling" in note.sentence]
    assert say([note.sentence], (3, "“Billing”", "16 texts", "read as one"))
    assert (note.kind, note.count, note.rows[:4]) == ("changed", 8, (2, 3, 8, 9))


@pytest.mark.parametrize(
    "forms",
    [
        ("Billing", "BILLING"),
        ("Billing", "Billing\u00a0"),
        ("Billing", "\u200bBilling"),
        ("Billing", "Ｂｉｌｌｉｎｇ"),
        ("Café", "Cafe\u0301"),
        ("Straße", "STRASSE"),
        ("card  lost", "Card lost"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("office", "oﬃce"),
        ("follow-up", "follow\u2011up"),
        ("İade", "iade"),
    ],
)
def test_capitals_spaces_and_forms_make_no_other_class(forms: tuple[str, str]) -> None:
    found, notes = merged(column([forms[0], forms[1], forms[0], "other", None]))
    assert len(set(found.values[:3])) == 1
    assert found.values.tolist()[3:] == ["other", None]
    assert notes[0].count == 1


def test_a_class_is_called_as_most_of_its_texts_spell_it() -> None:
    assert merged(column(["a b", "A B", "A  B ", "a b "]))[0].values[0] == "a b"
    assert merged(column(["tech", "Tech", "Tech "]))[0].values.tolist() == ["Tech"] * 3
    assert merged(column(["us", "US", "us", "IT", "it", "IT"]))[0].values.tolist() == ["us"] * 3 + ["IT"] * 3


@pytest.mark.parametrize("labels", [["e-mail", "email"], ["Biling", "Billing"], ["a.", "a"], ["résumé", "resume"]])
def test_what_is_spelled_with_other_letters_stays_apart(labels: list[str]) -> None:
    found, notes = merged(column(labels))
    assert (found.values.tolist(), notes) == (labels, [])


def test_several_classes_are_told_in_one_sentence() -> None:
    _, notes = merged(column([form for name in ("aa", "bb", "cc", "dd") for form in (name, name.upper(), name)]))
    assert say(
        [note.sentence for note in notes],
        (2, "“aa”", "3 texts", 2, "“bb”", "3 texts", 2, "“cc”", "3 texts", "1 more class", "one each"),
    )


def test_a_category_that_is_no_label_stays_as_typed_and_it_is_said() -> None:
    rows = "".join(f"some words {at},{label},x{at % 2}\n" for at, label in enumerate(LABELS))
    corpus = read_table(f"message,city,label\n{rows}".encode(), "a.csv").corpus()
    assert corpus.label == "label"
    assert set(corpus.column("city").values) == {"Billing", "Billing ", "billing", "Tech"}
    assert say([note.sentence for note in corpus.notes], ("“city”", "“Billing”", "3 ways", "as the label", "one"))
    assert set(labels_of(corpus, "city").values) == {"Billing", "Tech"}


def test_everything_that_uses_labels_reads_them_so() -> None:
    corpus = Corpus("t", tuple(f"text {at}" for at in range(len(LABELS))), (column(LABELS),))
    labels = corpus.columns[0]
    used = usable_labels(labels, corpus)
    assert used.names == ("Billing", "Tech")
    assert "3 spellings of “Billing” (16 texts) are read as one." in used.notes
    assert review(corpus, labels).classes == (("Billing", 16), ("Tech", 8))
    assert set(split(corpus, labels).names) == {"Billing", "Tech"}
    assert {len(rows) for rows in same_label(corpus, "team").rows} == {16, 8}


def test_lists_in_python_and_two_files_are_read_so() -> None:
    texts = [f"text {at}" for at in range(len(LABELS))]
    corpus = from_texts(texts, labels=LABELS)
    assert set(corpus.column("label").values) == {"Billing", "Tech"}
    other = from_texts(texts, labels=["BILLING"] * 20 + ["tech"] * 4)
    sides = joined(corpus, other)
    assert len(set(sides.corpus.column("label").values)) == 2
    assert any("read as one" in note for note in sides.notes)


def test_labels_that_are_numbers_stay_numbers() -> None:
    numbers = Column("stars", "number", np.array([1.0, 2.0]))
    assert merged(numbers) == (numbers, [])
