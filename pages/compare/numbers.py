"""How different are two models, as numbers beside what noise alone does and what unrelated vectors would give?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from embedlab.base.english import percent
from embedlab.base.errors import EmbedlabError
from embedlab.compare.difference import Difference, shown
from embedlab.compare.models import in_pairs
from embedlab.compare.noise import Floors, in_order
from embedlab.compare.replacement import QueryAnswers, QueryChange, answers, of_queries, verdict
from embedlab.figures.compare import scales
from embedlab.figures.report import CKA, EXPLAINED, OVERLAP, RANKS, marks
from embedlab.figures.theme import one_line
from embedlab.text.cut import beginning
from pages.app.widgets import as_typed, dark, show_chart, show_table, wait_for, waited_for
from pages.compare import jobs, side_by_side
from pages.compare.linked import ModelPair

FORMATS = {name: st.column_config.NumberColumn(format="%.3f", help=told) for name, told in EXPLAINED.items()}


def draw(compared: ModelPair, k: int) -> None:
    """Draw the measures of every pair, those of the two in detail, and which queries would change."""
    found = differences(compared, k)
    noise = floors_of(compared, k)
    one = found[compared.names]
    st.markdown(f"**{as_typed(one.in_order if one.order else one.sentence(noise))}**")
    if detail := one.detail(noise):
        st.caption(as_typed(detail))
    figure = scales(marks(compared.names, one, noise), dark=dark())
    alt = "A scale for each measure with these two models, noise floors and unrelated vectors."
    show_chart(figure, "compare-scales", alt)
    _table(one, noise)
    _map_noise(compared)
    if len(compared.entries) > 2:
        st.markdown("**Every pair**")
        show_table(_all(found), column_config=FORMATS)
    with st.expander("What the measures mean"):
        for name, explained in EXPLAINED.items():
            st.markdown(f"**{name}** {as_typed(explained)}")
    _queries(compared, one, noise, k)


# --- Measures ------------------------------------------------------------------------------------


def differences(compared: ModelPair, k: int) -> dict[tuple[str, str], Difference]:
    """Return what differs between any two models, the pair looked at as it is named; wait for it."""
    return {
        (first.name, second.name): waited_for(jobs.difference_job)(first, second, k)
        for first, second in in_pairs(compared.entries, compared.pair)
    }


def floors_of(compared: ModelPair, k: int) -> Floors | None:
    """Return what noise alone changes, as far as it is measured by now."""
    begun = jobs.noise_jobs(compared.pair, k)
    for _, job in begun:
        job.wait(0.3)
    if not all(job.done for _, job in begun):
        wait_for([job for _, job in begun], "Measuring what noise alone changes…")
    return in_order((name, job.result()) for name, job in begun if job.succeeded)


def _table(one: Difference, noise: Floors | None) -> None:
    rows = [("These two models", str(one.overlap.mean), shown(one.cka), shown(one.ranks))]
    rows += [
        (f"Noise: {floor.what}", shown(floor.overlap), shown(floor.cka), shown(floor.ranks))
        for floor in (noise.floors if noise else ())
    ]
    rows.append(("Unrelated vectors", shown(one.random_overlap), shown(one.random_cka), shown(0.0)))
    show_table(
        {"": [row[0] for row in rows]}
        | {name: [row[place] for row in rows] for place, name in enumerate((OVERLAP, CKA, RANKS), 1)}
    )
    st.caption(f"Overlap: Jaccard of the {one.overlap.k} nearest texts, with its 95 % interval over texts.")


def _map_noise(compared: ModelPair) -> None:
    """Say how much two maps differ, beside two maps of one model."""
    (first, second), waiting = side_by_side.layouts(compared)
    if waiting or first.layout.method != "UMAP" or second.layout.method != "UMAP" or compared.same:
        return
    if not st.toggle(
        "Also compare the maps",
        key="compare-map-noise",
        help="Lays the first map out once more with another seed, which takes as long as the first time.",
    ):
        return
    floor = waited_for(jobs.map_noise_job)(compared.first, first.layout)
    shared = jobs.maps_shared(first.layout, second.layout)
    st.caption(
        as_typed(
            f"On the two maps {percent(shared)} of a text's 15 nearest points are the same; on two maps of "
            f"{compared.names[0]} that differ in their seed alone, {percent(floor)}. What lies below the second "
            "figure by little is no finding."
        )
    )


def _all(found: dict[tuple[str, str], Difference]) -> dict[str, list[Any]]:
    return {
        "First": [first for first, _ in found],
        "Second": [second for _, second in found],
        OVERLAP: [one.overlap.mean.mean for one in found.values()],
        CKA: [one.cka for one in found.values()],
        RANKS: [one.ranks for one in found.values()],
    }


# --- Versions ------------------------------------------------------------------------------------


def _queries(compared: ModelPair, one: Difference, noise: Floors | None, k: int) -> None:
    before, after = compared.names
    with st.container(border=True):
        st.markdown(f"**{as_typed(f'If {after} replaced {before}: what would return something else?')}**")
        of_texts = jobs.results_changed(*compared.pair, k)
        st.markdown(as_typed(verdict(one, of_texts, noise, (), compared.names)))
        st.text_area(
            "Queries of your own, a line each",
            key="compare-queries",
            persist_state="session",
            height=110,
            placeholder="\n".join(one_line(compared.texts[row])[:80] for row in range(min(3, len(compared.texts)))),
        )
        if not _typed():
            st.caption("Type some as your users would, and see which find something else.")
            return
        try:
            found = jobs.ask(_typed(), *compared.pair, k)
        except EmbedlabError as error:
            st.info(as_typed(str(error)), icon=":material/info:")
            return
        st.markdown(as_typed(of_queries(found.changes)))
        for note in found.notes:
            st.caption(as_typed(note))
        changes = found.changes
        show_table(
            {
                "Query": [one_line(query) for query in found.queries],
                "In common": [
                    f"{len(change.before) - len(change.lost)} of {len(change.before)}" for change in found.changes
                ],
                f"First in {before}": [one_line(compared.texts[change.before[0]]) for change in changes],
                f"First in {after} ": [one_line(compared.texts[change.after[0]]) for change in changes],
            }
        )
        for query, change in zip(found.queries, changes, strict=True):
            if change.shared < 1:
                _changed(compared, query, change)


def answered(compared: ModelPair, k: int) -> QueryAnswers:
    """Return what becomes of the queries that were typed; where the models can't be asked, a note says why."""
    return answers(_typed(), *compared.pair, k, jobs.ask)


def _typed() -> tuple[str, ...]:
    lines = str(st.session_state.get("compare-queries") or "").splitlines()
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _changed(compared: ModelPair, query: str, change: QueryChange) -> None:
    with st.expander(as_typed(one_line(query)[:80])):
        for column, title, rows in zip(
            st.columns(2, gap="medium"), ("No longer found", "Newly found"), (change.lost, change.gained), strict=True
        ):
            with column, st.container(gap="xsmall"):
                st.caption(title)
                for row in rows.tolist():
                    st.text(beginning(compared.texts[row], 300))
