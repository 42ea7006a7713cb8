"""Whole pipelines of every kind: what OpenVINO computes is what sentence-transformers computes, or it is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import Encoder, Vectors
from embedlab.encoders.folder import ModelFolder, safe_folder
from embedlab.encoders.transformer import converted, entries
from embedlab.encoders.transformer.conversion import PROBES, convert, convert_inside
from embedlab.encoders.transformer.converted import Refused
from embedlab.encoders.transformer.openvino import OpenVINOEncoder
from embedlab.encoders.transformer.torch import TorchEncoder
from tests.encoders import tiny
from tests.encoders.tiny import MEAN, NORMALISED, sentences, texts, transformer

pytestmark = pytest.mark.filterwarnings("ignore")

ROOT = Path(__file__).parents[2]
# Long and short ones in one batch, words in capitals, a special token, one that ends in a sigma, nothing.
TEXTS = [*texts(40), "the [SEP] cat", "The House OF ΟΔΟΣ", "cat", " ", ""]


@dataclass(frozen=True)
class Variant:
    """How to make a model, and what is known of it without running it."""

    make: Callable[[Path], Path]
    dimensions: int = tiny.WIDTH
    window: int = 24
    prompt: str = ""
    query_prompt: str = ""


VARIANTS = {
    "mean, prompts": Variant(
        lambda path: sentences(path, config={"prompts": {"query": "query : ", "passage": "passage : "}}),
        prompt="passage : ",
        query_prompt="query : ",
    ),
    "CLS, lower case, no Normalize": Variant(lambda path: sentences(path, MEAN, "cls", {"do_lower_case": True})),
    "mean as older versions write it, Dense with Tanh": Variant(
        lambda path: sentences(
            path,
            (*MEAN, ("Dense", "2_Dense"), ("Normalize", "3_Normalize")),
            {"word_embedding_dimension": 32, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True},
        ),
        dimensions=16,
    ),
    "CLS and mean, Dense with Identity, truncated": Variant(
        lambda path: sentences(
            path,
            (*MEAN, ("Dense", "2_Dense")),
            ["cls", "mean"],
            dense={"in_features": 64, "activation_function": tiny.IDENTITY},
            config={"truncate_dim": 12},
        ),
        dimensions=12,
    ),
    "last token of a decoder, default prompt": Variant(
        lambda path: sentences(
            path,
            NORMALISED,
            "lasttoken",
            {"max_seq_length": 60},
            {"prompts": {"task": "represent : "}, "default_prompt_name": "task"},
            tensors=tiny.qwen(),
            architecture=tiny.QWEN_CONFIG,
            tokens=tiny.bytes_tokenizer(),
        ),
        window=60,
        prompt="represent : ",
        query_prompt="represent : ",
    ),
    "bare transformer": Variant(lambda path: transformer(path / "e5-small"), window=tiny.PLACES),
}


@dataclass(frozen=True)
class Pipeline:
    """One variant: converted, and as sentence-transformers computes it by itself."""

    variant: Variant
    model: ModelFolder
    fast: Encoder
    exact: Encoder
    torch: Encoder
    expected: dict[bool, Vectors]


def convert_here(model: ModelFolder, place: Path, what: str) -> None:
    """Convert in this process: torch is imported once for all variants."""
    place.mkdir(parents=True)
    made = {"vectors": convert, "inside": convert_inside}[what]
    cosines = made(model.path, place / "model.xml")
    (place / "check.json").write_text(json.dumps(cosines), encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def here() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        patch.setattr(converted, "_convert", convert_here)
        yield


@pytest.fixture(scope="module", params=VARIANTS)
def pipeline(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    from sentence_transformers import SentenceTransformer

    variant, path = VARIANTS[request.param], tmp_path_factory.mktemp("pipeline")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMBEDLAB_HOME", str(path / "home"))
        model = safe_folder("tiny", variant.make(path / "tiny"))
        fast, exact = OpenVINOEncoder(model), OpenVINOEncoder(model, exact=True)
    plain: Any = SentenceTransformer(str(model.path), device="cpu", model_kwargs={"dtype": "float32"})
    plain.default_prompt_name = None
    assert plain.max_seq_length == variant.window
    expected = {
        query: plain.encode([prompt + text for text in TEXTS], normalize_embeddings=True)
        for query, prompt in ((False, variant.prompt), (True, variant.query_prompt))
    }
    return Pipeline(variant, model, fast, exact, TorchEncoder(model), expected)


def lowest(one: Vectors, other: Vectors) -> float:
    assert one.shape == other.shape
    return float((one * other).sum(axis=1).min())


@pytest.mark.parametrize("query", [False, True])
def test_it_agrees_with_sentence_transformers(pipeline: Pipeline, query: bool) -> None:
    assert not set(TEXTS) & set(PROBES)
    expected = pipeline.expected[query]
    assert lowest(pipeline.exact.encode(TEXTS, query), expected) > 0.9999
    assert lowest(pipeline.torch.encode(TEXTS, query), expected) > 0.9999
    assert lowest(pipeline.fast.encode(TEXTS, query), expected) > 0.999
    among = expected[:40] @ expected[:40].T
    assert np.median(among) < 0.96, "the texts are so alike that a fault would not show"


def test_a_lone_text_has_the_vector_that_it_has_in_a_batch(pipeline: Pipeline) -> None:
    for encoder, least in ((pipeline.exact, 0.99999), (pipeline.fast, 0.999)):
        alone = np.vstack([encoder.encode([text]) for text in TEXTS])
        assert lowest(alone, encoder.encode(TEXTS)) > least


def test_the_card_tells_what_was_found_without_running(pipeline: Pipeline) -> None:
    variant, model = pipeline.variant, pipeline.model
    for encoder in (pipeline.fast, pipeline.exact, pipeline.torch):
        card = encoder.card
        assert (card.dimensions, card.window) == (variant.dimensions, variant.window)
        assert (card.prompt, card.query_prompt) == (variant.prompt, variant.query_prompt)
        assert card.weights == model.sha256 != ""
    assert (model.dimensions, model.window) == (variant.dimensions, variant.window)
    assert pipeline.torch.card.runtime == "sentence-transformers fp32, cpu"
    assert pipeline.exact.card.runtime == "OpenVINO fp32"
    assert float(pipeline.exact.card.checked.removeprefix("checked: lowest cosine ")) > 0.9999


def test_tokens_are_counted_with_the_prompt(pipeline: Pipeline) -> None:
    counts = pipeline.fast.count_tokens(TEXTS)
    assert counts.tolist() == pipeline.torch.count_tokens(TEXTS).tolist()
    assert counts.max() > pipeline.variant.window or pipeline.variant.window == tiny.PLACES


@pytest.mark.parametrize("query", [False, True])
def test_a_mean_is_the_sum_of_its_parts(pipeline: Pipeline, query: bool) -> None:
    for text, expected in zip(TEXTS, pipeline.expected[query], strict=True):
        for encoder in (pipeline.fast, pipeline.torch):
            parts = encoder.parts(text, query)
            if pipeline.model.pooling != "mean":
                assert parts is None
                continue
            assert parts is not None
            total = parts.vectors.sum(axis=0)
            assert total @ expected / np.linalg.norm(total) > 0.9999
            assert parts.text == (pipeline.variant.query_prompt if query else pipeline.variant.prompt) + text
            assert len(parts.pieces) == len(parts.spans) == len(parts.vectors)


def test_only_means_are_sums(pipeline: Pipeline) -> None:
    means = [VARIANTS["mean, prompts"], VARIANTS["bare transformer"]]
    assert (pipeline.model.pooling == "mean") == (pipeline.variant in means)


# --- What OpenVINO can't do right is refused, and sentence-transformers takes over ---


def test_a_pooling_without_the_prompt_is_refused(tmp_path: Path) -> None:
    """The probes have no prompt, so their check would not notice: the cosine would be 0.87."""
    from sentence_transformers import SentenceTransformer

    pooling = {"pooling_mode": "mean", "include_prompt": False}
    prompts = {"prompts": {"document": "the river "}}
    model = safe_folder("tiny", sentences(tmp_path / "tiny", pooling=pooling, config=prompts))
    with pytest.raises(Refused, match="leaves the prompt out"):
        OpenVINOEncoder(model)
    encoder = entries.runtime(model, exact=False)
    assert encoder.card.runtime == "sentence-transformers fp32, cpu"
    assert encoder.card.checked == "OpenVINO was refused: it leaves the prompt out of its pooling"
    plain: Any = SentenceTransformer(str(model.path), device="cpu")
    assert lowest(encoder.encode(["red cat"]), plain.encode(["red cat"], prompt="the river ")) > 0.9999
    assert lowest(encoder.encode(["red cat"]), plain.encode(["the river red cat"])) < 0.999


def test_a_tokenizer_that_is_read_in_two_ways_is_refused(tmp_path: Path) -> None:
    """transformers makes a byte tokenizer of its own for Qwen2, whatever tokenizer.json holds."""
    made = sentences(
        tmp_path / "tiny", NORMALISED, "lasttoken", tensors=tiny.qwen(), architecture=tiny.QWEN_CONFIG
    )  # with word pieces
    card = entries.runtime(safe_folder("tiny", made), exact=False).card
    assert card.runtime == "sentence-transformers fp32, cpu"
    assert card.checked.startswith("OpenVINO was refused: it differs from sentence-transformers (lowest cosine ")


def test_a_window_that_is_read_in_two_ways_is_not_converted(tmp_path: Path) -> None:
    made = sentences(tmp_path / "tiny")
    (made / "sentence_bert_config.json").rename(made / "sentence_roberta_config.json")
    with pytest.raises(ValueError, match="its window is 24, but its files are read as 64"):
        convert(made, tmp_path / "model.xml")
    assert TorchEncoder(safe_folder("tiny", made)).card.window == 24


def test_a_cosine_that_is_no_number_is_refused(tmp_path: Path) -> None:
    def broken(model: ModelFolder, place: Path, what: str) -> None:
        place.mkdir(parents=True)
        (place / "check.json").write_text('{"BF16": NaN, "FP32": NaN}')

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(converted, "_convert", broken)
        with pytest.raises(Refused, match="differs from sentence-transformers"):
            OpenVINOEncoder(safe_folder("tiny", sentences(tmp_path / "tiny")))


@pytest.mark.parametrize("left", ["<net/>", None])
def test_a_conversion_that_never_loads_is_refused(left: str | None, tmp_path: Path) -> None:
    def broken(model: ModelFolder, place: Path, what: str) -> None:
        place.mkdir(parents=True)
        (place / "check.json").write_text('{"FP32": 1.0}' if left else "{")
        (place / "model.xml").write_text(left or "")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(converted, "_convert", broken)
        with pytest.raises(Refused, match="can't be loaded"):
            OpenVINOEncoder(safe_folder("tiny", sentences(tmp_path / "tiny")))


def test_a_broken_tokenizer_is_refused_by_both_in_one_sentence(tmp_path: Path) -> None:
    made = sentences(tmp_path / "tiny")
    (made / "tokenizer.json").write_text("{}")
    with pytest.raises(EmbedlabError, match=r"^sentence-transformers can't load “tiny” \(.+\): choose another model"):
        entries.runtime(safe_folder("tiny", made), exact=False)


def test_a_text_without_a_token_stops_nobody(tmp_path: Path) -> None:
    """Not every decoder puts a mark around a text. sentence-transformers can't embed nothing, and says so here."""
    model = safe_folder(
        "tiny",
        sentences(
            tmp_path / "tiny",
            NORMALISED,
            "lasttoken",
            tensors=tiny.qwen(),
            architecture=tiny.QWEN_CONFIG,
            tokens=tiny.bytes_tokenizer(end=False),
        ),
    )
    encoder = OpenVINOEncoder(model, exact=True)
    assert encoder.count_tokens(["", "cat"]).tolist() == [0, 3]
    for batch in ([""], ["", "the cat"]):
        assert np.linalg.norm(encoder.encode(batch), axis=1) == pytest.approx(np.ones(len(batch)), abs=1e-5)
    with pytest.raises(EmbedlabError, match=r"“tiny” can't embed these texts .*: leave out empty ones"):
        TorchEncoder(model).encode([""])


