"""The map and other Plotly figures in a page: they say what a person did on them, as `st.plotly_chart` does not.

A message to the map names its parts by their fingerprints; the browser fetches what it lacks.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.fingerprint import fingerprint
from embedlab.figures import html
from embedlab.figures.charts import Chart
from embedlab.figures.colouring import Colouring
from embedlab.figures.map import Focus, MapLabel, Marker, Points, marks
from embedlab.figures.theme import TOOLBAR
from embedlab.text.cut import beginning
from embedlab.text.normalise import well_formed
from pages.app.served import FOLDER, base_path, plotly_name, served

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HERE = Path(__file__).parent
LONGEST_LISTED = 1500  # characters of a text in a list
Rows = NDArray[np.intp]

_ASKED, _SHOWN = "map_parts_asked", "map_events_shown"


def component_script(name: str) -> str:
    """Return a component's own script, with what finds the server before it."""
    return "".join((HERE / part).read_text(encoding="utf-8") for part in ("served.js", name))


_component = st.components.v2.component(
    "embedlab_map",
    html='<div class="embedlab-map">\n</div>',
    css=html.web_file("map.css") + html.web_file("charts.css"),
    js=html.map_script() + component_script("map_component.js"),
    isolate_styles=False,  # what stands beside the map may lie elsewhere in the page
)


@dataclass(frozen=True, eq=False)
class MapEvents:
    """What a person did on the map since the last run; all empty in most runs.

    `clicked` is a row; `chosen` whether what stands out has changed, and then `selected` the sorted rows that are left
    by filters and selection, None for all, `mark` what the map knows this by, and `kind` how they came about, in
    words; `cleared` whether everything was let go of. `label` is the index of a clicked name, `colour` the title of the
    column to colour by, `off` what of the page's own was taken off: "found" or "placed".
    """

    clicked: int | None = None
    chosen: bool = False
    selected: Rows | None = None
    mark: str = ""
    kind: str = ""
    cleared: bool = False
    label: int | None = None
    colour: str = ""
    off: str = ""


def show_map(
    points: Points,
    colouring: Colouring,
    labels: Sequence[MapLabel] = (),
    *,
    charts: Sequence[Chart] = (),
    selection: Sequence[int] | NDArray[np.integer[Any]] | None = None,
    mark: str = "",
    by: str = "",
    focus: Focus | None = None,
    found: Sequence[int] | NDArray[np.integer[Any]] | None = None,
    sought: str = "",
    placed: Marker | None = None,
    goto: Sequence[int] = (),
    key: str,
    alt: str,
    height: int = 0,
    on_event: Callable[[MapEvents], None] | None = None,
    beside: str = "",
    bare: bool = False,
    lens: bool = False,
) -> None:
    """Draw the map; `on_event` hears of what is done on it, before the run that this causes.

    `selection` and `found` are rows; what is not in both is grey. `mark` is what the map knows the selection by, if it
    came from there, `by` says in words how it came about, `sought` what was looked for. Of `charts`, and of the
    colouring's legend, a person filters by touch. `goto` are rows to bring into sight.

    Positions, colours, charts and rows are fetched by the browser where it does not have them yet, texts when they are
    looked at. `alt` tells a screen reader what the map shows; `height` is in pixels, 0 for what the window has.
    `beside` is the key of the container that tells of what is touched: it is scrolled to where it lies out of sight.
    Where `charts_beside` is drawn for this map, its charts stand there; else in the map itself, unless `bare`. What
    is found through a `lens` is the page's choice, and isn't taken off on the map.
    """
    if colouring.kind != "plain" and len(colouring.values) != len(points):
        raise ValueError(f"{len(colouring.values)} colours for {len(points)} texts")
    told = st.session_state
    data = {
        "marks": {**marks(labels, focus, placed), "goto": [*map(int, goto)] or None},
        "page": {
            "base": base_path(), "alt": alt, "height": height, "name": key, "beside": beside, "bare": bare,
            "lens": lens,
            # Streamlit's page takes no second message that equals the first: an answer has to differ from the last one.
            "asked": told.get(_ASKED, 0), "shown": told.get(_SHOWN, 0),
        },
        "parts": {
            "place": _place(points),
            "rows": _rows_of(points),
            "colours": _colours(colouring),
            "charts": [_chart(chart) for chart in charts],
            "selection": {**_bits(points, selection, mark), "words": by},
            "found": {**_bits(points, found), "words": sought},
        },
    }  # fmt: skip

    def heard() -> None:
        """Streamlit returns an event only if something listens to it."""
        events = _events(st.session_state[key], points)
        if events.clicked is not None or events.selected is not None:
            st.session_state[_SHOWN] = st.session_state.get(_SHOWN, 0) + 1
        if on_event is not None:
            on_event(events)

    _component(
        key=key, data=data, on_clicked_change=heard, on_chosen_change=heard, on_label_change=heard,
        on_colour_change=heard, on_off_change=heard, on_need_change=_ask_again,
    )  # fmt: skip


def _place(points: Points) -> dict[str, Any]:
    url = served().offer(points.place, points.place_bytes)
    return {"id": points.place, "url": url, "axes": points.positions.shape[1]}


def _rows_of(points: Points) -> dict[str, Any]:
    url = served().offer_texts(points.rows, points.told)
    return {"id": points.rows, "url": url, "count": len(points), "names": points.names}


