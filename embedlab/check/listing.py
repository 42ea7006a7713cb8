"""What was found, line by line: what to show of it, which rows it is about, and what to do with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.check.decisions import Decision
from embedlab.check.personal import Found
from embedlab.check.quality import Checked, Key
from embedlab.corpus import Corpus
from embedlab.space.names import ClusterNames

Rows = NDArray[np.intp]
Shown = Callable[[int], str]
Cell = str | int | float

FARTHEST = 100


@dataclass(frozen=True, eq=False)
class Line:
    """One thing that was found: a cell for each head of its listing, and the rows of the corpus that it is about.

    `proposed` is what there is to do about it. `flagged` is False for what is listed only to be compared with the
    others: it counts in no figure, and nothing is done about it unless somebody picks it.
    """

    cells: tuple[Cell, ...]
    rows: tuple[int, ...]
    proposed: tuple[Decision, ...] = ()
    flagged: bool = True


@dataclass(frozen=True, eq=False)
class Listing:
    """The lines of one finding, and what their cells are."""

    heads: tuple[str, ...]
    lines: tuple[Line, ...]

    def proposed(self, lines: Sequence[int] | None = None) -> tuple[Decision, ...]:
        """Return what there is to do about some lines, or about all that are flagged."""
        chosen = [line for line in self.lines if line.flagged] if lines is None else [self.lines[at] for at in lines]
        return tuple(decision for line in chosen for decision in line.proposed)


def listing(
    checked: Checked, key: Key, corpus: Corpus, threshold: float, names: ClusterNames, shown: Shown | None = None
) -> Listing:
    """Return the lines of the finding `key`, as ordered by what was found.

    `shown` returns what may be shown of the text at a row: by default all of it. `names` are those of the clusters
    that the check was given.
    """
    read = shown or corpus.texts.__getitem__
    number = _numbered(corpus)
    made: dict[Key, tuple[tuple[str, ...], Iterator[Line]]] = {
        "exact": (("Times", "Text", "Rows"), _copies(checked, read, number)),
        "near-duplicates": (("Alike", "Text", "Nearly repeats"), _near(checked, threshold, read, number)),
        "labels": (
            ("Text", "Label", "Likelier", "Probability of the label", "of the likelier", "Neighbours for the likelier"),
            _labels(checked, read),
        ),
        "leaks": (("Alike", "To be asked about", "To learn from"), _leaks(checked, threshold, read, number)),
        "personal": (("Kind", "Masked", "Row", "Characters", "Text, masked"), _personal(checked, corpus, number)),
        "outliers": (("Distance", "Density factor", "Text"), _outliers(checked, read)),
        "blurred": (("Text",), _blurred(checked, read)),
        "properties": (("Property", "Value", "Text"), _properties(checked, read)),
        "segments": (("Cluster", "Texts", "Errors", "95 % interval", "Errors elsewhere"), _segments(checked, names)),
    }
    heads, lines = made[key]
    return Listing(heads, tuple(lines))


def masking(texts: Sequence[str], private: Sequence[Found], longest: int | None = None) -> Shown:
    """Return what may be shown of each text: personal data are hidden, and what is over `longest` characters cut."""
    found: dict[int, list[Found]] = {}
    for one in private:
        found.setdefault(one.row, []).append(one)

    def shown(row: int) -> str:
        text = texts[row]
        for one in sorted(found.get(row, ()), key=lambda one: -one.start):
            text = text[: one.start] + one.masked + text[one.end :]
        return text if longest is None or len(text) <= longest else f"{text[:longest]}…"

    return shown


def _numbered(corpus: Corpus) -> Callable[[int], int]:
    """Return which row of the source a row is, counted from 1."""
    return lambda row: int(corpus.rows[row]) + 1


# --- Finding by finding --------------------------------------------------------------------------


def _copies(checked: Checked, read: Shown, number: Callable[[int], int]) -> Iterator[Line]:
    for group in checked.duplicates.exact:
        first, *others = group.tolist()
        why = f"repeats row {number(first)}"
        rows = ", ".join(str(number(row)) for row in (first, *others))
        drops = tuple(Decision(row, "drop", why) for row in others)
        yield Line((len(group), read(first), rows), (first, *others), drops)


def _near(checked: Checked, threshold: float, read: Shown, number: Callable[[int], int]) -> Iterator[Line]:
    found = checked.duplicates
    first = {int(row): int(group[0]) for group in found.exact for row in group}
    near = found.near(threshold).tolist()
    alike = {(a, b): value for (a, b), value in zip(near, found.likeness.tolist(), strict=False)}
    for group in found.groups(threshold):
        for row in group.rows.tolist():
            of = first.get(row, row)
            if of == group.kept:
                continue
            value = alike[min(of, group.kept), max(of, group.kept)]
            why = f"nearly repeats row {number(group.kept)} ({value:.2f} alike)"
            yield Line((value, read(row), read(group.kept)), (row, group.kept), (Decision(row, "drop", why),))


def _labels(checked: Checked, read: Shown) -> Iterator[Line]:
    for doubt in checked.doubts.ranked if checked.doubts else ():
        why = (
            f"“{doubt.likelier}” is likelier than “{doubt.given}” ({doubt.p_likelier:.2f} against {doubt.p_given:.2f})"
        )
        agree = f"{doubt.agree} of {len(doubt.neighbours)}"
        cells = (read(doubt.row), doubt.given, doubt.likelier, doubt.p_given, doubt.p_likelier, agree)
        yield Line(cells, (doubt.row, *doubt.neighbours), (Decision(doubt.row, "relabel", why, doubt.likelier),))


def _leaks(checked: Checked, threshold: float, read: Shown, number: Callable[[int], int]) -> Iterator[Line]:
    for leak in checked.leaks_at(threshold):
        why = f"row {number(leak.asked)}, which is held out, says the same"
        cells = (leak.likeness, read(leak.asked), read(leak.learnt))
        learnt = dict.fromkeys((leak.learnt, *leak.others))
        yield Line(cells, (leak.asked, *learnt), tuple(Decision(row, "drop", why) for row in learnt))


def _personal(checked: Checked, corpus: Corpus, number: Callable[[int], int]) -> Iterator[Line]:
    read = masking(corpus.texts, checked.personal)
    for one in checked.personal:
        place = f"{one.start + 1} to {one.end}"
        cells = (one.kind, one.masked, number(one.row), place, read(one.row))
        article = "an" if one.kind[0] in "eI" else "a"
        yield Line(cells, (one.row,), (Decision(one.row, "mask", f"holds {article} {one.kind}"),))


def _outliers(checked: Checked, read: Shown) -> Iterator[Line]:
    found = checked.outliers
    flagged = set(found.flagged.tolist())
    for place, row in enumerate(found.order.tolist()):
        if place >= max(FARTHEST, len(flagged)):
            return
        distance, factor = float(found.distance[row]), float(found.density[row])
        drop = Decision(row, "drop", f"lies far from all others (distance {distance:.2f})")
        yield Line((distance, factor, read(row)), (row,), (drop,), row in flagged)


def _blurred(checked: Checked, read: Shown) -> Iterator[Line]:
    for row in checked.outliers.blurred.tolist():
        yield Line((read(row),), (row,), (Decision(row, "drop", "the model can't tell it from another text"),))


def _properties(checked: Checked, read: Shown) -> Iterator[Line]:
    for one in checked.properties:
        for row in one.odd.tolist():
            value = one.values[row]
            cell: Cell = str(value) if one.kind == "category" else round(float(value), 3)
            why = f"{one.title}: {cell}. {one.why}"
            yield Line((one.title, cell, read(row)), (row,), (Decision(row, "drop", why),))


def _segments(checked: Checked, names: ClusterNames) -> Iterator[Line]:
    for one in checked.segments or ():
        errors = one.errors
        around = f"{errors.low:.0%} to {errors.high:.0%}"
        cells = (names.of(one.cluster), len(one.rows), errors.mean, around, one.elsewhere)
        yield Line(cells, tuple(one.rows.tolist()))
