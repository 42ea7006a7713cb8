"""Evidence where nobody has labels: a person judges neighbours without knowing which model they come from."""

from __future__ import annotations

import streamlit as st

from embedlab.lab.blind import Answer, Question, Tally, tally
from pages.compare.linked import Compared
from pages.shared import comparing
from pages.shared.widgets import as_typed

SAYS: dict[Answer, str] = {"left": "Left", "tie": "No difference", "right": "Right"}
SIDES = ":material/arrow_back:", ":material/drag_handle:", ":material/arrow_forward:"
KEYS = "1", "2", "3"


def draw(compared: Compared, k: int) -> None:
    """Ask one question at a time; say at the end, or on request, how they came out."""
    asked = comparing.blind_questions(compared.first.ground, compared.second.ground, k)
    with st.container(border=True):
        st.markdown("**Judge blind: whose neighbours are better?**")
        if not asked:
            st.caption("Both models name the same neighbours for every text: there is nothing to judge.")
            return
        answers = _answers(compared, k, len(asked))
        at = next((number for number, answer in enumerate(answers) if answer is None), None)
        if at is None:
            _outcome(compared, k, asked, answers)
            return
        st.caption(f"Question {at + 1} of {len(asked)}")
        _ask(compared, k, asked[at], at)
        with st.container(horizontal=True):
            if at:
                st.button(
                    "Back", key="compare-judge-back", type="tertiary", icon=":material/undo:",
                    on_click=_answer, args=[compared, k, at - 1, None],
                )  # fmt: skip
            if at and st.toggle("Show how it stands", key="compare-judge-now", help="You judge best not knowing it."):
                st.caption(as_typed(tally_of(compared, asked, answers).sentence))


def tally_of(compared: Compared, asked: tuple[Question, ...], answers: list[Answer | None]) -> Tally:
    """Return how the answers came out."""
    return tally(asked, answers, compared.names)


def judged(compared: Compared, k: int) -> Tally | None:
    """Return how the answers given so far came out; None before the first."""
    answers = st.session_state.get("compare-answers", {}).get(_mark(compared, k), [])
    if not any(answers):
        return None
    asked = comparing.blind_questions(compared.first.ground, compared.second.ground, k)
    return tally_of(compared, asked, answers)


def _ask(compared: Compared, k: int, question: Question, at: int) -> None:
    st.caption("Which of the two is closer in meaning to this text?")
    with st.container(border=True):
        st.text(compared.texts[question.row])
    for column, side, row in zip(st.columns(2), ("Left", "Right"), (question.left, question.right), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.caption(side)
            st.text(compared.texts[row])
    with st.container(horizontal=True, horizontal_alignment="center"):
        for (answer, label), icon, shortcut in zip(SAYS.items(), SIDES, KEYS, strict=True):
            st.button(
                label, key=f"compare-judge-{answer}", icon=icon, shortcut=shortcut, on_click=_answer,
                args=[compared, k, at, answer],
            )  # fmt: skip


def _outcome(compared: Compared, k: int, asked: tuple[Question, ...], answers: list[Answer | None]) -> None:
    st.markdown(as_typed(tally_of(compared, asked, answers).sentence))
    st.caption(
        f"{len(asked)} texts, drawn at random (seed 0) from those on whose {k} nearest the models disagree; from each "
        "model the nearest text that the other does not have, on a random side. One judge, and only where they "
        "disagree: it says whose disagreements you like better, not how often they matter."
    )
    st.button(
        "Judge again", key="compare-judge-again", icon=":material/restart_alt:", on_click=_forget, args=[compared, k]
    )


# --- Answers -------------------------------------------------------------------------------------


def _mark(compared: Compared, k: int) -> str:
    return f"{compared.first.ground.space.fingerprint} {compared.second.ground.space.fingerprint} {k}"


def _answers(compared: Compared, k: int, count: int) -> list[Answer | None]:
    kept: dict[str, list[Answer | None]] = st.session_state.setdefault("compare-answers", {})
    return kept.setdefault(_mark(compared, k), [None] * count)


def _answer(compared: Compared, k: int, at: int, answer: Answer | None) -> None:
    kept = st.session_state["compare-answers"]
    answers = list(kept[_mark(compared, k)])
    answers[at] = answer
    st.session_state["compare-answers"] = kept | {_mark(compared, k): answers}


def _forget(compared: Compared, k: int) -> None:
    kept = dict(st.session_state["compare-answers"])
    kept.pop(_mark(compared, k), None)
    st.session_state["compare-answers"] = kept
