"""Models: which model reads your texts, and what else is there?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from embedlab import pipeline
from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Job
from embedlab.encoders import ModelEntry, models, speed
from embedlab.encoders.base import REMOTE, Family
from embedlab.encoders.registry import FAMILIES, SUGGESTIONS, Suggestion
from embedlab.encoders.speed import Timing
from embedlab.encoders.transformer.entries import models_folder
from embedlab.encoders.transformer.hub import NAME
from pages.app import results, session
from pages.app.widgets import as_typed, errors_said, heading, progress_of, show_table, size, speeds_measured, waited_for

SEVERAL = 2
COMMANDS = ("pip ", "python ", "make ")
ENVIRONMENT_EXAMPLE = """\
export EMBEDLAB_REMOTE_URL=http://localhost:11434/v1
export EMBEDLAB_REMOTE_MODEL=nomic-embed-text
export EMBEDLAB_REMOTE_KEY=...         # only if it needs one
"""
TABLE_EXAMPLE = """\
[remote.team]
base_url = "https://example.org/v1"
model = "some-model"
key_env = "TEAM_KEY"  # an environment variable; or key = "..."
# Optional, as are prompt, dimensions, window (in tokens), batch:
query_prompt = "query: "
# Cut texts that are over the endpoint's limit, and count them:
truncate = true
"""
MOST_MEASURED = 8


def main() -> None:
    """Draw the page."""
    buttons = heading("Models", "Which model reads your texts, and what else is there?")
    with errors_said():
        _fetch()
        known = models()
        timings = speed.known()
        with buttons:
            st.button(
                "Measure speeds", key="models-measure", icon=":material/speed:",
                on_click=partial(st.session_state.update, {"models-measuring": True}),
                help="The models on this machine read some of your texts by turns, several times each: about a minute, "
                "less for quick ones.",
            )  # fmt: skip
        _measure(known)
        _current(known)
        for family in FAMILIES:
            listings = [listing for listing in known if listing.family == family]
            if listings or family == REMOTE:  # that can be set up, and says how
                _family(family, listings, timings)
        _more({listing.name for listing in known if listing.ready})


# --- The current model ---------------------------------------------------------------------------


def _current(known: tuple[ModelEntry, ...]) -> None:
    how = session.reading()
    listing = next((one for one in known if one.name == how.model), None)
    if how.own:
        st.info(
            as_typed(
                f"The map shows vectors that came with the texts (“{how.own}”). Choose a model to embed them anew."
            ),
            icon=":material/upload_file:",
        )
    elif listing and len(_sizes(listing)) >= SEVERAL:
        _dimensions(listing)


def _sizes(listing: ModelEntry) -> tuple[int, ...]:
    return (*listing.truncates_to, listing.dimensions) if listing.dimensions else listing.truncates_to


def _dimensions(listing: ModelEntry) -> None:
    """Let the person keep fewer dimensions, and say what that costs on their texts."""
    sizes = _sizes(listing)
    now = session.reading().dimensions
    with st.container(border=True):
        st.markdown(f"**Dimensions of {as_typed(listing.name)}**")
        left, right = st.columns([1, 1], gap="large")
        with left:
            chosen = st.select_slider(
                "Keep the first",
                sizes,
                value=now if now in sizes else sizes[-1],
                key=f"dimensions-{listing.name}",
                help="This model puts what matters most into its first dimensions (Matryoshka representation learning, "
                "Kusupati et al. 2022; singular directions for TF-IDF). Keeping fewer makes vectors smaller and search "
                "faster. What is kept is scaled to length 1 again.",
            )
            wanted = None if chosen == sizes[-1] else int(chosen)
            if wanted != now:
                session.keep_dimensions(listing.name, wanted)
                st.rerun()
            st.caption(f"{4 * int(chosen):,} bytes a text, of {4 * sizes[-1]:,}.")
        with right:
            _cost(sizes)


def _cost(sizes: tuple[int, ...]) -> None:
    texts = session.corpus()
    job = results.prepared_job(texts, replace(session.reading(), dimensions=None))
    job.wait(0.3)
    if not job.done:
        _wait_for(job)
        return
    if not job.succeeded:
        st.caption("The texts could not be embedded; the map says why.")
        return
    space = job.result().space
    smaller = tuple(step for step in sizes if step <= space.card.dimensions)
    kept = results.kept_by_dimensions(space, smaller)
    show_table(
        {
            "Dimensions": [one.dimensions for one in kept],
            "Of 10 nearest texts kept": [f"{10 * one.share:.1f} ± {10 * one.margin:.1f}" for one in kept],
        }
    )
    st.caption(
        f"On your {counted(len(texts), 'text')}: how many of a text's 10 nearest stay among them (up to 1,000 sampled "
        "texts, 95 % interval)."
    )


@st.fragment(run_every=0.5)
def _wait_for(job: Job[pipeline.Prepared]) -> None:
    if job.done:
        st.rerun()
    progress_of(job, uncounted="Embedding your texts")


# --- The library ---------------------------------------------------------------------------------


def _family(family: Family, listings: list[ModelEntry], timings: Sequence[Timing]) -> None:
    st.divider()
    left, right = st.columns([1, 2], gap="large")
    with left, st.container(gap="small"):
        st.subheader(family.name)
        st.caption(family.explained)
    with right:
        if family == REMOTE:
            _how_to_set_up(listings)
        if not listings:
            return
        with st.grid(2, min_column_width=260):
            for listing in listings:
                with st.container(border=True, height="stretch", gap="xsmall"):
                    _card(listing, timings)


def _how_to_set_up(listings: Sequence[ModelEntry]) -> None:
    """Show how an endpoint is set up: openly where none is, folded away otherwise."""
    title = "Set up another endpoint" if listings else "None is set up yet: how to do it"
    with st.expander(title, expanded=not listings):
        st.markdown(
            "Whoever runs embedlab says where a model is, by three variables of the environment (the key only if one "
            "is needed), before it is started:"
        )
        st.code(ENVIRONMENT_EXAMPLE, language="sh", wrap_lines=True)
        st.markdown(
            "Or by a table in `.streamlit/secrets.toml`, in the folder in which embedlab is started or in the home "
            "folder; one for each model, and this page finds it when it is loaded again:"
        )
        st.code(TABLE_EXAMPLE, language="toml", wrap_lines=True)
        st.caption(
            "The address may end in /v1, or be the full one. Whatever speaks OpenAI's /v1/embeddings will do, and "
            "Ollama's /api/embed and TEI's /embed."
        )


def _card(listing: ModelEntry, timings: Sequence[Timing]) -> None:
    how = session.reading()
    st.markdown(f"**{as_typed(listing.name)}**")
    st.caption(as_typed(_facts(listing)))
    for runtime, (found, timing) in speed.of_listing(listing, timings).items():
        st.caption(
            as_typed(f"{found} texts a second here, {runtime}"),
            help=as_typed(
                f"Measured on {timing.when} on “{timing.name}”, {counted(len(timing.speeds), 'model')} by turns; in "
                f"brackets the slowest and the fastest of {timing.rounds} turns. Models of one architecture and size "
                "share a figure. Other texts, and another day, give other figures."
            ),
        )
    if listing.prompt or listing.query_prompt:
        said = f"Prompts: “{listing.prompt}” before a text, “{listing.query_prompt}” before a query."
        st.caption(as_typed(said))
    _how(listing)
    if not listing.ready:
        return
    if not how.own and how.model == listing.name:
        st.badge("In use", icon=":material/check:", color="blue")
    else:
        st.button(
            "Use",
            key=f"use-{listing.name}",
            icon=":material/play_arrow:",
            on_click=session.use_model,
            args=[listing.name],
        )


def _how(listing: ModelEntry) -> None:
    """Show where a model is, what hinders it, or the command that gets it, which is typed as it stands."""
    command, how = listing.how.startswith(COMMANDS), listing.how
    if command:
        st.caption("Not installed. Whoever runs embedlab gets it with")
        st.code(how, language="sh", wrap_lines=True)
    elif listing.family == REMOTE and not listing.ready:
        st.warning(as_typed(how), icon=":material/warning:")
    else:
        st.caption(as_typed(how[:1].upper() + how[1:]))


def _facts(listing: ModelEntry) -> str:
    known = [
        counted(listing.dimensions, "dimension") if listing.dimensions else "",
        _reach(listing) if listing.ready or listing.window else "",
        size(listing.bytes) if listing.bytes else "",
        f"languages: {listing.languages}" if listing.languages else "",
        f"licence: {listing.licence}" if listing.licence else "",
        f"revision {listing.revision[:10]}" if listing.revision else "",
    ]
    facts = " · ".join(filter(None, known))
    return facts[:1].upper() + facts[1:]


def _reach(listing: ModelEntry) -> str:
    """Say how long a text can be; an endpoint that wasn't asked yet has a limit that it hasn't told."""
    if listing.window:
        return f"reads {listing.window:,} tokens"
    return "how much it reads is not known" if listing.family == REMOTE else "reads texts of any length"


def _measure(known: tuple[ModelEntry, ...]) -> None:
    """Measure all models that run on this machine, if that was asked for; show how far it is.

    A remote one takes part only if it is in use, and of models of one shape only one. They are all loaded at once: of
    very many the largest are left out.
    """
    if not st.session_state.get("models-measuring"):
        return
    taking_part, left_out = _taking_part(known)
    for name in left_out:
        st.caption(as_typed(f"{name} is left out of this: put it beside one or two others under Compare."))
    texts, how, names = session.corpus(), session.reading(), tuple(one.name for one in taking_part)
    job = results.timing_job(texts, names, how.exact)
    if job.wait(0.3):
        results.timing_job.forget(texts, names, how.exact)
    speeds_measured(job, "models", "Speeds")


def _taking_part(known: tuple[ModelEntry, ...]) -> tuple[list[ModelEntry], list[str]]:
    """Return the models to measure, one of each shape, and the names of those that are too many."""
    in_use = session.reading().model
    here = [one for one in known if one.ready and (one.family != REMOTE or one.name == in_use)]
    one_each = {one.shape or one.name: one for one in reversed(here)}
    ordered = sorted(one_each.values(), key=lambda one: (one.name != in_use, one.bytes))
    return ordered[:MOST_MEASURED], [one.name for one in ordered[MOST_MEASURED:]]


# --- Getting more --------------------------------------------------------------------------------


def _more(here: set[str]) -> None:
    st.divider()
    st.subheader("Get another model")
    st.markdown(
        "embedlab is offline: it fetches nothing unless you ask for it here. A model from the hub is fetched as "
        "safetensors with its settings and tokenizer; code and pickles are left behind. Whoever runs embedlab can also "
        "put model folders (sentence-transformers or model2vec) here:"
    )
    st.code(str(models_folder()), language=None)
    with st.grid(3, min_column_width=280):
        for suggestion in SUGGESTIONS:
            if suggestion.name not in here:
                with st.container(border=True, height="stretch", gap="xsmall"):
                    _suggest(suggestion)
    with st.form("fetch", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input("Any other model, by its id on the hub", placeholder="organisation/model", width=360)
        if st.form_submit_button("Download", icon=":material/download:"):
            if not NAME.fullmatch(typed.strip()):
                raise EmbedlabError(f"“{typed[:80]}” is no model's id: write it as on the hub, “organisation/model”.")
            st.session_state["fetching"] = typed.strip()
            st.rerun()


def _suggest(suggestion: Suggestion) -> None:
    st.markdown(f"**{as_typed(suggestion.name)}**")
    window = f"reads {suggestion.window:,} tokens" if suggestion.window else "reads texts of any length"
    facts = [
        suggestion.family.name,
        counted(suggestion.dimensions, "dimension"),
        window,
        f"languages: {suggestion.languages}",
        f"licence: {suggestion.licence}",
    ]
    st.caption(as_typed(" · ".join(facts)))

    fetch = partial(st.session_state.update, {"fetching": suggestion.name})
    shown = f"Download ({size(suggestion.bytes)})"
    st.button(shown, key=f"get-{suggestion.name}", icon=":material/download:", on_click=fetch)


def _fetch() -> None:
    """Go on with a download that was asked for."""
    name = st.session_state.get("fetching")
    if not name:
        return
    st.markdown(f"Downloading **{as_typed(name)}** from the hub.")
    if st.button("Back to the models", icon=":material/arrow_back:"):
        results.download_job(name).stop()
        st.session_state["fetching"] = None
        st.rerun()
    snapshot = waited_for(
        results.download_job, "Stopped. What has come is kept: continuing goes on from there."
    )(name)  # fmt: skip
    st.session_state["fetching"] = None
    results.listed_models.clear()
    session.use_model(snapshot.name)
    st.toast(f"{as_typed(snapshot.name)} is here and in use.")
    st.rerun()


main()
