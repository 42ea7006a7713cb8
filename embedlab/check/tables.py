"""What was found, line by line: what to show of it, which rows it is about, and what to do with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedlab.check.personal import PersonalMatch
from embedlab.check.plan import LEARNT, Decision
from embedlab.check.run import Checked, Key
from embedlab.corpus import Corpus
from embedlab.space.names import ClusterNames

Rows = NDArray[np.intp]
Shown = Callable[[int], str]
Cell = str | int | float

FARTHEST = 100
END = 120  # characters of the end of a cut text


@dataclass(frozen=True, eq=False)
class Line:
    """One thing that was found: a cell for each head of its listing, and the rows of the corpus that it is about.

    `proposed` is what there is to do about it. `flagged` is False for what is listed only to be compared with the
    others, or as what these texts are like: it counts in no figure, and nothing is done about it unless somebody picks
    it.
    """

    cells: tuple[Cell, ...]
    rows: tuple[int, ...]
    proposed: tuple[Decision, ...] = ()
    flagged: bool = True


@dataclass(frozen=True, eq=False)
class FindingTable:
    """The lines of one finding, and what their cells are.

    `besides` returns what is to be decided about other texts together with some lines: those that would stay instead.
    """

    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    besides: Callable[[Sequence[Line]], Iterable[Decision]] = lambda lines: ()

    def proposed(self, lines: Sequence[Line] | None = None) -> tuple[Decision, ...]:
        """Return what there is to do about some lines, or about all that are flagged; once for each text."""
        chosen = [line for line in self.lines if line.flagged] if lines is None else lines
        own = (decision for line in chosen for decision in line.proposed)
        return tuple({one.key: one for one in (*own, *self.besides(chosen))}.values())


def listing(
    checked: Checked, key: Key, corpus: Corpus, threshold: float, names: ClusterNames, shown: Shown | None = None
) -> FindingTable:
    """Return the lines of the finding `key`, as ordered by what was found.

    `shown` returns what may be shown of the text at a row: by default all of it. `names` are those of the clusters
    that the check was given.
    """
    read = shown or corpus.texts.__getitem__
    whole = corpus.texts.__getitem__ if shown is None else masking(corpus.texts, checked.personal)
    number = _numbered(corpus)
    made: dict[Key, tuple[tuple[str, ...], Iterator[Line]]] = {
        "exact": (("Times", "Text", "Rows"), _copies(checked, read, number)),
        "near-duplicates": (("Alike", "Text", "Nearly repeats"), _near(checked, threshold, read)),
        "labels": (
            ("Text", "Label", "Likelier", "Probability of the label", "of the likelier", "Neighbours for the likelier"),
            _labels(checked, read),
        ),
        "leaks": (("Alike", "To be asked about", "To learn from"), _leaks(checked, threshold, read)),
        "personal": (("Kind", "Masked", "Row", "Characters", "Text, masked"), _personal(checked, corpus, number)),
        "cut": (("Cut", "Characters", "How it ends"), _cut(checked, corpus, whole)),
        "outliers": (("Distance", "Density factor", "Text"), _outliers(checked, corpus, read)),
        "blurred": (("Text",), _blurred(checked, corpus, read)),
        "properties": (("Property", "Value", "Text"), _properties(checked, read)),
        "segments": (("Cluster", "Texts", "Errors", "95 % interval", "Errors elsewhere"), _segments(checked, names)),
    }
    heads, lines = made[key]
    besides: dict[Key, Callable[[Sequence[Line]], Iterable[Decision]]] = {
        "near-duplicates": lambda chosen: _stay(checked, threshold, chosen),
        "leaks": lambda chosen: _learnt(checked, threshold, chosen),
    }
    return FindingTable(heads, tuple(lines), besides.get(key, lambda chosen: ()))


def masking(texts: Sequence[str], private: Sequence[PersonalMatch], longest: int | None = None) -> Shown:
    """Return what may be shown of each text: personal data are hidden, and what is over `longest` characters cut."""
    found: dict[int, list[PersonalMatch]] = {}
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
        rows = group.tolist()
        told = ", ".join(str(number(row)) for row in rows)
        yield Line(
            (len(rows), read(rows[0]), told), tuple(rows), tuple(Decision(row, "exact", "spare") for row in rows)
        )


def _near(checked: Checked, threshold: float, read: Shown) -> Iterator[Line]:
    """Yield the texts that nearly repeat one that would stay, then pairs of held-out ones, which both stay."""
    found = checked.near_repeats(threshold)
    size = Counter(one.stays for one in found)
    for one in sorted(found, key=lambda one: (-size[one.stays], one.stays, -one.likeness)):
        cells = (one.likeness, read(one.row), read(one.stays))
        yield Line(cells, (one.row, one.stays), (_spared(one.row, "near-duplicates", threshold),))
    for first, second, likeness in checked.held_out_pairs(threshold):
        yield Line((likeness, read(second), read(first)), (second, first), (), flagged=False)


def _stay(checked: Checked, threshold: float, lines: Sequence[Line]) -> Iterator[Decision]:
    """Yield what is to be decided about the texts that others nearly repeat, and about their copies."""
    for stays in dict.fromkeys(line.rows[1] for line in lines if line.proposed):
        for row in checked.duplicates.copies_of(stays).tolist():
            yield _spared(row, "near-duplicates", threshold)


def _spared(row: int, key: Key, threshold: float) -> Decision:
    return Decision(row, key, "spare", threshold=threshold)


def _labels(checked: Checked, read: Shown) -> Iterator[Line]:
    for doubt in checked.doubts.ranked if checked.doubts else ():
        why = (
            f"“{doubt.likelier}” is likelier than “{doubt.given}” ({doubt.p_likelier:.2f} against {doubt.p_given:.2f})"
        )
        agree = f"{doubt.agree} of {len(doubt.neighbours)}"
        cells = (read(doubt.row), doubt.given, doubt.likelier, doubt.p_given, doubt.p_likelier, agree)
        yield Line(
            cells, (doubt.row, *doubt.neighbours), (Decision(doubt.row, "labels", "relabel", why, doubt.likelier),)
        )


def _leaks(checked: Checked, threshold: float, read: Shown) -> Iterator[Line]:
    for leak in checked.leaks_at(threshold):
        cells = (leak.likeness, read(leak.asked), read(leak.learnt))
        learnt = dict.fromkeys((leak.learnt, *leak.others))
        yield Line(cells, (leak.asked, *learnt), (_spared(leak.asked, "leaks", threshold),))


def _learnt(checked: Checked, threshold: float, lines: Sequence[Line]) -> Iterator[Decision]:
    """Yield what is to be decided about all texts to learn from that say the same as the held-out ones of some lines.

    A line names twenty of them at most; there may be more copies.
    """
    found, ranks = checked.duplicates, checked.ranks
    asked = {found.first_of(line.rows[0]) for line in lines}
    same = dict.fromkeys(asked) | {other: None for first in asked for other, _ in found.alike_from(first, threshold)}
    for first in same:
        for row in found.copies_of(first).tolist():
            if ranks is not None and ranks[row] in LEARNT:
                yield _spared(row, "leaks", threshold)


def _personal(checked: Checked, corpus: Corpus, number: Callable[[int], int]) -> Iterator[Line]:
    read = masking(corpus.texts, checked.personal)
    for one in checked.personal:
        place = f"{one.start + 1} to {one.end}"
        cells = (one.kind, one.masked, number(one.row), place, read(one.row))
        article = "an" if one.kind[0] in "eI" else "a"
        yield Line(cells, (one.row,), (Decision(one.row, "personal", "mask", f"holds {article} {one.kind}"),))


def _cut(checked: Checked, corpus: Corpus, whole: Shown) -> Iterator[Line]:
    found = checked.cuts
    in_file, over = set(found.rows.tolist()), set(found.over.tolist())
    for row in found.all.tolist():
        ways = [name for name, rows in (("in the file", in_file), ("by the model", over)) if row in rows]
        text = whole(row)
        end = text if len(text) <= END else f"…{text[-END:]}"
        yield Line((" and ".join(ways), len(corpus.texts[row]), end), (row,))


def _outliers(checked: Checked, corpus: Corpus, read: Shown) -> Iterator[Line]:
    found = checked.outliers
    flagged = set(found.flagged.tolist())
    rows_of = _in_same_words(corpus)
    for place, row in enumerate(found.order.tolist()):
        if place >= max(FARTHEST, len(flagged)):
            return
        distance, factor = float(found.distance[row]), float(found.density[row])
        why = f"lies far from all others (distance {distance:.2f})"
        rows = rows_of(row)
        drops = tuple(Decision(same, "outliers", "drop", why) for same in rows)
        yield Line((distance, factor, read(row)), rows, drops, row in flagged)


def _blurred(checked: Checked, corpus: Corpus, read: Shown) -> Iterator[Line]:
    rows_of = _in_same_words(corpus)
    for row in checked.outliers.blurred.tolist():
        why = "the model can't tell it from another text"
        rows = rows_of(row)
        yield Line((read(row),), rows, tuple(Decision(same, "blurred", "drop", why) for same in rows))


def _in_same_words(corpus: Corpus) -> Callable[[int], tuple[int, ...]]:
    """Return which rows hold exactly the text of the row that is the first of them: what is said of it is of all."""
    first, place = corpus.distinct
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(first) + 1))

    def rows_of(row: int) -> tuple[int, ...]:
        at = int(place[row])
        return tuple(order[starts[at] : starts[at + 1]].tolist())

    return rows_of


def _properties(checked: Checked, read: Shown) -> Iterator[Line]:
    for one in checked.properties:
        for row, odd in (*((row, True) for row in one.odd.tolist()), *((row, False) for row in one.common.tolist())):
            value = one.values[row]
            cell: Cell = str(value) if one.kind == "category" else round(float(value), 3)
            drop = Decision(row, "properties", "drop", f"{one.title}: {cell}. {one.why}")
            yield Line((one.title, cell, read(row)), (row,), (drop,), odd)


def _segments(checked: Checked, names: ClusterNames) -> Iterator[Line]:
    for one in checked.segments or ():
        errors = one.errors
        around = f"{errors.low:.0%} to {errors.high:.0%}"
        cells = (names.of(one.cluster), len(one.rows), errors.mean, around, one.elsewhere)
        yield Line(cells, tuple(one.rows.tolist()))
