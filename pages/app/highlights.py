"""Texts with their pieces shaded by what they give to a cosine."""

from __future__ import annotations

import streamlit as st

from embedlab.explore.explain import Weighed
from embedlab.figures.explain import highlighted as _html


def highlighted(weighed: Weighed, most: float | None = None) -> None:
    """Draw a text, each piece shaded by its weight; `most` is the weight with the strongest shade."""
    st.html(_html(weighed, dark=st.context.theme.type == "dark", most=most))
