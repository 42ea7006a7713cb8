"""Train a fresh copy of a model: settings, how far it is, and all the trainings on this machine."""

from __future__ import annotations

import re

import streamlit as st

from embedlab import finetune as trainer
from embedlab.base.errors import EmbedlabError
from embedlab.encoders import DEFAULT_MODEL
from embedlab.figures.tuning import training
from embedlab.finetune import ALL_LAYERS, LOSSES, Recipe, Run, losses_for
from pages.app import session
from pages.app.widgets import as_typed, duration, errors_said, failure_of, show_error
from pages.finetune import jobs
from pages.finetune.jobs import Asked, FinetuneCase

RATES = (1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 3e-4, 6e-4, 1e-3)
MIXES = (0.3, 0.5, 0.7, 0.85, 1.0)
BATCHES = (8, 16, 32, 64, 128)
LAYERS = (ALL_LAYERS, 1, 2, 3, 4, 6)
# Streamlit draws an option that is None as if nothing were chosen.
USUAL = ""
LONG = 30 * 60
STATES = {
    "queued": (":material/hourglass_empty:", "waiting for another training to end"),
    "running": (":material/play_circle:", "being trained"),
    "finished": (":material/check_circle:", "finished"),
    "stopped": (":material/stop_circle:", "stopped early; the best so far was kept"),
    "failed": (":material/error:", "failed"),
    "lost": (":material/heart_broken:", "ended from outside"),
}


def draw(case: Asked) -> None:
    """Draw the settings and the start, the training that runs, and those of the past."""
    listing = jobs.listing_of(case.how.model)
    try:
        if listing is not None:
            trainer.trainable(listing)
    except EmbedlabError as error:
        st.info(as_typed(str(error)), icon=":material/lock:")
    else:
        _new(case)
    _live()
    past(case)


# --- A new one -----------------------------------------------------------------------------------


def _new(case: Asked) -> None:
    free = trainer.free_name(case.how.model)
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
    usual = jobs.usual(case)
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
    job.wait(0.3)
    if not job.done:
        _wait_for_estimate(case, recipe)
    elif not job.succeeded:
        st.caption(as_typed(f"How long it will take can't be told: {failure_of(job)}"))
    else:
        _told(job.result(), case)


@st.fragment(run_every=0.7)
def _wait_for_estimate(case: Asked, recipe: Recipe) -> None:
    job = jobs.estimate_job(recipe, case)
    if job.done:
        st.rerun()
    st.caption(":material/schedule: Estimating how long it will take…")


def _told(seconds: float, case: Asked) -> None:
    st.markdown(f":material/schedule: About **{duration(seconds)}** on this machine.")
    if seconds > LONG:
        st.warning(
            f"That is long for {case.counted}. A sample tells most of it: choose “Texts used” or "
            "“Labels a class to learn from” under “Split”.",
            icon=":material/timer:",
        )


# --- The one that runs ---------------------------------------------------------------------------


def _live() -> None:
    active = tuple(run.name for run in jobs.all_runs() if run.active)
    if active:
        _watched(active)


@st.fragment(run_every=1)
def _watched(names: tuple[str, ...]) -> None:
    """Show how far each training is; draw the page again when one begins to be over."""
    with errors_said():
        active = [run for run in jobs.all_runs() if run.active]
        if {run.name for run in active} != set(names):
            jobs.models_changed()
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
            left = f", {duration(progress.seconds_left)} left" if progress.seconds_left is not None else ""
            steps = f"{progress.stage}: {progress.done:,} of {progress.total:,} steps{left}"
            st.progress(min(1.0, progress.fraction), text=steps)
        if run.losses:
            _curves(run, f"finetune-live-{run.name}")


def _curves(run: Run, key: str) -> None:
    st.plotly_chart(
        training(
            run.losses, run.scores, run.progress.total if run.progress else 0, dark=st.context.theme.type == "dark"
        ),
        key=key,
        config={"displaylogo": False},
        alt="The loss by steps, and the validation score with the best one marked.",
    )


# --- Those of the past ---------------------------------------------------------------------------


def past(case: Asked | None) -> None:
    """Draw every training that is over: how it ended, its curves, its model to use, take away or delete."""
    over = [run for run in jobs.all_runs() if not run.active]
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
            st.caption(as_typed(f"From {run.recipe.model}; {told}{_time(run)}."))
        with st.container(horizontal=True, horizontal_alignment="right", width="content"):
            _actions(run, here)
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
    then = jobs.setup_of(run, texts)
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
            on_click=jobs.split_as_then, args=[run, texts, session.reading().model],
        )  # fmt: skip


def _time(run: Run) -> str:
    return f", trained for {duration(run.seconds)}" if run.seconds else ""


def _went(run: Run) -> None:
    recipe = run.recipe
    classes = int(run.data.get("classes", 0))
    loss = LOSSES[recipe.chosen_loss(classes)].explained
    st.caption(
        as_typed(
            f"{loss.partition(':')[0]}, {recipe.epochs} epochs, learning rate {recipe.chosen_rate(classes):g}, batch "
            f"{recipe.batch}, {recipe.layers_told(classes)}, {recipe.mix:.0%} of the way to the trained weights, "
            f"seed {recipe.seed}."
        )
    )
    if run.losses or run.scores:
        _curves(run, f"finetune-past-{run.name}")
    facts = {str(name): str(value) for name, value in run.data.items() if isinstance(value, (str, int, float))}
    if facts:
        st.dataframe({"Data": list(facts), "": list(facts.values())}, hide_index=True, height="content")


def _actions(run: Run, here: bool) -> None:
    if run.usable:
        if session.reading().model == run.name:
            st.badge("In use", icon=":material/check:", color="blue")
        else:
            st.button(
                "Use", key=f"finetune-use-{run.name}", icon=":material/play_arrow:", on_click=_use, args=[run.name],
                help="Read the texts with it everywhere: on the map, in a search, in a comparison.",
            )  # fmt: skip
        st.download_button(
            "Download",
            lambda: trainer.archive(run.name).read_bytes(),
            f"{re.sub(r'[^A-Za-z0-9._-]+', '-', run.name)}.zip",
            "application/zip",
            key=f"finetune-take-{run.name}",
            icon=":material/download:",
            on_click="ignore",
            help="A sentence-transformers folder with its model card.",
        )
    with st.popover("Delete", icon=":material/delete:", key=f"finetune-drop-{run.name}"):
        st.caption("The model and all that is known of its training will be gone.")
        st.button(
            "Delete it", key=f"finetune-delete-{run.name}", type="primary", on_click=_delete, args=[run.name],
        )  # fmt: skip


def _stop(name: str) -> None:
    with errors_said():
        trainer.stop(name)


def _use(name: str) -> None:
    jobs.models_changed()
    session.use_model(name)


def _delete(name: str) -> None:
    with errors_said():
        trainer.delete(name)
    jobs.models_changed()
    if session.reading().model == name:
        session.use_model(DEFAULT_MODEL)
