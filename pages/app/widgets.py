"""Pieces that several pages show: progress, errors, and texts that must appear exactly as typed."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Literal, NoReturn, ParamSpec, TypeVar

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import StopException

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.plain import plain
from embedlab.base.progress import Job, Progress, Report
from embedlab.base.result import Level
from embedlab.corpus.guess import guess_title
from embedlab.figures.theme import TOOLBAR
from embedlab.text.cut import beginning
from pages.app.jobs import WorkFunction, registry

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from embedlab.corpus import Corpus
    from embedlab.corpus.reading.table import Table

P = ParamSpec("P")
T = TypeVar("T")

UNFORESEEN = (
    OSError, ValueError, ArithmeticError, LookupError, TypeError, RuntimeError, AttributeError, MemoryError,
    StreamlitAPIException,
)  # fmt: skip

NO_COLUMN = "None"

_FILES: Mapping[str, tuple[str, str]] = {
    ".html": ("text/html", "html"), ".csv": ("text/csv", "table"), ".json": ("application/json", "data_object"),
    ".zip": ("application/zip", "download"),
}  # fmt: skip

_LEVELS: Mapping[Level, tuple[str, str]] = {
    "pass": ("green", "check_circle"), "warn": ("orange", "warning"), "fail": ("red", "error")
}  # fmt: skip

_log = logging.getLogger("embedlab")
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$&^=])")
_SHORTCODE = re.compile(r":(?=\S)")
_APART = ":\u2060"  # a word joiner keeps ":smile:" from becoming a picture


def as_typed(text: str) -> str:
    """Return Markdown that shows `text` as it is."""
    return _SHORTCODE.sub(_APART, _PUNCTUATION.sub(r"\\\1", text))


def graded(level: Level, named: bool = False) -> str:
    """Return Markdown for a level: its icon in its colour; `named` also says which it is."""
    colour, icon = _LEVELS[level]
    return f":{colour}[:material/{icon}:{f' {level.capitalize()}.' if named else ''}]"


def show_error(message: str) -> None:
    """Show one sentence that says what is wrong and what to do next."""
    st.error(as_typed(message), icon=":material/error:")


def say_unknown(doubt: str) -> None:
    """Say what a model doesn't know of the texts, in a line that is seen; nothing where there is nothing."""
    if doubt:
        st.markdown(f":material/translate: {as_typed(doubt)}")


def show_doubt(sentence: str) -> None:
    """Show one sentence that says what of a picture can't be relied on; nothing where there is nothing to say."""
    if sentence:
        st.warning(as_typed(sentence), icon=":material/warning:")


def heading(title: str, question: str) -> DeltaGenerator:
    """Draw a page's title and the question that it answers; return the row at its right, for buttons.

    A page begins with it, so what the page showed before counts as shown no longer unless it is asked for again.
    """
    registry().page_begins()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left, st.container(gap=None):
        st.title(title)
        st.caption(question)
    with right:
        return st.container(horizontal=True, horizontal_alignment="right")


class ErrorsSaid:
    """Where an `EmbedlabError` is shown as its sentence, and anything unforeseen as one too; never a traceback."""

    def __enter__(self) -> None:
        """Begin what may fail."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Show what went wrong; True where that was one of these."""
        if isinstance(error, EmbedlabError):
            show_error(str(error))
        elif isinstance(error, UNFORESEEN):
            _log.error("unforeseen", exc_info=error)
            show_error(
                f"embedlab met something it did not foresee ({type(error).__name__}): your texts are untouched. "
                "Reload the page; if it happens again, the server's log says where."
            )
        else:
            return False
        return True


errors_said = ErrorsSaid


def _wait() -> NoReturn:
    """End this run of the page here. After `st.stop` nothing could be drawn, not even the list of what runs."""
    raise StopException


