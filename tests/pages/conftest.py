"""What the tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import pytest
import streamlit as st
import streamlit.delta_generator as streamlit_drawing

from embedlab import pipeline
from tests.conftest import LetterEncoder


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[LetterEncoder]:
    """No caches of other tests, and an encoder that needs no weights."""
    encoder = LetterEncoder()
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): encoder)
    st.cache_resource.clear()
    yield encoder
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def fragments_keep_to_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a fragment writes into a container made outside of it ends the page when runs follow each other quickly.

    Streamlit keeps a place for such writes only if the last run of the whole page came that far.
    """

    def outside(*_: object) -> NoReturn:
        raise AssertionError("a fragment writes into a container that was made outside of it")

    monkeypatch.setattr(streamlit_drawing, "_get_or_create_outside_wrapper", outside)
