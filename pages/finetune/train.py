"""Train a fresh copy of a model: settings, and how far it is."""

from __future__ import annotations

import streamlit as st

from embedlab.base.english import joined
from embedlab.base.errors import EmbedlabError
from embedlab.encoders import models
from embedlab.finetune import runs
from embedlab.finetune.cases import Asked, PairCase
from embedlab.finetune.recipe import ALL_LAYERS, Recipe, losses_for
from embedlab.finetune.runs import Run
from pages.app.widgets import as_typed, duration, errors_said, failure_of, wait_for
from pages.compare.jobs import models_changed
from pages.finetune import jobs, past
from pages.finetune.controls import A_CLASS_EACH, TEXTS_USED, may_be_sampled

RATES = (1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 3e-4, 6e-4, 1e-3)
MIXES = (0.3, 0.5, 0.7, 0.85, 1.0)
BATCHES = (8, 16, 32, 64, 128)
LAYERS = (ALL_LAYERS, 1, 2, 3, 4, 6)
# Streamlit draws an option that is None as if nothing were chosen.
USUAL = ""
LONG = 30 * 60


def draw(case: Asked) -> None:
    """Draw the settings and the start, the training that runs, and those of the past."""
    listing = next((one for one in models() if one.name == case.how.model), None)
    try:
        if listing is not None:
            runs.trainable(listing)
    except EmbedlabError as error:
        st.info(as_typed(str(error)), icon=":material/lock:")
    else:
        _new(case)
    active = tuple(run.name for run in runs.all_runs() if run.active)
    if active:
        _watched(active)
    past.draw(case)


# --- A new one -----------------------------------------------------------------------------------


def _new(case: Asked) -> None:
    free = runs.free_name(case.how.model)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name of the new model", free, key=f"finetune-name-{free}", width=260)
            with st.popover("Settings", icon=":material/tune:"):
                recipe = _recipe(case)
            if st.button("Train", type="primary", icon=":material/play_arrow:", key="finetune-start"):
                run = jobs.start(name.strip(), recipe, case)
                st.toast(as_typed(f"{run.name} is on its way."))
                st.rerun()
        _estimate(case, recipe)
        st.caption(
            as_typed(
                f"A fresh copy of {case.how.model} learns from {case.counted} in a process of its "
                "own: you can leave this page, or close the app, and it goes on. The texts held out are never shown "
                "to it."
            )
        )


def _recipe(case: Asked) -> Recipe:
    usual = case.recipe
    losses = {loss.name: loss for loss in losses_for(case.kind)}
    loss = st.selectbox(
        "Loss", [USUAL, *losses], key=f"finetune-loss-{case.kind}", persist_state="session",
        format_func=lambda name: name or "What suits the data",
        help=" ".join(loss.explained for loss in losses.values()),
    )  # fmt: skip
    epochs = st.slider(
        "Epochs", 1, 20, usual.epochs, key=f"finetune-epochs-{case.kind}-{usual.epochs}",
        persist_state="session",
        help="How often each text is learnt from; the more texts, the less often it takes. More takes longer, forgets "
        "more, and may learn the texts by heart.",
    )  # fmt: skip
    rates: list[str | float] = [USUAL, *RATES]
    rate = st.selectbox(
        "Learning rate", rates, key="finetune-rate", persist_state="session",
        format_func=lambda value: "What suits the loss" if value == USUAL else _rate(float(value)),
        help="How far each step goes. Too far forgets what the model knew; too short learns nothing.",
    )  # fmt: skip
    batch = st.select_slider(
        "Batch", BATCHES, usual.batch, key="finetune-batch", persist_state="session",
        help="Texts in one step. The others in a batch are what a text is told apart from.",
    )  # fmt: skip
    depths: list[str | int] = [USUAL, *LAYERS]
    layers = st.selectbox(
        "Layers to train", depths, key="finetune-layers", persist_state="session",
        format_func=_layers,
        help="Counted from the output. Fewer is quicker and forgets less, but can learn less.",
    )  # fmt: skip
    mix = st.select_slider(
        "How far from the frozen model", MIXES, usual.mix, key="finetune-mix", persist_state="session",
        format_func="{:.0%}".format,
        help="The model that is kept lies between the frozen weights and the trained ones: that forgets less, and is "
        "often as good at the new task or better. 100 % are the trained weights.",
    )  # fmt: skip
    return Recipe(
        case.how.model,
        case.kind,
        loss,
        int(epochs),
        None if rate == USUAL else float(rate),
        int(batch),
        None if layers == USUAL else int(layers),
        case.split.seed,
        float(mix),
    )


def _layers(count: int | str) -> str:
    if count == USUAL:
        return "What suits the loss"
    if count == ALL_LAYERS:
        return "all of them"
    return "the last one" if count == 1 else f"the last {count}"


def _rate(value: float) -> str:
    return f"{value:.0e}".replace("e-0", "e-")


def _estimate(case: Asked, recipe: Recipe) -> None:
    job = jobs.estimate_job(recipe, case)
    if not job.wait(0.3):
        wait_for([job], ":material/schedule: Estimating how long it will take…")
    elif not job.succeeded:
        st.caption(as_typed(f"How long it will take can't be told: {failure_of(job)}"))
    else:
        st.markdown(f":material/schedule: About **{duration(job.result())}** on this machine.")
        if job.result() > LONG:
            st.warning(f"That is long for {case.counted}. {_shorter(case)}", icon=":material/timer:")


def _shorter(case: Asked) -> str:
    """Say what makes a training shorter: only by controls that are there."""
    if isinstance(case, PairCase):
        return "Some of the pairs tell most of it: open a file with fewer."
    offered = [TEXTS_USED] if may_be_sampled(case.opened) else []
    controls = joined([f"“{one}”" for one in (*offered, A_CLASS_EACH)], "or")
    return f"A sample tells most of it: choose {controls} under “Split”."


# --- The one that runs ---------------------------------------------------------------------------


@st.fragment(run_every=1)
def _watched(names: tuple[str, ...]) -> None:
    """Show how far each training is; draw the page again when one begins to be over."""
    with errors_said():
        active = [run for run in runs.all_runs() if run.active]
        if {run.name for run in active} != set(names):
            models_changed()
            st.rerun()
        for run in sorted(active, key=lambda one: one.status == "queued"):
            _one(run)


def _one(run: Run) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{as_typed(run.name)}**")
            st.button(
                "Stop" if run.status == "running" else "Don't train", key=f"finetune-stop-{run.name}",
                on_click=_stop, args=[run.name], icon=":material/stop:",
                help="Keeps the best so far." if run.status == "running" else None,
            )  # fmt: skip
        progress = run.progress
        if run.status == "queued":
            st.progress(0.0, text="Waiting for another training to end: one at a time is quickest.")
        elif progress is None or not progress.total:
            st.progress(0.0, text=f"{progress.stage if progress else 'Opening a fresh copy of the model'}…")
        else:
            left = f", {duration(progress.seconds_left)} left" if progress.seconds_left else ""
            steps = f"{progress.stage}: {progress.done:,} of {progress.total:,} steps{left}"
            st.progress(min(1.0, progress.fraction), text=steps)
        if run.losses:
            past.curves(run, f"finetune-live-{run.name}")


def _stop(name: str) -> None:
    with errors_said():
        runs.stop(name)