def result_of(
    job: Job[T], forget: Callable[[], None], stopped: str, meanwhile: Callable[[Job[T]], None] | None = None
) -> T:
    """Return what `job` made. Until then show how far it is, and end this run of the page.

    `forget` makes room for a new try; `stopped` says what a stop has kept; `meanwhile` draws what there is to say of
    the job below its progress.
    """
    job.wait(0.3)
    if not job.done:
        _watch(job, meanwhile)
        _wait()
    if job.paused:  # a connection that was away for a while is back
        st.rerun()
    if job.stopped:
        st.info(stopped, icon=":material/stop_circle:")
        st.button("Continue", on_click=forget, type="primary", icon=":material/play_arrow:")
        _wait()
    with errors_said():
        return job.result()
    st.button("Try again", on_click=forget, icon=":material/refresh:")
    return _wait()


def made(key: str, work: Callable[[Report], T], stopped: str) -> T:
    """Return what `work` makes for `key`, once for everybody; until then as `result_of`."""
    return result_of(registry().job(key, work), lambda: registry().forget(key), stopped)


def waited_for(
    work: WorkFunction[P, T], stopped: str = "Stopped.", meanwhile: Callable[[Job[T]], None] | None = None
) -> Callable[P, T]:
    """Return a function that gives what the jobs of `work` make; until then as `result_of`."""
    return lambda *args, **kwargs: result_of(
        work(*args, **kwargs), partial(work.forget, *args, **kwargs), stopped, meanwhile
    )


def awaited(stopped: str = "Stopped.") -> Callable[[Callable[Concatenate[Report, P], T]], Callable[P, T]]:
    """Make a function that takes a while one that returns what it makes, once for everybody; see `waited_for`."""
    return lambda make: waited_for(WorkFunction(make), stopped)


def choose(label: str, options: Iterable[T], key: str, **more: Any) -> T:
    """Let one of a few options be chosen, the first at first; `more` are arguments of `st.segmented_control`."""
    offered = list(options)
    usual: dict[str, Any] = {"default": offered[0], "required": True, "persist_state": "session"}
    chosen: T = st.segmented_control(label, offered, key=key, **(usual | more))
    return chosen


def say_columns(corpus: Corpus, row: int, first: Iterable[str] = (), longest: int = 80) -> None:
    """Say what stands in the columns of a row, after `first`."""
    shown = ((column.name, column.shown(row)) for column in corpus.columns)
    facts = [*first, *(f"{name}: {beginning(value, longest)}" for name, value in shown if value)]
    if facts:
        st.caption(as_typed(" · ".join(facts)))


def long_text(text: str, key: str, most: int = 500, lines: int = 9) -> None:
    """Draw a text; of a long one the beginning, so that what stands below stays in sight, and the offer of the rest."""
    begins = beginning(text, most, lines)
    if begins == text:
        st.text(text)
        return
    whole = f"whole-{key}"
    opened = st.session_state.get(whole) == fingerprint(text)
    st.text(text if opened else begins)
    st.button(
        "Show less" if opened else f"Show all {len(text):,} characters",
        key=f"more-{key}",
        type="tertiary",
        icon=":material/expand_less:" if opened else ":material/expand_more:",
        on_click=partial(st.session_state.update, {whole: "" if opened else fingerprint(text)}),
    )


def choose_text(table: Table, key: str, label: str = "Text column", width: int = 260) -> tuple[str, ...]:
    """Ask for the column of texts, or several that are one text together, such as a title and what stands below it.

    Raises `EmbedlabError` where none is chosen.
    """
    names = [column.name for column in table.columns]
    text = table.guessed_text or names[0]
    title = guess_title(table.columns, text)
    marked = f"{key}-text-{fingerprint([table.name, *names])[:16]}"
    told = "Several columns are read as one text, in the order in which they are chosen."
    usual = [title, text] if title else [text]
    chosen = st.multiselect(label, names, usual, key=marked, help=told, width=width)
    if not chosen:
        raise EmbedlabError("No column of texts is chosen: choose one, or several that belong together.")
    return tuple(chosen)


def choose_column(label: str, names: Iterable[str], guess: str | None, key: str, told: str, **more: Any) -> str:
    """Ask for a column, or none (""); `more` are arguments of `st.selectbox`."""
    offered = [NO_COLUMN, *names]
    first = offered.index(guess) if guess in offered else 0
    chosen = st.selectbox(label, offered, first, key=key, help=told, **more)
    return "" if chosen == NO_COLUMN else str(chosen)


