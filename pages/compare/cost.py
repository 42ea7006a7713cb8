"""What does each model cost, and which are worth it?"""

from __future__ import annotations

import streamlit as st

from embedlab.compare.cost import Cost, how_measured, timing_known
from embedlab.compare.models import ComparedModel
from embedlab.figures.report import cost_figure
from pages.app.widgets import as_typed, dark, show_chart, show_table, size, speeds_measured
from pages.compare import jobs, quality
from pages.compare.linked import ModelPair

TIME, SIZE = "Time a text", "Size of a vector"


def draw(compared: ModelPair, k: int) -> None:
    """Draw the table of costs, and quality against cost where quality is known."""
    costs = jobs.costs(compared.entries)
    _table(costs, compared.entries)
    speeds(compared.entries, costs, "compare")
    evidence = quality.kept(compared)
    found = quality.measured(compared, evidence) if evidence is not None else ()
    named = {one.model: one for one in found}
    shown = [one for one in costs if one.model in named]
    if len(shown) < 2:
        st.caption("Measure the models under “Quality” to see here which of them are worth their cost.")
        quality.offer(compared, "compare-cost-by-label")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measures = list(found[0].intervals)
        measure = st.selectbox("Quality by", measures, key=f"compare-cost-measure-{measures[0]}", width=220)
        by_time = all(one.rate is not None for one in shown)
        axis = st.segmented_control(
            "Cost by", [TIME, SIZE] if by_time else [SIZE], default=TIME if by_time else SIZE, required=True,
            key=f"compare-cost-axis-{by_time}",
        )  # fmt: skip
    figure = cost_figure(shown, [named[one.model] for one in shown], measure, axis == SIZE, dark=dark())
    alt = "Each model by its cost and its quality, with the frontier of those that none beats in both."
    show_chart(figure, "compare-cost-figure", alt)
    st.caption(
        "The dotted line joins the models that no other beats in both; of two whose quality can't be told apart, only "
        "the cheaper one is on it, and of two that cost the same only the better one."
    )


def _table(costs: tuple[Cost, ...], entries: tuple[ComparedModel, ...]) -> None:
    show_table(
        {
            "Model": [one.model for one in costs],
            "Texts a second": [
                str(one.speed or ("–" if entry.how.own else "not measured"))
                for one, entry in zip(costs, entries, strict=True)
            ],
            "Dimensions": [one.dimensions for one in costs],
            "Bytes a vector": [one.bytes_a_text for one in costs],
            "These texts in memory": [size(one.memory) if one.memory else "" for one in costs],
            "On disk": [size(one.disk) if one.disk else "–" for one in costs],
            "Window in tokens": [f"{one.window:,}" if one.window else "–" for one in costs],
            "Licence": [one.licence or "–" for one in costs],
        },
        column_config={
            "Texts a second": st.column_config.TextColumn(
                alignment="right", help="Measured on this machine, on these texts, by turns: slowest and fastest turn."
            ),
            "Bytes a vector": st.column_config.NumberColumn(format="localized"),
            "These texts in memory": st.column_config.TextColumn(alignment="right"),
            "On disk": st.column_config.TextColumn(alignment="right"),
            "Window in tokens": st.column_config.TextColumn(
                alignment="right", help="What is longer is cut at its end. –: no limit, or none is known."
            ),
        },
    )


def speeds(entries: tuple[ComparedModel, ...], costs: tuple[Cost, ...], key: str) -> None:
    """Say how the speeds were measured, and offer to measure them; show how far that is."""
    if all(entry.how.own for entry in entries):
        return
    if st.session_state.get(f"{key}-measuring") and not speeds_measured(jobs.timing_job(entries), key, "Speed"):
        return
    told = how_measured(costs, timing_known(entries))
    for sentence in told:
        st.caption(as_typed(sentence))
    st.button(
        "Measure again" if told else "Measure their speed",
        key=f"{key}-measure-speed",
        icon=":material/speed:",
        type="tertiary" if told else "secondary",
        on_click=_measure,
        args=[entries, key],
        help="The models read some of these texts by turns, several times each: about a minute, less for quick ones.",
    )


def _measure(entries: tuple[ComparedModel, ...], key: str) -> None:
    jobs.timing_job.forget(entries)
    st.session_state[f"{key}-measuring"] = True
