"""Labels as people type them: "Billing", "billing " and "BILLING" are one class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from embedlab.base.arrays import frozen
from embedlab.base.english import counted, joined
from embedlab.corpus.corpus import Column, Corpus, Note, noted
from embedlab.text.same import folded

MOST_CLASSES = 2000
"""Of a column of more values than this it is not said how they are spelled: they are no classes."""
NAMED = 3
_UNSEEN = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF))
_ALIKE = {0x2010: "-", 0x2011: "-", 0x0130: "i"}
"""Hyphens that no keyboard has, and Turkish İ, of which Unicode makes two characters."""


@dataclass(frozen=True)
class Spellings:
    """A class that is spelled in several ways: its name, these as typed with how many texts each, the most first."""

    name: str
    forms: tuple[tuple[str, int], ...]

    @property
    def texts(self) -> int:
        """How many texts the class has."""
        return sum(count for _, count in self.forms)


@lru_cache(maxsize=10_000)
def class_key(label: str) -> str:
    """Return what spellings of one label have in common: they differ in capitals, spaces and Unicode form only."""
    return folded(label.translate(_UNSEEN | _ALIKE))


def _tidy(label: str) -> str:
    return " ".join(label.translate(_UNSEEN).split())


def spelled(labels: Iterable[str]) -> tuple[dict[str, str], tuple[Spellings, ...]]:
    """Return the name of the class of each label as typed, and the classes that are spelled in several ways.

    A class is called as most of its texts spell it, without spaces around; of equal ones the earliest counts. Labels
    of nothing that is seen keep their form.
    """
    counts = Counter(labels)
    groups: dict[str, dict[str, int]] = {}
    for label, count in counts.items():
        groups.setdefault(class_key(label), {})[label] = count
    names: dict[str, str] = {}
    several = []
    for key, forms in groups.items():
        tidied: Counter[str] = Counter()
        for label, count in forms.items():
            tidied[_tidy(label)] += count
        name = tidied.most_common(1)[0][0] if key else next(iter(forms))
        names.update(dict.fromkeys(forms, name))
        if len(forms) > 1:
            several.append(Spellings(name, tuple(sorted(forms.items(), key=lambda form: -form[1]))))
    return names, tuple(sorted(several, key=lambda one: -one.texts))


def merged(column: Column) -> tuple[Column, list[Note]]:
    """Return a column of labels with a name for each class however it is spelled, and a note on these.

    Numbers and dates stay as they are. The note's rows (from 1) are places in the column.
    """
    if column.kind in ("number", "date"):
        return column, []
    labels = [value for value in column.values if value is not None]
    names, several = spelled(labels)
    if all(label == name for label, name in names.items()):
        return column, []
    values = np.empty(len(column.values), dtype=object)
    values[:] = [None if value is None else names[value] for value in column.values]
    rows = [at for at, value in enumerate(column.values) if value is not None and values[at] != value]
    return replace(column, values=frozen(values)), said(several, rows)


def labels_of(corpus: Corpus, name: str) -> Column:
    """Return a column of a corpus as labels: a class that is spelled in several ways has one name.

    Raises `EmbedlabError` where there is no such column.
    """
    return merged(corpus.column(name))[0]


def said(several: tuple[Spellings, ...], rows: Iterable[int] = ()) -> list[Note]:
    """Say which spellings are read as one."""
    if not several:
        return []
    first = several[0]
    parts = [f"{counted(len(first.forms), 'spelling')} of “{first.name}” ({counted(first.texts, 'text')})"]
    parts += [f"{len(one.forms):,} of “{one.name}” ({counted(one.texts, 'text')})" for one in several[1:NAMED]]
    if len(several) > NAMED:
        parts.append(f"those of {counted(len(several) - NAMED, 'more class', 'more classes')}")
    changed = sum(one.texts - max(count for _, count in one.forms) for one in several)
    sentence = f"{joined(parts)} are read as one{' each' if len(several) > 1 else ''}."
    return noted("changed", changed, sentence, rows)


def could_be_one(columns: Iterable[Column]) -> list[Note]:
    """Say which categories, no label, have values that would be one class if they were the label."""
    notes = []
    for column in columns:
        values = [value for value in column.values if value is not None] if column.kind == "category" else []
        distinct = set(values)
        if not 2 <= len(distinct) <= MOST_CLASSES or len({class_key(value) for value in distinct}) == len(distinct):
            continue
        several = spelled(values)[1]
        first = several[0]
        more = f", and so {counted(len(several) - 1, 'other value')}" if len(several) > 1 else ""
        sentence = (
            f"“{column.name}” spells “{first.name}” in {len(first.forms):,} ways{more}: as the label each would be one."
        )
        notes.append(Note("info", len(several), sentence))
    return notes
