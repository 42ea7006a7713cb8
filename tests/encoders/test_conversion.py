"""What happens around a conversion, without converting anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from embedlab.encoders.folder import ModelFolder
from embedlab.encoders.transformer import converted, openvino
from embedlab.encoders.transformer.converted import Converted, Damaged, Refused, forget_converted

MODEL = ModelFolder("model", Path("nowhere"), "0" * 64)


class Converter:
    """Stands for the converting process: leaves a model and says what was measured."""

    def __init__(self, cosines: dict[str, float] | None = None, error: str = "") -> None:
        self.cosines, self.error, self.calls = cosines, error, 0

    def __call__(self, command: list[str], **settings: Any) -> subprocess.CompletedProcess[str]:
        self.calls += 1
        assert command[:3] == [sys.executable, "-m", "embedlab.encoders.transformer.conversion"]
        assert settings["env"]["HF_HUB_OFFLINE"] == "1"
        if self.cosines is None:
            return subprocess.CompletedProcess(command, 1, "", f"Traceback\n  a line\n{self.error}\n")
        Path(command[-1]).write_text("<net/>")
        return subprocess.CompletedProcess(command, 0, f"something said\n{json.dumps(self.cosines)}\n", "")


def convert_with(monkeypatch: pytest.MonkeyPatch, converter: Converter) -> Converter:
    monkeypatch.setattr(subprocess, "run", converter)
    return converter


@pytest.mark.parametrize(
    ("cosines", "best"),
    [
        ({"BF16": 0.99997, "FP32": 1.0}, "BF16"),
        ({"BF16": 0.999, "FP32": 1.0}, "BF16"),
        ({"BF16": 0.9989, "FP32": 1.0}, "FP32"),
        ({"FP32": 0.9991}, "FP32"),
    ],
)
def test_the_fastest_precision_that_agrees_is_taken(
    cosines: dict[str, float], best: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert_with(monkeypatch, Converter(cosines))
    assert Converted.of(MODEL).best() == best


def test_a_model_is_converted_once(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    converter = convert_with(monkeypatch, Converter({"FP32": 1.0}))
    assert Converted.of(MODEL) == Converted.of(MODEL)
    assert converter.calls == 1
    assert Converted.of(MODEL).graph.read_text() == "<net/>"
    assert len(list((own_home / "converted").iterdir())) == 1, "nothing half-made is left"
    forget_converted(MODEL)
    Converted.of(MODEL)
    assert converter.calls == 2


def test_other_weights_are_converted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    converter = convert_with(monkeypatch, Converter({"FP32": 1.0}))
    other = ModelFolder("model", Path("nowhere"), "1" * 64)
    assert Converted.of(MODEL).graph != Converted.of(other).graph
    assert converter.calls == 2


def test_a_model_that_differs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    convert_with(monkeypatch, Converter({"BF16": 1.0, "FP32": 0.99899}))
    with pytest.raises(Refused, match=r"differs from sentence-transformers \(lowest cosine 0\.99899\)"):
        Converted.of(MODEL)


def test_a_conversion_that_fails_is_refused_with_its_reason(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    convert_with(monkeypatch, Converter(error="RuntimeError: this operation is unknown"))
    with pytest.raises(Refused, match=r"could not be converted \(RuntimeError: this operation is unknown\)"):
        Converted.of(MODEL)
    assert list((own_home / "converted").iterdir()) == []


@pytest.mark.parametrize("content", ["{", "{}", "[]", '{"FP32": "x"}'])
def test_a_damaged_conversion_is_noticed(content: str, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    convert_with(monkeypatch, Converter({"FP32": 1.0}))
    Converted.of(MODEL)
    (check,) = own_home.glob("converted/*/check.json")
    check.write_text(content)
    with pytest.raises(Damaged):
        Converted.of(MODEL)


def test_two_processes_may_convert_at_once(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one is faster: its model is there when this one is done, and is used."""

    class Slow(Converter):
        def __call__(self, command: list[str], **settings: Any) -> subprocess.CompletedProcess[str]:
            done = super().__call__(command, **settings)
            place = own_home / "converted" / f"model-{'0' * 12}-openvino-{version()}-{converted.GRAPH}"
            place.mkdir()
            (place / "model.xml").write_text("<faster/>")
            (place / "check.json").write_text('{"FP32": 0.9999}')
            return done

    convert_with(monkeypatch, Slow({"FP32": 1.0}))
    found = Converted.of(MODEL)
    assert found.graph.read_text() == "<faster/>"
    assert found.cosines == {"FP32": 0.9999}


def version() -> str:
    from embedlab.encoders.transformer.converted import openvino as module

    return str(module().__version__).split("-")[0]


@pytest.mark.parametrize(
    ("cosine", "shown"), [(0.99999999, "0.9999999"), (1.0000001, "1"), (0.9999741, "0.9999741"), (0.999, "0.999")]
)
def test_a_cosine_is_rounded_down(cosine: float, shown: str) -> None:
    assert openvino._cosine_shown(cosine) == shown
