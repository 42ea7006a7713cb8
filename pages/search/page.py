"""Search: which texts answer a query, by meaning, by words, and by both?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.corpus.export import csv_bytes
from embedlab.encoders import Encoder
from embedlab.explore.explain import Weighed
from embedlab.pipeline import EmbeddingChoice
from embedlab.search.bm25 import WordIndex
from embedlab.search.methods import METHODS, POOL, Method
from embedlab.search.quantised import CompactIndex
from embedlab.search.search import EXCERPT, Hit, SearchResult, excerpt, why_by_words
from embedlab.space import Space
from pages.app import results, session
from pages.app.pair import highlighted, why_button
from pages.app.widgets import as_typed, choose_view, download, errors_said, heading, say_columns, say_unknown
from pages.search import jobs, judged

SEARCH, WHICH = "Search", "Which finds more?"
NAMES: dict[Method, str] = {"meaning": "By meaning", "words": "By words", "both": "By both"}
EXPLAINED: dict[Method, str] = {
    "meaning": "The cosine of each text to the query, as the model reads them; the query gets the model's prompt for "
    "queries, if it has one.",
    "words": "BM25 (Lucene's, k1 0.9, b 0.4): rare words of the query count more, long texts less. A text needs one of "
    "the words.",
    "both": f"Reciprocal rank fusion (Cormack and others, 2009) of the first {POOL} of each: 1 / (60 + rank), summed.",
}
SCORED: dict[Method, str] = {"meaning": "cosine {:.3f}", "words": "BM25 {:.2f}", "both": "fused {:.4f}"}
SUGGESTED = 4


def main() -> None:
    """Draw the page."""
    heading("Search", "Which texts answer a query: by meaning, by words, and by both?")
    with errors_said():
        texts = session.corpus()
        space = session.prepared(texts).space
        if choose_view("View", [SEARCH, WHICH], "search-view") == SEARCH:
            _search(space)
        else:
            judged.draw(space, jobs.index(space.corpus, _stemmed(space.corpus)), session.reading())


@st.fragment
def _search(space: Space) -> None:
    with errors_said():
        typed, k, lean, stemmed = _controls(space)
        index = jobs.index(space.corpus, stemmed)
        if not typed.strip():
            _invite(space.corpus)
            return
        how = session.reading()
        found = jobs.answered(typed, space, how, index, lean)
        _summary(found, k)
        if not found.meaning_notes:  # they say it of the query already
            say_unknown(space.unknown)
        _columns(found, k, space, index, how)


# --- What is asked -------------------------------------------------------------------------------


def _controls(space: Space) -> tuple[str, int, CompactIndex | None, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            "Query",
            key="search-query",
            persist_state="session",
            placeholder="Some words, a question, a whole sentence",
            icon=":material/search:",
        )
        with st.popover("Settings", icon=":material/tune:"):
            k = st.slider("Texts for each", 3, 50, 10, key="search-k", persist_state="session")
            _stem_toggle(space.corpus)
            lean = _lean(space)
    return typed or "", k, lean, _stemmed(space.corpus)


def _stem_key(corpus: Corpus) -> str:
    return f"search-stem-{corpus.fingerprint}"


def _stemmed(corpus: Corpus) -> bool:
    chosen = st.session_state.get(_stem_key(corpus))
    return jobs.english(corpus) if chosen is None else bool(chosen)


def _stem_toggle(corpus: Corpus) -> None:
    english = jobs.english(corpus)
    st.toggle(
        "Compare English words by their stems",
        english,
        key=_stem_key(corpus),
        persist_state="session",
        help="“cards” then finds “card”, and words such as “the” are not looked for. Other languages are compared word "
        "by word; scripts without spaces by pairs of characters.",
    )
    st.caption("These texts look English." if english else "These texts don't look English, so it was off at first.")


def _lean(space: Space) -> CompactIndex | None:
    if not st.toggle(
        "Approximate index",
        key="search-lean",
        persist_state="session",
        help="One bit a dimension finds candidates, one byte a dimension ranks them. Exact search is the default.",
    ):
        return None
    made, worth = jobs.lean(space)
    st.caption(as_typed(worth.sentence))
    st.caption("This page keeps the whole vectors as well: the map and the other pages need them.")
    return made


def _invite(corpus: Corpus) -> None:
    st.caption("Type what you look for and press Enter. Or begin with a few words of one of the texts:")
    rows, _ = corpus.distinct
    chosen = rows[:: max(1, len(rows) // SUGGESTED)][:SUGGESTED]
    with st.container(horizontal=True):
        for row in dict.fromkeys(chosen.tolist()):
            start = " ".join(corpus.texts[row].split()[:6])[:60]
            if start:
                st.button(
                    as_typed(start),
                    key=f"search-try-{row}",
                    on_click=partial(st.session_state.update, {"search-query": start}),
                )


# --- What is found -------------------------------------------------------------------------------


def _summary(found: SearchResult, k: int) -> None:
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left:
        st.caption(" ".join(_told(found, k)))
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        download(
            "Download", lambda: _csv(found, k), f"{found.corpus.name} - search.csv", "search-download", "download",
            help="All three answers as a CSV file.",
        )  # fmt: skip
    for note in found.word_notes:
        st.caption(as_typed(note))


def _told(found: SearchResult, k: int) -> Iterator[str]:
    meant, worded = (found.pools[method] for method in ("meaning", "words"))
    if len(meant) and len(worded):
        yield (
            f"By words alone you would miss {found.only('meaning', k)} of the first {min(k, len(meant))} by meaning; "
            f"by meaning alone, {found.only('words', k)} of the first {min(k, len(worded))} by words (missed: not "
            f"among the first {POOL})."
        )
    yield f"{1000 * meant.seconds:.0f} ms by meaning, {1000 * worded.seconds:.0f} ms by words."
    if len(found.corpus.distinct[0]) < len(found.corpus):
        yield "A text that repeats is shown once."


def _columns(found: SearchResult, k: int, space: Space, index: WordIndex, how: EmbeddingChoice) -> None:
    """Draw the three answers at once, and shade the texts when what carried them is known."""
    places = {}
    for method, column in zip(METHODS, st.columns(3, gap="medium"), strict=True):
        with column:
            st.subheader(NAMES[method], help=EXPLAINED[method])
            notes = st.empty()
            if found.pools[method].problem:
                st.info(as_typed(found.pools[method].problem), icon=":material/info:")
            elif not len(found.pools[method]):
                st.caption("Nothing was found.")
            for hit in found.hits(method, k):
                places[method, hit.row] = _hit(found, hit, method, index)
            if method == "meaning":
                meaning_notes = notes
    if len(found.pools["meaning"]):
        encoder = results.encoder(space, how)
        divisible = False
        with suppress(EmbedlabError):
            divisible = results.divisible(encoder, found.query)
        for note in jobs.notes(encoder, found.query, divisible):
            meaning_notes.warning(as_typed(note), icon=":material/info:")
        if divisible:
            _shade(found, k, places, space, how, encoder)
        else:
            st.caption(
                f"What {as_typed(encoder.card.model)} gives is no sum over words, so texts are shaded only by words; "
                "“Why?” takes a pair apart by leaving words out."
            )


def _hit(found: SearchResult, hit: Hit, method: Method, index: WordIndex) -> st.delta_generator.DeltaGenerator:
    """Draw one hit; return the place of its text, to be drawn again when it can be shaded by meaning."""
    with st.container(border=True, gap="xsmall"):
        st.caption(as_typed(f"{hit.rank}. {SCORED[method].format(hit.score)}{_also(hit)}"))
        place = st.empty()
        weighed, shares = why_by_words(index, found, hit.row)
        with place:
            highlighted(excerpt(weighed if method != "meaning" else _plain(weighed)))
        say_columns(found.corpus, hit.row, [f"{hit.copies} times in these texts"] if hit.copies > 1 else [], 60)
        _why(found, hit, method, shares)
    return place


def _plain(weighed: Weighed) -> Weighed:
    return Weighed(weighed.text, (), weighed.spans[:0], weighed.weights[:0])


def _also(hit: Hit) -> str:
    """Say where the other methods have it; of both together only what the two say."""
    said = []
    for other, rank in hit.others.items():
        if other == "both":
            continue
        said.append(f"{_nth(rank)} by {other}" if rank else f"not among the first {POOL} by {other}")
    return "".join(f" · {part}" for part in said)


def _nth(rank: int) -> str:
    ending = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"


def _why(found: SearchResult, hit: Hit, method: Method, shares: list[tuple[str, float]]) -> None:
    key = f"search-why-{method}-{hit.row}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if shares and method != "meaning":
            given = ", ".join(f"“{term}” {share:.2f}" for term, share in sorted(shares, key=lambda one: -one[1])[:6])
            st.caption(as_typed(f"By words: {given}"))
        if method != "words":
            why_button(found.query, found.corpus.texts[hit.row], key)
        elif len(found.corpus.texts[hit.row]) > EXCERPT:
            with st.popover("Whole text", type="tertiary"):
                st.text(found.corpus.texts[hit.row])


def _shade(
    found: SearchResult,
    k: int,
    places: dict[tuple[Method, int], DeltaGenerator],
    space: Space,
    how: EmbeddingChoice,
    encoder: Encoder,
) -> None:
    """Shade by meaning what meaning found, and of both together what meaning ranks at least as high as words."""
    shaded = list(found.hits("meaning", k))
    mixed = [
        hit
        for hit in found.hits("both", k)
        if hit.others["meaning"] and (not hit.others["words"] or hit.others["meaning"] <= hit.others["words"])
    ]
    by_method: dict[Method, list[Hit]] = {"meaning": shaded, "both": mixed}
    for method, hits in by_method.items():
        for hit in hits:
            weighed = jobs.why(found.query, hit.row, space, how, found, encoder)
            if weighed is not None:
                with places[method, hit.row]:
                    highlighted(excerpt(weighed))
    st.caption(
        "Shaded is what carried a text, blue for and orange against, the strongest in each text strongest: by meaning "
        "each word's part in the cosine, by words its part in BM25; by both, whichever of the two ranks it higher."
    )


def _csv(found: SearchResult, k: int) -> bytes:
    corpus = found.corpus
    header = ["method", "rank", "score", "row", "copies", *(f"rank by {name}" for name in METHODS), "text"]
    header += [column.name for column in corpus.columns]
    lines = [
        [
            method, hit.rank, hit.score, found.source_row(hit), hit.copies,
            *(hit.rank if name == method else hit.others[name] for name in METHODS),
            corpus.texts[hit.row], *(column.shown(hit.row) for column in corpus.columns),
        ]
        for method in METHODS for hit in found.hits(method, k)
    ]  # fmt: skip
    return csv_bytes(header, lines)


main()
