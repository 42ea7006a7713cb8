"""Compare models: which model suits my texts, and is the difference real?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from embedlab.base.progress import Job
from embedlab.compare.common import Common, read_by_all
from embedlab.compare.models import MOST, ComparedModel
from embedlab.corpus import Corpus
from embedlab.pipeline import EmbeddingChoice, Prepared
from pages.app import results, session
from pages.app.widgets import as_typed, choose_view, errors_said, failure_of, heading, show_doubt, show_error, watch_all
from pages.compare import cost, disagreements, numbers, quality, report, side_by_side
from pages.compare import jobs as compare_jobs
from pages.compare.linked import ModelPair

SIDE, DISAGREE, NUMBERS, QUALITY, COST, REPORT = (
    "Side by side", "Disagreements", "Numbers", "Quality", "Cost", "Report",
)  # fmt: skip
SECTIONS: dict[str, Callable[[ModelPair, int], None]] = {
    SIDE: side_by_side.draw,
    DISAGREE: disagreements.draw,
    NUMBERS: numbers.draw,
    QUALITY: quality.draw,
    COST: cost.draw,
    REPORT: report.draw,
}
DEFAULT_K = 10


def main() -> None:
    """Draw the page."""
    heading("Compare models", "Which model suits my texts, and is the difference real?")
    with errors_said():
        texts = session.corpus()
        chosen = _chosen(texts)
        if len(chosen) < 2:
            st.info("Choose two models or more to compare.", icon=":material/compare:")
            return
        common = _read_by_all(compare_jobs.common(texts, list(chosen.values())), chosen)
        for note in common.notes:
            st.warning(as_typed(note.sentence), icon=":material/filter_alt_off:")
        entries, failed = _entries(common, chosen)
        if len(entries) > 1:
            _compare(common, entries, failed, complete=len(entries) == len(chosen))


def _chosen(texts: Corpus) -> dict[str, EmbeddingChoice]:
    offered = compare_jobs.choices(texts, session.reading())
    names = st.multiselect(
        "Models",
        list(offered),
        default=compare_jobs.default(offered),
        max_selections=MOST,
        key=f"compare-models-{session.reading()}-{texts.fingerprint}",
        persist_state="session",
        help="Two to six. The first is the one that the rest of the app uses; your own vectors are here too if they "
        "came with the texts. For other models see Library.",
    )
    return {name: offered[name] for name in names}


# --- What each model makes of the texts ----------------------------------------------------------


def _read_by_all(common: Common, chosen: dict[str, EmbeddingChoice]) -> Common:
    """Return the texts that all models can read, as far as that is known by now."""
    jobs = [results.prepared_job(common.corpus, how) for how in chosen.values()]
    for job in jobs:
        job.wait(0.3 / len(jobs))
    left = read_by_all(common, [job.result().space for job in jobs if job.succeeded])
    return common if left is common else _read_by_all(left, chosen)


def _entries(common: Common, chosen: dict[str, EmbeddingChoice]) -> tuple[tuple[ComparedModel, ...], tuple[str, ...]]:
    """Return the models that are ready, and a sentence on each that failed; show both, and how far the others are."""
    jobs = {name: results.prepared_job(common.corpus, how) for name, how in chosen.items()}
    for job in jobs.values():
        job.wait(0.3 / len(jobs))
    found, failed = [], []
    waiting = {name: job for name, job in jobs.items() if not job.done}
    for name, job in jobs.items():
        if job.succeeded:
            found.append(ComparedModel(name, chosen[name], job.result()))
        elif job.done:
            failed.append(f"{name} is left out: {failure_of(job)}")
            _failed(common.corpus, name, chosen[name], job)
    _say_unknown(found)
    if waiting:
        watch_all(waiting, "compare-stop")
    elif len(found) < 2:
        st.caption("There is nothing to compare until two models are ready.")
    return tuple(found), tuple(failed)


def _say_unknown(found: Sequence[ComparedModel]) -> None:
    """Say what each model doesn't know of the texts; what can be done about it once, where it is the same for all."""
    doubted = [(one.name, one.space.known) for one in found if one.space.known and one.space.unknown]
    offers = [known.offer for _, known in doubted]
    for place, (name, known) in enumerate(doubted):
        again = known.offer in offers[place + 1 :]
        said = known.sentence.removesuffix(known.offer) if again else known.sentence
        st.warning(as_typed(f"{name}: {said.rstrip()}"), icon=":material/translate:")


