"""Words: what is near them, what relates them, and what lies between two poles?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from embedlab.base.fingerprint import fingerprint
from embedlab.corpus import Corpus
from embedlab.corpus.export import csv_bytes
from embedlab.figures.words import MOST_ROWS, Ends, bars, plane, ranged
from embedlab.words import analogies as lab
from embedlab.words.analogies import Axis, Words
from embedlab.words.lists import AxisExample, examples, listed, pole
from pages.app import results, session
from pages.app.widgets import as_typed, dark, errors_said, heading, save_button
from pages.words import jobs
from pages.words.jobs import MODEL, NONE, OWN, TEXTS, Ready

NEAREST, ANALOGY, ODD, AXIS, BIAS = "Nearest", "Analogy", "Odd one out", "Axis", "Bias probe"
ADD, MULTIPLY = "Add and subtract", "Multiply"
LISTED, ALL_WORDS, ALL_TEXTS = "Listed words", "All words", "My texts"
LABELS = ("words-a", "words-b", "words-c")

HOW_NEAREST = (
    "Every word is embedded on its own, as if it were a text; the bars are cosines. In a sentence a transformer gives "
    "the same word another vector, which follows from the words around it."
)
HOW_ANALOGY = (
    "Add and subtract: the cosine of each word to b - a + c, all of length 1 (3CosAdd; Mikolov, Yih and Zweig 2013). "
    "Multiply: cos(b) cos(c) / cos(a), each cosine moved to 0 to 1 (3CosMul; Levy and Goldberg 2014). The nearest word "
    "to one of the given words alone is shown because it often wins by itself (Linzen 2016)."
)
HOW_ODD = "Each bar is the mean cosine of a word to all the others in the list; the lowest is the odd one."
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


def main() -> None:
    """Draw the page."""
    buttons = heading("Words", "What does the model make of single words, and of what lies between them?")
    with errors_said():
        _ask(buttons)


def _ask(buttons: DeltaGenerator) -> None:
    question = st.segmented_control(
        "Question",
        list(QUESTIONS),
        default=NEAREST,
        required=True,
        key="words-question",
        persist_state="session",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source, own = _source_control() if question in (NEAREST, ANALOGY, AXIS) else (NONE, ())
    ready = jobs.ready(session.reading(), session.corpus(), source, own)
    QUESTIONS[question](ready, buttons)


def _source_control() -> tuple[str, tuple[str, ...]]:
    source = st.selectbox(
        "Among",
        [MODEL, TEXTS, OWN],
        key="words-source",
        persist_state="session",
        width=220,
        help="The words to choose from. A model's own words are those that its tokenizer has as one piece.",
    )
    if source != OWN:
        return source, ()
    with st.popover("My list", icon=":material/list:"):
        upload = st.file_uploader("A file with a word a line", key="words-file")
        typed = _area("Or type them, a word a line", "words-own", "\n".join(examples().axes[1].words), 220)
    return source, _in_file(upload.name, upload.getvalue()) if upload else listed(typed)


def _in_file(name: str, content: bytes) -> tuple[str, ...]:
    table = results.table(fingerprint(content, name), name, content)
    column = table.guessed_text or table.columns[0].name
    return listed("\n".join(table.corpus(column, "").texts))


# --- Nearest -------------------------------------------------------------------------------------


def _nearest(ready: Ready, buttons: DeltaGenerator) -> None:
    text = _line("A word, or a sentence", "words-nearest", examples().nearest[0], 420).strip()
    left, right = st.columns([2, 1], gap="medium")
    with right:
        _how_read(ready.words, [text])
        _examples({one: {"words-nearest": one} for one in examples().nearest})
    with left, errors_said():
        found = lab.nearest_words(ready.words, text)
        st.plotly_chart(
            bars(found.words, found.scores, "cosine", marked=None, dark=dark()),
            alt=f"The nearest words to {text}: {', '.join(found.words[:5])}.",
            **_plot("words-nearest-picture"),
        )
        _trust(lab.nearness(ready.words, found), HOW_NEAREST, ready.told)
        _save(buttons, "nearest", ["word", "cosine"], zip(found.words, found.scores.tolist(), strict=True))


# --- Analogy -------------------------------------------------------------------------------------


def _analogy(ready: Ready, buttons: DeltaGenerator) -> None:
    first = examples().analogies[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        a = _line("What", LABELS[0], first[0], 150).strip()
        b = _line("is to", LABELS[1], first[1], 150).strip()
        c = _line("so is", LABELS[2], first[2], 150).strip()
        method = st.segmented_control(
            "to ?, by", [ADD, MULTIPLY], default=ADD, required=True, key="words-method", persist_state="session"
        )
    left, right = st.columns([2, 1], gap="medium")
    with right:
        answer = st.container()
        _examples(
            {f"{a} : {b} = {c} : ?": dict(zip(LABELS, (a, b, c), strict=True)) for a, b, c, _ in examples().analogies}
        )
    with left, errors_said():
        found = lab.analogy(ready.words, a, b, c, method="add" if method == ADD else "multiply")
        what = "cosine to b - a + c" if method == ADD else "cos(b) cos(c) / cos(a)"
        best = found.found.words[0]
        st.plotly_chart(
            bars(found.found.words, found.found.scores, what, dark=dark()),
            alt=f"{a} is to {b} as {c} is to: {', '.join(found.found.words[:5])}.",
            **_plot("words-analogy-picture"),
        )
        _trust(found.caveat, HOW_ANALOGY, ready.told)
        with answer, st.container(border=True):
            st.markdown(f"### {as_typed(best)}")
            st.caption(as_typed(f"{a} is to {b} as {c} is to {best}"))
            expected = next((four[3] for four in examples().analogies if four[:3] == (a, b, c)), best)
            if expected != best:
                st.caption(f"One would have expected “{expected}”.")
        _save(buttons, "analogy", ["word", what], zip(found.found.words, found.found.scores.tolist(), strict=True))


# --- The odd one out -----------------------------------------------------------------------------


def _odd(ready: Ready, buttons: DeltaGenerator) -> None:
    typed = _area("Words, with commas between or one a line", "words-odd", ", ".join(examples().odd[0]), 80)
    left, right = st.columns([2, 1], gap="medium")
    with right:
        answer = st.container()
        _examples({", ".join(some): {"words-odd": ", ".join(some)} for some in examples().odd})
    with left, errors_said():
        asked = tuple(part for part in pole(typed.strip().rstrip(".!?")))
        found = lab.odd_one_out(ready.words, asked)
        shown = min(MOST_ROWS, len(found.words))
        st.plotly_chart(
            bars(found.words[:shown], found.means[:shown], "mean cosine to the others", dark=dark()),
            alt=f"The odd one out is {found.words[0]}.",
            **_plot("words-odd-picture"),
        )
        if shown < len(found.words):
            st.caption(f"The {shown} oddest of {len(found.words):,} words.")
        _trust(found.caveat, HOW_ODD)
        with answer, st.container(border=True):
            st.markdown(f"### {as_typed(found.words[0])}")
            st.caption("is the odd one out.")
        _save(
            buttons, "odd one out", ["word", "mean cosine"], zip(found.words, found.means.tolist(), strict=True)
        )  # fmt: skip


# --- Axes ----------------------------------------------------------------------------------------


def _axis(ready: Ready, buttons: DeltaGenerator) -> None:
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
            asked = _area("Words, with commas between or one a line", "words-listed", _first_listed(), 120)
        _examples({**_axis_examples(), **_plane_examples()})
    with left, errors_said():
        found = lab.axis(ready.words, pole(low), pole(high))
        texts, vectors = _to_range(ready, which or LISTED, listed(asked) if which == LISTED else ())
        all_vectors = ready.words.vectors if which == LISTED and len(ready.words) else vectors
        kind = "texts" if which == ALL_TEXTS else "words"
        usual = lab.usual(found.positions(all_vectors), kind)
        if second:
            up = lab.axis(ready.words, pole(low_2), pole(high_2))
            _plane(texts, vectors, found, up, (low, high, low_2, high_2), buttons)
            _trust(f"{_crossed(found, up)} {usual.caveat('across')}", HOW_AXIS, ready.told)
        else:
            _strip(texts, vectors, found, (low, high), found.positions(all_vectors), usual, buttons)
            _trust(f"{_stretched(found)}{usual.caveat()}", HOW_AXIS, ready.told)


def _to_range(ready: Ready, which: str, asked: tuple[str, ...]) -> tuple[Sequence[str], NDArray[np.float32]]:
    """Return what lies on the axis, and its vectors."""
    if which == LISTED:
        return asked, ready.words.of(asked)
    if which == ALL_WORDS:
        return ready.words.words, ready.words.vectors
    corpus: Corpus = session.corpus()
    space = session.ground(corpus).space
    results.encoder(space.fingerprint, session.reading(), space)  # says so where another model made the vectors
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
    st.plotly_chart(
        ranged(
            [texts[place] for place in places],
            positions[places],
            Ends(*between),
            everything=everything,
            usual=(usual.low, usual.high),
            dark=dark(),
        ),
        alt=f"From {between[0]} to {between[1]}: lowest {texts[places[-1]][:80]}, highest {texts[places[0]][:80]}.",
        **_plot("words-axis-picture"),
    )
    if len(places) < len(texts):
        half = len(places) // 2
        st.caption(f"The {len(places) - half} highest and the {half} lowest of {len(texts):,}; all are in the file.")
    order = np.argsort(-positions, kind="stable")
    _save(buttons, "axis", ["text", "position"], ((texts[place], float(positions[place])) for place in order))


def _plane(
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    across: Axis,
    up: Axis,
    typed: tuple[str, str, str, str],
    buttons: DeltaGenerator,
) -> None:
    xs, ys = across.positions(vectors), up.positions(vectors)
    st.plotly_chart(
        plane(texts, xs, ys, Ends(*typed[:2]), Ends(*typed[2:]), dark=dark()),
        alt=f"{len(texts):,} words or texts, across from {typed[0]} to {typed[1]}, up from {typed[2]} to {typed[3]}.",
        **_plot("words-plane-picture"),
    )
    _save(buttons, "plane", ["text", "across", "up"], zip(texts, xs.tolist(), ys.tolist(), strict=True))


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
    low = _line("From", f"{key}-low", first.low, 260, explained)
    return low, _line("to", f"{key}-high", first.high, 260, explained)


def _first_listed() -> str:
    return ", ".join(examples().axes[0].words)


def _axis_examples() -> dict[str, dict[str, object]]:
    return {
        one.name: {**_pole_keys("words-axis", one), **_ranging(one.words), "words-two": False}
        for one in examples().axes
    }


def _plane_examples() -> dict[str, dict[str, object]]:
    made = {}
    for names in examples().planes:
        across, up = map(examples().axis, names)
        made[" × ".join(names)] = {
            **_pole_keys("words-axis", across),
            **_pole_keys("words-axis-2", up),
            **_ranging(lab.distinct((*across.words, *up.words))),
            "words-two": True,
        }
    return made


def _ranging(words: Sequence[str]) -> dict[str, object]:
    return {"words-listed": ", ".join(words), "words-range": LISTED}


def _pole_keys(key: str, example: AxisExample) -> dict[str, object]:
    return {f"{key}-low": example.low, f"{key}-high": example.high}


# --- The bias probe ------------------------------------------------------------------------------


def _bias(ready: Ready, buttons: DeltaGenerator) -> None:
    first = examples().biases[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        low = _line("These words", "words-bias-low", first.low, 380)
        high = _line("or these", "words-bias-high", first.high, 380)
    left, right = st.columns([2, 1], gap="medium")
    with right:
        asked = _area("Which do these lean to?", "words-occupations", ", ".join(first.words), 160)
        _examples({one.name: {"words-bias-low": one.low, "words-bias-high": one.high} for one in examples().biases})
        st.caption("The built-in lists are English; for texts or models in other languages write your own.")
    with left, errors_said():
        found = lab.probe(ready.words, pole(asked), pole(low), pole(high))
        places = lab.ends(found.leans, MOST_ROWS)[::-1]
        st.plotly_chart(
            ranged(
                [found.words[place] for place in places],
                found.leans[places],
                Ends(low, high),
                chance=found.chance[places],
                scale="lean (difference of mean cosines)",
                dark=dark(),
            ),
            alt=f"How {len(found.words)} words lean: lowest {found.words[0]}, highest {found.words[-1]}.",
            **_plot("words-bias-picture"),
        )
        if len(places) < len(found.words):
            st.caption(
                f"The {len(places)} of {len(found.words)} words that lean most to either side; all are in the file."
            )
        _trust(found.sentence, HOW_BIAS, CAUTION)
        rows = zip(found.words, found.leans.tolist(), found.chance.tolist(), strict=True)
        _save(buttons, "bias probe", ["word", "lean", "chance stays below (95 %)"], rows)


# --- Pieces that the questions share -------------------------------------------------------------


def _line(
    label: str, key: str, first: str, width: int | Literal["stretch"] = "stretch", explained: str | None = None
) -> str:
    st.session_state.setdefault(key, first)
    return st.text_input(label, key=key, persist_state="session", width=width, help=explained)


def _area(label: str, key: str, first: str, height: int) -> str:
    st.session_state.setdefault(key, first)
    return st.text_area(label, key=key, persist_state="session", height=height)


def _examples(made: dict[str, dict[str, object]]) -> None:
    """Draw a button for each example; a click writes its values into the boxes that are named."""
    st.caption("Try")
    with st.container(horizontal=True, gap="small"):
        for name, values in made.items():
            st.button(as_typed(name), key=f"words-try-{name}", on_click=partial(st.session_state.update, values))


def _how_read(words: Words, texts: Iterable[str]) -> None:
    """Say into which pieces the model cuts a word that isn't one of those to choose from."""
    for text in texts:
        pieces = words.cut(text) if text else ()
        if text and text not in words and len(pieces) > 1:
            shown = "  ".join(pieces[:24]) + (" …" if len(pieces) > 24 else "")
            st.caption(as_typed(f"Not one of these words: the model reads “{text[:60]}” as {shown}"))


def _trust(told: str, how: str, more: str = "") -> None:
    st.text(told)
    if more:
        st.caption(as_typed(more))
    with st.popover("How was this computed?", type="tertiary"):
        st.text(how)


def _save(buttons: DeltaGenerator, name: str, header: list[str], rows: Iterable[Sequence[object]]) -> None:
    content = list(rows)
    with buttons:
        file = f"words - {name}.csv"
        save_button("Save as CSV", lambda: csv_bytes(header, content), file, f"words-save-{name}", "download")


def _plot(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "theme": None,
        "config": {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
    }


QUESTIONS: dict[str, Callable[[Ready, DeltaGenerator], None]] = {
    NEAREST: _nearest,
    ANALOGY: _analogy,
    ODD: _odd,
    AXIS: _axis,
    BIAS: _bias,
}

main()
