"""The layers of a model are those that sentence-transformers computes: tokens, attention, and what pools them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import Encoder, registry
from embedlab.encoders.folder import ModelFolder, minilm, safe_folder
from embedlab.encoders.transformer import converted
from embedlab.encoders.transformer.conversion import convert_inside
from embedlab.encoders.transformer.converted import FOR, What
from embedlab.encoders.transformer.layers import Inside, _inside
from embedlab.words.layers import through
from tests.encoders import tiny
from tests.encoders.tiny import MEAN, NORMALISED, sentences, transformer

pytestmark = pytest.mark.filterwarnings("ignore")

TEXTS = (
    "the bank of the river",
    "Money",
    "",
    "the [SEP] cat",
    "something that is not in the vocabulary 🚀",
    "the cat sat on the mat with the dog . " * 20,
)
OLD_POOLING = {
    "word_embedding_dimension": tiny.WIDTH,
    "pooling_mode_cls_token": True,
    "pooling_mode_mean_tokens": False,
}
MODELS = {
    "mean": lambda path: sentences(path),
    "cls, as older versions write it": lambda path: sentences(path, MEAN, OLD_POOLING),
    "last token of a decoder": lambda path: sentences(
        path, NORMALISED, "lasttoken", {"max_seq_length": 60}, tensors=tiny.qwen(), architecture=tiny.QWEN_CONFIG,
        tokens=tiny.bytes_tokenizer(),
    ),
    "mean, truncated": lambda path: sentences(path, config={"truncate_dim": 12}),
    "bare": lambda path: transformer(path / "e5-small"),
    "dense": lambda path: sentences(path, (*MEAN, ("Dense", "2_Dense"))),
}  # fmt: skip
POOLING = dict(zip(MODELS, ("mean", "first", "last", "mean", "mean", "other"), strict=True))


def convert_here(model: ModelFolder, place: Path, what: What) -> None:
    """Convert in this process: torch is imported once for all models."""
    assert what == "inside"
    place.mkdir(parents=True)
    cosines = convert_inside(model.path, place / "model.xml")
    (place / "check.json").write_text(json.dumps(cosines), encoding="utf-8")


@pytest.fixture(scope="module", params=MODELS)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """A tiny model: its kind, its layers, and how sentence-transformers computes it."""
    from sentence_transformers import SentenceTransformer

    home = tmp_path_factory.mktemp("inside")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMBEDLAB_HOME", str(home))
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        patch.setattr(converted, "_convert", convert_here)
        folder = MODELS[request.param](home / "model")
        layers = Inside(safe_folder("tiny", folder))
    reference = SentenceTransformer(
        str(folder), device="cpu", model_kwargs={"attn_implementation": "eager", "dtype": "float32"}
    )
    reference.default_prompt_name = None
    return request.param, layers, reference.eval()


def expected(reference: Any, text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ids, hidden states (layers + 1, t, d) and attention (layers, heads, t, t) of the model itself."""
    import torch

    features = reference.preprocess([text]) if hasattr(reference, "preprocess") else reference.tokenize([text])
    tensors = {name: features[name] for name in ("input_ids", "attention_mask")}
    with torch.inference_mode():
        made = reference[0].auto_model(**tensors, output_hidden_states=True, output_attentions=True, return_dict=True)
    return (
        tensors["input_ids"][0].numpy(),
        torch.stack(made.hidden_states)[:, 0].numpy(),
        torch.stack(made.attentions)[:, 0].numpy(),
    )


@pytest.mark.parametrize("text", [text for text in TEXTS if text])
def test_every_layer_agrees_with_the_model_itself(opened: tuple[Any, ...], text: str) -> None:
    _, layers, reference = opened
    trace = layers.trace(text)
    ids, hidden, attention = expected(reference, text)
    assert trace.ids == tuple(ids.tolist())
    np.testing.assert_allclose(trace.hidden, hidden, atol=1e-4)
    np.testing.assert_allclose(trace.attention, attention, atol=1e-5)
    np.testing.assert_allclose(trace.attention.sum(axis=-1), 1, atol=1e-5)
    assert (trace.layers, trace.heads) == (tiny.LAYERS, tiny.HEADS)


@pytest.mark.parametrize("text", [text for text in TEXTS if text])
def test_what_is_pooled_is_the_models_vector(opened: tuple[Any, ...], text: str) -> None:
    kind, layers, reference = opened
    assert layers.pooling == POOLING[kind]
    passage = through(layers, text)
    if kind == "dense":
        assert passage.vector is None
        return
    assert passage.vector is not None
    whole = reference.encode([text], normalize_embeddings=True)[0]
    np.testing.assert_allclose(passage.vector, whole, atol=1e-4)
    assert layers.dimensions == len(whole)


