"""All that is HTML: templates and a style sheet, filled in by Jinja2, which escapes whatever a text holds; scripts."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embedlab.base.english import counted
from embedlab.figures.theme import TOOLBAR
from embedlab.text.normalise import well_formed

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup
    from plotly.graph_objects import Figure

# Each file uses only what stands before it.
_SCRIPTS = (
    "data.js", "filters.js", "camera.js", "renderer.js", "plot.js", "labels.js", "density.js", "overlay.js",
    "panels.js", "charts.js", "picture.js", "gestures.js", "map.js",
)  # fmt: skip
_OFFERED = (
    "createMap", "pointsFrom", "colouringFrom", "chartsOfColouring", "rowsOnDemand", "rowsFromJson", "rowsOf", "bitsOf",
    "packedBits", "unpackedBits", "base64Of", "numbersFrom", "Filters",
)  # fmt: skip


def render(template: str, **values: object) -> str:
    """Return the HTML of `template`, a file of this folder, with `values` in it.

    Texts are shown as typed, lone surrogates as U+FFFD. Templates may call `plot(figure, id)`, and put values into a
    script with `tojson`. Raises `jinja2.UndefinedError` where a template names a value that it was not given.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    """Return what fills in the templates. Jinja2 is imported by what writes HTML only."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("embedlab.figures", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=lambda value: well_formed(value) if type(value) is str else value,
    )
    made.policies |= {"json.dumps_function": _json, "json.dumps_kwargs": {}}
    made.globals |= {"plot": _plot, "web_file": web_file, "map_script": map_script, "plotly_script": plotly_script}
    made.filters |= {"counted": counted, "thousands": "{:,}".format}
    return made


def _json(data: object) -> str:
    return well_formed(json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def _plot(figure: Figure, name: str) -> Markup:
    """Return a figure as HTML; `name` is its id on the page. Plotly itself escapes what stands in its script."""
    from markupsafe import Markup

    made: Any = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        include_mathjax=False,
        config={**TOOLBAR, "responsive": True, "typesetMath": False},
        div_id=name,
        default_height=f"{int(figure.layout.height)}px",
    )
    return Markup(made)  # noqa: S704


@cache
def map_script() -> str:
    """Return JavaScript that defines `embedlabMap = {createMap, decode...}`, for any page to embed."""
    parts = "\n".join(web_file(name) for name in _SCRIPTS)
    offered = ", ".join(_OFFERED)
    return f'const embedlabMap = (() => {{\n"use strict";\n{parts}\nreturn {{ {offered} }};\n}})();\n'


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


@cache
def web_file(name: str) -> str:
    """Return one of the files that draw the map."""
    return (files("embedlab.figures") / "web" / name).read_text(encoding="utf-8")
