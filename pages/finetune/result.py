"""The frozen model beside the fine-tuned one: what it won, what it broke, what moved and what was forgotten."""

from __future__ import annotations

import numpy as np
import streamlit as st

from embedlab.compare.models import ComparedModel
from embedlab.figures.compare import dots
from embedlab.figures.finetune import confusions, general
from embedlab.finetune.cases import Asked, FinetuneCase
from embedlab.finetune.compared import FrozenVsTuned, confusion_changed, fixed_and_broken, spoken
from embedlab.finetune.forgetting import general_pairs
from embedlab.finetune.frozen import Classifier
from embedlab.finetune.runs import Run
from embedlab.stats.intervals import Interval
from embedlab.text.cut import beginning
from pages.app import session
from pages.app.widgets import (
    as_typed,
    choose_view,
    dark,
    duration,
    errors_said,
    newly_picked,
    show_chart,
    show_table,
    size,
)
from pages.compare import cost, disagreements, linked, side_by_side
from pages.compare import jobs as compare_jobs
from pages.finetune import jobs, pairs

QUALITY, PAIRS, TEXTS, MAP, NEIGHBOURS, FORGOTTEN, COST = (
    "Accuracy", "Pairs", "Texts", "Map", "Neighbours", "Forgotten", "Cost",
)  # fmt: skip
K = 10
LISTED = 9
MOST_CONFUSED = 12
FEW = 20


def draw(case: Asked) -> None:
    """Draw one view of the two models on the same texts."""
    run = chosen(case)
    if run is None:
        st.info("Train a model under “Fine-tune” first; what it brought is shown here.", icon=":material/tune:")
        return
    views = [QUALITY, TEXTS, MAP, NEIGHBOURS] if isinstance(case, FinetuneCase) else [PAIRS]
    view = choose_view("View", [*views, FORGOTTEN, COST], f"finetune-result-view-{case.kind}")
    frozen, tuned = jobs.entries(case, run)
    if isinstance(case, FinetuneCase) and view in (TEXTS, MAP, NEIGHBOURS):
        found = jobs.labels_compared(case, run, frozen, tuned)
        _touched(view, case, found, _pair(case, frozen, tuned))
    elif view == FORGOTTEN:
        _forgotten(frozen, tuned)
    elif view == COST:
        _cost(run, frozen, tuned)
    elif isinstance(case, FinetuneCase):
        _quality(case, run, frozen, tuned)
    else:
        pairs.draw_compared(case, jobs.pairs_compared_by(case, run, frozen, tuned))


def chosen(case: Asked) -> Run | None:
    """Return the training that is looked at, the newest at first; None where there is none of this very split."""
    found = jobs.runs_of(case)
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    names = [run.name for run in found]
    name = st.selectbox(
        "Fine-tuned model", names, key=f"finetune-run-{case.fingerprint}-{names}", persist_state="session", width=260,
        help="Models trained on these labels and this very split: others may have seen the texts held out.",
    )  # fmt: skip
    return next(run for run in found if run.name == name)


# --- Accuracy ------------------------------------------------------------------------------------


def _quality(case: FinetuneCase, run: Run, frozen: ComparedModel, tuned: ComparedModel) -> None:
    found = jobs.labels_compared(case, run, frozen, tuned)
    st.markdown(f"**{as_typed(found.sentence)}**")
    for sentence in found.beside:
        st.markdown(as_typed(sentence))
    st.caption(as_typed(found.detail))
    left, right = st.columns([2, 1], gap="medium")
    with left:
        told = "For each way of reading labels off, the accuracy of the frozen and of the fine-tuned model."
        show_chart(dots(_by_reader(found), dark=dark()), "finetune-tuned", told)
    with right:
        for reader in found.tuned:
            difference = found.differences[reader.name]
            st.metric(
                f"{reader.name}, accuracy",
                f"{100 * reader.accuracy.mean:.1f} %",
                f"{100 * difference.mean:+z.1f} points",
                border=True,
                delta_color="normal" if difference.apart_from_zero else "off",
                help=f"Fine-tuned minus frozen, paired: {spoken(difference)}. Grey where the interval holds 0.",
            )  # fmt: skip
    show_table(_table(found))
    st.caption(
        as_typed(
            f"All of it measured on {case.split.measured_on}. Differences are fine-tuned minus frozen, text by text "
            "(paired bootstrap). The verdict rests on the linear probe alone, chosen beforehand: looking at all three "
            "and naming the best would find differences where there are none. So the intervals of the other two "
            "differences in accuracy are widened, to hold for all three at once."
        )
    )
    _confusions(case, found)


