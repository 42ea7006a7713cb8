"""The files a browser needs to draw the map: our script and styles, and Plotly's own script."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

# Each file uses only what stands before it.
_SCRIPTS = ("data.js", "plot.js", "overlay.js", "panels.js", "picture.js", "gestures.js", "map.js")


@cache
def map_script() -> str:
    """Return JavaScript that defines `embedlabMap = {createMap, decode...}`, for any page to embed."""
    parts = "\n".join(_web(name) for name in _SCRIPTS)
    exported = "{ createMap, pointsFrom, colouringFrom, rowsFromArrow, rowsFromJson }"
    return f'const embedlabMap = (() => {{\n"use strict";\n{parts}\nreturn {exported};\n}})();\n'


@cache
def map_styles() -> str:
    """Return the map's style sheet; it takes its colours from Streamlit's `--st-*` variables."""
    return _web("map.css")


@cache
def page_script() -> str:
    """Return the script of the stand-alone page, to follow `map_script`."""
    return _web("page.js")


@cache
def page_styles() -> str:
    """Return the style sheet of the stand-alone page, to follow `map_styles`."""
    return _web("page.css")


def plotly_file() -> Path:
    """Return the installed plotly package's own `plotly.min.js`."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("plotly is not installed")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def plotly_script() -> str:
    """Return the text of `plotly_file`."""
    return plotly_file().read_text(encoding="utf-8")


@cache
def plotly_version() -> str:
    """Return the version of `plotly_file`, as written at its top."""
    with plotly_file().open(encoding="utf-8") as script:
        found = re.search(r"plotly\.js v([0-9.]+)", script.read(400))
    return found.group(1) if found else "unknown"


def _web(name: str) -> str:
    return (files("embedlab.figures") / "web" / name).read_text(encoding="utf-8")