def choose_view(label: str, views: Sequence[str], key: str) -> str:
    """Let one of a page's views be chosen."""
    return choose(label, views, key, label_visibility="collapsed")


def frame(columns: Mapping[str, Any], **more: Any) -> Any:
    """Draw a table, its whole numbers with separators as everywhere else; `more` are arguments of `st.dataframe`."""
    looks = {name: st.column_config.NumberColumn(format="localized") for name in columns if _counts(columns[name])}
    return st.dataframe(columns, hide_index=True, column_config=looks | more.pop("column_config", {}), **more)


def _counts(values: Iterable[Any]) -> bool:
    """Return whether a column of a table holds whole numbers."""
    return all(isinstance(value, int | np.integer) and not isinstance(value, bool) for value in values)


def show_table(columns: Mapping[str, Any], **more: Any) -> None:
    """Draw a small table whole; `more` are arguments of `st.dataframe`."""
    frame(columns, height="content", **more)


def pick(columns: Mapping[str, Any], key: str, mode: Literal["single-row", "multi-row"], **more: Any) -> list[int]:
    """Draw a table whose rows can be picked; return which are. `more` are arguments of `st.dataframe`."""
    chosen = frame(columns, on_select="rerun", selection_mode=mode, key=key, **more)
    rows: list[int] = chosen["selection"]["rows"]
    return rows


def newly_picked(columns: Mapping[str, Any], key: str, **more: Any) -> int | None:
    """Draw a table of which a row can be picked; return it in the run in which it was picked, else None."""
    rows = pick(columns, key, "single-row", **more)
    if not rows or st.session_state.get(f"{key}-taken") == rows:
        return None
    st.session_state[f"{key}-taken"] = rows
    return rows[0]


def show_chart(figure: Figure, key: str, alt: str) -> None:
    """Draw a Plotly figure; `alt` tells a screen reader what it shows."""
    st.plotly_chart(figure, key=key, config=TOOLBAR, alt=alt)


def dark() -> bool:
    """Return whether the page is dark."""
    return bool(st.context.theme.type == "dark")


@st.fragment(run_every=0.5)
def _watch(job: Job[T], meanwhile: Callable[[Job[T]], None] | None = None) -> None:
    if job.done:
        st.rerun()
    with st.container(border=True):
        progress_of(job)
        st.button("Stop", key=f"stop-{id(job)}", on_click=job.stop, icon=":material/stop:")
        if meanwhile is not None:
            meanwhile(job)


def watch_first(job: Job[Any], other: Job[Any]) -> NoReturn:
    """Show how far `job` is, draw the page again when one of the two is done, and end this run of it here."""
    _watch_first(job, other)
    _wait()


@st.fragment(run_every=0.3)
def _watch_first(job: Job[Any], other: Job[Any]) -> None:
    if job.done or other.done:
        st.rerun()
    with st.container(border=True):
        progress_of(job)
        st.button("Stop", key=f"stop-{id(job)}", on_click=job.stop, icon=":material/stop:")


@st.fragment(run_every=0.5)
def sketched(
    job: Job[Any], model: str, of: str, forget: Callable[[], None], meanwhile: Callable[[Job[Any]], None] | None
) -> None:
    """Say that what is shown is a sketch by `model`, and how far the job of the model `of` is; draw it when it is done.

    `forget` makes room for a new try after a stop; `meanwhile` draws what there is to say of the job below it.
    """
    told = f"This is a sketch by {model}"
    if job.stopped:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(f"{told}. {of} was stopped; its vectors made so far are kept.", icon=":material/stop_circle:")
            st.button("Continue", on_click=forget, type="primary", icon=":material/play_arrow:")
        return
    if job.done:
        st.rerun()
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            progress_of(job, as_typed(f"{told} while {of} reads. "), f"{told} while {of} gets ready")
            st.button("Stop", key=f"stop-{id(job)}", on_click=job.stop, icon=":material/stop:")
        if meanwhile is not None:
            meanwhile(job)