def test_a_text_is_cut_at_the_window_and_counted(opened: tuple[Any, ...]) -> None:
    _, layers, _ = opened
    trace = layers.trace(TEXTS[-1])
    assert len(trace) == layers.window < layers.count(TEXTS[-1])
    assert trace.hidden.shape[1] == trace.attention.shape[-1] == len(trace.pieces) == len(trace.spans) == layers.window


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_text_has_layers(opened: tuple[Any, ...], text: str) -> None:
    _, layers, _ = opened
    trace = layers.trace(text)
    assert len(trace) >= 1
    assert np.isfinite(trace.hidden).all()


def test_a_decoder_looks_back_only(opened: tuple[Any, ...]) -> None:
    kind, layers, _ = opened
    attention = layers.trace(TEXTS[0]).attention
    ahead = np.triu(np.ones(attention.shape[-2:], dtype=bool), 1)
    assert (attention[..., ahead].max() < 1e-6) == (kind == "last token of a decoder")


def test_spans_lead_back_to_the_text_and_special_tokens_have_none(opened: tuple[Any, ...]) -> None:
    kind, layers, _ = opened
    trace = layers.trace(TEXTS[0])
    if kind == "last token of a decoder":
        assert layers.unknown is None
        return
    assert trace.pieces == ("[CLS]", "the", "bank", "of", "the", "river", "[SEP]")
    assert [TEXTS[0][start:end] for start, end in trace.spans] == ["", "the", "bank", "of", "the", "river", ""]
    assert trace.tokens_of(4, 8).tolist() == [2]
    assert trace.tokens_of(5, 10).tolist() == [2, 3]
    assert trace.tokens_of(3, 4).tolist() == []
    assert layers.trace("the 🚀").ids[2] == layers.unknown


def test_one_model_serves_several_threads(opened: tuple[Any, ...]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    _, layers, _ = opened
    alone = [layers.trace(text).hidden for text in TEXTS[:4] * 5]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: layers.trace(text).hidden, TEXTS[:4] * 5))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one, other)


# --- The way to them -----------------------------------------------------------------------------


def test_models_without_layers_are_refused_with_one_sentence() -> None:
    with pytest.raises(EmbedlabError, match="“tf-idf” has no layers to look into"):
        registry.inside("tf-idf")
    with pytest.raises(EmbedlabError, match="There is no model “nothing”"):
        registry.inside("nothing")


def test_layers_that_do_not_agree_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def wrong(model: ModelFolder, place: Path, what: What) -> None:
        place.mkdir(parents=True)
        (place / "check.json").write_text('{"FP32": 0.9}', encoding="utf-8")

    monkeypatch.setattr(converted, "_convert", wrong)
    sentences(tmp_path / "models" / "mine")
    monkeypatch.setenv("EMBEDLAB_MODELS", str(tmp_path / "models"))
    with pytest.raises(
        EmbedlabError, match=r"The layers of “mine” can't be shown .*differs from sentence-transformers"
    ):
        registry.inside("mine")


@pytest.mark.model
def test_minilm_agrees_with_sentence_transformers(
    minilm_home: Path, exact: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentence_transformers import SentenceTransformer

    monkeypatch.setenv("EMBEDLAB_HOME", str(minilm_home))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    _inside.cache_clear()  # another test may have opened them in another home
    layers = registry.inside()
    reference = SentenceTransformer(str(minilm().path), device="cpu")
    texts = [*TEXTS, "Die Bank am Fluss ist aus Holz.", "word " * 400, "supercalifragilisticexpialidocious"]
    tokens = reference.encode(texts, output_value="token_embeddings", convert_to_numpy=False)
    pooled = reference.encode(texts, normalize_embeddings=True)
    for text, last, whole in zip(texts, tokens, pooled, strict=True):
        trace = layers.trace(text)
        np.testing.assert_allclose(trace.hidden[-1], last.numpy()[: len(trace)], atol=1e-4)
        np.testing.assert_allclose(trace.attention.sum(axis=-1), 1, atol=1e-5)
        mean = trace.hidden[-1].mean(axis=0)
        np.testing.assert_allclose(mean / np.linalg.norm(mean), whole, atol=1e-4)
    assert trace.hidden.shape == (7, len(trace), 384)
    assert trace.attention.shape == (6, 12, len(trace), len(trace))
    assert (layers.pooling, layers.unknown, layers.window, layers.dimensions) == ("mean", 100, 256, 384)
    assert FOR["inside"] in str(next((minilm_home / "converted").glob("*inside*")))
    np.testing.assert_allclose(exact.encode(texts), pooled, atol=1e-4)
