"""What the tests of pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st

from pages.shared import results
from tests.conftest import LetterEncoder


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[LetterEncoder]:
    """No caches of other tests, and an encoder that needs no weights."""
    encoder = LetterEncoder()
    monkeypatch.setattr(results, "load", lambda name, exact=False, texts=(): encoder)
    st.cache_resource.clear()
    yield encoder
    st.cache_resource.clear()
