"""The controls of the page: what is to be learnt, by which model, and how it is split."""

from __future__ import annotations

import streamlit as st

from embedlab.corpus import Corpus
from embedlab.corpus.labels import Conflicting
from embedlab.corpus.split import HELD_OUT, says_which
from embedlab.finetune.cases import Asked, FinetuneSetup, PairCase
from embedlab.finetune.runs import Run
from embedlab.pipeline import EmbeddingChoice
from pages.app import session
from pages.app.widgets import choose
from pages.compare.quality import label_columns
from pages.finetune import jobs, pairs

COLUMN, SCORED, BELONGING = "A column of labels", "Pairs with scores", "Pairs that belong together"
ALL, AT_RANDOM = "All", "At random"
TEXTS_USED, A_CLASS_EACH = "Texts used", "Labels a class to learn from"
CONFLICTING: dict[str, Conflicting] = {"Most frequent": "most frequent", "Leave out": "leave out"}
A_CLASS = (2, 5, 10, 20, 50, 100)
MANY_TEXTS = 20_000
SAMPLES = (1_000, 5_000, 20_000)


def case(texts: Corpus) -> Asked | None:
    """Return what is to be decided; None until the evidence is there."""
    labels = label_columns(texts)
    offered = [COLUMN, SCORED, BELONGING] if labels else [SCORED, BELONGING]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.selectbox("Learn from", offered, key=_source_key(bool(labels)), persist_state="session", width=240)
        label = None
        if source == COLUMN:
            label = st.selectbox(
                "Labels", labels, key=_key("label", texts.fingerprint), persist_state="session", width=200,
                help="The column that says of each text what a model should tell from it.",
            )  # fmt: skip
        model = _model()
        with st.popover("Split", icon=":material/call_split:"):
            setup = None if label is None else _setup(texts, label)
            held_out, seed = (0.0, 0) if label is not None else (_share("pairs"), _seed("pairs"))
    if setup is not None:
        return jobs.case(texts, setup, model)
    split = pairs.uploaded(source == SCORED, held_out, seed)
    if split is None:
        if not labels:
            st.caption(
                "These texts have no column of labels. Bring pairs, or open a table with a column that says what each "
                "text is."
            )
        return None
    return PairCase(split, model)


def _model() -> EmbeddingChoice:
    now = session.reading()
    models = jobs.offered(now.model)
    name = st.selectbox(
        "Model", models, key=_model_key(models), persist_state="session", width=240,
        help="What is looked at frozen, and of which a fresh copy is trained; the model itself stays as it is.",
    )  # fmt: skip
    return EmbeddingChoice(name, now.exact)


def _setup(texts: Corpus, label: str) -> FinetuneSetup:
    mark = texts.fingerprint
    sides = [column.name for column in texts.columns if column.name != label and says_which(column)]
    by = AT_RANDOM
    if sides:
        by = st.selectbox(
            "Held out", [AT_RANDOM, *sides], index=1, key=_key("by", mark), persist_state="session",
            help="At random, of each class in proportion, or as a column says (train, test).",
        )  # fmt: skip
    held_out = HELD_OUT
    if by == AT_RANDOM:
        held_out = _share(mark)
    per_class = st.selectbox(
        A_CLASS_EACH, [ALL, *A_CLASS], key=_key("per_class", mark),
        persist_state="session",
        help="What if you had labelled only so many? The held-out texts stay the same.",
    )  # fmt: skip
    conflicting = choose("A text with two labels", CONFLICTING, _key("conflicting", mark))
    most = _most(texts)
    return FinetuneSetup(
        label,
        held_out,
        None if per_class == ALL else int(str(per_class)),
        most,
        "" if by == AT_RANDOM else by,
        CONFLICTING[conflicting],
        _seed(mark),
    )


def _share(mark: str) -> float:
    percent = st.slider(
        "Held out", 10, 80, round(100 * HELD_OUT), 5, format="%d %%", key=_key("held_out", mark),
        persist_state="session",
        help="The share that no model learns from, of each class: on these the models are compared. More of them "
        "make the intervals narrower, fewer leave more to learn from.",
    )  # fmt: skip
    return percent / 100


def _seed(mark: str) -> int:
    return int(
        st.number_input(
            "Seed", 0, 9_999, 0, key=_key("seed", mark), persist_state="session",
            help="Fixes what is drawn at random: what is held out, unless a column says it, a sample, and the order in "
            "which a training sees the texts.",
        )
    )  # fmt: skip


def may_be_sampled(texts: Corpus) -> bool:
    """Return whether there are so many texts that a sample of them is offered."""
    return len(texts) > MANY_TEXTS // 4


def _most(texts: Corpus) -> int | None:
    """Return how many texts to draw; a sample is offered where there are many."""
    if not may_be_sampled(texts):
        return None
    sizes = [size for size in SAMPLES if size < len(texts)]
    chosen = st.selectbox(
        TEXTS_USED, [ALL, *sizes], index=len(sizes) if len(texts) > MANY_TEXTS else 0,
        key=_key("most", texts.fingerprint), persist_state="session",
        format_func=lambda size: size if size == ALL else f"a sample of {size:,}",
        help="Many texts take long to train on, and a sample tells most of what there is to know.",
    )  # fmt: skip
    return None if chosen == ALL else int(str(chosen))


# --- As it was then ------------------------------------------------------------------------------


def _key(of: str, mark: str) -> str:
    """Return the key of a control of the split; each corpus has its own."""
    return f"finetune-{of}-{mark}"


def _source_key(labels: bool) -> str:
    """Return the key of what is learnt from; texts with `labels` offer more."""
    return f"finetune-source-{labels}"


def _model_key(models: list[str]) -> str:
    """Return the key of the choice of a model."""
    return f"finetune-model-{models}"


def split_as_then(run: Run, texts: Corpus, now: str) -> None:
    """Set the page's controls to the model and the split of a training on labels of these texts."""
    setup = FinetuneSetup.of(run, texts)
    if setup is None:
        return
    st.session_state[_source_key(True)] = COLUMN
    models_now = jobs.offered(now)
    if run.recipe.model in models_now:
        st.session_state[_model_key(models_now)] = run.recipe.model
    shown = {
        "label": setup.label,
        "held_out": round(100 * setup.held_out),
        "per_class": setup.per_class or ALL,
        "most": setup.most or ALL,
        "by": setup.by or AT_RANDOM,
        "conflicting": next(name for name, value in CONFLICTING.items() if value == setup.conflicting),
        "seed": setup.seed,
    }
    for of, value in shown.items():
        st.session_state[_key(of, texts.fingerprint)] = value