def _by_reader(found: FrozenVsTuned) -> dict[str, dict[str, Interval]]:
    return {
        f"{kind}, {before.name}": {"frozen": getattr(before, of), "fine-tuned": getattr(after, of)}
        for kind, of in (("accuracy", "accuracy"), ("macro F1", "macro_f1"))
        for before, after in found.ways
    }


def _table(found: FrozenVsTuned) -> dict[str, list[str]]:
    rows = found.ways
    return {
        "Way": [before.name for before, _ in rows],
        "Accuracy, frozen": [str(before.accuracy) for before, _ in rows],
        "Accuracy, fine-tuned": [str(after.accuracy) for _, after in rows],
        "Difference": [str(found.differences[before.name]) for before, _ in rows],
        "Macro F1, frozen": [str(before.macro_f1) for before, _ in rows],
        "Macro F1, fine-tuned": [str(after.macro_f1) for _, after in rows],
        "Difference in F1": [str(found.f1_differences[before.name]) for before, _ in rows],
    }


def _confusions(case: FinetuneCase, found: FrozenVsTuned) -> None:
    st.markdown("**Which classes it tells apart better, and which worse**")
    changes = confusion_changed(*found.probes, case.split)[:MOST_CONFUSED]
    if not changes:
        st.caption("No two classes are mistaken for each other more or less often than before.")
        return
    counts = [(one.given, one.taken_for, one.before, one.after) for one in changes]
    told = "For pairs of classes, how often the first was taken for the second before and after."
    show_chart(confusions(counts, dark=dark()), "finetune-confusions", told)
    few = max(max(one.before, one.after) for one in changes) < FEW
    caution = " These are counts of a few texts: read them as examples, not as findings." if few else ""
    st.caption(f"Held-out texts of the first class that the linear probe took for the second.{caution}")


# --- Texts, map, neighbours ----------------------------------------------------------------------


def _pair(case: FinetuneCase, frozen: ComparedModel, tuned: ComparedModel) -> linked.ModelPair:
    """Return both models on the texts held out, or on all of them; until they are there, end this run of the page."""
    only = st.toggle(
        "Only the texts held out", True, key="finetune-only-held-out", persist_state="session",
        help="The fine-tuned model has learnt the others and their labels: they show it in too good a light.",
    )  # fmt: skip
    texts = jobs.common(case, only)
    if not only:
        return linked.ModelPair(texts, (frozen, tuned), frozen, tuned)
    first, second = (
        ComparedModel(one.name, one.how, session.prepared(texts.corpus, one.how)) for one in (frozen, tuned)
    )
    return linked.ModelPair(texts, (first, second), first, second)


@st.fragment
def _touched(view: str, case: FinetuneCase, found: FrozenVsTuned, pair: linked.ModelPair) -> None:
    """Draw a view that reacts to touches; only this runs again when something is touched."""
    with errors_said():
        if view == MAP:
            st.session_state.setdefault(side_by_side.colour_key(pair), case.setup.label)
            side_by_side.draw(pair, K)
        elif view == NEIGHBOURS:
            disagreements.draw(pair, K)
        else:
            _texts(case, found, pair)


def _texts(case: FinetuneCase, found: FrozenVsTuned, pair: linked.ModelPair) -> None:
    before, after = found.probes
    fixed, broken = fixed_and_broken(before, after, case.split)
    columns = st.columns(2, gap="medium")
    with columns[0]:
        _listed("Fixed", "wrong before, right now", "fixed", fixed, case, before, after)
    with columns[1]:
        _listed("Broken", "right before, wrong now", "broken", broken, case, before, after)
    st.caption(
        f"By the linear probe, on {case.split.measured_on}. Where the two numbers are nearly the "
        "same, what was won is about what was lost. Choose a text to see what it lies near in both models."
    )
    row = linked.clicked(pair)
    if row is not None:
        linked.both_lists(pair, row, "finetune")


