"""What was found of one kind: its lines as evidence, and what to do about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from embedlab.base.english import counted, percent
from embedlab.check.base import Checked, Finding, FindingTable, Line
from embedlab.check.duplicates import DEFAULT_THRESHOLD, FLOOR, Piece, differing
from embedlab.check.findings.labels import DoubtfulLabels
from embedlab.check.findings.near_duplicates import NearDuplicates
from embedlab.check.findings.properties import OddTexts, Property
from embedlab.check.findings.segments import HardRegions
from embedlab.check.plan import added
from embedlab.corpus import Column
from embedlab.corpus.export import csv_bytes
from embedlab.figures.check import spread
from embedlab.text.cut import beginning
from pages.app import session
from pages.app.widgets import as_typed, dark, download, pick
from pages.check import jobs, review

Action = Callable[[Checked, Finding, FindingTable, tuple[Line, ...]], None]

THRESHOLD = "check-threshold"
MOST_IN_TABLE = 1_000
SHOWN = 300  # characters of a text in a table
BORDERLINE = 5
LONG = ("Text", "Nearly repeats", "To be asked about", "To learn from")  # heads of whole texts


def draw(checked: Checked, found: Finding) -> tuple[int, ...]:
    """Draw a finding with its actions; return the rows of the lines that are picked."""
    with st.container(border=True):
        st.markdown(f"**{found.title}.** {as_typed(found.sentence)}")
        warn, fail = found.kind.limits_told
        st.caption(as_typed(f"{found.detail} Warns: {warn}; fails: {fail}.".strip()))
        return _VIEWS.get(found.key, _listed)(checked, found, jobs.listing(checked, found.key))


def _listed(checked: Checked, found: Finding, listed: FindingTable, act: Action | None = None) -> tuple[int, ...]:
    """Draw lines as a table with what there is to do about them: what any finding has that needs nothing else."""
    lines = _within(listed.lines)
    if not lines:
        st.caption("Nothing to show here." if listed.lines else "Nothing of this kind was found.")
        return ()
    if found.kind.unflagged and not any(line.flagged for line in lines):
        st.caption(as_typed(found.kind.unflagged))
    shown = replace(listed, lines=lines)
    picked = _table(shown, f"check-table-{checked.fingerprint}-{found.key}")
    (act or _act)(checked, found, shown, picked)
    _download(checked, listed, found)
    return tuple(row for line in picked for row in line.rows)


def _within(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return the lines about what is selected on the map; all where nothing is."""
    selected = session.touched().selected
    if selected is None:
        return lines
    chosen = set(selected.tolist())
    kept = tuple(line for line in lines if chosen & set(line.rows))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Only what concerns the {counted(len(chosen), 'text')} selected on the map.")
        st.button("Show all", key="check-all", type="tertiary", on_click=session.touch, kwargs={"selected": None})
    return kept


# --- Lines and what is done about them -----------------------------------------------------------


def _table(listed: FindingTable, key: str) -> tuple[Line, ...]:
    """Draw lines as a table; return those that are picked."""
    shown = listed.lines[:MOST_IN_TABLE]
    columns = {
        head: [beginning(cell, SHOWN) if isinstance(cell, str) else cell for cell in cells]
        for head, cells in zip(listed.heads, zip(*(line.cells for line in shown), strict=True), strict=True)
    }
    formats = {
        head: st.column_config.NumberColumn(format="%.2f")
        for head, cells in columns.items()
        if any(isinstance(cell, float) and not cell.is_integer() for cell in cells)
    }
    formats |= {head: st.column_config.TextColumn(width="medium") for head in columns if head in LONG}
    picked = pick(columns, key, "multi-row", height=min(380, 40 + 35 * len(shown)), column_config=formats)
    if len(listed.lines) > len(shown):
        st.caption(f"The first {len(shown):,} of {len(listed.lines):,}; the download has all.")
    return tuple(shown[at] for at in picked if at < len(shown))


def _act(checked: Checked, found: Finding, listed: FindingTable, picked: tuple[Line, ...]) -> None:
    """Offer what there is to do about the picked lines, or about all; never as the first thing where it's the usual."""
    offer = found.kind.offer
    for sentence in found.kind.advice(checked):
        st.caption(as_typed(sentence))
    if offer is None:
        return
    wanted = listed.proposed(picked or None)
    if not wanted:
        st.caption("Pick lines to decide about those alone.")
        return
    known = jobs.decided(checked.space.corpus)
    after = added(known, wanted)
    before = {(one.row, one.action) for one in jobs.planned(checked).changes}
    changes = {(one.row, one.action) for one in jobs.planned(checked, after.values()).changes if found.key in one.found}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"{offer.some if picked else offer.every} ({len(changes):,})",
            key=f"check-act-{found.key}",
            type="secondary" if found.usual else "primary",
            disabled=after == known,
            on_click=jobs.decide,
            args=[checked.space.corpus, wanted],
            help=f"{offer.stays} Every decision is listed below and can be taken back.",
        )
        if after == known:
            st.caption("Decided; see below.")
        elif changes and changes <= before:
            st.caption("All of them are left out already; decided here as well, they stay out whatever is taken back.")
        elif changes & before:
            st.caption(f"{counted(len(changes & before), 'is', 'are')} left out already.")
        elif not picked:
            st.caption("Pick lines to decide about those alone.")


