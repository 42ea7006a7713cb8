"""Words: what lies between two poles, and how words lean to one of two lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from embedlab.base.english import counted
from embedlab.corpus import Corpus
from embedlab.figures.words import MOST_ROWS, Ends, plane, ranged
from embedlab.words import axes as lab
from embedlab.words.analogies import distinct
from embedlab.words.axes import Axis
from embedlab.words.lists import AxisExample, examples, listed, pole
from pages.app import results, session
from pages.app.widgets import dark, errors_said
from pages.words.jobs import Ready
from pages.words.pieces import area, line, offer_examples, offer_table, picture, say_trust

LISTED, ALL_WORDS, ALL_TEXTS = "Listed words", "All words", "My texts"

HOW_AXIS = (
    "A pole is the mean vector of its words, or that of its sentence. The axis is the difference of the two poles; a "
    "position is the projection on it, scaled so that the poles are at -1 and +1. Shaded is where nine in ten of "
    "all words (or texts) lie."
)
HOW_BIAS = (
    "A lean is the mean cosine to the words of one pole less that to the words of the other. All pole words are dealt "
    "out into two poles 5,000 times at random (seed 0): the grey bars hold 95 % of a word's leans then, and p is the "
    "share in which the words lean at least as strongly altogether. After the word-embedding association test "
    "(Caliskan, Bryson and Narayanan 2017), here for one list of words."
)
CAUTION = (
    "A lean shows what company words kept in what the model has read. It doesn't show that whoever uses the model "
    "treats people unfairly, and no lean doesn't show that they don't (Gonen and Goldberg 2019). Other pole words may "
    "give another picture: change them and see."
)


def axis(ready: Ready, buttons: DeltaGenerator) -> None:
    """Draw words or texts between two poles, or on two axes."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        low, high = _poles("words-axis", examples().axes[0])
        second = st.toggle("A second axis", key="words-two", persist_state="session")
    if second:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            low_2, high_2 = _poles("words-axis-2", examples().axes[1])
    left, right = st.columns([2, 1], gap="medium")
    with right:
        st.session_state.setdefault("words-range", LISTED)
        which = st.segmented_control(
            "Range", [LISTED, ALL_WORDS, ALL_TEXTS], required=True, key="words-range", persist_state="session"
        )
        if which == LISTED:
            asked = area(
                "Words, with commas between or one a line", "words-listed", ", ".join(examples().axes[0].words), 120
            )
        offer_examples(_axis_examples())
    with left, errors_said():
        found = lab.axis(ready.words, pole(low), pole(high))
        texts, vectors = _to_range(ready, which or LISTED, listed(asked) if which == LISTED else ())
        all_vectors = ready.words.vectors if which == LISTED and len(ready.words) else vectors
        kind = "texts" if which == ALL_TEXTS else "words"
        usual = lab.usual(found.positions(all_vectors), kind)
        if second:
            up = lab.axis(ready.words, pole(low_2), pole(high_2))
            _plane(texts, vectors, found, up, (low, high, low_2, high_2), buttons)
            say_trust(f"{_crossed(found, up)} {usual.caveat('across')}", HOW_AXIS, ready.told)
        else:
            _strip(texts, vectors, found, (low, high), found.positions(all_vectors), usual, buttons)
            say_trust(f"{_stretched(found)}{usual.caveat()}", HOW_AXIS, ready.told)


def _to_range(ready: Ready, which: str, asked: tuple[str, ...]) -> tuple[Sequence[str], NDArray[np.float32]]:
    """Return what lies on the axis, and its vectors."""
    if which == LISTED:
        return asked, ready.words.of(asked)
    if which == ALL_WORDS:
        return ready.words.words, ready.words.vectors
    corpus: Corpus = session.corpus()
    space = session.prepared(corpus).space
    results.encoder(space, session.reading())  # says so where another model made the vectors
    rows, _ = corpus.distinct
    return [corpus.texts[row] for row in rows], space.vectors[rows]


