"""Frozen or fine-tuned: is training a model on my own labels worth it?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from embedlab.corpus import Corpus
from embedlab.corpus.split import HELD_OUT, says_which
from embedlab.pipeline import EmbeddingChoice
from pages.app import session
from pages.app.widgets import as_typed, duration, errors_said, heading, result_of
from pages.compare.quality import label_columns
from pages.finetune import advice, frozen, jobs, pairs, result, train
from pages.finetune.jobs import Asked, FinetuneCase, FinetuneSetup, PairCase

LABELS, PAIRS, FROZEN, TRAIN, SIDE, ADVICE = "Labels", "Pairs", "Frozen", "Fine-tune", "Side by side", "Advice"
SECTIONS: dict[str, Callable[[Any], None]] = {
    LABELS: frozen.draw_labels,
    PAIRS: pairs.draw_pairs,
    FROZEN: frozen.draw_frozen,
    TRAIN: train.draw,
    SIDE: result.draw,
    ADVICE: advice.draw,
}
SCORED, BELONGING = "Pairs with scores", "Pairs that belong together"
A_CLASS = (2, 5, 10, 20, 50, 100)
MANY_TEXTS = 20_000
SAMPLES = (1_000, 5_000, 20_000)


def main() -> None:
    """Draw the page."""
    heading("Frozen or fine-tuned?", "Is training a model on my own labels worth it?")
    with errors_said():
        case = _case(session.corpus())
        if case is None:
            train.past(None)
            return
        of_labels = isinstance(case, FinetuneCase)
        sections = [LABELS if of_labels else PAIRS, FROZEN, TRAIN, SIDE, ADVICE]
        view = st.segmented_control(
            "Section",
            sections,
            default=sections[0],
            required=True,
            key=f"finetune-view-{of_labels}",
            persist_state="session",
            label_visibility="collapsed",
        )
        if view != TRAIN:
            _under_way()
        if view == FROZEN and isinstance(case, PairCase):
            pairs.draw_frozen(case)
        else:
            SECTIONS[view or sections[0]](case)


# --- What is to be decided -----------------------------------------------------------------------


def _case(texts: Corpus) -> Asked | None:
    """Return what is to be decided; None until the evidence is there."""
    labels = label_columns(texts)
    offered = [jobs.COLUMN, SCORED, BELONGING] if labels else [SCORED, BELONGING]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.selectbox(
            "Learn from", offered, key=jobs.source_key(bool(labels)), persist_state="session", width=240
        )
        label = _label(texts, labels) if source == jobs.COLUMN else None
        model = _model()
        with st.popover("Split", icon=":material/call_split:"):
            setup = None if label is None else _setup(texts, label)
            held_out, seed = (0.0, 0) if label is not None else (_share("pairs"), _seed("pairs"))
    if setup is not None:
        return _of_labels(texts, setup, model)
    split = pairs.uploaded(source == SCORED, held_out, seed)
    if split is None:
        if not labels:
            st.caption(
                "These texts have no column of labels. Bring pairs, or open a table with a column that says what each "
                "text is."
            )
        return None
    return PairCase(split, model)


def _of_labels(texts: Corpus, setup: FinetuneSetup, model: EmbeddingChoice) -> FinetuneCase:
    """Return the case as soon as it is known which texts nearly repeat each other; until then show how far that is."""
    result_of(
        jobs.copies_job(texts, setup), partial(jobs.forget_copies, texts, setup),
        "Stopped before all near-copies were found: without them a text to learn from could be held out as well.",
    )  # fmt: skip
    return jobs.case(texts, setup, model)


def _label(texts: Corpus, labels: list[str]) -> str:
    return st.selectbox(
        "Labels", labels, key=jobs.key("label", texts.fingerprint), persist_state="session", width=200,
        help="The column that says of each text what a model should tell from it.",
    )  # fmt: skip


def _model() -> EmbeddingChoice:
    now = session.reading()
    models = jobs.offered(now.model)
    name = st.selectbox(
        "Model", models, key=jobs.model_key(models), persist_state="session", width=240,
        help="What is looked at frozen, and of which a fresh copy is trained; the model itself stays as it is.",
    )  # fmt: skip
    return EmbeddingChoice(name, now.exact)


def _setup(texts: Corpus, label: str) -> FinetuneSetup:
    mark = texts.fingerprint
    sides = [column.name for column in texts.columns if column.name != label and says_which(column)]
    by = jobs.AT_RANDOM
    if sides:
        by = st.selectbox(
            "Held out", [jobs.AT_RANDOM, *sides], index=1, key=jobs.key("by", mark), persist_state="session",
            help="At random, of each class in proportion, or as a column says (train, test).",
        )  # fmt: skip
    held_out = HELD_OUT
    if by == jobs.AT_RANDOM:
        held_out = _share(mark)
    per_class = st.selectbox(
        "Labels a class to learn from", [jobs.ALL, *A_CLASS], key=jobs.key("per_class", mark),
        persist_state="session",
        help="What if you had labelled only so many? The held-out texts stay the same.",
    )  # fmt: skip
    conflicting = st.segmented_control(
        "A text with two labels", list(jobs.CONFLICTING), default=next(iter(jobs.CONFLICTING)), required=True,
        key=jobs.key("conflicting", mark), persist_state="session",
    )  # fmt: skip
    most = _most(texts)
    return FinetuneSetup(
        label,
        held_out,
        None if per_class == jobs.ALL else int(str(per_class)),
        most,
        "" if by == jobs.AT_RANDOM else by,
        jobs.CONFLICTING[conflicting or next(iter(jobs.CONFLICTING))],
        _seed(mark),
    )


def _share(mark: str) -> float:
    percent = st.slider(
        "Held out", 10, 80, round(100 * HELD_OUT), 5, format="%d %%", key=jobs.key("held_out", mark),
        persist_state="session",
        help="The share that no model learns from, of each class: on these the models are compared. More of them "
        "make the intervals narrower, fewer leave more to learn from.",
    )  # fmt: skip
    return percent / 100


def _seed(mark: str) -> int:
    return int(st.number_input("Seed", 0, 9_999, 0, key=jobs.key("seed", mark), persist_state="session"))


def _most(texts: Corpus) -> int | None:
    """Return how many texts to draw; a sample is offered where there are many."""
    if len(texts) <= MANY_TEXTS // 4:
        return None
    sizes = [size for size in SAMPLES if size < len(texts)]
    chosen = st.selectbox(
        "Texts used", [jobs.ALL, *sizes], index=len(sizes) if len(texts) > MANY_TEXTS else 0,
        key=jobs.key("most", texts.fingerprint), persist_state="session",
        format_func=lambda size: size if size == jobs.ALL else f"a sample of {size:,}",
        help="Many texts take long to train on, and a sample tells most of what there is to know.",
    )  # fmt: skip
    return None if chosen == jobs.ALL else int(str(chosen))


# --- What goes on meanwhile ----------------------------------------------------------------------


def _under_way() -> None:
    if any(run.active for run in jobs.all_runs()):
        _line()


@st.fragment(run_every=2)
def _line() -> None:
    """Say in one line that a model is being trained, wherever on the page one looks."""
    active = [run for run in jobs.all_runs() if run.active]
    if not active:
        jobs.models_changed()
        st.rerun()
    run = next((one for one in active if one.status == "running"), active[0])
    left = run.progress.seconds_left if run.progress else None
    told = f"{duration(left)} left" if left is not None else "starting" if run.status == "running" else "waiting"
    more = f", {len(active) - 1} more waiting" if len(active) > 1 else ""
    st.caption(f":material/tune: {as_typed(f'{run.name} is being trained: {told}{more}')}")


main()