def _download(checked: Checked, listed: FindingTable, found: Finding) -> None:
    rows = checked.space.corpus.rows

    def content() -> bytes:
        lines = ([int(rows[line.rows[0]]) + 1, *line.cells] for line in listed.lines)
        return csv_bytes(["row", *listed.heads], lines)

    download(
        "List as CSV",
        content,
        f"{checked.space.corpus.name} - {found.title.lower()}.csv",
        key=f"check-list-{found.key}",
        icon="download",
    )


# --- Hard regions --------------------------------------------------------------------------------


def _select(checked: Checked, found: Finding, listed: FindingTable, picked: tuple[Line, ...]) -> None:
    """Offer to select the texts of a region."""
    if len(picked) == 1:
        rows = np.array(picked[0].rows, dtype=np.intp)
        st.button(
            "Select its texts",
            key="check-segment",
            type="primary",
            on_click=session.touch,
            kwargs={"selected": rows, "by": "cluster"},
            help="On the map here, and on the page Map; “Doubtful labels” then shows only theirs.",
        )
    else:
        st.caption("Pick one to select its texts; “Doubtful labels” then shows only theirs.")


# --- Near-duplicates -----------------------------------------------------------------------------


def _near(checked: Checked, found: Finding, listed: FindingTable) -> tuple[int, ...]:
    st.slider(
        "Alike from",
        FLOOR,
        1.0,
        DEFAULT_THRESHOLD,
        0.01,
        key=THRESHOLD,
        persist_state="session",
        help="The share of their words that two texts have in common, rare words counting more. Typing errors, "
        "capitals and the order of words hardly count.",
    )
    with st.expander("Where the line is drawn: pairs just above and just below"):
        pairs = checked.duplicates
        places = pairs.borderline(checked.threshold, BORDERLINE).tolist()
        above = len(pairs.near(checked.threshold))
        if not places:
            st.caption("No two texts are nearly alike.")
        for place in places:
            if place == above:
                st.caption(f"Below {checked.threshold:.2f}: not taken for near-duplicates")
            first, second = (checked.space.corpus.texts[row] for row in pairs.pairs[place].tolist())
            with st.container(gap=None):
                for pieces in differing(first, second):
                    st.markdown(_marked(pieces))
                st.caption(f"{pairs.likeness[place]:.2f} alike")
    return _listed(checked, found, listed)


def _marked(pieces: Sequence[Piece]) -> str:
    return " ".join(as_typed(words) if same else f":orange-background[{as_typed(words)}]" for words, same in pieces)


# --- Properties ----------------------------------------------------------------------------------


def _odd(checked: Checked, found: Finding, listed: FindingTable) -> tuple[int, ...]:
    return _listed(checked, found, _of_one_property(checked, listed, _property(checked)))


def on_map(checked: Checked, found: Finding) -> Finding:
    """Return a finding as the map shows it: of odd texts the property that is looked at."""
    if found.key != OddTexts.key:
        return found
    one = _property(checked)
    return replace(found, rows=one.odd, colours=Column(one.title, one.kind, one.values))


def _property(checked: Checked) -> Property:
    """Return the property that is looked at: the chosen one, or that with the most odd texts."""
    ordered = _ordered(checked)
    title = st.session_state.get(_property_key(checked))
    return next((one for one in ordered if one.title == title), ordered[0])


def _ordered(checked: Checked) -> list[Property]:
    return sorted(checked.properties, key=lambda one: (-len(one.odd), -len(one.common)))


def _property_key(checked: Checked) -> str:
    return f"check-property-{checked.space.corpus.fingerprint}"


def _of_one_property(checked: Checked, listed: FindingTable, one: Property) -> FindingTable:
    """Let a property be chosen, draw how it is spread, and return its lines alone."""
    known = {each.title: each for each in _ordered(checked)}
    st.selectbox(
        "Property",
        list(known),
        key=_property_key(checked),
        persist_state="session",
        format_func=lambda title: f"{title} ({'usual here' if len(known[title].common) else len(known[title].odd)})",
    )
    st.plotly_chart(
        spread(one, dark=dark()),
        key="check-spread",
        config={"displayModeBar": False},
        alt=f"{one.title}: how many texts have which value; {len(one.odd):,} are out of the ordinary.",
    )
    if len(one.common):
        share = len(one.common) / checked.texts
        st.caption(as_typed(f"{percent(share)} of these texts {one.has}: that is how they are, and nothing odd."))
    else:
        st.caption(as_typed(one.why))
    lines = (replace(line, cells=line.cells[1:]) for line in listed.lines if line.cells[0] == one.title)
    return replace(listed, heads=listed.heads[1:], lines=tuple(lines))


# --- What some findings have beside a table ------------------------------------------------------


def _review(checked: Checked, found: Finding, listed: FindingTable) -> tuple[int, ...]:
    return review.draw(checked, found, _within(listed.lines))


_VIEWS: dict[str, Callable[[Checked, Finding, FindingTable], tuple[int, ...]]] = {
    DoubtfulLabels.key: _review, HardRegions.key: partial(_listed, act=_select), NearDuplicates.key: _near,
    OddTexts.key: _odd,
}  # fmt: skip
