"""Two texts side by side: how alike they are, where that stands among all pairs, and what carries it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from embedlab.encoders import Encoder
from embedlab.encoders.capabilities import over_window
from embedlab.encoders.known import KnownPair
from embedlab.explore.explain import Explanation, Weighed, explanation_csv
from embedlab.figures.explain import alignment, standing_figure
from embedlab.figures.explain import highlighted as shaded_html
from embedlab.pipeline import Prepared
from embedlab.space import Space
from embedlab.text.cut import beginning
from pages.app import results, session
from pages.app.widgets import as_typed, dark, download, errors_said, say_unknown, show_chart, show_table

SHORT = 160
LISTED = 180  # characters of a text in a list
LISTED_LINES = 4
WORDS, TOKENS = "Words", "Tokens"
STRONGEST = 6


def draw(prepared: Prepared, buttons: DeltaGenerator) -> None:
    """Draw the two texts and what there is to say of them; `buttons` is where to offer it for taking away."""
    if "pair-first" not in st.session_state:
        session.choose_pair(*_typical_pair(prepared))
    first, second = _inputs()
    if not first.strip() or not second.strip():
        st.caption("Type two texts to compare them.")
        return
    with errors_said():
        found = _explain(prepared, first, second)
        if found is None:
            return
        with buttons, st.popover("Save", icon=":material/download:"):
            download("Shares as CSV", lambda: explanation_csv(found), "embedlab pair.csv", "pair-csv")
            st.caption("As a picture (PNG): the camera at the top right of the heatmap.")


def _typical_pair(prepared: Prepared) -> tuple[str, str]:
    """Return a text and its nearest other one, about as alike as such pairs are here."""
    distinct = prepared.neighbours.distinct
    texts = prepared.space.corpus.texts
    if not distinct.cosines.shape[1]:
        return texts[0], ""
    order = np.argsort(distinct.cosines[:, 0], kind="stable")
    row = int(order[len(order) // 2])
    return texts[distinct.rows[row]], texts[distinct.rows[distinct.indices[row, 0]]]


def _inputs() -> tuple[str, str]:
    """Let both texts be edited; short ones are read while they are being typed."""
    columns = st.columns(2, gap="medium")
    origin = session.pair_origin()
    typed = []
    for column, key, label, text in zip(
        columns, ("pair-first", "pair-second"), ("First text", "Second text"), origin, strict=True
    ):
        with column:
            if len(text) <= SHORT and "\n" not in text:
                typed.append(st.text_input(label, key=key, persist_state="session", live=True))
            else:
                typed.append(st.text_area(label, key=key, persist_state="session", height=150))
    return typed[0] or "", typed[1] or ""


def _explain(prepared: Prepared, first: str, second: str) -> Explanation | None:
    space, how = prepared.space, session.reading()
    if how.own and not how.model and {first, second} <= set(space.corpus.texts):
        rows = [space.corpus.texts.index(text) for text in (first, second)]
        _numbers(float(space.vectors[rows[0]] @ space.vectors[rows[1]]), space, "", None)
        st.caption("These vectors came with the texts, and what made them is not known: they can't be taken apart.")
        return None
    encoder = results.encoder(space, how)
    divisible = results.divisible(encoder, first)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        left_out = st.toggle(
            "Leave one word out",
            key="pair-left-out",
            persist_state="session",
            help="Embed each text again without each of its words: how much does the cosine fall? It works for any "
            "model. Where a model's vectors are sums over pieces, the exact shares are shown without it.",
        )
        pieces = WORDS
        if divisible and not left_out:
            pieces = st.segmented_control(
                "Pieces", [WORDS, TOKENS], default=WORDS, required=True, key="pair-pieces", label_visibility="collapsed"
            )
    if not divisible and not left_out:
        cosine = results.pair_cosine(first, second, encoder, how.dimensions)
        _numbers(cosine, space, "", results.pair_known(first, second, encoder))
        st.caption(_why_not(encoder))
        return None
    found = results.explained(first, second, left_out, encoder, how.dimensions)
    if pieces == WORDS:
        found = found.by_word()
    past = f"What is past the {encoder.card.window} tokens that the model reads does not count."
    _numbers(found.cosine, space, past if over_window(encoder, [first, second]).any() else "", found.known)
    _picture(found)
    return found


def _why_not(encoder: Encoder) -> str:
    where = encoder.card.runtime
    return (
        f"What {as_typed(encoder.card.model)} ({as_typed(where)}) gives is no sum over words, so its cosine can't be "
        "shared out exactly. Turn on “Leave one word out” to see which words carry it: each text is then embedded once "
        "more for each of its words."
    )


# --- What is shown -------------------------------------------------------------------------------


def _numbers(cosine: float, space: Space, note: str, known: KnownPair | None) -> None:
    standing = results.standing_of(space)
    origin = session.pair_origin()
    before = st.session_state.get("pair-cosine")
    if before is None or before[0] != (origin, space.fingerprint):
        before = ((origin, space.fingerprint), cosine)
        st.session_state["pair-cosine"] = before
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="center")
    with left:
        change = cosine - before[1]
        st.metric(
            "Cosine", f"{cosine:.3f}", f"{change:+.3f} since you began" if abs(change) >= 0.0005 else None, border=True
        )
    with right:
        if len(standing) > 1:
            st.plotly_chart(
                standing_figure(standing, cosine, dark=dark()),
                key="pair-standing",
                config={"displayModeBar": False},
                alt="How often each cosine occurs among the pairs of the corpus, with a line at this pair's.",
            )
        if not (known and known.same):  # where no difference is seen, the place among other pairs means nothing
            st.caption(standing.sentence(cosine))
        say_unknown(known.sentence if known else "")
        if note:
            st.caption(note)


def _picture(found: Explanation) -> None:
    left, right = st.columns([2, 1], gap="medium")
    with right:
        _shaded(found)
    with left:
        if found.pairs is not None:
            alt = "Heatmap of what each pair of pieces of the two texts gives to their cosine."
            show_chart(alignment(found, dark=dark()), "pair-alignment", alt)
            st.caption(
                f"All cells together are the cosine, {found.pairs.sum():.4f}. Rows: the first text; columns: the other."
            )
        else:
            _bars(found)
        st.caption(found.detail)


def _shaded(found: Explanation) -> None:
    most = float(max(np.abs(found.first.weights).max(initial=0), np.abs(found.second.weights).max(initial=0)))
    for weighed in (found.first, found.second):
        with st.container(border=True):
            highlighted(weighed, most)
    unknown = any(one.unknown is not None and one.unknown.any() for one in (found.first, found.second))
    dashed = " A dashed line is under what the model doesn't know." if unknown else ""
    st.caption(
        f"Blue carries the likeness, orange goes against it; the stronger, the more. Hover for the numbers.{dashed}"
    )
    strongest = found.strongest(STRONGEST)
    if strongest:
        show_table(
            {
                "First": [one for one, _, _ in strongest],
                "Second": [other for _, other, _ in strongest],
                "Gives": [share for _, _, share in strongest],
            },
            column_config={"Gives": st.column_config.NumberColumn(format="%.3f")},
        )
    special = found.first.outside
    if abs(special) >= 0.0005:
        st.caption(f"The first text's special tokens give {special:+.3f}: the model puts some of the meaning there.")


def highlighted(weighed: Weighed, most: float | None = None) -> None:
    """Draw a text, each piece shaded by its weight; `most` is the weight with the strongest shade."""
    st.html(shaded_html(weighed, dark=dark(), most=most))


def _bars(found: Explanation) -> None:
    for name, weighed in (("First text", found.first), ("Second text", found.second)):
        order = np.argsort(-np.abs(weighed.weights), kind="stable")[:12]
        falls = {
            f"{name} without": [weighed.pieces[place] for place in order],
            "Cosine falls by": [float(weighed.weights[place]) for place in order],
        }
        show_table(falls, column_config={"Cosine falls by": st.column_config.NumberColumn(format="%+.3f")})


def text_with_why(before: str, first: str, second: str, key: str) -> None:
    """Draw the `second` text in a list, after `before`, with the offer to take its likeness to the `first` apart."""
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.text(f"{before}  {beginning(second, LISTED, LISTED_LINES)}", width="stretch")
        why_button(first, second, key)


def why_button(first: str, second: str, key: str, type: Literal["secondary", "tertiary"] = "tertiary") -> None:
    """Offer to take the likeness of two texts apart, from wherever they stand side by side."""
    if st.button(
        "Why?",
        key=key,
        icon=":material/troubleshoot:",
        type=type,
        help="Why are these two alike? Opens them side by side.",
        on_click=session.open_pair,
        args=[first, second],
    ):
        st.switch_page("similarity/page.py")
