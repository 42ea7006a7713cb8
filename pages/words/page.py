"""Words: what is near them, what relates them, and what lies between two poles?"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from embedlab.base.english import counted
from embedlab.figures.words import MOST_ROWS, bars
from embedlab.words import analogies as lab
from embedlab.words.lists import examples, listed, pole
from pages.app import results, session
from pages.app.widgets import as_typed, choose, choose_view, dark, errors_said, heading
from pages.words import axes, jobs
from pages.words.jobs import MODEL, NONE, OWN, TEXTS, Ready
from pages.words.pieces import area, line, offer_examples, offer_table, picture, say_pieces, say_trust

NEAREST, ANALOGY, ODD, AXIS, BIAS = "Nearest", "Analogy", "Odd one out", "Axis", "Bias probe"
ADD, MULTIPLY = "Add and subtract", "Multiply"
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


def main() -> None:
    """Draw the page."""
    buttons = heading("Words", "What does the model make of single words, and of what lies between them?")
    with errors_said():
        question = choose_view("Question", list(QUESTIONS), "words-question")
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
        typed = area("Or type them, a word a line", "words-own", "\n".join(examples().axes[1].words), 220)
    if not upload:
        return source, listed(typed)
    table = results.table(upload)
    column = table.guessed_text or table.columns[0].name
    return source, listed("\n".join(table.corpus(column, "").texts))


# --- Nearest -------------------------------------------------------------------------------------


def _nearest(ready: Ready, buttons: DeltaGenerator) -> None:
    text = line("A word, or a sentence", "words-nearest", examples().nearest[0], 420).strip()
    left, right = st.columns([2, 1], gap="medium")
    with right:
        say_pieces(ready.words, [text])
        offer_examples({one: {"words-nearest": one} for one in examples().nearest})
    with left, errors_said():
        found = lab.nearest_words(ready.words, text)
        alt = f"The nearest words to {text}: {', '.join(found.words[:5])}."
        figure = bars(found.words, found.scores, "cosine", marked=None, dark=dark())
        picture(figure, "words-nearest-picture", alt)
        say_trust(lab.nearness(ready.words, found), HOW_NEAREST, ready.told)
        offer_table(buttons, "nearest", ["word", "cosine"], zip(found.words, found.scores.tolist(), strict=True))


# --- Analogy -------------------------------------------------------------------------------------


def _analogy(ready: Ready, buttons: DeltaGenerator) -> None:
    first = examples().analogies[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        a = line("What", LABELS[0], first[0], 150).strip()
        b = line("is to", LABELS[1], first[1], 150).strip()
        c = line("so is", LABELS[2], first[2], 150).strip()
        method = choose("to ?, by", [ADD, MULTIPLY], "words-method")
    left, right = st.columns([2, 1], gap="medium")
    with right:
        answer = st.container()
        offer_examples(
            {f"{a} : {b} = {c} : ?": dict(zip(LABELS, (a, b, c), strict=True)) for a, b, c, _ in examples().analogies}
        )
    with left, errors_said():
        found = lab.analogy(ready.words, a, b, c, method="add" if method == ADD else "multiply")
        what = "cosine to b − a + c" if method == ADD else "cos(b) cos(c) / cos(a)"
        ranked, best = found.found, found.found.words[0]
        alt = f"{a} is to {b} as {c} is to: {', '.join(ranked.words[:5])}."
        picture(bars(ranked.words, ranked.scores, what, dark=dark()), "words-analogy-picture", alt)
        say_trust(found.caveat, HOW_ANALOGY, ready.told)
        with answer, st.container(border=True):
            st.markdown(f"### {as_typed(best)}")
            st.caption(as_typed(f"{a} is to {b} as {c} is to {best}"))
            expected = next((four[3] for four in examples().analogies if four[:3] == (a, b, c)), best)
            if expected != best:
                st.caption(f"One would have expected “{expected}”.")
        offer_table(buttons, "analogy", ["word", what], zip(ranked.words, ranked.scores.tolist(), strict=True))


# --- The odd one out -----------------------------------------------------------------------------


def _odd(ready: Ready, buttons: DeltaGenerator) -> None:
    typed = area("Words, with commas between or one a line", "words-odd", ", ".join(examples().odd[0]), 80)
    left, right = st.columns([2, 1], gap="medium")
    with right:
        answer = st.container()
        offer_examples({", ".join(some): {"words-odd": ", ".join(some)} for some in examples().odd})
    with left, errors_said():
        asked = tuple(part for part in pole(typed.strip().rstrip(".!?")))
        found = lab.odd_one_out(ready.words, asked)
        shown = min(MOST_ROWS, len(found.words))
        figure = bars(found.words[:shown], found.means[:shown], "mean cosine to the others", dark=dark())
        picture(figure, "words-odd-picture", f"The odd one out is {found.words[0]}.")
        if shown < len(found.words):
            st.caption(f"The {shown} oddest of {counted(len(found.words), 'word')}.")
        say_trust(found.caveat, HOW_ODD)
        with answer, st.container(border=True):
            st.markdown(f"### {as_typed(found.words[0])}")
            st.caption("is the odd one out.")
        offer_table(
            buttons, "odd one out", ["word", "mean cosine"], zip(found.words, found.means.tolist(), strict=True)
        )  # fmt: skip


QUESTIONS: dict[str, Callable[[Ready, DeltaGenerator], None]] = {
    NEAREST: _nearest,
    ANALOGY: _analogy,
    ODD: _odd,
    AXIS: axes.axis,
    BIAS: axes.bias,
}

main()
