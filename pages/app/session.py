"""What pages remember of a person together: what is looked at, with what, and what is touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.english import listed
from embedlab.base.progress import Job
from embedlab.corpus import Corpus
from embedlab.corpus.corpus import Note
from embedlab.corpus.datasets import builtin_names
from embedlab.encoders import DEFAULT_MODEL
from embedlab.pipeline import EmbeddingChoice, Prepared
from embedlab.space.clusters import default_resolution
from embedlab.space.unread import refuse_unread
from pages.app import results
from pages.app.long_reading import long_reading
from pages.app.widgets import as_typed, waited_for, watch_first

SKETCH_MODEL = "wordllama"
WORTH_A_SKETCH = 1_000  # texts
QUICK = 0.4
"""Seconds that are waited before a sketch is begun, or shown to be on its way."""
CLUSTER = "Cluster"
FIND, QUERY, PAIR_FIRST, PAIR_SECOND = "find", "search-query", "pair-first", "pair-second"
ASKED = (FIND, QUERY)
"""The keys of the fields in which something is asked of the texts that are open."""
MANY_TEXTS, TWO_TEXTS = "Many texts", "Two texts"
TABLES = ["csv", "tsv", "txt", "json", "jsonl", "parquet", "xlsx", "gz"]
JUDGED_EXAMPLE = "query,id,score\nhow do I block a card,17,2\nhow do I block a card,204,1\n"


def corpus() -> Corpus:
    """Return the texts that this person looks at, without those that the model is known to be unable to read."""
    left: Corpus | None = st.session_state.get("readable", {}).get((_opened().fingerprint, reading()))
    return _opened() if left is None else left


def _opened() -> Corpus:
    """Return the texts that were opened; a built-in data set on the first visit."""
    if "corpus" not in st.session_state:
        st.session_state["corpus"] = results.built_in(builtin_names()[0])
    current: Corpus = st.session_state["corpus"]
    return current


def left_out() -> Note | None:
    """Return the note on the texts that the model could not read; None where there are none."""
    current = corpus()
    return None if current is _opened() else current.notes[-1]


def read_again() -> None:
    """Try all texts again, also those that the model could not read."""
    st.session_state.pop("readable", None)
    results.prepared_job.forget(_opened(), reading())


def open_corpus(chosen: Corpus, own: str = "", own_model: str = "") -> None:
    """Look at `chosen` from now on, through the column `own` of its vectors if one is named.

    What was asked of other texts is no question to these, and is forgotten.
    """
    if chosen.fingerprint != corpus().fingerprint:
        for key in ASKED:
            st.session_state[key] = ""
        st.session_state.pop(PAIR_FIRST, None)
        st.session_state.pop(PAIR_SECOND, None)
    st.session_state["corpus"] = chosen
    st.session_state.pop("readable", None)
    st.session_state["own"] = (chosen.fingerprint, own, own_model)


def open_sample(whole: Corpus, count: int) -> None:
    """Look at a random sample of some texts from now on, until `read_all`."""
    drawn = whole.sample(count)
    if drawn is not whole:
        st.session_state["whole"] = (drawn.fingerprint, whole)
        st.session_state["corpus"] = drawn
        st.session_state.pop("readable", None)


def whole() -> Corpus | None:
    """Return the texts of which those that were opened are a sample; None where they are none, or nobody knows."""
    of, kept = st.session_state.get("whole", ("", None))
    return kept if of == _opened().fingerprint else None


def read_all() -> None:
    """Look at all texts from now on, of which a sample was looked at; they will be read without asking again."""
    known = whole()
    if known is not None:
        st.session_state["corpus"] = known
        read_on(known)
        st.session_state.pop("readable", None)


def read_on(texts: Corpus) -> None:
    """Remember that all of these texts are to be read, however long it takes."""
    st.session_state["read-whole"] = texts.fingerprint


def reading() -> EmbeddingChoice:
    """Return how this person wants the current texts to be read."""
    in_full = bool(st.session_state.get("exact", False))
    of, own, own_model = st.session_state.get("own", ("", "", ""))
    if own and of == _opened().fingerprint:
        return EmbeddingChoice(own_model, in_full, None, own)
    name = st.session_state.get("model", DEFAULT_MODEL)
    return EmbeddingChoice(name, in_full, st.session_state.get("kept-dimensions", {}).get(name))


def use_model(name: str) -> None:
    """Read texts with the model `name` from now on."""
    st.session_state["model"] = name
    st.session_state["own"] = ("", "", "")


def keep_dimensions(name: str, dimensions: int | None) -> None:
    """Keep only the first `dimensions` of what the model `name` gives; None keeps all."""
    st.session_state["kept-dimensions"] = st.session_state.get("kept-dimensions", {}) | {name: dimensions}


MOST_BEFORE = 50


@dataclass(frozen=True, eq=False)
class Touched:
    """What has been touched on the map of one corpus: rows selected (and by what), one row clicked.

    `mark` is what the map that the selection came from knows it by. `before` are the rows that were looked at before
    the one that is clicked, the last one last.
    """

    corpus: str
    selected: NDArray[np.intp] | None = None
    by: str = ""
    mark: str = ""
    clicked: int | None = None
    before: tuple[int, ...] = ()


def touched() -> Touched:
    """Return what is touched now; nothing, when the texts have changed."""
    current = corpus().fingerprint
    state = st.session_state.get("touched")
    if not isinstance(state, Touched) or state.corpus != current:
        state = st.session_state["touched"] = Touched(current)
    return state


def touch(**changes: Any) -> None:
    """Change what is touched."""
    st.session_state["touched"] = replace(touched(), **changes)


def select(rows: NDArray[np.intp] | None, by: str, mark: str = "") -> None:
    """Select these rows, None for none; what was clicked before is let go of."""
    touch(selected=rows, by=by, mark=mark, clicked=None, before=())


def look_at(row: int | None, back: bool = False) -> None:
    """Click this text, None for none; going on from another one, that one is remembered."""
    now = touched()
    before = now.before[:-1] if back else now.before
    if not back and now.clicked not in (None, row):
        before = (*before, now.clicked)
    touch(clicked=row, before=before[-MOST_BEFORE:] if row is not None else ())


def open_pair(first: str, second: str) -> None:
    """Let the page on similarity show these two texts side by side."""
    choose_pair(first, second)
    st.session_state["similarity-view"] = TWO_TEXTS


def choose_pair(first: str, second: str) -> None:
    """Put two texts side by side."""
    st.session_state["pair-origin"] = (first, second)
    st.session_state["pair-first"], st.session_state["pair-second"] = first, second


def pair_origin() -> tuple[str, str]:
    """Return the two texts as they were when they were put side by side."""
    first, second = st.session_state.get("pair-origin", ("", ""))
    return first, second


def keep(kind: str, texts: Corpus, made: Any) -> None:
    """Remember what was made for `texts`, until it is forgotten or another of that kind is made."""
    st.session_state[f"kept-{kind}"] = (texts.fingerprint, made)


def kept(kind: str, texts: Corpus) -> Any:
    """Return what was made for `texts` last; None where nothing was, or for other texts."""
    of, made = st.session_state.get(f"kept-{kind}", ("", None))
    return made if of == texts.fingerprint else None


def forget(kind: str) -> None:
    """Forget what was made last."""
    st.session_state.pop(f"kept-{kind}", None)


# --- Files opened beside the texts, such as judgements: kept for these texts, and put to no others ---


def keep_files(kind: str, texts: Corpus, files: Sequence[str], made: Any) -> None:
    """Remember what was made of `files` for `texts`, until they or others of that kind are opened for other texts."""
    st.session_state[f"opened-{kind}"] = (texts.fingerprint, texts.name, tuple(files), made)


def kept_files(kind: str, texts: Corpus) -> Any:
    """Return what was made of the files last opened; None where there are none, or they are of other texts.

    Says in a sentence which files these are.
    """
    of, name, files, made = st.session_state.get(f"opened-{kind}", ("", "", (), None))
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


def forget_files(kind: str) -> None:
    """Forget the files of that kind: others were chosen, or they were taken out."""
    st.session_state.pop(f"opened-{kind}", None)


# --- What is prepared for every page --------------------------------------------------------


def granularity_key(texts: Corpus) -> str:
    """Return the key of the slider; each corpus has its own."""
    return f"granularity-{texts.fingerprint}"


def granularity(prepared: Prepared) -> float:
    """Return the granularity chosen on the map."""
    chosen = st.session_state.get(granularity_key(prepared.space.corpus))
    return default_resolution(prepared.neighbours) if chosen is None else float(chosen)


@dataclass(frozen=True, eq=False)
class Looked:
    """What is looked at of some texts: `prepared` as `how` says, and the job that makes it better, None without one."""

    prepared: Prepared
    how: EmbeddingChoice
    better: Job[Prepared] | None = None


def looked_at(texts: Corpus) -> Looked:
    """Return what is prepared of `texts`; until that is there, a sketch by the quickest model.

    Without either, it is as `prepared`: how far it is is shown, and this run of the page ends.
    """
    how, rough = reading(), EmbeddingChoice(SKETCH_MODEL)
    job = results.prepared_job(texts, how)
    long = len(texts) >= WORTH_A_SKETCH and not how.own and how.model != SKETCH_MODEL
    if not long or (job.wait(QUICK) and not job.stopped) or not results.is_ready(SKETCH_MODEL):
        return Looked(prepared(texts), how)
    sketch = results.prepared_job(texts, rough)
    if not sketch.wait(QUICK):
        watch_first(job, sketch)
    return Looked(sketch.result(), rough, job) if sketch.succeeded else Looked(prepared(texts), how)


def offered_sooner(texts: Corpus) -> Callable[[Job[Any]], None] | None:
    """Return what draws, below the progress of a long reading, what can be had sooner; None where that was answered."""
    how = reading()
    asks = texts is _opened() and st.session_state.get("read-whole") != texts.fingerprint
    return partial(long_reading, texts, how, open_sample, read_on) if asks else None


def prepared(texts: Corpus, how: EmbeddingChoice | None = None) -> Prepared:
    """Return what is prepared of `texts`, as they are read now or as `how` says.

    Until it is there, show how far it is and end this run of the page. Where the model can't read some of the texts
    that are looked at, the others are looked at from then on, and the page begins anew; where it can't read some of
    others, `EmbedlabError` is raised.
    """
    stopped = "Stopped. The vectors made so far are kept: continuing starts where this ended."
    how = how or reading()
    offered = offered_sooner(texts) if how == reading() else None
    made = waited_for(results.prepared_job, stopped, offered)(texts, how)
    if len(made.space.unread):
        if texts is not corpus() or how != reading():
            refuse_unread(made.space)
        st.session_state.setdefault("readable", {})[_opened().fingerprint, how] = made.space.corpus
        st.rerun()
    return made
