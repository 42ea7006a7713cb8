"""What the tests share: a data folder of their own, an encoder whose vectors follow from the text, and the real one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.encoders import Encoder, EncoderInfo, load, registry
from embedlab.encoders.capabilities import TokenContributions
from embedlab.encoders.folder import minilm as weights
from embedlab.encoders.transformer.openvino import OpenVINOEncoder
from embedlab.encoders.transformer.torch import TorchEncoder

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class LetterEncoder:
    """Counts letters: "ab" and "ba" share one vector, "aa" and "bb" are orthogonal.

    The vector of a text is its 26 letter counts (plus one dimension for a text without letters), scaled to
    length 1, so every cosine in a test can be checked by hand. A token is a word.
    """

    def __init__(self, window: int = 8) -> None:
        self.card = EncoderInfo("letters", "by hand", len(ALPHABET) + 1, window, "tests", at_once=128)
        self.calls: list[list[str]] = []

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        self.calls.append(list(texts))
        vectors = np.zeros((len(texts), self.card.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text.lower():
                if letter in ALPHABET:
                    vectors[row, ALPHABET.index(letter)] += 1
            if not vectors[row].any():
                vectors[row, -1] = 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def parts(self, text: str, query: bool = False) -> TokenContributions:
        """A piece is a letter; every letter has length 1 in a direction of its own."""
        found = [(place, letter) for place, letter in enumerate(text.lower()) if letter in ALPHABET]
        vectors = np.zeros((max(1, len(found)), self.card.dimensions))
        for row, (_, letter) in enumerate(found):
            vectors[row, ALPHABET.index(letter)] = 1
        if not found:
            vectors[0, -1] = 1
        spans = np.array([(place, place + 1) for place, _ in found] or [(0, 0)], dtype=np.intp)
        return TokenContributions(text, tuple(letter for _, letter in found) or ("(none)",), spans, vectors)

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return np.array([len(text.split()) for text in texts], dtype=np.int32)


@pytest.fixture
def letters() -> LetterEncoder:
    return LetterEncoder()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has an empty data folder of its own."""
    path = tmp_path / "home"
    monkeypatch.setenv("EMBEDLAB_HOME", str(path))
    return path


# --- The real model, converted once in a test session, in a folder that all the tests share ---

# Runs at the start of the converting process and tells at its end what that process did.
SPY = """
import atexit, json, os, sys

network = []

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        network.append(f"{event} {arguments[1:]}")

def tell():
    with open(os.environ["EMBEDLAB_TEST_SPY"], "a", encoding="utf-8") as file:
        modules = sorted(name for name, module in sys.modules.items() if module is not None)
        file.write(json.dumps({"command": sys.orig_argv, "modules": modules, "network": network}) + "\\n")

sys.addaudithook(watch)
atexit.register(tell)
"""


@dataclass(frozen=True)
class Process:
    """What a process that was started while the model was loaded did."""

    command: list[str]
    modules: list[str]
    network: list[str]


@dataclass(frozen=True)
class Loaded:
    """The loaded model, the data folder with its conversion, and the processes that loading started."""

    encoder: Encoder
    home: Path
    started: tuple[Process, ...]


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    home, spy = tmp_path_factory.mktemp("models"), tmp_path_factory.mktemp("spy")
    (spy / "sitecustomize.py").write_text(SPY, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        patch.setenv("EMBEDLAB_HOME", str(home))
        patch.setenv("EMBEDLAB_TEST_SPY", str(spy / "told"))
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(spy), os.environ.get("PYTHONPATH")])))
        registry.forget()
        encoder = load()
    told = (spy / "told").read_text(encoding="utf-8").splitlines() if (spy / "told").exists() else []
    yield Loaded(encoder, home, tuple(Process(**json.loads(line)) for line in told))
    registry.forget()


@pytest.fixture(scope="session")
def minilm(loaded: Loaded) -> Encoder:
    """all-MiniLM-L6-v2 as `load()` gives it on a CPU."""
    return loaded.encoder


@pytest.fixture(scope="session")
def exact(loaded: Loaded) -> Encoder:
    """The same on OpenVINO in fp32."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMBEDLAB_HOME", str(loaded.home))
        return OpenVINOEncoder(weights(), exact=True)


@pytest.fixture(scope="session")
def reference() -> Encoder:
    """The same on sentence-transformers."""
    return TorchEncoder(weights(), "cpu")


@pytest.fixture(scope="session")
def minilm_home(loaded: Loaded) -> Path:
    """A data folder that holds the converted model, for processes that the tests start."""
    return loaded.home
