"""The map and other Plotly figures in a page: they say what a person did on them, as `st.plotly_chart` does not.

The map sends only what the browser lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import pyarrow as pa
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.fingerprint import fingerprint
from embedlab.figures import html
from embedlab.figures.colouring import Colouring
from embedlab.figures.map import Focus, MapLabel, Marker, Points, marks
from embedlab.figures.theme import TOOLBAR
from pages.app.plotly import page_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HERE = Path(__file__).parent
Rows = NDArray[np.intp]
Kind = Literal["lasso", "box", "legend"]

# How many of each part Python believes the browser to have; the browser keeps a few more.
_REMEMBERED = {"place": 4, "rows": 3, "colours": 8, "selection": 2, "found": 2}
_SENT = "map_parts_sent"
_ASKED, _HEARD, _SHOWN = "map_parts_asked", "map_events_heard", "map_events_shown"


def component_script(name: str) -> str:
    """Return a component's own script, with what finds Plotly before it."""
    return "".join((HERE / part).read_text(encoding="utf-8") for part in ("plotly.js", name))


_component = st.components.v2.component(
    "embedlab_map",
    html='<div class="embedlab-map">\n</div>',
    css=html.web_file("map.css"),
    js=html.map_script() + component_script("map_component.js"),
    isolate_styles=False,  # Plotly writes its own styles into the document
)


@dataclass(frozen=True, eq=False)
class MapEvents:
    """What a person did on the map since the last run; all empty in most runs.

    `clicked` is a row, `selected` the sorted rows that were enclosed or picked in the legend (`kind` says
    how), `label` the index of the clicked cluster name, `cleared` whether everything was let go.
    """

    clicked: int | None = None
    selected: Rows | None = None
    kind: Kind | None = None
    label: int | None = None
    cleared: bool = False


def show_map(
    points: Points,
    colouring: Colouring,
    labels: Sequence[MapLabel] = (),
    *,
    selection: Sequence[int] | NDArray[np.integer[Any]] | None = None,
    focus: Focus | None = None,
    found: Sequence[int] | NDArray[np.integer[Any]] | None = None,
    placed: Marker | None = None,
    key: str,
    alt: str,
    height: int = 620,
    on_event: Callable[[MapEvents], None] | None = None,
    said: str = "",
    clearable: bool | None = None,
    beside: str = "",
) -> MapEvents:
    """Draw the map and return what was done on it since the last run.

    `selection` and `found` are rows; what is not selected (or, without a selection, not found) is grey.
    Positions, texts, colours and rows are sent only when the browser does not have them yet, and an
    unchanged part is not drawn again. `alt` tells a screen reader what the map shows; `height` is in pixels.
    Events that belong to other points are dropped. `on_event` hears of them before the run that they cause, so
    that it need not run twice. `said` is what the map says of the selection, where that is not only what was touched
    on it, and `clearable` whether clearing it lets go of any of this; without it, of anything. `beside` is the key of
    the container that tells of what is touched: it is scrolled to where it lies out of sight.
    """
    if colouring.kind != "plain" and len(colouring.values) != len(points):
        raise ValueError(f"{len(colouring.values)} colours for {len(points)} texts")
    selected, searched = _rows(selection), _rows(found)
    said_of_it = {"selection": said, "clearable": clearable}
    data: dict[str, Any] = {
        "marks": marks(labels, focus, placed),
        # Streamlit's page takes no second message that equals the first: an answer has to differ from the last one.
        # What is heard counts: the map has changed its selection by itself, and is told again which one holds.
        "page": page_of(
            alt=alt, height=height, name=key, beside=beside, said=said_of_it, asked=st.session_state.get(_ASKED, 0),
            heard=st.session_state.get(_HEARD, 0), shown=st.session_state.get(_SHOWN, 0),
        ),
        **_sent(points, colouring, selected, searched),
    }  # fmt: skip

    def heard() -> None:
        """Streamlit returns an event only if something listens to it."""
        events = _events(st.session_state[key], points)
        _count(_HEARD)
        if not events.cleared:
            _count(_SHOWN)
        if on_event is not None:
            on_event(events)

    result = _component(
        key=key, data=data, on_clicked_change=heard, on_selected_change=heard, on_label_change=heard,
        on_cleared_change=heard, on_need_change=_forget,
    )  # fmt: skip
    return _events(result, points)


