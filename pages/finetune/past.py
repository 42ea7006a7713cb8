"""The trainings of the past: how each ended and went, and its model to use, take away or delete."""

from __future__ import annotations

import re

import streamlit as st

from embedlab.base.english import counted
from embedlab.encoders import DEFAULT_MODEL
from embedlab.figures.finetune import training
from embedlab.finetune import runs
from embedlab.finetune.cases import Asked, FinetuneCase, FinetuneSetup
from embedlab.finetune.recipe import LOSSES
from embedlab.finetune.runs import Run
from pages.app import session
from pages.app.widgets import as_typed, dark, download, duration, errors_said, show_chart, show_error, show_table
from pages.compare.jobs import models_changed
from pages.finetune import controls, jobs

STATES = {
    "finished": (":material/check_circle:", "finished"),
    "stopped": (":material/stop_circle:", "stopped early; the best so far was kept"),
    "failed": (":material/error:", "failed"),
    "lost": (":material/heart_broken:", "ended from outside"),
}


def draw(case: Asked | None) -> None:
    """Draw every training that is over: how it ended, its curves, its model to use, take away or delete."""
    over = [run for run in runs.all_runs() if not run.active]
    if not over:
        return
    st.markdown("**Models trained on this machine**")
    here = {run.name for run in jobs.runs_of(case)} if case is not None else set()
    for run in over:
        with st.container(border=True, gap="small"):
            _over(run, run.name in here, case)


def _over(run: Run, here: bool, case: Asked | None) -> None:
    icon, told = STATES[run.status]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"{icon} **{as_typed(run.name)}**")
            time = f", trained for {duration(run.seconds)}" if run.seconds else ""
            st.caption(as_typed(f"From {run.recipe.model}; {told}{time}."))
        with st.container(horizontal=True, horizontal_alignment="right", width="content"):
            _actions(run)
    if run.status == "lost":
        st.warning(as_typed(run.error), icon=":material/heart_broken:")
    elif run.error:
        show_error(run.error)
    if run.usable and not here:
        _elsewhere(run, case)
    with st.expander("How the training went", key=f"finetune-went-{run.name}", on_change="rerun") as opened:
        if opened.open:
            _went(run)


def _elsewhere(run: Run, case: Asked | None) -> None:
    """Say why the result of a model isn't shown now, and offer the split that it belongs to."""
    texts = session.corpus()
    then = FinetuneSetup.of(run, texts)
    if then is None:
        st.caption("Trained on other texts: its result is shown where these are open.")
        return
    if isinstance(case, FinetuneCase) and (then, run.recipe.model) == (case.setup, case.how.model):
        st.caption(
            "From before near-copies were kept on one side: it may have learnt what is held out now. Train anew."
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Of another split or another model: it may have learnt from texts that are held out now.")
        st.button(
            "Split as it was then", key=f"finetune-then-{run.name}", icon=":material/history:", type="tertiary",
            on_click=controls.split_as_then, args=[run, texts, session.reading().model],
        )  # fmt: skip


def _went(run: Run) -> None:
    recipe = run.recipe
    classes = int(run.data.get("classes", 0))
    loss = LOSSES[recipe.chosen_loss(classes)].explained
    st.caption(
        as_typed(
            f"{loss.partition(':')[0]}, {counted(recipe.epochs, 'epoch')}, learning rate "
            f"{recipe.chosen_rate(classes):g}, batch {recipe.batch}, {recipe.layers_told(classes)}, "
            f"{100 * recipe.mix:.0f} % of the way to the trained weights, seed {recipe.seed}."
        )
    )
    if run.losses or run.scores:
        curves(run, f"finetune-past-{run.name}")
    facts = {str(name): str(value) for name, value in run.data.items() if isinstance(value, (str, int, float))}
    if facts:
        show_table({"Data": list(facts), "": list(facts.values())})


def _actions(run: Run) -> None:
    if run.usable:
        if session.reading().model == run.name:
            st.badge("In use", icon=":material/check:", color="blue")
        else:
            st.button(
                "Use", key=f"finetune-use-{run.name}", icon=":material/play_arrow:", on_click=_use, args=[run.name],
                help="Read the texts with it everywhere: on the map, in a search, in a comparison.",
            )  # fmt: skip
        file, told = re.sub(r"[^A-Za-z0-9._-]+", "-", run.name), "A sentence-transformers folder with its model card."
        download(
            "Download",
            lambda: runs.archive(run.name).read_bytes(),
            f"{file}.zip",
            f"finetune-take-{run.name}",
            help=told,
        )
    with st.popover("Delete", icon=":material/delete:", key=f"finetune-drop-{run.name}"):
        st.caption("The model and all that is known of its training will be gone.")
        st.button(
            "Delete it", key=f"finetune-delete-{run.name}", type="primary", on_click=_delete, args=[run.name],
        )  # fmt: skip


def _use(name: str) -> None:
    models_changed()
    session.use_model(name)


def _delete(name: str) -> None:
    with errors_said():
        runs.delete(name)
    models_changed()
    if session.reading().model == name:
        session.use_model(DEFAULT_MODEL)


def curves(run: Run, key: str) -> None:
    """Draw the loss and the validation score of a training."""
    steps = run.progress.total if run.progress else 0
    told = "The loss by steps, and the validation score with the best one marked."
    show_chart(training(run.losses, run.scores, steps, dark=dark()), key, told)
