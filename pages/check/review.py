"""Doubtful labels, one by one: accept the likelier label, keep the given one, or skip, with the keyboard."""

from __future__ import annotations

import streamlit as st

from embedlab.check.base import Checked, Finding, Line
from embedlab.check.findings.labels import Doubt
from embedlab.check.plan import Decision
from embedlab.text.cut import beginning
from pages.app import session
from pages.app.widgets import as_typed, long_text, show_table
from pages.check import jobs

SHOWN = 300  # characters of a neighbour
KEPT = "looked at: the label is right"


def draw(checked: Checked, found: Finding, lines: tuple[Line, ...]) -> tuple[int, ...]:
    """Draw the most doubtful label that is not decided yet; return its row and those of its neighbours."""
    if checked.doubts is None:
        st.caption("Choose a column of labels under “Settings”.")
        return ()
    if not checked.doubts.knows:
        st.caption("So there is no label to go through here. Choose another column under “Settings”, or other texts.")
        return ()
    skipped: set[int] = st.session_state.setdefault(f"check-skipped-{checked.space.corpus.fingerprint}", set())
    done = {one.row for one in jobs.planned(checked).changes if one.action != "mask"}
    left = [line for line in lines if line.rows[0] not in done]
    waiting = [line for line in left if line.rows[0] not in skipped]
    counts = {"decided": len(lines) - len(left), "skipped": len(left) - len(waiting)}
    if lines:
        told = [f"{len(waiting):,} to go", *(f"{count:,} {name}" for name, count in counts.items() if count)]
        st.markdown(f"{', '.join(told)}. Keys: **A**, **K**, **S**.")
    if not waiting:
        _finished(lines, skipped, checked)
        return ()
    line = waiting[0]
    doubt = next(one for one in checked.doubts.ranked if one.row == line.rows[0])
    _evidence(checked, doubt)
    _buttons(checked, doubt, line, skipped, found.usual)
    _notes(checked)
    return line.rows


def _finished(lines: tuple[Line, ...], skipped: set[int], checked: Checked) -> None:
    if not lines:
        st.caption("No label is doubtful: a classifier that has not seen the text is never surer of another.")
    elif skipped:
        st.caption("All seen.")
        st.button("Go through the skipped ones", key="check-again", on_click=skipped.clear, type="primary")
    else:
        st.caption("All decided; see below.")
    _notes(checked)


def _notes(checked: Checked) -> None:
    for note in checked.doubts.notes if checked.doubts else ():
        st.caption(as_typed(note))


def _evidence(checked: Checked, doubt: Doubt) -> None:
    texts = checked.space.corpus.texts
    long_text(texts[doubt.row], "doubted")
    show_table(
        {
            "": ["Label", "Likelier"],
            "Name": [doubt.given, doubt.likelier],
            "Probability": [doubt.p_given, doubt.p_likelier],
        },
        column_config={
            "Probability": st.column_config.ProgressColumn(
                format="%.2f", min_value=0, max_value=1, help="By linear probes that have not seen this text (5 folds)."
            )
        },
    )
    if doubt.neighbours and checked.labels is not None:
        column = checked.labels
        st.caption(f"{doubt.agree} of its {len(doubt.neighbours)} nearest labelled texts have the likelier label")
        show_table(
            {
                "Label": [column.shown(row) for row in doubt.neighbours],
                "Nearest texts": [beginning(texts[row], SHOWN) for row in doubt.neighbours],
            }
        )


def _buttons(checked: Checked, doubt: Doubt, line: Line, skipped: set[int], usual: bool) -> None:
    corpus = checked.space.corpus
    keep = Decision(doubt.row, "labels", "keep", KEPT)
    with st.container(horizontal=True):
        st.button(
            "Accept",
            key="check-accept",
            type="secondary" if usual else "primary",
            shortcut="A",
            on_click=jobs.decide,
            args=[corpus, line.proposed],
            help=as_typed(f"Its label becomes “{doubt.likelier}”."),
        )
        st.button(
            "Keep", key="check-keep", shortcut="K", on_click=jobs.decide, args=[corpus, [keep]],
            help=as_typed(f"Its label stays “{doubt.given}”."),
        )  # fmt: skip
        st.button(
            "Skip", key="check-skip", shortcut="S", on_click=skipped.add, args=[doubt.row], help="Decide later."
        )  # fmt: skip
        if st.button("On the map", key="check-show", type="tertiary", icon=":material/location_on:"):
            session.touch(clicked=doubt.row)
            st.rerun(scope="fragment")
