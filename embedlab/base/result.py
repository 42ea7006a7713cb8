"""What every answer has in common: a sentence, a table, the facts, and a figure that is drawn where figures are."""

from __future__ import annotations

import tempfile
import webbrowser
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from embedlab.base.plain import plain

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

Level = Literal["pass", "warn", "fail"]
"""How much a result matters: it may pass, ask for a look, or say stop."""
LEVELS: tuple[Level, ...] = ("pass", "warn", "fail")
SHOWN = 10  # rows of a table in a notebook


def _ready(facts: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    @wraps(facts)
    def told(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = plain(facts(self))
        return found

    return told


class Result(ABC):
    """An answer to one question about some texts; those that answer are frozen dataclasses.

    `figure()` and `page()` are drawn by `embedlab.figures`, which is looked up when it is asked: no room below it
    knows Plotly or HTML. Its `facts` never hold NaN, infinity or NumPy's types, whatever a class puts into them.
    """

    def __init_subclass__(cls, **arguments: Any) -> None:
        """See to it that the facts of a class are ready for JSON."""
        super().__init_subclass__(**arguments)
        if "facts" in cls.__dict__:
            cls.facts = _ready(cls.facts)  # type: ignore[assignment, method-assign]

    @property
    @abstractmethod
    def sentence(self) -> str:
        """What it comes to, in one plain sentence."""

    @abstractmethod
    def table(self) -> pd.DataFrame:
        """Return the answer row by row."""

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON: what the command line prints with `--json`."""

    def figure(self) -> Figure:
        """Return the answer as a Plotly figure, which can be changed."""
        drawn: Figure = import_module("embedlab.figures.results").figure(self)
        return drawn

    def page(self) -> str:
        """Return the answer as one HTML page that needs no network."""
        written: str = import_module("embedlab.figures.results").page(self)
        return written

    def show(self) -> Path:
        """Open the page in a browser; return the file it is in."""
        path = Path(tempfile.mkdtemp(prefix="embedlab-")) / "embedlab.html"
        path.write_text(self.page(), encoding="utf-8", errors="replace")
        webbrowser.open(path.as_uri())
        return path

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.sentence}>"

    def _repr_html_(self) -> str:
        """Show the sentence and the first rows in a notebook."""
        render, table = import_module("embedlab.figures.html").render, self.table().head(SHOWN)
        written: str = render("notebook.html.j2", sentence=self.sentence, table=table)
        return written
