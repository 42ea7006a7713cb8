"""Evidence where nobody has labels: a person judges neighbours without knowing which model they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from embedlab.base.english import counted
from embedlab.compare.blind import FEWEST_DECIDED, Answer, Deck, Question, Tally, tally
from pages.app.widgets import as_typed, long_text
from pages.compare import jobs
from pages.compare.linked import ModelPair

SAYS: dict[Answer, str] = {"left": "Left", "tie": "No difference", "right": "Right"}
SIDES = ":material/arrow_back:", ":material/drag_handle:", ":material/arrow_forward:"
KEYS = "1", "2", "3"


@dataclass(frozen=True)
class Judging:
    """How far the judge is: `rounds` of the deck from the round `first` on, and the answers given, in order."""

    first: int = 0
    rounds: int = 1
    answers: tuple[Answer, ...] = ()

    def asked(self, deck: Deck) -> tuple[Question, ...]:
        """The questions of these rounds."""
        return tuple(one for number in range(self.rounds) for one in deck.round(self.first + number))

    def tally(self, deck: Deck, names: tuple[str, str]) -> Tally:
        """How the answers came out."""
        return tally(self.asked(deck)[: len(self.answers)], self.answers, names)


def draw(compared: ModelPair, k: int) -> None:
    """Ask one question at a time; say at the end, or on request, how they came out."""
    deck = jobs.blind_deck(*compared.pair, k)
    with st.container(border=True):
        st.markdown("**Judge blind: whose neighbours are better?**")
        if not deck.pairs:
            st.caption("Both models name the same neighbours for every text: there is nothing to judge.")
            return
        judging = _judging(compared, k)
        asked, at = judging.asked(deck), len(judging.answers)
        if at >= len(asked):
            _outcome(compared, k, deck, judging)
            return
        few = "" if len(deck.pairs) >= FEWEST_DECIDED else f" {_few(deck)}"
        st.caption(f"Question {at + 1} of {len(asked)}.{few}")
        _ask(compared, k, asked[at], judging)
        with st.container(horizontal=True):
            if at:
                st.button(
                    "Back", key="compare-judge-back", type="tertiary", icon=":material/undo:",
                    on_click=_keep, args=[compared, k, replace(judging, answers=judging.answers[:-1])],
                )  # fmt: skip
            if at and st.toggle("Show how it stands", key="compare-judge-now", help="You judge best not knowing it."):
                found = judging.tally(deck, compared.names)
                st.caption(as_typed(f"{found.sentence} {found.detail}"))


def judged(compared: ModelPair, k: int) -> Tally | None:
    """Return how the answers given so far came out; None before the first."""
    judging = _judging(compared, k)
    if not judging.answers:
        return None
    return judging.tally(jobs.blind_deck(*compared.pair, k), compared.names)


def _few(deck: Deck) -> str:
    texts = counted(len(deck.pairs), "text")
    return f"The models disagree on {texts} that can be judged: too few for a verdict, which takes {FEWEST_DECIDED}."


def _ask(compared: ModelPair, k: int, question: Question, judging: Judging) -> None:
    st.caption("Which of the two is closer in meaning to this text?")
    with st.container(border=True):
        long_text(compared.texts[question.row], "judged")
    for column, side, row in zip(st.columns(2), ("Left", "Right"), (question.left, question.right), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.caption(side)
            long_text(compared.texts[row], f"judged-{side}")
    with st.container(horizontal=True, horizontal_alignment="center"):
        for (answer, label), icon, shortcut in zip(SAYS.items(), SIDES, KEYS, strict=True):
            st.button(
                label, key=f"compare-judge-{answer}", icon=icon, shortcut=shortcut, on_click=_keep,
                args=[compared, k, replace(judging, answers=(*judging.answers, answer))],
            )  # fmt: skip


def _outcome(compared: ModelPair, k: int, deck: Deck, judging: Judging) -> None:
    found = judging.tally(deck, compared.names)
    st.markdown(f"**{as_typed(found.sentence)}**" if found.better else as_typed(found.sentence))
    if found.detail:
        st.caption(as_typed(found.detail))
    texts = sum(not one.again for one in judging.asked(deck))
    st.caption(
        f"{counted(texts, 'text')}, drawn at random (seed 0) from those on whose {k} nearest the models disagree; from "
        "each model the nearest text that the other does not have, each model on the left in half of the questions. "
        "One judge, and only where they disagree: it says whose disagreements you like better, not how often they "
        "matter."
    )
    left = judging.rounds < deck.rounds
    if len(deck.pairs) < FEWEST_DECIDED:
        st.caption(_few(deck))
    elif not left:
        st.caption(f"{counted(len(deck.pairs), 'text')} can be asked about, and no more.")
    with st.container(horizontal=True):
        if left:
            st.button(
                "Judge more", key="compare-judge-more", icon=":material/add:", on_click=_keep,
                args=[compared, k, replace(judging, rounds=judging.rounds + 1)],
                help="Questions about other texts; the answers so far count with them.",
            )  # fmt: skip
        st.button(
            "Judge again", key="compare-judge-again", icon=":material/restart_alt:", on_click=_keep,
            args=[compared, k, Judging(judging.first + judging.rounds)],
            help="Forget these answers and begin anew, with other texts where there are any.",
        )  # fmt: skip


# --- Answers -------------------------------------------------------------------------------------


def _mark(compared: ModelPair, k: int) -> str:
    return f"{compared.first.space.fingerprint} {compared.second.space.fingerprint} {k}"


def _judging(compared: ModelPair, k: int) -> Judging:
    kept: dict[str, Judging] = st.session_state.get("compare-answers", {})
    return kept.get(_mark(compared, k), Judging())


def _keep(compared: ModelPair, k: int, judging: Judging) -> None:
    st.session_state["compare-answers"] = st.session_state.get("compare-answers", {}) | {_mark(compared, k): judging}
