"""A page of findings that stands alone: its style, its pictures and tables, and whatever texts hold shown as typed."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from embedlab.figures import assets
from embedlab.text.normalise import well_formed

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# The page may run its own script and show its own pictures, and fetch nothing at all. Plotly's WebGL layer
# compiles its drawing code when it starts, hence 'unsafe-eval'.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


def document(title: str, sections: Iterable[str]) -> str:
    """Return an HTML page that needs no network; `sections` are HTML, empty ones are left out."""
    return _PAGE.format(
        policy=_POLICY,
        title=safe(title),
        plotly=assets.plotly_file().read_text(encoding="utf-8"),
        body="\n".join(section for section in sections if section),
    )


def plot(figure: Figure, name: str) -> str:
    """Return a figure as HTML; `name` is its own on the page."""
    made: str = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        include_mathjax=False,
        config={"displaylogo": False, "responsive": True, "typesetMath": False},
        div_id=f"figure-{name}",
        default_height=f"{int(figure.layout.height)}px",
    )
    return made


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "numbers") -> str:
    """Return a table as HTML; cells are shown as typed. Those of kind "numbers" but the first don't wrap."""
    head = "".join(f"<th dir='auto'>{safe(cell)}</th>" for cell in heads)
    body = "".join("<tr>" + "".join(f"<td dir='auto'>{safe(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f"<div class='scroll'><table class='{kind}'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph that shows `text` as typed; `kind` is "verdict", "aside" or nothing."""
    return f"<p class='{kind}' dir='auto'>{safe(text)}</p>" if text else ""


def heading(text: str) -> str:
    """Return a heading that shows `text` as typed."""
    return f"<h2 dir='auto'>{safe(text)}</h2>"


def safe(text: str) -> str:
    """Return HTML that shows `text` as typed, whatever it holds."""
    return html.escape(well_formed(text))


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  body {{ margin: 1.5rem auto 4rem; max-width: 1100px; padding: 0 1rem; color: #31333f; background: #fff;
         font: 15px/1.5 system-ui, sans-serif; }}
  h1 {{ font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }}
  h2 {{ font-size: 1.15rem; margin: 2.5rem 0 .75rem; overflow-wrap: anywhere; }}
  h4 {{ font-size: .9rem; margin: .25rem 0; overflow-wrap: anywhere; }}
  h3 {{ font-size: 1rem; margin: 1.25rem 0 .5rem; overflow-wrap: anywhere; }}
  .verdicts {{ list-style: none; margin: 1rem 0; padding: 0; }}
  .verdicts li {{ margin: .5rem 0; padding-left: .8rem; border-left: 3px solid #1f6aa5; }}
  .verdict {{ font-weight: 600; margin: .5rem 0; overflow-wrap: anywhere; }}
  .aside {{ color: #6a7079; margin: .35rem 0; overflow-wrap: anywhere; }}
  .scroll {{ overflow-x: auto; }}
  table {{ border-collapse: collapse; margin: .75rem 0; }}
  th, td {{ text-align: left; padding: .35rem 1.1rem .35rem 0; border-bottom: 1px solid #e3e6ea; vertical-align: top;
           font-variant-numeric: tabular-nums; }}
  th {{ font-weight: 600; }}
  .numbers td + td {{ white-space: nowrap; }}
  .numbers td:first-child {{ min-width: 9rem; overflow-wrap: anywhere; }}
  .small {{ font-size: 13px; }}
  .small td + td {{ white-space: pre; }}
  .texts td {{ min-width: 6rem; overflow-wrap: anywhere; }}
  article {{ border-top: 1px solid #e3e6ea; padding: .75rem 0; }}
  .text, li, pre {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
  .text {{ margin: 0; font-weight: 600; }}
  .pair {{ display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1.5rem; }}
  ol, ul {{ margin: .25rem 0; padding-left: 1.4rem; }}
  i {{ color: #6a7079; font-style: normal; }}
  @media (max-width: 640px) {{ .pair {{ grid-template-columns: minmax(0, 1fr); }} }}
</style>
<script>{plotly}</script>
</head>
<body>
{body}
</body>
</html>
"""


def figure_page(sentence: str, figure: Figure) -> str:
    """Return a page that holds a sentence and a figure."""
    return document(sentence, (f"<h1 dir='auto'>{safe(sentence)}</h1>", plot(figure, "only")))