def _failed(texts: Corpus, name: str, how: EmbeddingChoice, job: Job[Prepared]) -> None:
    again = partial(results.prepared_job.forget, texts, how)
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.stopped:
            st.info(as_typed(f"{name}: stopped. The vectors made so far are kept."), icon=":material/stop_circle:")
            st.button("Continue", key=f"compare-again-{name}", on_click=again, icon=":material/play_arrow:")
            return
        show_error(f"{name}: {failure_of(job)}")
        st.button("Try again", key=f"compare-again-{name}", on_click=again, icon=":material/refresh:")


# --- What is said of them ------------------------------------------------------------------------


def _compare(common: Common, entries: tuple[ComparedModel, ...], failed: tuple[str, ...], complete: bool) -> None:
    """Draw one section on two of the models. It is chosen here, outside what runs again at every touch.

    Streamlit leaves what a fragment inside a fragment drew where it was when the outer one moves on.
    """
    view = choose_view("Section", list(SECTIONS), "compare-view")
    of_all = view == COST or (view == QUALITY and not quality.of_two(common.corpus))
    compared, k = _pair(common, entries, failed, shown=not of_all)
    if compared.same and view not in (COST, REPORT):
        st.info(
            as_typed(
                f"{compared.names[0]} and {compared.names[1]} give the very same vectors here: there is no difference "
                "between them."
            ),
            icon=":material/equal:",
        )
    _rows_in_order(compared, k)
    if view in (SIDE, DISAGREE):
        _touched(view, compared, k)
    else:
        SECTIONS[view](compared, k)
    laid_out = (results.layout_job(entry.prepared, side_by_side.SETTINGS).succeeded for entry in compared.pair)
    if complete and all(laid_out):
        first, second = (session.granularity(entry.prepared) for entry in compared.pair)
        compare_jobs.ahead(common.corpus, entries, compared.pair, k, (first, second))


def _rows_in_order(compared: ModelPair, k: int) -> None:
    """Say if the rows of one of the two are not where those of the other are: nothing below holds then."""
    if any(entry.how.own for entry in compared.pair):
        compare_jobs.difference_job(*compared.pair, k).wait(0.3)
    found = compare_jobs.difference_job.made(*compared.pair, k)
    if found is not None and found.order is not None:
        first, second = (f"“{name}”" for name in compared.names)
        show_doubt(found.order.sentence(first, second))


@st.fragment
def _touched(view: str, compared: ModelPair, k: int) -> None:
    """Draw a section that reacts to touches; only this runs again when something is touched."""
    with errors_said():
        SECTIONS[view](compared, k)


def _pair(
    common: Common, entries: tuple[ComparedModel, ...], failed: tuple[str, ...], shown: bool
) -> tuple[ModelPair, int]:
    """Return the two that are looked at, and how many neighbours count; `shown` asks which, where that matters."""
    named = {entry.name: entry for entry in entries}
    names = list(named)
    first_key = f"compare-first-{names}"
    if not shown:
        first = st.session_state.get(first_key, names[0])
        others = [name for name in names if name != first]
        second = st.session_state.get(f"compare-second-{others}", others[0])
        k = st.session_state.get("compare-k", DEFAULT_K)
        return ModelPair(common, entries, named[first], named[second], failed), int(k)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.selectbox("A", names, key=first_key, persist_state="session", width=320)
        others = [name for name in names if name != first]
        second = st.selectbox("B", others, key=f"compare-second-{others}", persist_state="session", width=320)
        k = st.slider(
            "Neighbours",
            1,
            15,
            DEFAULT_K,
            key="compare-k",
            persist_state="session",
            width=180,
            help="How many nearest texts of each text count where neighbours are compared.",
        )
    return ModelPair(common, entries, named[first], named[second], failed), int(k)


main()