def _sent(points: Points, colouring: Colouring, selected: Rows | None, searched: Rows | None) -> dict[str, Any]:
    """Return the fingerprints of all parts, and those parts that the browser doesn't have yet."""
    fingerprints = {
        "place": points.place,
        "rows": points.rows,
        "colours": colouring.fingerprint,
        "selection": "" if selected is None else fingerprint(points.rows, selected),
        "found": "" if searched is None else fingerprint(points.rows, searched),
    }
    data: dict[str, Any] = {"fingerprints": fingerprints}
    for part in _unsent(fingerprints):
        data |= _payload(part, points, colouring, selected, searched)
    return data


def _payload(
    part: str, points: Points, colouring: Colouring, selected: Rows | None, searched: Rows | None
) -> dict[str, Any]:
    if part == "place":
        return {"place": points.place_table()}
    if part == "rows":
        return {"rows": points.rows_table(), "names": points.names}
    if part == "colours":
        return {"colours": pa.table({"value": colouring.values}), "legend": colouring.legend()}
    rows = selected if part == "selection" else searched
    return {part: pa.table({"row": np.asarray(rows, dtype=np.int32)})}


def _unsent(fingerprints: dict[str, str]) -> list[str]:
    """The parts that the browser lacks, as far as is known; they count as sent from now on."""
    sent: dict[str, list[str]] = st.session_state.setdefault(_SENT, {})
    unsent = []
    for part, mark in fingerprints.items():
        known = sent.setdefault(part, [])
        if mark in known:
            known.remove(mark)
        elif mark:
            unsent.append(part)
        if mark:
            known.append(mark)
            del known[: -_REMEMBERED[part]]
    return unsent


def _forget() -> None:
    """The browser lacks something: send everything again."""
    st.session_state.pop(_SENT, None)
    _count(_ASKED)


def _count(what: str) -> None:
    st.session_state[what] = st.session_state.get(what, 0) + 1


def _rows(rows: Sequence[int] | NDArray[np.integer[Any]] | None) -> Rows | None:
    return None if rows is None else np.asarray(rows, dtype=np.intp)


def _events(result: Any, points: Points) -> MapEvents:
    def told(event: str) -> dict[str, Any]:
        value = result.get(event)
        return value if isinstance(value, dict) and value.get("rows") == points.rows else {}

    clicked, selected, label, cleared = (told(name) for name in ("clicked", "selected", "label", "cleared"))
    if selected and cleared:  # both in one run: the later one counts
        selected, cleared = (selected, {}) if selected["at"] > cleared["at"] else ({}, cleared)
    row = clicked.get("row")
    return MapEvents(
        clicked=row if isinstance(row, int) and 0 <= row < len(points) else None,
        selected=_chosen(selected, len(points)),
        kind=cast("Kind | None", selected.get("kind")),
        label=label.get("label"),
        cleared=bool(cleared),
    )


def _chosen(selected: dict[str, Any], count: int) -> Rows | None:
    if not selected:
        return None
    rows = np.unique(np.asarray(selected["chosen"], dtype=np.intp))
    return rows[(rows >= 0) & (rows < count)]


_menu_component = st.components.v2.component(
    "embedlab_menu", html="<span hidden></span>", js=(HERE / "menu.js").read_text(encoding="utf-8")
)


def close_menu_when_chosen() -> None:
    """Let the menu go away on a narrow screen when a page is chosen from it."""
    _menu_component(key="embedlab-menu", height=1)


# --- Other figures -------------------------------------------------------------------------------


_figure_component = st.components.v2.component(
    "embedlab_figure",
    html='<div class="embedlab-figure" role="img">\n</div>',
    js=component_script("figure_component.js"),
    isolate_styles=False,
)


def show_figure(figure: Figure, *, key: str, name: str, alt: str) -> tuple[int, int] | None:
    """Draw `figure` and return the place (x, y) of the cell clicked since the last run, or None.

    `name` is that of a saved picture; `alt` tells a screen reader what the figure shows.
    """
    written = figure.to_json()
    mark = fingerprint(written)
    height = int(figure.layout.height or 450)
    result = _figure_component(
        key=key,
        data={"figure": written, "mark": mark, "page": page_of(name=name, alt=alt, height=height, toolbar=TOOLBAR)},
        on_clicked_change=_heard,
    )
    clicked: Any = result.get("clicked")
    if not isinstance(clicked, dict) or clicked.get("mark") != mark:
        return None
    x, y = clicked.get("x"), clicked.get("y")
    return (x, y) if isinstance(x, int) and isinstance(y, int) else None


def _heard() -> None:
    """Streamlit returns an event only if something listens to it."""
