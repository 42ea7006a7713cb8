"""Drift: the verdict and its reasons, the map with its regions, typical texts, properties, and the curve over time."""

from __future__ import annotations

import numpy as np
import streamlit as st

from embedlab.base.english import counted
from embedlab.corpus.ordering import units_of
from embedlab.drift.over_time import FEWEST_PERIODS, OverTime, Reference
from embedlab.drift.regions import Region
from embedlab.drift.report import DriftReport
from embedlab.drift.sides import Sides
from embedlab.figures.colouring import by_codes
from embedlab.figures.drift import MOST_REGIONS, MOST_TRAITS, against_chance, effects, over_time, region_labels, shares
from embedlab.figures.map import Points
from embedlab.figures.theme import one_line
from embedlab.pipeline import Prepared
from embedlab.space.projection import LayoutSettings
from embedlab.text.cut import beginning
from pages.app import results
from pages.app.components import MapEvents, show_map
from pages.app.map_view import umap_or_sketch, wait_for_umap
from pages.app.widgets import as_typed, choose, dark, errors_said, graded, show_chart, show_table
from pages.drift import jobs

HEIGHT = 520
SETTINGS = LayoutSettings()
LISTED = 8
SHOWN = 160
AUTOMATIC = "as the texts allow"
REFERENCES: dict[str, Reference] = {"The first periods": "first", "The period before": "previous"}


def verdict(report: DriftReport) -> None:
    """Draw pass, warn or fail with the reasons."""
    found = report.verdict
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"#### {graded(found.level, named=True)} {found.sentence}")
        for reason in found.reasons:
            st.markdown(f"{graded(reason.level)} {as_typed(reason.sentence)}")
            if reason.numbers:
                st.caption(as_typed(reason.numbers))


# --- Where ---------------------------------------------------------------------------------------


@st.fragment
def where(prepared: Prepared, report: DriftReport) -> None:
    """Draw the joint map, coloured by side, beside the regions; a region that is chosen is shown on the map."""
    with errors_said():
        trusted, waiting = umap_or_sketch(prepared, SETTINGS)
        picture, chosen = st.container(), None
        if report.drift.regions:  # else the verdict says why there are none
            picture, beside = st.columns([3, 2], gap="medium")
            with beside:
                chosen = _regions(report)
                if chosen is not None:
                    _inside(prepared, report, chosen)
        sides = report.drift.sides
        with picture:
            show_map(
                Points.of(trusted.layout, sides.corpus),
                by_codes("Side", sides.codes.astype(np.int64), sides.names, missing_name="neither"),
                region_labels(report.drift.regions, trusted.layout),
                selection=None if chosen is None else chosen.rows,
                key="drift-map",
                alt=f"Map of {counted(len(sides.corpus), 'text')}, coloured by side.",
                height=HEIGHT,
                on_event=lambda events: _take(events, report),
            )
            if waiting:
                wait_for_umap(prepared, SETTINGS)
            elif trusted.trust:
                st.caption(trusted.trust.sentence)


def _key(report: DriftReport) -> str:
    return f"drift-region-{report.drift.fingerprint}"


def _take(events: MapEvents, report: DriftReport) -> None:
    """A clicked name chooses its region; letting go of everything chooses none."""
    if events.label is not None:
        st.session_state[_key(report)] = report.drift.regions[events.label].number
    if events.cleared:
        st.session_state[_key(report)] = None


def _regions(report: DriftReport) -> Region | None:
    found = report.drift
    named = {one.number: one for one in found.regions}
    told = {
        one.number: f"{one.name}: {one.change}, {100 * one.before.mean:.1f} % → {100 * one.after.mean:.1f} %"
        for one in found.regions
    }
    chosen = st.selectbox(
        "Regions", list(named), None, key=_key(report), format_func=lambda number: told[number],
        placeholder="Choose one, here or by its name on the map",
    )  # fmt: skip
    show_chart(
        shares(found.foremost, found.sides.names, dark=dark()),
        "drift-shares",
        "The share of each side's texts in each region, with intervals.",
    )
    changed = len(found.changed)
    which = "None changed" if not changed else f"{changed} changed" if changed < len(found.regions) else "All changed"
    most = f", of which {MOST_REGIONS} are drawn" if changed > MOST_REGIONS else ""
    st.caption(
        f"{which} beyond chance of {counted(len(found.regions), 'region')}{most} (▲ grew, ▼ shrank, ✚ appeared, "
        "✖ vanished). 95 % intervals; all regions were looked at together."
    )
    return named.get(chosen) if chosen is not None else None


def _inside(prepared: Prepared, report: DriftReport, region: Region) -> None:
    """Draw the texts in the middle of a region, each with its side."""
    space, sides = prepared.space, report.drift.sides
    found = results.described(space, region.rows)
    st.caption(as_typed(f"In the middle of “{region.name}”"))
    with st.container(gap="xsmall"):
        for one in found.typical:
            side = sides.codes[one.row]
            text = one_line(space.corpus.texts[one.row])
            st.text(f"{sides.names[side] if side >= 0 else 'neither'}: {beginning(text, SHOWN)}")


# --- What ----------------------------------------------------------------------------------------


def what(report: DriftReport) -> None:
    """Draw the most typical texts, the drift of properties and columns, and how sure all of it is."""
    texts, traits, sure = st.tabs(["Typical texts", "Properties and columns", "Against chance"])
    with texts:
        _typical(report)
    with traits:
        _traits(report)
    with sure:
        _sure(report)


