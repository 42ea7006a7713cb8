"""Stored vectors: what embedlab keeps on this machine."""

from __future__ import annotations

import streamlit as st

from embedlab.base.paths import home
from embedlab.encoders.store import clear, stored
from pages.app.widgets import errors_said, frame, heading, size


def _clear() -> None:
    with errors_said():
        freed = clear()
        st.toast(f"Cleared: {size(freed)} freed.")


heading("Stored vectors", "What does embedlab keep on this machine, and how much room does it take?")
st.markdown(
    "Every text that has been embedded is kept as a vector, never as text, so that opening the same file again "
    "takes no time. Clearing loses nothing but that time."
)
with errors_said():
    entries = stored()
    st.metric("On disk", size(sum(entry.bytes for entry in entries)))
    if entries:
        frame(
            {
                "Model": [entry.model for entry in entries],
                "Computed with": [entry.runtime for entry in entries],
                "Texts": [entry.texts for entry in entries],
                "Size": [size(entry.bytes) for entry in entries],
            },
        )
        with st.popover("Clear stored vectors", icon=":material/delete:"):
            st.markdown("Texts will be embedded again when they are next opened.")
            st.button("Clear now", type="primary", on_click=_clear)
    else:
        st.caption("Nothing is stored yet.")
    st.caption("They lie in this folder; the environment variable EMBEDLAB_HOME moves it.")
    st.code(str(home()), language=None)
