"""HTML is written in one place: whatever texts hold is shown as typed, one frame says what a page may do."""

from __future__ import annotations

import ast
import csv
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import jinja2
import numpy as np
import pytest

import embedlab.__main__ as command_line
from embedlab import pipeline
from embedlab.corpus import Corpus
from embedlab.explore.similarity import similarity
from embedlab.figures.heatmap import heatmap_html
from embedlab.figures.html import render
from embedlab.space.embedding import embed
from tests.conftest import LetterEncoder
from tests.figures.elements import Elements

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "embedlab" / "figures" / "html"
NASTY = (
    "<script>window.pwned=1</script>",
    "</script><img src=x onerror=window.pwned=1>",
    "\"double\" 'single' &lt; &amp; `tick`",
    "{{ 7 * 7 }} {% raw %} {# gone? #}",
    "turned \u202e round \u2066 and \u2028 on",
    "]]> --> <!-- ${x} %s {0}",
)
PLOTLY_S = {"b", "i", "br", "extra"}  # its own mark-up, not HTML


@pytest.fixture
def nasty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two files whose name, columns, labels and texts are nasty; each text has many others that are like it."""
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): LetterEncoder())
    paths = tmp_path / "be <i>fore.csv", tmp_path / "af <i>ter.csv"
    for path, letters in zip(paths, ("abcd", "abqz"), strict=True):
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("text", "la<b>el", "split"))
            for row in range(120):
                text = f"{NASTY[row % len(NASTY)]} {letters[row % 4] * (row % 7 + 2)} {row // 2}"
                writer.writerow((text, f"<u>{row % 3}{letters[row % 4]}", "test" if row % 5 == 0 else "train"))
    return paths


def run(*arguments: object) -> None:
    assert command_line.main([str(argument) for argument in arguments]) == 0


def page_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def shows_as_typed(page: str) -> Elements:
    read = Elements(page)
    assert not {"img", "u"} & set(read.counts)
    assert read.counts["script"] == 1 + page.count('class="plotly-graph-div"')  # Plotly's own, and one a figure
    assert page.count("Content-Security-Policy") == 1
    assert not re.search(r"<(li|pre|td)[^>]*>\s", page)  # in these, spaces would be seen
    return read


def test_a_check_against_other_texts_shows_texts_as_typed(nasty: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = nasty
    out = tmp_path / "check.html"
    source = " ".join(NASTY)
    run("check", new, "--text", "text", "--label", "la<b>el", "--against", old, "--source", source, "--out", out)
    read = shows_as_typed(page_of(out))
    for wanted in (source, f"{NASTY[3]} zzz", "af <i>ter: checked", "be <i>fore against af <i>ter", "la<b>el"):
        assert wanted in read.text


def test_a_drift_report_shows_texts_as_typed(nasty: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "drift.html"
    run("drift", *nasty, "--text", "text", "--label", "la<b>el", "--out", out)
    read = shows_as_typed(page_of(out))
    for wanted in ("be <i>fore against af <i>ter: drift", "Most typical texts", NASTY[3]):
        assert wanted in read.text


@pytest.mark.parametrize("text", [*NASTY, "lone \ud800", "nul \x00"])
def test_a_text_in_a_script_stays_a_text(text: str) -> None:
    texts = [text, "ab"]
    page = heatmap_html(similarity(embed(Corpus.of(texts), LetterEncoder()), np.arange(2)), texts, title=text)
    page.encode()
    read = Elements(page)
    assert read.counts["script"] == page.count("</script>") == 3
    found = re.search(r"const texts = (.*);\n", page)
    assert found
    assert text.replace("\ud800", "\ufffd") in json.loads(found.group(1))
    assert read.text.count(text.replace("\ud800", "\ufffd")) >= 2  # title and heading


def test_nothing_that_a_template_names_may_be_missing() -> None:
    with pytest.raises(jinja2.UndefinedError, match="ink"):
        render("chips.html.j2", tokens=[], faint="#888")


def test_what_a_page_may_do_is_written_once() -> None:
    files = [path for path in (ROOT / "embedlab").rglob("*.*") if path.suffix in (".py", ".j2", ".js")]
    found = [path.name for path in files if "default-src" in path.read_text(encoding="utf-8")]
    assert found == ["document.html.j2"]
    for path in TEMPLATES.glob("*.j2"):
        assert ("<!doctype" in path.read_text(encoding="utf-8")) == (path.name == "document.html.j2")


def sources() -> Iterator[tuple[Path, ast.AST]]:
    for room in ("embedlab", "pages"):
        for path in (ROOT / room).rglob("*.py"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_no_html_is_put_together_in_python() -> None:
    """Tags in f-strings, but for Plotly's own; and `html.escape`, but for where Plotly's texts are made."""
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                told = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
                assert set(re.findall(r"(?<!\?P)</?([a-z][a-z0-9]*)[ />]", told)) <= PLOTLY_S, f"{path}: {told}"
            if isinstance(node, ast.ImportFrom) and node.module == "html":
                assert path.name == "theme.py", path


def test_templates_take_only_our_own_files_and_pandas_tables_as_they_are() -> None:
    for path in TEMPLATES.glob("*.j2"):
        for taken in re.findall(r"{{ (.*?)\|\s*safe\b", path.read_text(encoding="utf-8")):
            assert taken.lstrip("(").startswith(("web_file(", "map_script()", "plotly_script()", "table.to_html(")), (
                f"{path.name}: {taken}"
            )


def test_jinja_is_imported_by_what_writes_html_only() -> None:
    script = (
        "import sys, embedlab, embedlab.__main__, embedlab.cli.check, embedlab.cli.compare, embedlab.cli.drift, "
        "embedlab.figures.results, embedlab.figures.inside, embedlab.figures.heatmap, embedlab.figures.map_view\n"
        "print([name for name in ('jinja2', 'markupsafe') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_template_is_a_part_of_the_package() -> None:
    patterns = tomllib.loads(page_of(ROOT / "pyproject.toml"))["tool"]["setuptools"]["package-data"]["embedlab"]
    kept = {path for pattern in patterns for path in (ROOT / "embedlab").glob(pattern)}
    assert {path for path in TEMPLATES.iterdir() if path.suffix in (".j2", ".css")} <= kept