# --- The whole way, with a process of its own, and without a network ---

DOOR = """
import sys
network = []
events = ("socket.connect", "socket.sendto", "socket.getaddrinfo")
sys.addaudithook(lambda event, arguments: network.append(event) if event in events else 0)
from embedlab.encoders import load, models
print([(found.name, found.ready) for found in models() if found.how == "in the models folder"])
encoder = load("own")
print(encoder.card.runtime, encoder.encode(["the cat"]).shape, encoder is load("own"), encoder is load("own", True))
print([name for name in ("torch", "transformers", "sentence_transformers") if name in sys.modules], network)
"""


def test_a_folder_loads_by_its_name(tmp_path: Path) -> None:
    from tests.conftest import SPY

    spy, home = tmp_path / "spy", tmp_path / "home"
    spy.mkdir()
    (spy / "sitecustomize.py").write_text(SPY)
    sentences(tmp_path / "models" / "own", config={"prompts": {"query": "query : "}})
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")} | {
        "EMBEDLAB_HOME": str(home),
        "EMBEDLAB_MODELS": str(tmp_path / "models"),
        "EMBEDLAB_TEST_SPY": str(tmp_path / "told"),
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": os.pathsep.join([str(spy), str(ROOT)]),
    }
    done = subprocess.run([sys.executable, "-c", DOOR], env=environment, capture_output=True, text=True, check=True)
    listed, loaded, heavy = done.stdout.splitlines()
    assert listed == "[('own', True)]"
    assert loaded.removeprefix("OpenVINO ")[4:] == " (1, 32) True False"
    assert heavy == "[] []"
    (converting,) = [
        told
        for told in map(json.loads, (tmp_path / "told").read_text().splitlines())
        if "embedlab.encoders.transformer.conversion" in told["command"]
    ]
    assert "torch" in converting["modules"]
    assert converting["network"] == []