@st.fragment(run_every=0.7)
def wait_for(jobs: Sequence[Job[Any]], doing: str) -> None:
    """Say what is being done; draw the page again when it is."""
    if all(job.done for job in jobs):
        st.rerun()
    st.caption(doing)


def speeds_measured(job: Job[Any], key: str, name: str) -> bool:
    """Show how far the measuring of speeds is that was asked for; draw the page again once they are known.

    Return False while it goes on; where it failed, say why and return True.
    """
    if not job.wait(0.3):
        watch_all({name: job}, f"{key}-speeds")
        return False
    st.session_state[f"{key}-measuring"] = False
    if job.succeeded:
        st.rerun()
    show_error(f"The speeds were not measured. {failure_of(job)}")
    return True


@st.fragment(run_every=0.5)
def watch_all(jobs: Mapping[str, Job[Any]], key: str) -> None:
    """Show how far each of several named jobs is; draw the page again whenever one more is done."""
    if any(job.done for job in jobs.values()):
        st.rerun()
    with st.container(border=True):
        for name, job in jobs.items():
            with st.container(horizontal=True, vertical_alignment="center"):
                progress_of(job, f"{as_typed(name)}: ")
                st.button("Stop", key=f"{key}-{name}", on_click=job.stop, icon=":material/stop:")


def progress_of(job: Job[Any], before: str = "", uncounted: str = "") -> None:
    """Show how far a job is, after the words `before`; `uncounted` is what it does where that can't be counted."""
    progress = job.progress
    if progress is None or not progress.total:
        st.progress(0.0, text=before + (uncounted or f"{progress.stage if progress else 'Starting'}…"))
    else:
        st.progress(min(1.0, progress.fraction), text=f"{before}{progress_sentence(progress)}")


def failure_of(job: Job[Any]) -> str:
    """Return why a job that is done failed, in one sentence; nothing where it did not."""
    if job.stopped:
        return "Stopped before it was done."
    try:
        job.result()
    except EmbedlabError as error:
        return str(error)
    except UNFORESEEN as error:
        return f"It failed in a way that embedlab did not foresee ({type(error).__name__}): leave it out, or try again."
    return ""


def progress_sentence(progress: Progress) -> str:
    """Return for example "Embedding: 3,400 of 20,000 (820 a second, 20 s left)"."""
    known = []
    if progress.rate:
        known.append(f"{progress.rate:,.0f} a second")
    if progress.seconds_left:  # none known, or none left
        known.append(f"{duration(progress.seconds_left)} left")
    aside = f" ({', '.join(known)})" if known else ""
    return f"{progress.stage}: {progress.done:,} of {progress.total:,}{aside}"


def duration(seconds: float) -> str:
    """Return for example "20 s", "3 min" or "1 h 5 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """Return for example "820 kB" or "1.4 GB"."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:,.0f} {unit}" if unit in ("bytes", "kB") else f"{value:,.1f} {unit}"


def as_json(facts: Mapping[str, Any]) -> str:
    """Return facts as a file of JSON has them; NaN and infinity are null."""
    return json.dumps(plain(facts), ensure_ascii=False, indent=1, allow_nan=False)


def download(
    label: str,
    content: bytes | Callable[[], str | bytes],
    name: str,
    key: str | None = None,
    icon: str = "",
    **more: Any,
) -> None:
    """Offer a file; its ending says what it is. What `content` returns is made when it is asked for.

    It is called where there is no session. `icon` is the name of a Material symbol, `more` are arguments of
    `st.download_button`.
    """
    mime, usual = _FILES[name[name.rindex(".") :]]

    def made() -> bytes:
        found = content if isinstance(content, bytes) else content()
        return found.encode("utf-8", "replace") if isinstance(found, str) else found

    symbol = f":material/{icon or usual}:"
    st.download_button(
        label,
        content if isinstance(content, bytes) else made,
        name,
        mime,
        key=key,
        icon=symbol,
        on_click="ignore",
        **more,
    )