def _typical(report: DriftReport) -> None:
    if not any(report.typical):
        differ = "by so much that it matters" if report.drift.holds("vectors") else "beyond chance"
        st.caption(f"The vectors of the two sides don't differ {differ}, so no text is typical of either.")
        return
    names = report.drift.sides.names
    for column, name, side in zip(st.columns(2, gap="medium"), names, report.typical, strict=True):
        with column, st.container(gap="xsmall"):
            st.markdown(f"**{as_typed(f'Most typical of “{name}”')}**")
            for one in side[:LISTED]:
                text = one_line(report.shown(one.row))
                st.text(f"{one.score:4.1f}  {beginning(text, SHOWN)}")
    st.caption("By a classifier that has not seen the text: 1 is the average of its side, -1 that of the other.")


def _traits(report: DriftReport) -> None:
    repeated = [one.title for one in report.drift.traits if not one.counts]
    traits = [one for one in report.drift.traits if one.counts]
    if not traits:
        st.caption("There is nothing besides the texts to compare.")
        return
    show_chart(
        effects(traits, dark=dark()),
        "drift-effects",
        "How far each property and column differs between the sides, with intervals, beside what chance makes.",
    )
    st.caption(
        "Coloured: what is left of the difference counted (the cross) without what chance adds to it, with its 95 % "
        "interval. The lower end of that is what is judged."
    )
    if repeated:
        st.caption(as_typed(f"Left out, because it only says when, or which side: {', '.join(repeated)}."))
    if len(traits) > MOST_TRAITS:
        st.caption(f"The first {MOST_TRAITS} of {len(traits)} are drawn.")
    _values(report)


def _values(report: DriftReport) -> None:
    """Draw the values of each drifted category that moved most."""
    before, after = report.drift.sides.names
    for one in report.drift.drifted:
        if one.values:
            st.markdown(f"**{as_typed(one.title)}**: what moved most")
            show_table(
                {
                    "Value": [value.value for value in one.values[:LISTED]],
                    f"Share, {before}": [value.before for value in one.values[:LISTED]],
                    f"Share, {after}": [value.after for value in one.values[:LISTED]],
                },
                column_config={
                    f"Share, {name}": st.column_config.NumberColumn(format="percent") for name in (before, after)
                },
            )


def _sure(report: DriftReport) -> None:
    found = report.drift.vectors
    left, right = st.columns(2, gap="medium")
    with left:
        show_chart(
            against_chance(found.classifier, "AUC of the classifier", dark=dark()),
            "drift-auc",
            f"AUC with the sides shuffled; observed {found.auc.mean:.3f}, p = {found.classifier.p:.3g}.",
        )
    with right:
        show_chart(
            against_chance(found.energy, "energy coefficient", dark=dark()),
            "drift-energy",
            f"Energy with the sides shuffled; observed {found.energy.observed:.4f}, p = {found.energy.p:.3g}.",
        )
    st.caption(
        f"Both statistics with the sides shuffled {report.drift.permutations:,} times, and as they are: p = "
        f"{found.classifier.p:.3g} and {found.energy.p:.3g}, together {found.p:.3g}. The three questions (vectors, "
        "regions, properties and columns) share one level: equal sides are called different once in twenty times."
    )


# --- Since when ----------------------------------------------------------------------------------


def since_when(prepared: Prepared, sides: Sides, seed: int) -> OverTime | None:
    """Draw the curve over a column that has an order, and return it; None where there is none, or none is chosen."""
    with errors_said():
        orders = {
            column.name: order for column in sides.corpus.columns
            if (order := jobs.order_of(sides.corpus, column.name)) and len(order.steps) >= FEWEST_PERIODS
        }  # fmt: skip
        if not orders:
            return None
        st.subheader("Over time")
        names = sorted(orders, key=lambda name: (name != sides.over, orders[name].kind != "date"))
        key = f"{sides.corpus.fingerprint}-{sides.over}"
        with st.container(horizontal=True):
            name = st.selectbox(
                "Column", names, 0 if sides.over in orders else None, key=f"drift-over-{key}", persist_state="session",
                width=200, placeholder="Choose one", help="At first the one that cuts the texts.",
            )  # fmt: skip
            if name is None:
                return None
            units = units_of(orders[name])
            options = [AUTOMATIC, *units] if len(units) > 1 else [AUTOMATIC]
            chosen = st.selectbox(
                "Periods", options, key=f"drift-unit-{key}-{name}", persist_state="session", width=180,
                format_func=lambda unit: unit if unit == AUTOMATIC else f"{unit}s",
            )  # fmt: skip
            unit = next((unit for unit in units if unit == chosen), None)
            against = choose("Against", REFERENCES, "drift-reference")
        curve = jobs.curve(prepared, name, unit, REFERENCES[against], seed, orders[name])
        st.markdown(as_typed(curve.sentence))
        if curve.caution:
            st.caption(curve.caution)
        show_chart(
            over_time(curve, dark=dark()),
            "drift-curve",
            f"How far the texts of each period lie from the reference. {curve.sentence}",
        )
        st.caption(
            "The energy distance as a share of the mean distance between two texts: around 0 where both are drawn "
            "alike. The band is what chance makes of it, over all periods together. Parts of one document are not "
            "independent of each other: the band is then too narrow."
        )
        for note in curve.notes:
            st.caption(as_typed(note))
        return curve
    return None


def notes(report: DriftReport) -> None:
    """Say what was left out, sampled or joined."""
    found = report.drift
    if found.notes:
        with st.expander(f"What was left out or sampled ({len(found.notes)})"):
            for note in found.notes:
                st.markdown(as_typed(note))
