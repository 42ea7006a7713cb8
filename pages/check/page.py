"""Quality: what is wrong with these texts, before anyone builds on them?"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from embedlab import pipeline
from embedlab.base.english import counted
from embedlab.check.base import Checked, Finding
from embedlab.check.duplicates import DEFAULT_THRESHOLD, FLOOR
from embedlab.check.report import grade, worst_first
from embedlab.corpus import Corpus
from embedlab.corpus.split import guessed_split
from embedlab.explore.exploration import Exploration
from embedlab.figures.check import lens
from embedlab.pipeline import Prepared
from embedlab.space.projection import LayoutSettings
from pages.app import panel, results, session
from pages.app.map_view import focus_of, show_explored, umap_or_sketch, wait_for_umap
from pages.app.widgets import as_typed, choose_column, errors_said, graded, heading, say_unknown
from pages.check import decisions, evidence, jobs
from pages.check.jobs import CheckSetup

HEIGHT = 560
SETTINGS = LayoutSettings()


@st.fragment
def main() -> None:
    """Draw the page, heading and all: its buttons react to touches, and a fragment must not write outside of itself."""
    buttons = heading("Quality", "What is wrong with these texts, before anyone builds on them?")
    with errors_said():
        texts = session.corpus()
        with buttons:
            setup = _settings(texts)
        prepared = session.prepared(texts)
        groups = results.groups(prepared, session.granularity(prepared))
        threshold = st.session_state.get(evidence.THRESHOLD, DEFAULT_THRESHOLD)  # that of the slider beside their list
        _look(prepared, jobs.checked(prepared, groups, setup, max(FLOOR, threshold)), buttons)


def _settings(texts: Corpus) -> CheckSetup:
    with st.popover("Settings", icon=":material/tune:"):
        names = [column.name for column in texts.columns if not column.missing.all()]
        told = "The column that says what each text is known to be: some of its labels may be wrong."
        key = f"check-label-{texts.fingerprint}"
        label = choose_column("Labels", names, texts.label, key, told, persist_state="session")
        guessed = guessed_split(texts)
        told = "The column that says which texts to learn from and which to hold out: none should be on both sides."
        key = f"check-split-{texts.fingerprint}"
        name = guessed.name if guessed else None
        split = choose_column("Train or test", names, name, key, told, persist_state="session")
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, 0, key="check-seed", persist_state="session",
            help="Fixes how the labelled texts are dealt into five parts.",
        )  # fmt: skip
    return CheckSetup(label, split, int(seed))


def _look(prepared: Prepared, checked: Checked, buttons: DeltaGenerator) -> None:
    """Draw what was found, the map and the decisions."""
    with errors_said():
        made = grade(checked.findings)
        st.markdown(f"#### {graded(made.level, named=True)} {as_typed(made.sentence)}")
        chosen = _finding(checked.findings)
        trusted, waiting = umap_or_sketch(prepared, SETTINGS)
        explored = pipeline.explored(prepared, trusted, checked.groups)
        picture, beside = st.columns([3, 2], gap="medium")
        with beside:
            picked = evidence.draw(checked, chosen)
            panel.clicked(explored)
        with picture:
            _map(explored, evidence.on_map(checked, chosen), picked)
            if waiting:
                wait_for_umap(prepared, SETTINGS)
            elif trusted.trust:
                st.caption(explored.how_far)
            if explored.doubt:
                st.caption(as_typed(explored.doubt))
            say_unknown(prepared.space.unknown)
            for sentence in checked.skipped:
                st.caption(as_typed(sentence))
        decisions.draw(checked)
        with buttons:
            decisions.take_away(checked, trusted)


def _finding(found: tuple[Finding, ...]) -> Finding:
    """Let one kind of finding be chosen, at first a worst one; each says how many there are, and what that is worth."""
    named: dict[str, Finding] = {one.key: one for one in found}
    first = next((one.key for one in worst_first(found) if one.count), found[0].key)
    chosen = st.pills(
        "Findings",
        list(named),
        default=first,
        required=True,
        key=f"check-finding-{sorted(named)}",
        persist_state="session",
        format_func=lambda key: _pill(named[key]),
        label_visibility="collapsed",
    )
    return named[chosen]


def _pill(one: Finding) -> str:
    icon = "" if one.level == "pass" else f"{graded(one.level)} "
    # A number that is no finding, because none of its rows is one, would contradict what is said below.
    number = f"  **{one.count:,}**" if len(one.rows) or not one.count else ""
    return f"{icon}{one.title}{number}"


def _map(explored: Exploration, found: Finding, picked: tuple[int, ...]) -> None:
    shown = list(picked) if picked else found.rows if len(found.rows) else None
    selected = session.touched().selected
    show_explored(
        explored,
        lens(found, len(explored.space)),
        selection=selected,
        focus=focus_of(explored.space, explored.neighbours, session.touched().clicked),
        found=shown if selected is None else None,
        sought=found.title,
        lens=True,
        key="check-map",
        alt=f"Map of {counted(len(explored.space), 'text')}; coloured: {found.title.lower()}, {found.count:,}.",
        height=HEIGHT,
    )


main()
