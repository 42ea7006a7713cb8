"""All that is HTML: templates and a style sheet, filled in by Jinja2, which escapes whatever a text holds."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from embedlab.base.english import counted
from embedlab.figures import assets
from embedlab.text.normalise import well_formed

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup
    from plotly.graph_objects import Figure


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
    made.globals |= {"assets": assets, "plot": _plot}
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
        config={"displaylogo": False, "responsive": True, "typesetMath": False},
        div_id=name,
        default_height=f"{int(figure.layout.height)}px",
    )
    return Markup(made)  # noqa: S704