def _colours(colouring: Colouring) -> dict[str, Any]:
    known = colouring.fingerprint
    dtype = "<i4" if colouring.kind == "category" else "<f4"
    url = served().offer(known, lambda: colouring.values.astype(dtype).tobytes())
    return {"id": known, "url": url, "legend": colouring.legend()}


def _chart(chart: Chart) -> dict[str, Any]:
    url = served().offer(chart.fingerprint, lambda: chart.codes.astype("<u2").tobytes())
    return {"key": chart.fingerprint, "url": url, **chart.legend()}


def _bits(points: Points, rows: Sequence[int] | NDArray[np.integer[Any]] | None, mark: str = "") -> dict[str, Any]:
    """A bit a text, eight in a byte; nothing is offered for no rows at all."""
    if rows is None:
        return {"id": mark, "url": "", "count": len(points)}
    chosen = np.asarray(rows, dtype=np.intp)
    name = fingerprint(len(points), chosen)

    def packed() -> bytes:
        bits = np.zeros(len(points), dtype=np.uint8)
        bits[chosen] = 1
        return np.packbits(bits).tobytes()

    return {"id": mark or name, "url": served().offer(name, packed), "count": len(points)}


def _ask_again() -> None:
    """What was offered is gone: the next run offers it again, in a message that differs from the last."""
    st.session_state[_ASKED] = st.session_state.get(_ASKED, 0) + 1


def _events(result: Any, points: Points) -> MapEvents:
    def told(event: str) -> dict[str, Any]:
        value = result.get(event)
        return value if isinstance(value, dict) and value.get("rows") == points.rows else {}

    row, label, chosen = told("clicked").get("row"), told("label").get("label"), told("chosen")
    colour, off = told("colour").get("chart"), told("off").get("what")
    return MapEvents(
        clicked=row if isinstance(row, int) and 0 <= row < len(points) else None,
        chosen=bool(chosen),
        selected=_unpacked(chosen.get("bits"), len(points)),
        mark=str(chosen.get("id", "")),
        kind=_words(chosen),
        cleared=bool(chosen.get("cleared")),
        label=label if isinstance(label, int) else None,
        colour=colour if isinstance(colour, str) else "",
        off=off if isinstance(off, str) else "",
    )


def _unpacked(bits: Any, count: int) -> Rows | None:
    """The rows of a mask as the map sends it; None where it sends none, or not one of so many rows."""
    if not isinstance(bits, str):
        return None
    try:
        packed = np.frombuffer(base64.b64decode(bits, validate=True), dtype=np.uint8)
    except binascii.Error:
        return None
    return np.flatnonzero(np.unpackbits(packed, count=count)) if len(packed) == -(-count // 8) else None


def _words(chosen: dict[str, Any]) -> str:
    words = [chosen.get("words"), *(chosen.get("filters") or ())]
    return "; ".join(str(word) for word in words if word)


# --- What stands beside a map --------------------------------------------------------------------


_side_component = st.components.v2.component(
    "embedlab_side",
    html='<div class="embedlab-side">\n</div>',
    css=html.web_file("charts.css"),
    js=(HERE / "side_component.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def charts_beside(name: str) -> None:
    """Draw the place in which the charts of the map `name` stand, elsewhere than in the map itself."""
    _side_component(key=f"charts-of-{name}", data={"map": name})


@dataclass(frozen=True)
class ShownText:
    """A text in a list: its row on the map, what is said before it and after it, and whether a click goes there."""

    row: int
    text: str
    before: str = ""
    after: str = ""
    goes: bool = True


_rows_component = st.components.v2.component(
    "embedlab_rows",
    html='<div class="embedlab-rows">\n</div>',
    css=(HERE / "text_rows.css").read_text(encoding="utf-8"),
    js=(HERE / "text_rows.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def show_texts(
    texts: Sequence[ShownText],
    *,
    on_map: str,
    key: str,
    label: str,
    on_went: Callable[[int], None] | None = None,
    why: bool = False,
) -> int | None:
    """Draw a list of texts of the map `on_map`: pointing lights one up there, a click goes there (`on_went`, by row).

    Return the row whose "why?" was clicked, which is offered with `why`. `label` is for screen readers.
    """

    def went() -> None:
        if on_went is not None and (row := _row_of(st.session_state[key], "went", texts)) is not None:
            on_went(row)

    rows = [{**asdict(one), "text": beginning(well_formed(one.text), LONGEST_LISTED)} for one in texts]
    data = {"map": on_map, "label": label, "rows": rows, "why": why}
    result = _rows_component(key=key, data=data, on_went_change=went, on_why_change=_heard)
    return _row_of(result, "why", texts)


def _row_of(result: Any, event: str, texts: Sequence[ShownText]) -> int | None:
    told: Any = result.get(event)
    row = told.get("row") if isinstance(told, dict) else None
    return row if isinstance(row, int) and any(one.row == row for one in texts) else None


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
        data={
            "figure": written,
            "mark": mark,
            "page": {
                "base": base_path(),
                "script": f"{FOLDER}/{plotly_name()}",
                "name": name,
                "alt": alt,
                "height": height,
                "toolbar": TOOLBAR,
            },
        },
        on_clicked_change=_heard,
    )
    clicked: Any = result.get("clicked")
    if not isinstance(clicked, dict) or clicked.get("mark") != mark:
        return None
    x, y = clicked.get("x"), clicked.get("y")
    return (x, y) if isinstance(x, int) and isinstance(y, int) else None


def _heard() -> None:
    """Streamlit returns an event only if something listens to it."""
