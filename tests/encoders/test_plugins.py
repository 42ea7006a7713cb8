"""Encoders of other packages: listed without being imported, and never able to break anything."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import ModelEntry, load, models, registry
from embedlab.encoders.base import PACKAGES

FUNCTION = "def make(): return lambda texts: [[len(text), 1] for text in texts]\n"
CLASS = """
import numpy as np
from embedlab.encoders import EncoderInfo

class Made:
    card = EncoderInfo("mine", "1", 2, 0, "by hand")

    def encode(self, texts, query=False):
        return np.array({vectors}, dtype=np.float32)

make = Made
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a package with one encoder on the path: a module and its description."""
    before = set(sys.modules)
    made: list[Path] = []

    def installed(code: str, name: str = "mine", module: str = "plugged", points: str | None = None) -> None:
        site = tmp_path / f"site-{len(made)}"
        about = site / f"{module}-1.dist-info"
        about.mkdir(parents=True)
        (site / f"{module}.py").write_text(code)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n")
        (about / "entry_points.txt").write_text(points or f"[embedlab.encoders]\n{name} = {module}:make\n")
        made.append(site)
        monkeypatch.syspath_prepend(site)

    monkeypatch.setattr(registry, "_loaded", OrderedDict())
    yield installed
    for name in set(sys.modules) - before:
        if name.startswith("plugged"):
            del sys.modules[name]


def listed() -> dict[str, ModelEntry]:
    return {entry.name: entry for entry in models() if entry.family == PACKAGES}


def test_without_any_there_are_none() -> None:
    assert listed() == {}


def test_a_function_from_texts_to_numbers_has_the_name_of_its_entry_point(install: Install) -> None:
    install(FUNCTION)
    assert listed()["mine"].ready
    encoder = load("mine")
    assert (encoder.card.model, encoder.card.kept, encoder.encode(["abc"]).shape) == ("mine", False, (1, 2))
    assert load("mine") is encoder


def test_an_encoder_with_a_card_is_taken_as_it_is(install: Install) -> None:
    install(CLASS.format(vectors="[[0.6, 0.8]] * len(texts)"))
    assert type(load("mine")).__name__ == "Made"


def test_one_may_be_made_of_one_that_is_here(install: Install) -> None:
    install("def make():\n    from embedlab.encoders import load\n    return load('inner').encode\n")
    install(FUNCTION, "inner", "plugged_inner")
    assert load("mine").encode(["abc"]).shape == (1, 2)


BROKEN = {
    "no import": ("import no_such_module_here", r"“mine” fails \(ModuleNotFoundError: No module named 'no_such"),
    "no code": ("def make(:", r"“mine” fails \(SyntaxError: "),
    "no function": ("", r"“mine” fails \(AttributeError: .*: mend or update its package, plugged:make\.$"),
    "an error": ("def make(): return 1 / 0", r"“mine” fails \(ZeroDivisionError: division by zero\): mend or update"),
    "an error of many lines": ("def make(): raise ValueError('a\\nb')", r"“mine” fails \(ValueError: a\): mend"),
    "an exit": ("import sys; sys.exit('bye')", r"“mine” fails \(SystemExit: bye\)"),
    "wants an argument": ("def make(texts): return texts", r"“mine” fails \(TypeError: make\(\) missing 1 required"),
    "no encoder": ("def make(): return 3", "“3” is no encoder: give a function"),
    "a bad array": ("def make(): return lambda texts: 3", r"The encoder “mine” returned an array \(\): return"),
    "another name": (
        CLASS.format(vectors="[[0.6, 0.8]]").replace('"mine"', '"x"'),
        "The card of “mine” says “x”: give",
    ),
    "another shape": (CLASS.format(vectors="[0.6, 0.8]"), r"“mine” returned an array \(2,\) for one text, where a row"),
    "another length": (CLASS.format(vectors="[[3, 4]]"), "where a row of 2 numbers of length 1 is due"),
    "not a number": (CLASS.format(vectors="[[0, np.nan]]"), "where a row of 2 numbers of length 1 is due"),
    "its own sentence": (
        "from embedlab.base.errors import EmbedlabError\ndef make(): raise EmbedlabError('Start it first.')",
        r"^Start it first\.$",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_one_says_so_in_one_sentence_and_breaks_nothing(case: str, install: Install) -> None:
    code, said = BROKEN[case]
    install(code)
    with pytest.raises(EmbedlabError, match=said) as caught:
        load("mine")
    entry = listed()["mine"]
    assert (entry.ready, entry.how) == (False, str(caught.value))
    assert "\n" not in entry.how
    assert "tf-idf" in [entry.name for entry in models() if entry.ready]


def test_what_was_mended_works_again(install: Install, tmp_path: Path) -> None:
    waits = "import os\ndef make():\n    if not os.path.exists('mended'): raise OSError('not yet')\n    "
    install(waits + FUNCTION.partition(": ")[2])
    with pytest.raises(EmbedlabError, match="not yet"):
        load("mine")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        (tmp_path / "mended").touch()
        assert load("mine").encode(["a"]).shape == (1, 2)
    assert listed()["mine"].ready


def test_a_name_that_is_taken_is_refused(install: Install) -> None:
    install(FUNCTION, "tf-idf")
    install(FUNCTION, "twice", "plugged_a")
    install(FUNCTION, "twice", "plugged_b")
    found = listed()
    assert {name: entry.ready for name, entry in found.items()} == {
        "tf-idf (plugged)": False, "twice": True, "twice (plugged_b)": False,
    }  # fmt: skip
    said = "The name “tf-idf” is taken by another model: ask the authors of plugged for one of its own."
    assert found["tf-idf (plugged)"].how == said
    with pytest.raises(EmbedlabError, match="is taken by another model"):
        load("tf-idf (plugged)")
    assert load("tf-idf", texts=["a b", "c"]).card.runtime == "scikit-learn"
    assert len({entry.name for entry in models()}) == len(models())


@pytest.mark.parametrize("points", ["[embedlab.encoders]\nno equals sign\n", "[embedlab.encoders]\nmine = \n", "\0"])
def test_a_description_that_cannot_be_read_hides_no_model(points: str, install: Install) -> None:
    install(FUNCTION, points=points)
    assert "tf-idf" in [entry.name for entry in models()]
    with pytest.raises(EmbedlabError):
        load("mine")
