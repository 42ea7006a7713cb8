"""Which model a name or a path stands for, and how a folder is read that doesn't say how it pools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import registry
from embedlab.encoders.base import REMOTE, TRANSFORMER, ModelEntry, not_ready
from embedlab.encoders.families import pooling_of_family
from embedlab.encoders.folder import MINILM, ModelFolder, safe_folder
from embedlab.encoders.registry import asked_for, listing, named

HERE = ("all-MiniLM-L6-v2", "BAAI/bge-small-en", "mine/a", "yours/a", "e5-small", "remote/letters", "wordllama")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2"),
        ("Sentence-Transformers/ALL-MINILM-L6-V2", "all-MiniLM-L6-v2"),
        ("intfloat/e5-small", "e5-small"),
        ("bge-small-en", "BAAI/bge-small-en"),
        ("WordLlama", "wordllama"),
        ("a", "a"),
        ("others/bge-small-en", "others/bge-small-en"),
        ("letters", "letters"),
        ("remote/all-MiniLM-L6-v2", "remote/all-MiniLM-L6-v2"),
        ("org/letters", "org/letters"),
    ],
)
def test_a_name_stands_for_one_model_or_for_itself(typed: str, name: str) -> None:
    assert named(typed, HERE) == name


def test_a_wrong_name_is_answered_with_those_that_are_like_it() -> None:
    for typed in ("all-MiniLM-L6-v3", "all-MiniML-L6-v2", "sentence-transformers/all-MiniLM-L6"):
        with pytest.raises(EmbedlabError, match=r"There is no model “.+”.+perhaps “all-MiniLM-L6-v2”"):
            listing(typed)
    with pytest.raises(EmbedlabError) as caught:
        listing("zzzzzz")
    assert "perhaps" not in str(caught.value)


def test_a_remote_model_that_is_called_as_a_local_one(monkeypatch: pytest.MonkeyPatch) -> None:
    both = (not_ready("x", TRANSFORMER, "here"), not_ready("remote/x", REMOTE, "there"))
    monkeypatch.setattr(registry, "SOURCES", (lambda: both,))
    assert (listing("x").how, listing("org/x").how, listing("remote/x").how) == ("here", "here", "there")
    monkeypatch.setattr(registry, "SOURCES", (lambda: both[1:],))
    with pytest.raises(EmbedlabError, match="perhaps “remote/x”"):
        listing("x")


# --- A path ---


def folder(path: Path, config: dict[str, Any] | None = None, **files: object) -> Path:
    """Write a folder with everything that is looked at before a model is loaded."""
    path.mkdir(parents=True)
    write(
        path / "config.json", {"model_type": "bert", "hidden_size": 8, "max_position_embeddings": 512, **(config or {})}
    )
    (path / "model.safetensors").write_bytes(b"weights")
    for name, content in files.items():
        write(path / f"{name}.json", content)
    return path


def write(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(autouse=True)
def no_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_folders", {})


def test_the_path_of_a_folder_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = folder(tmp_path / "models" / "bge-small")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for typed in ("models/bge-small", "./models/bge-small", "~/models/bge-small", str(place), "models/bge-small/"):
        with pytest.raises(EmbedlabError, match="There is no model"):
            listing(typed)  # nobody named it where the program runs
        assert asked_for(typed) == typed
        entry: ModelEntry = listing(typed)
        assert (entry.name, entry.family, entry.ready, entry.dimensions) == (typed, TRANSFORMER, True, 8)
    assert asked_for("models/bge-small", everywhere=True) == str(place)


def test_a_name_goes_before_a_folder_that_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path / MINILM)
    monkeypatch.chdir(tmp_path)
    assert asked_for(f"sentence-transformers/{MINILM}") == MINILM
    assert listing(asked_for(MINILM)).how == "comes with embedlab"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("./nothing", "There is no folder “./nothing”"),
        ("/nothing/here", "There is no folder"),
        ("~/nothing", "There is no folder"),
        ("empty", "holds no model"),
    ],
)
def test_a_path_that_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EmbedlabError, match=said):
        asked_for(typed)


@pytest.mark.parametrize("typed", ["nothing", "org/nothing", "", "\0", "~nobody-of-that-name/x"])
def test_what_is_no_path_is_a_name(typed: str) -> None:
    assert asked_for(typed) == typed


# --- How it pools ---


@pytest.mark.parametrize(
    ("name", "pooling"),
    [
        ("bge-small-en-v1.5", "first"), ("BAAI_bge-m3", "first"), ("snowflake-arctic-embed-m", "first"),
        ("mxbai-embed-large-v1", "first"), ("UAE-Large-V1", "first"), ("gte-base-en-v1.5", "first"),
        ("multi-qa-mpnet-base-dot-v1", "first"), ("granite-embedding-30m-english", "first"),
        ("e5-small-v2", "mean"), ("multilingual-e5-large", "mean"), ("gte-base", "mean"), ("gte-large", "mean"),
        ("all-MiniLM-L12-v2", "mean"), ("all-mpnet-base-v2", "mean"), ("paraphrase-multilingual-MiniLM-L12-v2", "mean"),
        ("multi-qa-mpnet-base-cos-v1", "mean"), ("contriever-msmarco", "mean"),
        ("Qwen3-Embedding-0.6B", "last"), ("e5-mistral-7b-instruct", "last"), ("LaBSE", "other"),
        ("bert-base-uncased", None), ("roberta-large", None), ("my-model", None), ("use5-small", None),
    ],
)  # fmt: skip
def test_the_pooling_of_a_family(tmp_path: Path, name: str, pooling: str | None) -> None:
    assert pooling_of_family(tmp_path / name, {}) == pooling
    assert pooling_of_family(tmp_path / "copy", {"_name_or_path": f"/elsewhere/cache/{name}/"}) == pooling
    assert pooling_of_family(tmp_path / f"models--org--{name}" / "snapshots" / "4711", {}) == pooling


def test_a_folder_that_does_not_say_how_it_pools(tmp_path: Path) -> None:
    assert safe_folder("x", folder(tmp_path / "bge-base-en"), hashed=False).pooling == "first"
    assert safe_folder("x", folder(tmp_path / "e5-base"), hashed=False).pooling == "mean"
    for name in ("bert-base", "LaBSE"):
        with pytest.raises(EmbedlabError, match=r"“x” doesn't say how its tokens become one vector .+ 1_Pooling"):
            safe_folder("x", folder(tmp_path / name))


def test_a_pooling_without_a_list_of_modules_is_heeded(tmp_path: Path) -> None:
    place = folder(tmp_path / "mine")
    write(place / "1_Pooling" / "config.json", {"word_embedding_dimension": 8, "pooling_mode_cls_token": True})
    assert safe_folder("mine", place, hashed=False).pooling == "first"


def test_a_list_of_modules_without_its_pooling_is_refused(tmp_path: Path) -> None:
    listed = [
        {"type": f"sentence_transformers.models.{kind}", "path": path}
        for kind, path in (("Transformer", ""), ("Pooling", "1_Pooling"))
    ]
    with pytest.raises(EmbedlabError, match=r"lacks 1_Pooling/config\.json.+copy the model again"):
        safe_folder("bge-small", folder(tmp_path / "bge-small", modules=listed))


# --- How much it reads ---


@pytest.mark.parametrize(
    ("config", "window"),
    [
        ({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
        ({"model_type": "xlm-roberta", "max_position_embeddings": 8194, "pad_token_id": 1}, 8192),
        ({"model_type": "camembert", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
        ({"model_type": "mpnet", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
        ({"model_type": "roberta", "max_position_embeddings": 130}, 128),
        ({"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}, 512),
        ({"model_type": "distilbert", "max_position_embeddings": 512, "pad_token_id": 0}, 512),
    ],
)
def test_positions_behind_the_padding_are_not_counted_twice(
    tmp_path: Path, config: dict[str, object], window: int
) -> None:
    place = folder(tmp_path / "e5-x", config)
    assert ModelFolder("x", place, "").window == window
    write(place / "tokenizer_config.json", {"model_max_length": 10**30})
    assert ModelFolder("x", place, "").window == window
    write(place / "sentence_bert_config.json", {"max_seq_length": 100})
    assert ModelFolder("x", place, "").window == 100


def test_a_window_of_one_position_too_many_is_mended(tmp_path: Path) -> None:
    place = folder(tmp_path / "x", {"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1})
    write(place / "sentence_bert_config.json", {"max_seq_length": 514})
    assert ModelFolder("x", place, "").window == 512
