"""What was opened beside the texts, such as judgements: kept for these texts, and put to no others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from embedlab.base.english import listed
from embedlab.corpus import Corpus
from pages.app.widgets import as_typed


def keep(kind: str, texts: Corpus, files: Sequence[str], made: Any) -> None:
    """Remember what was made of `files` for `texts`, until they or others of that kind are opened for other texts."""
    st.session_state[_key(kind)] = (texts.fingerprint, texts.name, tuple(files), made)


def kept(kind: str, texts: Corpus) -> Any:
    """Return what was made of the files last opened; None where there are none, or they are of other texts.

    Says in a sentence which files these are.
    """
    of, name, files, made = st.session_state.get(_key(kind), ("", "", (), None))
    if made is None:
        return None
    many = len(files) > 1
    if of != texts.fingerprint:
        st.info(
            as_typed(
                f"{listed(files)} {'were' if many else 'was'} opened for other texts (“{name}”) and "
                f"{'are' if many else 'is'} not put to these: open {'them' if many else 'it'} again to do so."
            ),
            icon=":material/info:",
        )
        return None
    st.caption(as_typed(f"{listed(files)}, as opened before for these texts."))
    return made


def forget(kind: str) -> None:
    """Forget the files of that kind: others were chosen, or they were taken out."""
    st.session_state.pop(_key(kind), None)


def _key(kind: str) -> str:
    return f"opened-{kind}"
