"""The sidebar: which texts and which model, on every page."""

from __future__ import annotations

import streamlit as st

from embedlab.corpus import Corpus
from embedlab.encoders import DEFAULT_MODEL, models
from embedlab.encoders.base import TRANSFORMER
from embedlab.pipeline import EmbeddingChoice
from pages.app import results, session
from pages.app.jobs import registry


def sidebar() -> None:
    """Say which texts and which model, on every page."""
    texts = session.corpus()
    with st.sidebar:
        with st.container(gap="xxsmall"):
            st.caption("Texts")
            st.text(texts.name)
            columns = len(texts.columns)
            st.caption(f"{len(texts):,} texts" + (f", {columns} more column{'s' * (columns > 1)}" if columns else ""))
        st.page_link("library/texts.py", label="Change texts", icon=":material/folder_open:")
        how = session.reading()
        with st.container(gap="xxsmall"):
            st.caption("Model")
            st.text(how.model or "Your own vectors")
            if told := _computed_with(texts, how):
                st.caption(told)
        st.page_link("library/models.py", label="Change model", icon=":material/model_training:")
        if not how.own and st.session_state.get("model", DEFAULT_MODEL) in with_precisions():
            st.toggle(
                "Full precision",
                key="exact",
                persist_state="session",
                help="Compute vectors in fp32. Without it, a CPU that has bfloat16 uses it: about half the time, and "
                "cosines that differ from fp32 by less than 0.001.",
            )


@st.cache_data(ttl=60, show_spinner=False)
def with_precisions() -> frozenset[str]:
    """Return the models that can compute in more than one precision."""
    return frozenset(listing.name for listing in models() if listing.family == TRANSFORMER)


def _computed_with(texts: Corpus, how: EmbeddingChoice) -> str:
    job = registry().known(results.ground_key(texts, how))
    if job is None or not job.succeeded:
        return ""
    card = job.result().space.card
    return f"{card.dimensions:,} dimensions, {card.runtime}; {card.checked}".rstrip("; ")