def _listed(
    title: str, told: str, key: str, rows: np.ndarray, case: FinetuneCase, before: Classifier, after: Classifier
) -> None:
    with st.container(gap=None):
        st.markdown(f"**{title}: {len(rows):,}**")
        st.caption(told)
    if not len(rows):
        st.caption("None.")
        return
    names, at = case.split.names, {int(row): place for place, row in enumerate(case.split.held_out.tolist())}
    wrong = before if key == "fixed" else after
    wide = int(np.clip(8 * max(map(len, names)) + 24, 70, 110))  # all three columns within a phone's width
    picked = newly_picked(
        {
            "Text": [beginning(case.texts.texts[row], 300) for row in rows.tolist()],
            "Label": [names[case.split.codes[row]] for row in rows.tolist()],
            "Taken for": [names[wrong.predicted[at[row]]] for row in rows.tolist()],
        },
        f"finetune-{key}-{case.fingerprint}",
        height=360 if len(rows) > LISTED else "content",
        column_config={
            "Text": st.column_config.TextColumn(width=170),
            "Label": st.column_config.TextColumn(width=wide),
            "Taken for": st.column_config.TextColumn(width=max(wide, 80)),
        },
    )
    if picked is not None:
        session.touch(clicked=int(rows[picked]))


# --- What was forgotten --------------------------------------------------------------------------


def _forgotten(frozen: ComparedModel, tuned: ComparedModel) -> None:
    before, after = jobs.generalities(frozen, tuned)
    lost = jobs.forgotten_by(frozen, tuned)
    pairs = general_pairs()
    st.markdown(f"**{as_typed(lost.sentence)}**")
    st.caption(as_typed(lost.detail))
    left, right = st.columns([2, 1], gap="medium")
    with left:
        texts = list(zip(pairs.first, pairs.second, strict=True))
        told = "Everyday pairs of sentences by their cosine before and after, coloured by how alike they are."
        show_chart(
            general(before.cosines, after.cosines, pairs.scores, texts, dark=dark()), "finetune-general", told
        )  # fmt: skip
    with right:
        st.metric("Agreement with the grades, frozen", f"{before.spearman.mean:.3f}", border=True)
        st.metric(
            "Agreement with the grades, fine-tuned", f"{after.spearman.mean:.3f}",
            f"{lost.difference.mean:+z.3f}", border=True,
            delta_color="normal" if lost.difference.apart_from_zero else "off",
            help=f"95 % interval of the difference, paired: {lost.difference}.",
        )  # fmt: skip
        st.caption(
            f"Spearman's rank correlation on {len(pairs)} pairs of everyday sentences that have nothing to do "
            "with your texts, each with a likeness given by its author. Fine-tuning can cost generality: a model that "
            "knows your labels may know less of everything else. Points above the dotted line came closer together."
        )


# --- Cost ----------------------------------------------------------------------------------------


def _cost(run: Run, frozen: ComparedModel, tuned: ComparedModel) -> None:
    costs = compare_jobs.costs((frozen, tuned))
    with st.container(horizontal=True):
        st.metric("Training", duration(run.seconds) if run.seconds else "–", border=True)
        if run.joules is not None:
            st.metric(
                "Energy", f"{run.joules / 3600:.2f} Wh", border=True,
                help="Counted by the processor itself while the training ran: for all that it did meanwhile, idling "
                "included. Memory, screen and power supply come on top.",
            )  # fmt: skip
        st.metric("Size of the new model", size(costs[1].disk) if costs[1].disk else "–", border=True)
    show_table(
        {
            "Model": [one.model for one in costs],
            "Texts a second": [str(one.speed or "not measured") for one in costs],
            "Dimensions": [one.dimensions for one in costs],
            "On disk": [size(one.disk) if one.disk else "–" for one in costs],
        }
    )
    cost.speeds((frozen, tuned), costs, "finetune")
    st.caption(
        "A fine-tuned model reads as fast as the one it was made of: the price is the training, the disk, and that "
        "the vectors of all texts must be made again with every new version."
    )
    if run.joules is None:
        st.caption(
            "Energy isn't given: where it trained no meter could be read (Linux shows the processor's own one, mostly "
            "to the administrator alone), and a guess would look like a measurement."
        )
