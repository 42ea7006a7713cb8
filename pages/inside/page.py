"""Inside the model: what becomes of a sentence, layer by layer, and of one word in several?"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from embedlab.base.english import counted, percent
from embedlab.base.errors import EmbedlabError
from embedlab.encoders import DEFAULT_MODEL
from embedlab.encoders.families import Pooling
from embedlab.encoders.transformer.layers import Inside
from embedlab.figures import inside as figures
from embedlab.words.layers import Passage
from pages.app import session
from pages.app.components import show_figure
from pages.app.widgets import as_typed, choose, dark, errors_said, heading
from pages.inside import jobs, word

SENTENCE, WORD = "A sentence goes through", "One word, several meanings"
EXAMPLES = {
    "Two banks": "He sat on the bank of the river and counted the money from the bank.",
    "A rare word": "The electroencephalographer misspelt antidisestablishmentarianism.",
    "Other signs": "¡Olé! 東京 é ½ 🚀 — x² + y² = z²",
    "A denial": "This film is not good.",
}
POOLED: dict[Pooling, str] = {
    "mean": "This model takes the **mean** of all tokens: each has the same weight, {weight} (the dashes).",
    "first": "This model takes the vector of the **first** token, which has gathered from all the others.",
    "last": "This model takes the vector of the **last** token, the only one that has seen all the others.",
    "other": "This model does more than take a mean or one token: the vector below is its own, the shares of the "
    "tokens can't be told.",
}


def main() -> None:
    """Draw the page."""
    heading("Inside the model", "What becomes of a sentence in a transformer, and of one word in several sentences?")
    with errors_said():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            view = choose("What to follow", [SENTENCE, WORD], "inside-view")
            model, prompt = _model()
        opened = jobs.opened(model)
        if view == WORD:
            word.draw(opened, prompt)
        else:
            _sentence(opened, model, prompt)


def _model() -> tuple[str, str]:
    """Let the person choose among the models with layers; the current one if it has some."""
    known = jobs.prompts()
    current = session.reading().model
    if not known:
        raise EmbedlabError("There is no transformer here whose layers can be shown: install the requirements first.")
    first = current if current in known else DEFAULT_MODEL
    names = list(known)
    chosen = st.selectbox(
        "Model",
        names,
        index=names.index(first) if first in known else 0,
        key=f"inside-model-{current}",
        persist_state="session",
        width=260,
        help="Only transformers have layers. The other families give each word one vector, or count words.",
    )
    if current and current not in known:
        st.caption(as_typed(f"“{current}” has no layers to look into, so this is {chosen}."))
    return chosen, known[chosen]


# --- A sentence goes through ---------------------------------------------------------------------


@st.fragment
def _sentence(inside: Inside, model: str, prompt: str) -> None:
    with errors_said():
        st.session_state.setdefault("inside-text", EXAMPLES["Two banks"])
        text = st.text_area("A sentence", key="inside-text", persist_state="session", height=80, max_chars=10_000)
        with st.container(horizontal=True):
            for name, example in EXAMPLES.items():
                take = partial(st.session_state.update, {"inside-text": example})
                st.button(name, key=f"inside-example-{name}", on_click=take)
        passage = jobs.passage(inside.weights, text, prompt, inside)
        _characters(passage)
        _tokens(passage)
        _layers(passage, inside.first)
        _attention(passage)
        _pooling(passage)
        _vector(passage, model, inside)


def _step(number: int, title: str, sentence: str) -> Any:
    """Draw what a step is called and does on the left; return the place of its picture on the right."""
    st.divider()
    left, right = st.columns([1, 2], gap="medium")
    with left:
        st.subheader(f"{number}. {title}")
        st.markdown(sentence)
    return left, right


def _characters(passage: Passage) -> None:
    found = passage.characters
    _, right = _step(1, "Characters", "A text comes in as a row of characters; nobody has said yet what a word is.")
    with right, st.container(horizontal=True):
        st.metric("Characters", f"{found.count:,}", border=True, width=150)
        st.metric("Bytes (UTF-8)", f"{found.bytes:,}", border=True, width=150)
        st.metric("Words between spaces", f"{len(passage.text.split()):,}", border=True, width=190)
    with right:
        if found.odd:
            told = ", ".join(
                f"{one.character if one.character.isprintable() else ''} {one.code} {one.name.lower()}"
                + (f" ({one.count} times)" if one.count > 1 else "")
                for one in found.odd
            )
            st.caption(as_typed(f"Not plain ASCII: {told}."))


def _tokens(passage: Passage) -> None:
    left, right = _step(
        2,
        "Tokens",
        "The tokenizer cuts it into pieces that it knows; each is a number in the model's vocabulary, and a piece "
        "with ## goes on a word. What was typed stands on top; “read as” is what the model makes of it first.",
    )
    with left:
        st.caption(as_typed(_counted(passage)))
    with right:
        st.html(figures.chips(passage, dark=dark()))


def _counted(passage: Passage) -> str:
    special, unknown = passage.kinds.count("special"), passage.kinds.count("unknown")
    said = [f"{counted(passage.tokens, 'token')}, {special} of them special: they mark the beginning and the end."]
    if passage.prompt:
        said.append(f"The model puts “{passage.prompt}” before every text.")
    if unknown:
        said.append(
            f"{unknown:,} unknown: the vocabulary has nothing for them, or only letters of a script that the model has "
            "hardly seen, so their meaning is lost."
        )
    if passage.cut:
        said.append(f"The model reads {passage.window} tokens: {passage.cut:,} at the end are cut off and don't count.")
    return " ".join(said)


def _layers(passage: Passage, first: str) -> None:
    layers, width = passage.trace.layers, passage.trace.hidden.shape[2]
    left, right = _step(
        3,
        "Layer by layer",
        f"Each token becomes a vector of {counted(width, 'number')}, and each of {counted(layers, 'layer')} moves it a "
        f"little, in the light of the others. {first}",
    )
    with left:
        st.caption(
            "A line is one token, from the input (small, pale) to the last layer (large). Both axes together show "
            f"{percent(passage.paths.shown)} of the differences between all these vectors (their directions, one PCA "
            "over all layers): points that lie apart are different, points that lie together may still differ."
        )
    with right:
        alt = f"The paths of {counted(len(passage.trace), 'token')} through {counted(layers, 'layer')}, on two axes."
        show_figure(figures.paths(passage, dark=dark()), key="inside-paths", name="embedlab layers", alt=alt)


def _attention(passage: Passage) -> None:
    layers, heads = passage.trace.layers, passage.trace.heads
    left, right = _step(
        4,
        "Attention",
        "In every layer each token takes something from the others; a row shows **from** which token one looks, a "
        "column to which, and a row adds up to 100 %.",
    )
    with left:
        layer = 1
        if layers > 1:
            layer = st.slider("Layer", 1, layers, 1, key=f"inside-layer-{layers}", persist_state="session")
        names = ["Mean of all heads", *(f"Head {head}" for head in range(1, heads + 1))]
        chosen = st.selectbox(
            "Head", range(len(names)), format_func=names.__getitem__, key=f"inside-head-{heads}",
            persist_state="session",
        )  # fmt: skip
        special = st.toggle("With special tokens", value=True, key="inside-special", persist_state="session")
        head = chosen or None
        st.caption(
            f"{percent(passage.to_special(layer, head))} of what the text's own tokens take comes from special tokens "
            "here, often a resting place for a head that has nothing to do. What is looked at is not what decides: "
            "attention is one part of a layer, and no explanation of the result."
        )
    with right:
        alt = f"Attention from each to each of {counted(len(passage.trace), 'token')} in layer {layer}."
        figure = figures.attention(passage, layer, head, special=special, dark=dark())
        show_figure(figure, key="inside-attention", name="embedlab attention", alt=alt)


def _pooling(passage: Passage) -> None:
    sentence = POOLED[passage.pooling].format(weight=percent(1 / len(passage.trace)))
    left, right = _step(5, "Pooling", f"The vectors of the last layer become one. {sentence}")
    if passage.shares is None:
        return
    with left:
        if passage.pooling == "mean":
            st.caption(
                "A bar is what a token really adds along the direction of the result: more than its weight if it is "
                "long and points the same way, less or even negative if it points elsewhere. The bars add up to 100 %."
            )
    with right:
        alt = f"The share of each of {counted(len(passage.trace), 'token')} in the vector of the text."
        show_figure(figures.pooling(passage, dark=dark()), key="inside-pooling", name="embedlab pooling", alt=alt)


def _vector(passage: Passage, model: str, inside: Inside) -> None:
    found = passage.vector
    if found is None:
        found = np.asarray(jobs.vector(model, inside.weights, passage.text))
    left, right = _step(
        6,
        "The vector",
        f"Scaled to length 1, these {len(found):,} numbers are all that is left of the sentence: what is compared, "
        "mapped and searched.",
    )
    with left:
        st.caption(
            f"From {found.min():+.3f} to {found.max():+.3f}. No single number has a meaning of its own; only the "
            "directions between vectors do."
        )
    with right:
        alt = f"The {counted(len(found), 'number')} of the vector as coloured cells."
        show_figure(figures.strip(found, dark=dark()), key="inside-strip", name="embedlab vector", alt=alt)


main()
