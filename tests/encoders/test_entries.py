"""Models in folders: listed, loaded by their names, or refused in one sentence; nothing is converted here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import Encoder, EncoderInfo, ModelEntry, Vectors, load, models, registry
from embedlab.encoders.base import LEXICAL, TRANSFORMER
from embedlab.encoders.folder import ModelFolder, safe_folder
from embedlab.encoders.transformer import entries
from tests.encoders.tiny import MEAN, sentences, transformer, write
from tests.sentences import says

DENSE = (*MEAN, ("Dense", "2_Dense"))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder of models."""
    path = tmp_path / "shelf"
    path.mkdir()
    monkeypatch.setenv("EMBEDLAB_MODELS", str(path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no cache"))
    return path


def refusal(folder: Path) -> str:
    with pytest.raises(EmbedlabError) as caught:
        safe_folder("a model", folder)
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith((".", "!"))
    return said


def change(file: Path, **values: Any) -> None:
    write(file, json.loads(file.read_text()) | values)


# --- What may be loaded ---


def module(type: str, path: str) -> list[dict[str, str]]:
    return [{"type": "sentence_transformers.models.Transformer", "path": ""}, {"type": type, "path": path}]


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "code in config.json": (
        lambda path: change(path / "config.json", auto_map={"AutoModel": "modeling.Model"}),
        "needs code of its own, which embedlab never runs",
    ),
    "a module of its own": (
        lambda path: write(path / "modules.json", module("custom_st.Transformer", "")),
        "needs code of its own, which embedlab never runs",
    ),
    "a module with a like name": (
        lambda path: write(path / "modules.json", module("sentence_transformers_evil.Pooling", "")),
        "needs code of its own, which embedlab never runs",
    ),
    "a module that can't be used": (
        lambda path: write(path / "modules.json", module("sentence_transformers.models.LSTM", "1_LSTM")),
        r"a part that embedlab can't use \(LSTM\): choose",
    ),
    "no modules": (lambda path: write(path / "modules.json", []), "another layout than embedlab can read"),
    "the transformer in a folder": (
        lambda path: write(path / "modules.json", [{"type": "sentence_transformers.Transformer", "path": "0_T"}]),
        "another layout than embedlab can read",
    ),
    "an adapter": (lambda path: write(path / "adapter_config.json", {}), "is an adapter to the weights of another"),
    "weights only as a pickle": (
        lambda path: (path / "model.safetensors").rename(path / "pytorch_model.bin"),
        r"only as a pickle \(pytorch_model.bin\), which can run code: embedlab loads safetensors only, so get",
    ),
    "a Dense only as a pickle": (
        lambda path: (path / "2_Dense" / "model.safetensors").rename(path / "2_Dense" / "pytorch_model.bin"),
        r"only as a pickle \(pytorch_model.bin\)",
    ),
    "a Dense as a pickle beside a decoy": (
        lambda path: (
            shutil.copy(path / "2_Dense" / "model.safetensors", path / "2_Dense" / "decoy.safetensors"),
            (path / "2_Dense" / "model.safetensors").rename(path / "2_Dense" / "pytorch_model.bin"),
        ),
        r"only as a pickle \(pytorch_model.bin\)",
    ),
    "no weights": (lambda path: (path / "model.safetensors").unlink(), "are there not, or not all of them"),
    "some of the weights": (
        lambda path: (
            (path / "model.safetensors").rename(path / "model-00001-of-00002.safetensors"),
            write(
                path / "model.safetensors.index.json",
                {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}},
            ),
        ),
        "are there not, or not all of them",
    ),
    "broken config.json": (lambda path: (path / "config.json").write_text("{"), r"config\.json can't be read: install"),
    "endless config.json": (
        lambda path: (path / "config.json").write_text("[" * 100_000),
        r"config\.json can't be read: install",
    ),
    "broken modules.json": (
        lambda path: (path / "modules.json").write_text("{"),
        r"modules\.json can't be read: install",
    ),
    "odd modules.json": (lambda path: write(path / "modules.json", [1]), r"modules\.json can't be read: install"),
    "a path that is none": (
        lambda path: write(path / "modules.json", [{"type": "sentence_transformers.Transformer", "path": 1}]),
        r"modules\.json can't be read: install",
    ),
    "no model": (lambda path: (path / "config.json").unlink(), r"config\.json can't be read: install"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_folder_that_may_not_be_loaded_is_refused(case: str, tmp_path: Path) -> None:
    made = sentences(tmp_path / "model", DENSE)
    assert safe_folder("a model", made).sha256, "it is good before it is spoilt"
    spoil, said = REFUSED[case]
    spoil(made)
    with pytest.raises(EmbedlabError, match=said):
        safe_folder("a model", made)
    assert refusal(made)


@pytest.mark.parametrize("place", ["../x", "/tmp", "1_Pooling/../../x", "..\\x", "C:\\x", "\\\\host\\x", ".."])
def test_a_path_that_leaves_the_folder_is_refused(place: str, tmp_path: Path) -> None:
    made = sentences(tmp_path / "model")
    write(made / "modules.json", module("sentence_transformers.models.Pooling", place))
    said = refusal(made)
    assert says(said, "“a model”", "out of its own folder", f"“{place}”", "choose another model")


def test_weights_in_parts_are_taken(tmp_path: Path) -> None:
    made = sentences(tmp_path / "model")
    part = "model-00001-of-00001.safetensors"
    (made / "model.safetensors").rename(made / part)
    write(made / "model.safetensors.index.json", {"weight_map": {"a": part}})
    assert safe_folder("a model", made).bytes == (made / part).stat().st_size
    write(made / "model.safetensors.index.json", {"weight_map": {"a": "../" + part}})
    shutil.copy(made / part, tmp_path / part)
    assert "not all of them" in refusal(made)


# --- Which model it is ---


def flip(file: Path) -> None:
    tensors = load_file(file)
    name = min(tensors)
    tensors[name].reshape(-1)[0] += 1
    save_file(tensors, file, {"format": "pt"})


OTHERS: dict[str, Callable[[Path], object]] = {
    "weights": lambda path: flip(path / "model.safetensors"),
    "weights of Dense": lambda path: flip(path / "2_Dense" / "model.safetensors"),
    "pooling": lambda path: change(path / "1_Pooling" / "config.json", pooling_mode="cls"),
    "activation": lambda path: change(path / "2_Dense" / "config.json", activation_function="torch.nn.ReLU"),
    "window": lambda path: change(path / "sentence_bert_config.json", max_seq_length=25),
    "prompt": lambda path: write(path / "config_sentence_transformers.json", {"prompts": {"document": "x: "}}),
    "modules": lambda path: write(path / "modules.json", module("sentence_transformers.models.Pooling", "1_Pooling")),
    "tokenizer": lambda path: change(path / "tokenizer.json", version="1.1"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_model_has_another_identity(what: str, tmp_path: Path) -> None:
    made = sentences(tmp_path / "model", DENSE)
    before = safe_folder("a model", made)
    OTHERS[what](made)
    after = safe_folder("a model", made)
    assert before.sha256 != after.sha256
    assert card(before).fingerprint != card(after).fingerprint


def card(model: ModelFolder) -> EncoderInfo:
    return EncoderInfo(model.name, model.sha256, model.dimensions, model.window, "runtime", model.prompts[0])


def test_what_does_not_matter_leaves_the_identity(tmp_path: Path) -> None:
    made = sentences(tmp_path / "model")
    before = safe_folder("a model", made).sha256
    (made / "README.md").write_text("another text")
    (made / "pytorch_model.bin").write_bytes(b"never read")
    (made / "checkpoint-500").mkdir()
    shutil.copy(made / "model.safetensors", made / "checkpoint-500")
    assert safe_folder("a model", made).sha256 == before
    moved = shutil.copytree(made, tmp_path / "elsewhere")
    assert safe_folder("a model", moved).sha256 == before


# --- What is known of a model before it runs ---


def test_a_copy_with_other_weights_has_the_shape_of_its_base_and_a_larger_one_has_not(tmp_path: Path) -> None:
    base = transformer(tmp_path / "base")
    change(base / "config.json", _name_or_path="intfloat/e5-small")  # a family whose pooling is known
    shape = safe_folder("base", base, hashed=False).shape
    tuned = shutil.copytree(base, tmp_path / "tuned")
    weights = load_file(tuned / "model.safetensors")
    save_file({name: 2 * values for name, values in weights.items()}, tuned / "model.safetensors")
    # What the training library writes beside the sizes.
    change(tuned / "config.json", transformers_version="9", dtype="float32", is_decoder=False, pad_token_id=7)
    assert safe_folder("tuned", tuned, hashed=False).shape == shape
    for name, file, values in (
        ("deeper", "config.json", {"num_hidden_layers": 3}),
        ("longer", "sentence_bert_config.json", {"max_seq_length": 17}),
        ("prompted", "config_sentence_transformers.json", {"prompts": {"document": "represent:"}}),
    ):
        other = shutil.copytree(base, tmp_path / name)
        write(other / file, (json.loads((other / file).read_text()) if (other / file).exists() else {}) | values)
        assert safe_folder(name, other, hashed=False).shape != shape, name


def test_the_files_tell_what_a_chooser_wants_to_know(tmp_path: Path) -> None:
    readme = """---
language: [en, de]
license: mit
---
| "matryoshka_dims": [
        32,
        16, 8
    ],
"""
    made = sentences(tmp_path / "model", config={"prompts": {"query": "q: "}}, readme=readme)
    found = safe_folder("a model", made, hashed=False)
    assert (found.dimensions, found.window, found.sha256) == (32, 24, "")
    assert (found.languages, found.licence) == ("en, de", "mit")
    assert found.truncates_to == (8, 16)
    assert found.prompts == ("", "q: ")
    assert found.bytes == (made / "model.safetensors").stat().st_size


@pytest.mark.parametrize(
    "header", ["date: 2024-13-45", "{[", "a: " + "[" * 50_000, "- a list", "", "license: !!python/object:os.system x"]
)
def test_a_broken_readme_hides_no_model(header: str, tmp_path: Path) -> None:
    made = sentences(tmp_path / "model", readme=f"---\n{header}\n---\n")
    assert safe_folder("a model", made, hashed=False).licence == ""


@pytest.mark.parametrize(
    ("name", "config", "prompts"),
    [
        ("x", None, ("", "")),
        ("x", {"prompts": {"query": "q: ", "document": "d: "}}, ("d: ", "q: ")),
        ("x", {"prompts": {"query": "q: ", "passage": "p: "}}, ("p: ", "q: ")),
        ("x", {"prompts": {"task": "t: "}, "default_prompt_name": "task"}, ("t: ", "t: ")),
        ("x", {"prompts": {"query": "q: ", "document": ""}, "default_prompt_name": "query"}, ("", "q: ")),
        ("x", {"prompts": {"query": "q: ", "document": None}}, ("", "q: ")),
        ("intfloat/multilingual-e5-small", None, ("passage: ", "query: ")),
        ("e5-small-v2", {"prompts": {"query": "", "document": ""}}, ("passage: ", "query: ")),
        ("e5-small-v2", {"prompts": {"query": "own: "}}, ("", "own: ")),
    ],
)
def test_prompts(name: str, config: dict[str, Any] | None, prompts: tuple[str, str], tmp_path: Path) -> None:
    assert safe_folder(name, sentences(tmp_path / "model", config=config), hashed=False).prompts == prompts


def test_a_window_comes_from_the_tokenizer_where_nothing_else_tells(tmp_path: Path) -> None:
    made = transformer(tmp_path / "model")
    change(made / "config.json", max_position_embeddings=-1, _name_or_path="intfloat/e5-small")
    change(made / "tokenizer_config.json", model_max_length=40)
    assert safe_folder("a model", made).window == 40
    change(made / "tokenizer_config.json", model_max_length=10**30)
    assert safe_folder("a model", made).window == 512


# --- The operator's folder ---


def listed() -> dict[str, ModelEntry]:
    return {found.name: found for found in models()}


def test_a_folder_of_models_is_listed(shelf: Path) -> None:
    sentences(shelf / "one", config={"prompts": {"query": "q: "}})
    transformer(shelf / "e5-small-two")
    transformer(shelf / "three")
    (shelf / "not a model").mkdir()
    (shelf / "a file").write_text("x")
    found = listed()
    one, two = found["one"], found["e5-small-two"]
    assert not found["three"].ready
    assert "doesn't say how its tokens become one vector" in found["three"].how
    assert (one.ready, one.how, one.family) == (True, "in the models folder", TRANSFORMER)
    assert (one.dimensions, one.window, one.query_prompt) == (32, 24, "q: ")
    assert (two.ready, two.dimensions, two.window) == (True, 32, 64)
    assert "not a model" not in found
    assert "a file" not in found


@pytest.mark.parametrize("case", [*(case for case in REFUSED if case != "no model"), "odd width"])
def test_a_broken_model_is_listed_with_its_sentence_and_hides_no_other(case: str, shelf: Path) -> None:
    sentences(shelf / "a good one")
    made = sentences(shelf / "broken", DENSE)
    sentences(shelf / "z good one")
    spoil = (
        REFUSED[case][0] if case in REFUSED else lambda path: change(path / "2_Dense" / "config.json", out_features=[])
    )
    spoil(made)
    found = listed()
    assert found["a good one"].ready
    assert found["z good one"].ready
    assert not found["broken"].ready
    assert found["broken"].how.endswith(".")
    with pytest.raises(EmbedlabError, match=r"^“broken” is not ready here: "):
        load("broken")


def test_links_out_of_the_folder_are_the_operators_choice(shelf: Path, tmp_path: Path) -> None:
    made = sentences(tmp_path / "elsewhere")
    (shelf / "linked").symlink_to(made, target_is_directory=True)
    (shelf / "to nowhere").symlink_to(tmp_path / "nowhere")
    (shelf / "to itself").symlink_to(shelf / "to itself")
    found = listed()
    assert found["linked"].ready
    assert "to nowhere" not in found
    assert "to itself" not in found
    shutil.move(made / "1_Pooling", tmp_path / "pooling")
    (made / "1_Pooling").symlink_to(tmp_path / "pooling")
    before = safe_folder("linked", shelf / "linked").sha256
    change(tmp_path / "pooling" / "config.json", pooling_mode="cls")
    assert safe_folder("linked", shelf / "linked").sha256 != before


def test_what_embedlab_brings_wins_over_a_folder_of_the_same_name(shelf: Path) -> None:
    sentences(shelf / registry.DEFAULT_MODEL)
    named = [found for found in models() if found.name == registry.DEFAULT_MODEL]
    assert [found.how for found in named] == ["comes with embedlab"]


@pytest.mark.parametrize("root", ["nowhere", "a file"])
def test_without_a_folder_there_are_no_models_in_it(root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a file").write_text("x")
    monkeypatch.setenv("EMBEDLAB_MODELS", str(tmp_path / root))
    assert registry.DEFAULT_MODEL in listed()


def test_the_folder_is_the_data_folders_unless_chosen(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMBEDLAB_MODELS", raising=False)
    assert entries.models_folder() == own_home / "models"
    sentences(own_home / "models" / "mine")
    assert listed()["mine"].ready
    monkeypatch.setenv("EMBEDLAB_MODELS", "~there-is-no-such-user/x")
    with pytest.raises(EmbedlabError, match="EMBEDLAB_MODELS is ~there-is-no-such-user/x, but there is no such user"):
        entries.models_folder()


LISTING = """
import sys
network = []
events = ("socket.connect", "socket.sendto", "socket.getaddrinfo")
sys.addaudithook(lambda event, arguments: network.append(event) if event in events else 0)
from embedlab.encoders import models
names = [found.name for found in models()]
heavy = ("torch", "transformers", "sentence_transformers", "huggingface_hub", "openvino", "sklearn")
print("one" in names, network, [name for name in heavy if name in sys.modules])
"""


def test_listing_contacts_nobody_and_imports_nothing_heavy(shelf: Path) -> None:
    sentences(shelf / "one")
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", LISTING], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "True [] []\n"


# --- load ---


class Fixed:
    """An encoder that nobody asks anything."""

    def __init__(self, name: str) -> None:
        self.card = EncoderInfo(name, "by hand", 1, 0, "tests")

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        return np.ones((len(texts), 1), dtype=np.float32)


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool, tuple[str, ...]]]:
    """What `load` opened, of four models and one that depends on the texts."""
    opened: list[tuple[str, bool, tuple[str, ...]]] = []

    def offer(name: str) -> ModelEntry:
        def opening(exact: bool, texts: Sequence[str]) -> Encoder:
            opened.append((name, exact, tuple(texts)))
            return Fixed(name)

        return ModelEntry(name, TRANSFORMER, name != "missing", "get it with a sigh.", opening)

    offers = [*map(offer, ("a", "b", "c", "d", "missing")), replace(offer("fitted"), family=LEXICAL, on_corpus=True)]
    monkeypatch.setattr(registry, "SOURCES", (lambda: offers,))
    monkeypatch.setattr(registry, "_loaded", OrderedDict())
    return opened


def test_a_model_is_opened_once(offered: list[Any]) -> None:
    first = load("a")
    assert load("a", texts=["of no matter"]) is first
    exact = load("a", exact=True)
    assert exact is not first
    assert load("a", True) is exact
    assert offered == [("a", False, ()), ("a", True, ())]
    registry.forget()
    assert load("a") is not first


def test_a_fitted_model_is_another_for_other_texts(offered: list[Any]) -> None:
    one = load("fitted", texts=["x", "y"])
    assert load("fitted", texts=("x", "y")) is one
    assert load("fitted", texts=["y", "x"]) is not one
    assert load("fitted", texts=["xy"]) is not one


def test_only_the_last_few_are_kept(offered: list[Any]) -> None:
    first = load("a")
    for name in ("b", "c", "a", "d"):
        load(name)
    assert load("a") is first, "it was used in between"
    load("fitted")
    load("b")
    assert [name for name, *_ in offered] == ["a", "b", "c", "d", "fitted", "b"]


def test_an_unknown_name_is_answered_with_what_there_is(offered: list[Any]) -> None:
    with pytest.raises(EmbedlabError, match=r"^There is no model “e” here: use one of fitted, a, b, c, d, or get it"):
        load("e")
    for path in ("../a", "/etc", "a/../b"):
        with pytest.raises(EmbedlabError, match="There is no model"):
            load(path)


def test_a_model_that_is_not_ready_says_how_to_get_it(offered: list[Any]) -> None:
    with pytest.raises(EmbedlabError, match=r"^“missing” is not ready here: get it with a sigh\.$"):
        load("missing")
    assert offered == []
