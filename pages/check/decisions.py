"""What was decided about the texts: the log, how to take it back, and what to take away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from embedlab.base.english import counted
from embedlab.check.base import Checked
from embedlab.check.plan import HEADER, Change, Decision
from embedlab.corpus.export import csv_bytes, texts_csv
from embedlab.figures.check import check_html
from embedlab.pipeline import MeasuredLayout
from embedlab.text.cut import beginning
from pages.app import session
from pages.app.widgets import as_json, as_typed, download, pick
from pages.check import jobs
from pages.drift import jobs as drift_jobs

NAMED = {"drop": "left out", "relabel": "relabelled", "mask": "masked", "keep": "kept as it is"}
SHOWN = 1_000
SOMETIMES = ("New label", "Stays instead")  # columns that are left out where nothing stands in them


def draw(checked: Checked) -> None:
    """Draw what all decisions come to, and offer to go on with the corrected texts."""
    changes = jobs.planned(checked).changes
    if not changes:
        st.caption("Nothing is decided yet. What you decide is listed here; the texts stay as they are until then.")
        return
    with st.container(border=True):
        actions = [one.action for one in changes]
        told = ", ".join(f"{actions.count(action):,} {name}" for action, name in NAMED.items() if action in actions)
        st.markdown(f"**Decided: {told}**")
        found = _of_which(checked, changes)
        _log(checked, [one for one in changes if found is None or found in one.found], found)


def _of_which(checked: Checked, changes: Sequence[Change]) -> str | None:
    """Let the changes of one finding be chosen, where there are several; None for all."""
    counts = Counter(key for one in changes for key in one.found)
    titles = _titles(checked)
    if len(counts) < 2:
        return None
    return st.pills(
        "Because of",
        [key for key in titles if key in counts],
        key=f"check-of-{sorted(counts)}",
        format_func=lambda key: f"{titles[key]}  **{counts[key]:,}**",
        help="A text can be left out because of several findings: then it stays out until all are taken back.",
    )


def _titles(checked: Checked) -> dict[str, str]:
    return {kind.key: kind.title for kind in checked.kinds}


def _log(checked: Checked, changes: Sequence[Change], found: str | None) -> None:
    number = checked.space.corpus.rows
    shown = changes[:SHOWN]
    columns: dict[str, list[object]] = {
        "Row": [int(number[one.row]) + 1 for one in shown],
        "Decision": [NAMED[one.action] for one in shown],
        "New label": [one.value for one in shown],
        "Why": [one.why for one in shown],
        "Text": [beginning(checked.space.corpus.texts[one.row], 300) for one in shown],
        "Stays instead": [
            "" if one.stays is None else beginning(checked.space.corpus.texts[one.stays], 300) for one in shown
        ],
    }
    columns = {name: cells for name, cells in columns.items() if name not in SOMETIMES or any(cells)}
    picked = pick(
        columns,
        f"check-log-{len(changes)}-{found}",
        "multi-row",
        column_config={name: st.column_config.TextColumn(width="medium") for name in ("Why", "Text", "Stays instead")},
        height=min(300, 40 + 35 * len(shown)),
    )
    if len(changes) > SHOWN:
        st.caption(f"The first {SHOWN:,} of {len(changes):,}; the log has all.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Go on with the corrected texts",
            key="check-apply",
            type="primary",
            help="All pages then show the corrected texts. Your file is not touched.",
        ):
            session.open_corpus(jobs.outcome(checked, jobs.decided(checked.space.corpus).values()).corpus)
            st.rerun()
        of = "" if found is None else f" of “{_titles(checked)[found]}”"
        st.button(
            f"Take back {counted(len(picked), 'decision')}" if picked else f"Take back all{of}",
            key="check-back",
            on_click=jobs.take_back,
            args=[checked.space.corpus, [shown[at] for at in picked] if picked else None, found],
        )


def take_away(checked: Checked, trusted: MeasuredLayout) -> None:
    """Offer the corrected texts with their log, and the report."""
    name = checked.space.corpus.name
    changes = drift_jobs.found_last(checked.space.corpus)
    chosen = tuple(jobs.decided(checked.space.corpus).values())  # a download is made where there is no session
    with st.popover("Save", icon=":material/download:"):
        st.markdown("**Report for a review**")
        source = st.text_input("Where the texts come from", key=f"check-source-{checked.space.corpus.fingerprint}")
        licence = st.text_input("Their licence", key=f"check-licence-{checked.space.corpus.fingerprint}")
        download(
            "Report as a web page",
            lambda: check_html(jobs.inspection(checked, source, licence, chosen, trusted), changes),
            f"{name} - checked.html",
            key="check-html",
            help="It stands alone: data, model, findings and decisions. Personal data are masked in it.",
        )
        download(
            "Everything as JSON",
            lambda: as_json(
                jobs.inspection(checked, source, licence, chosen, trusted).facts()
                | {"drift": None if changes is None else changes.facts()}
            ),
            f"{name} - checked.json",
            key="check-json",
        )
        st.caption(
            as_typed(f"With the drift of {' against '.join(changes.drift.sides.names)}.")
            if changes is not None
            else "Compare them on the page Drift, and the report has that as well."
        )
        _corrected(checked, chosen)


def _corrected(checked: Checked, chosen: tuple[Decision, ...]) -> None:
    name = checked.space.corpus.name
    st.markdown("**Corrected texts**")
    if not jobs.planned(checked).changes:
        st.caption("Nothing is decided yet: they would be the same.")
        return
    download(
        "Corrected texts as CSV",
        lambda: texts_csv(jobs.outcome(checked, chosen).corpus),
        f"{name} - corrected.csv",
        key="check-corrected",
    )
    download(
        "Log of every change",
        lambda: csv_bytes(HEADER, jobs.outcome(checked, chosen).log),
        f"{name} - changes.csv",
        key="check-changes",
        icon="history",
    )
    st.caption(as_typed("Rows are those of the source, counted from 1 without the header."))
