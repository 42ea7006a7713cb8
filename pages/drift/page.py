"""Drift: are two sets of texts different, where, and since when?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from embedlab.base.english import counted
from embedlab.drift.report import DriftReport, regions_csv, typical_csv
from embedlab.drift.sides import Sides
from embedlab.drift.verdict import Thresholds
from embedlab.space.unread import unread_note
from pages.app import session
from pages.app.widgets import as_json, as_typed, download, errors_said, heading, say_unknown
from pages.drift import jobs, result, sides

LIMITS = (
    ("auc", "AUC", "How well a classifier tells the sides apart by their vectors: 0.5 not at all, 1 always."),
    ("regions", "Regions", "The share of the texts that moved between regions."),
    ("property", "Properties", "The largest gap between two cumulative shares (Kolmogorov-Smirnov)."),
    ("label", "Labels", "The share of the texts that would have to change their label."),
    ("column", "Other columns", "The same for the other columns."),
)


def main() -> None:
    """Draw the page."""
    buttons = heading("Drift", "Are two sets of texts different, where, and since when?")
    with errors_said():
        with buttons:
            thresholds, seed = _settings()
        chosen = sides.chosen(session.corpus())
        if chosen is not None:
            _compare(chosen, thresholds, seed, buttons)


def _compare(sides: Sides, thresholds: Thresholds, seed: int, buttons: DeltaGenerator) -> None:
    place = st.empty()
    place.caption(_against(sides))
    prepared = jobs.prepared_of(sides)
    sides = sides.as_read(prepared.space)
    place.caption(_against(sides))
    if (note := unread_note(prepared.space)) is not None:
        st.warning(as_typed(note.sentence), icon=":material/filter_alt_off:")
    say_unknown(prepared.space.unknown)
    report = DriftReport(prepared.space, jobs.compared(prepared, sides, seed), thresholds)
    session.keep(jobs.KIND, session.corpus(), report)
    result.verdict(report)
    result.where(prepared, report)
    result.what(report)
    result.notes(report)
    curve = result.since_when(prepared, sides, seed)  # the last: the page ends here while it is on its way
    report = replace(report, curve=curve)
    session.keep(jobs.KIND, session.corpus(), report)
    with buttons:
        _take_away(report)


def _against(sides: Sides) -> str:
    (before, after), (first, second) = sides.names, sides.sizes
    return as_typed(f"“{before}”, {counted(first, 'text')}, against “{after}”, {counted(second, 'text')}.")


def _settings() -> tuple[Thresholds, int]:
    """Return from where on a difference matters, and the seed."""
    with st.popover("Settings", icon=":material/tune:"):
        st.caption(
            "What chance explains never counts. Of the rest: from where on is it a warning, and a failure? The lower "
            "end of its interval is compared, so that it is at least so large."
        )
        limits: dict[str, Any] = {
            name: st.slider(
                f"{title}: warn, fail", 0.0, 1.0, getattr(Thresholds, name), 0.01, key=f"drift-limit-{name}",
                persist_state="session", help=told,
            )
            for name, title, told in LIMITS
        }  # fmt: skip
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, 0, key="drift-seed", persist_state="session",
            help="Fixes which texts are sampled, and how the sides are shuffled.",
        )  # fmt: skip
    return Thresholds(**limits), int(seed)


def _take_away(report: DriftReport) -> None:
    name = report.space.corpus.name
    with st.popover("Save", icon=":material/download:"):
        download(
            "Report as a web page", report.page, f"{name} - drift.html", "drift-html",
            help="It stands alone. The report of the page Quality has it as a part, for the same texts.",
        )  # fmt: skip
        download("Regions as CSV", regions_csv(report), f"{name} - regions.csv", "drift-regions-csv")
        download(
            "Typical texts as CSV", typical_csv(report), f"{name} - typical texts.csv", "drift-typical-csv",
            disabled=not any(report.typical),
        )  # fmt: skip
        download("Everything as JSON", lambda: as_json(report.facts()), f"{name} - drift.json", "drift-json")
        st.caption("Personal data of a checkable form are hidden in the texts.")


main()
