"""Inside the model: one word in several sentences, and from which layer on its meanings are told apart."""

from __future__ import annotations

import streamlit as st

from embedlab.base.english import counted, percent
from embedlab.encoders.transformer.layers import Inside
from embedlab.figures import inside as figures
from embedlab.words.senses import Meanings, SenseScores
from embedlab.words.uses import Uses, builtin_uses, builtin_words, typed, uses
from pages.app.components import show_figure
from pages.app.widgets import as_typed, dark, errors_said, frame
from pages.inside import jobs

OWN = "Your own…"
OWN_WORD = "mouse"
OWN_SENTENCES = "\n".join(
    [
        "The cat carried a mouse into the kitchen. | animal",
        "A mouse had gnawed a hole in the sack of grain. | animal",
        "At night we heard a mouse run behind the wall. | animal",
        "An owl can hear a mouse under the snow. | animal",
        "Click twice with the left button of the mouse. | computer",
        "The cable of my mouse is too short for this desk. | computer",
        "She prefers the keyboard and hardly touches the mouse. | computer",
        "The new mouse needs a battery and a driver. | computer",
    ]
)
NO_NUMBER = (
    "No number without senses: write what the word means after a “|”, at least two meanings and one of them twice."
)


@st.fragment
def draw(inside: Inside, prompt: str) -> None:
    """Let a word be chosen, and draw its vectors in several sentences and how well they tell its meanings apart."""
    with errors_said():
        chosen = st.pills(
            "Word", [*builtin_words(), OWN], default=builtin_words()[0], required=True, key="inside-word",
            persist_state="session",
        )  # fmt: skip
        found = _own() if chosen == OWN else builtin_uses(chosen)
        if found.left_out:
            st.caption(as_typed(found.left_out))
        meanings = jobs.followed(inside.weights, found, prompt, inside)
        if meanings.unread:
            st.caption(as_typed(f"Left out: {meanings.unread} in which the word comes after what the model reads."))
        _meanings(meanings)


def _own() -> Uses:
    left, right = st.columns([1, 2], gap="medium")
    with left:
        word = st.text_input("Your word", OWN_WORD, key="inside-own-word", persist_state="session", max_chars=100)
        st.caption("As a whole word, capital or not, also with -s or -es.")
    with right:
        lines = st.text_area(
            "Sentences with it, one a line; after a “|” what it means there",
            OWN_SENTENCES,
            key="inside-own-sentences",
            persist_state="session",
            height=220,
            max_chars=40_000,
        )
    return uses(word, typed(lines))


def _meanings(found: Meanings) -> None:
    left, right = st.columns([2, 1], gap="medium")
    with right:
        names = ["input", *map(str, range(1, found.last + 1))]
        layer = st.select_slider(
            "Layer",
            range(len(names)),
            value=found.last,
            format_func=names.__getitem__,
            key=f"inside-word-layer-{found.last}",
            persist_state="session",
        )
        centred = st.toggle(
            "Without what all its sentences share",
            key="inside-centred",
            persist_state="session",
            help="Takes the mean of the word's vectors out before comparing. Vectors of one layer share a large common "
            "part that says nothing about the meaning and hides what sets them apart (Mu and Viswanath 2018).",
        )
        told = found.centred if centred else found.told
        if told:
            _number(told, layer)
    with left:
        count = len(found.uses.uses)
        alt = f"The vectors of the word in {counted(count, 'sentence')} at layer {layer}, coloured by sense."
        show_figure(figures.plane(found, layer, dark=dark()), key="inside-plane", name="embedlab word", alt=alt)
        st.caption(
            f"{counted(count, 'sentence')}, a point each: the vector of the word there, not of the sentence. Both axes "
            f"show {percent(found.planes[layer][1])} of the differences at this layer; the scale is the same at every "
            "layer. "
            "Hover to read."
        )
    st.text(told.sentence if told else NO_NUMBER)
    if told:
        st.text(" ".join(filter(None, [told.best_sentence, told.whole_sentence])))
    _explained(found)


def _number(told: SenseScores, layer: int) -> None:
    here = told.layers[layer]
    st.metric(
        "Meanings told apart",
        here.shown,
        f"95 % interval {100 * here.low:.0f} to {100 * here.high:.0f}",
        delta_color="off",
        delta_arrow="off",
        border=True,
    )
    alt = "How well each layer tells the meanings apart, with an interval, beside a static model and chance."
    show_figure(figures.curve(told, layer, dark=dark()), key="inside-curve", name="embedlab meanings", alt=alt)


def _explained(found: Meanings) -> None:
    with st.popover("How was this computed?", type="tertiary"):
        st.markdown(
            "A word's vector in a sentence is the mean of its tokens' vectors at that layer. Take any pair of "
            "sentences with the same sense and any pair with two: how often is the first pair more alike (cosine)? "
            "That is the area under the ROC curve; ties count half, so one vector for all gives exactly 50 %. The "
            "interval comes from 1,000 bootstrap samples of sentences (not of pairs), drawn within each sense. It says "
            "what other sentences like these would change, not what other words would."
        )
        if found.told and found.told.static:
            st.markdown(
                as_typed(
                    f"{found.told.static_name} has one vector for each way of writing a word. Where it isn't at 50 %, "
                    "capital letters or plurals give the sense away; so they may in the transformer."
                )
            )
    with st.expander("The sentences"):
        frame(
            {
                "Sentence": [use.text for use in found.uses.uses],
                "Sense": [use.sense for use in found.uses.uses],
            },
        )