def _strip(
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    found: Axis,
    between: tuple[str, str],
    everything: NDArray[np.float64],
    usual: lab.Usual,
    buttons: DeltaGenerator,
) -> None:
    positions = found.positions(vectors)
    places = lab.ends(positions, MOST_ROWS)[::-1]
    figure = ranged(
        [texts[place] for place in places],
        positions[places],
        Ends(*between),
        everything=everything,
        usual=(usual.low, usual.high),
        dark=dark(),
    )
    alt = f"From {between[0]} to {between[1]}: lowest {texts[places[-1]][:80]}, highest {texts[places[0]][:80]}."
    picture(figure, "words-axis-picture", alt)
    if len(places) < len(texts):
        half = len(places) // 2
        st.caption(f"The {len(places) - half} highest and the {half} lowest of {len(texts):,}; all are in the file.")
    order = np.argsort(-positions, kind="stable")
    offer_table(buttons, "axis", ["text", "position"], ((texts[place], float(positions[place])) for place in order))


def _plane(
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    across: Axis,
    up: Axis,
    typed: tuple[str, str, str, str],
    buttons: DeltaGenerator,
) -> None:
    xs, ys = across.positions(vectors), up.positions(vectors)
    figure = plane(texts, xs, ys, Ends(*typed[:2]), Ends(*typed[2:]), dark=dark())
    alt = f"{len(texts):,} words or texts, across from {typed[0]} to {typed[1]}, up from {typed[2]} to {typed[3]}."
    picture(figure, "words-plane-picture", alt)
    offer_table(buttons, "plane", ["text", "across", "up"], zip(texts, xs.tolist(), ys.tolist(), strict=True))


def _crossed(across: Axis, up: Axis) -> str:
    cosine = lab.crossing(across, up)
    if abs(cosine) < 0.3:
        return f"The two axes are nearly independent (cosine {cosine:.2f})."
    return f"The two axes partly say the same (cosine {cosine:.2f}), so that some of the diagonal is made by them."


def _stretched(found: Axis) -> str:
    if found.alike < 0.8:
        return ""
    return f"The poles are hard to tell apart for the model (cosine {found.alike:.2f}), so the scale is stretched. "


def _poles(key: str, first: AxisExample) -> tuple[str, str]:
    explained = "One word, several with commas between, or a sentence that ends with a full stop."
    low = line("From", f"{key}-low", first.low, 260, explained)
    return low, line("to", f"{key}-high", first.high, 260, explained)


def _axis_examples() -> dict[str, dict[str, object]]:
    made = {
        one.name: {**_pole_keys("words-axis", one), **_ranging(one.words), "words-two": False}
        for one in examples().axes
    }
    for names in examples().planes:
        across, up = map(examples().axis, names)
        made[" × ".join(names)] = {
            **_pole_keys("words-axis", across),
            **_pole_keys("words-axis-2", up),
            **_ranging(distinct((*across.words, *up.words))),
            "words-two": True,
        }
    return made


def _ranging(words: Sequence[str]) -> dict[str, object]:
    return {"words-listed": ", ".join(words), "words-range": LISTED}


def _pole_keys(key: str, example: AxisExample) -> dict[str, object]:
    return {f"{key}-low": example.low, f"{key}-high": example.high}


# --- The bias probe ------------------------------------------------------------------------------


def bias(ready: Ready, buttons: DeltaGenerator) -> None:
    """Draw how words lean to one of two lists, beside chance."""
    first = examples().biases[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        low = line("These words", "words-bias-low", first.low, 380)
        high = line("or these", "words-bias-high", first.high, 380)
    left, right = st.columns([2, 1], gap="medium")
    with right:
        asked = area("Which do these lean to?", "words-occupations", ", ".join(first.words), 160)
        offer_examples({one.name: _pole_keys("words-bias", one) for one in examples().biases})
        st.caption("The built-in lists are English; for texts or models in other languages write your own.")
    with left, errors_said():
        found = lab.probe(ready.words, pole(asked), pole(low), pole(high))
        places = lab.ends(found.leans, MOST_ROWS)[::-1]
        figure = ranged(
            [found.words[place] for place in places],
            found.leans[places],
            Ends(low, high),
            chance=found.chance[places],
            scale="lean (difference of mean cosines)",
            dark=dark(),
        )
        alt = f"How {counted(len(found.words), 'word')} lean: lowest {found.words[0]}, highest {found.words[-1]}."
        picture(figure, "words-bias-picture", alt)
        if len(places) < len(found.words):
            st.caption(
                f"The {len(places)} of {counted(len(found.words), 'word')} that lean most to either side; all are in "
                "the file."
            )
        say_trust(found.sentence, HOW_BIAS, CAUTION)
        rows = zip(found.words, found.leans.tolist(), found.chance.tolist(), strict=True)
        offer_table(buttons, "bias probe", ["word", "lean", "chance stays below (95 %)"], rows)
