"""Static token vectors: the mean of known vectors by hand, and the same as sentence-transformers computes."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import BPE, WordLevel
from tokenizers.pre_tokenizers import Whitespace

from embedlab.base.errors import EmbedlabError
from embedlab.encoders import static
from embedlab.encoders.base import NO_WINDOW
from embedlab.encoders.capabilities import unknown_to
from embedlab.encoders.static import StaticEncoder, entries, is_static, listing_of, middle, open_folder, pooled

TABLE = np.array([[0, 1], [3, 0], [0, 4]], dtype=np.float32)  # [UNK], cat, dog
MIDDLE = np.array([3, 5]) / np.hypot(3, 5)
REAL = (
    "My card has not arrived yet, and it has been two weeks!",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "我的银行卡丢了，应该怎么办？",
    "أين محطة القطار؟",
    "x = sum(i * i for i in range(10))  # 285",
    "😀 🚀 — ½ “quoted” ﬁgures 3,141.59",
    "a",
    " ",
    "long " * 3000,
)
ODD = (*REAL, "", "a\ud800b", "\ud800", "\u200b", "\x00", "x" * 20_000)


def tokenizer(window: int = 0) -> Tokenizer:
    made = Tokenizer(WordLevel({"[UNK]": 0, "cat": 1, "dog": 2}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    if window:
        made.enable_truncation(window)
    return made


def model2vec(
    folder: Path, tensors: dict[str, NDArray[Any]] | None = None, tokens: Tokenizer | None = None, **config: Any
) -> Path:
    """Write a folder as model2vec does and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors or {"embeddings": TABLE}, folder / "model.safetensors")
    (tokens or tokenizer()).save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"model_type": "model2vec", "normalize": True, **config}))
    return folder


def sentence_transformers(folder: Path, *kinds: str, path: str = "0_StaticEmbedding", **config: Any) -> Path:
    """Write a folder as sentence-transformers does and return it."""
    model2vec(folder / path, {"embedding.weight": TABLE})
    (folder / path / "config.json").unlink()
    listed = [
        {"idx": index, "path": f"{index}_{kind}" if index else path, "type": f"sentence_transformers.models.{kind}"}
        for index, kind in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(listed))
    (folder / "config_sentence_transformers.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def wordllama() -> StaticEncoder:
    encoder = entries()[0].open(False, ())
    assert isinstance(encoder, StaticEncoder)
    return encoder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat", [1, 0]),
        ("cat dog", [0.6, 0.8]),  # the mean of (3, 0) and (0, 4)
        ("dog cat", [0.6, 0.8]),
        ("cat cat cat", [1, 0]),
        ("cat cat dog", np.array([6, 4]) / np.hypot(6, 4)),
        ("cat cow", np.array([3, 1]) / np.hypot(3, 1)),  # an unknown token counts, as in sentence-transformers
        ("cow", [0, 1]),
        ("", MIDDLE),
        (" ", MIDDLE),
    ],
)
def test_a_text_is_the_mean_of_its_tokens(text: str, expected: Any, tmp_path: Path) -> None:
    vectors = open_folder("tiny", model2vec(tmp_path)).encode([text])
    assert vectors.dtype == np.float32
    assert vectors == pytest.approx(np.array([expected]), abs=1e-6)


def test_tokens_that_add_up_to_nothing_get_the_middle(tmp_path: Path) -> None:
    table = np.array([[1, 2], [5, 0], [-5, 0]], dtype=np.float32)
    encoder = open_folder("tiny", model2vec(tmp_path, {"embeddings": table}))
    assert encoder.encode(["cat dog"]) == pytest.approx(np.array([[1, 2]]) / np.sqrt(5))


def test_the_middle_of_nothing_is_still_of_length_one() -> None:
    assert middle(np.array([[1, 0], [-1, 0]], dtype=np.float32)).tolist() == [1, 0]


def test_very_small_vectors_have_length_one_too() -> None:
    table = np.array([[1e-30, 0], [0, 1e-30]], dtype=np.float32)
    assert pooled([[0, 1]], table, middle(table)) == pytest.approx(np.full((1, 2), np.sqrt(0.5)))


def test_mapping_and_weights_are_folded_in(tmp_path: Path) -> None:
    """Two vectors for three tokens: [UNK] and dog share row 1, and weigh 2 and 4."""
    tensors = {
        "embeddings": np.array([[3, 0], [0, 1]], dtype=np.float32),
        "mapping": np.array([1, 0, 1]),
        "weights": np.array([2, 1, 4], dtype=np.float32),
    }
    folder = model2vec(tmp_path, tensors)
    found = open_folder("tiny", folder).encode(["cat dog", "cat cow"])
    assert found == pytest.approx(np.array([[0.6, 0.8], np.array([3, 2]) / np.hypot(3, 2)]), abs=1e-6)
    assert found == pytest.approx(reference(folder, ["cat dog", "cat cow"]), abs=1e-5)


@pytest.mark.parametrize("stored", [np.float16, np.float32, np.float64, np.int8])
def test_what_a_table_may_be_stored_as(stored: type, tmp_path: Path) -> None:
    folder = model2vec(tmp_path, {"embeddings": TABLE.astype(stored)})
    assert open_folder("tiny", folder).encode(["cat dog"]) == pytest.approx(np.array([[0.6, 0.8]]), abs=1e-6)


def reference(folder: Path, texts: list[str]) -> NDArray[np.float32]:
    """What sentence-transformers makes of a folder, as unit rows."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    model = SentenceTransformer(modules=[StaticEmbedding.load(str(folder))], device="cpu")
    return np.asarray(model.encode(texts, normalize_embeddings=True, show_progress_bar=False))


def test_wordllama_is_what_sentence_transformers_computes(wordllama: StaticEncoder) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    module = StaticEmbedding(wordllama._tokenizer, embedding_weights=wordllama._table.copy())
    expected = SentenceTransformer(modules=[module], device="cpu").encode(
        list(REAL), normalize_embeddings=True, show_progress_bar=False
    )
    assert np.abs(wordllama.encode(REAL) - expected).max() < 1e-5


def test_wordllama_knows_what_belongs_together(wordllama: StaticEncoder) -> None:
    cat, kitten, bank = wordllama.encode(["a cat", "a kitten", "the central bank"])
    assert float(cat @ kitten) > float(cat @ bank) + 0.2
    assert wordllama.card.dimensions == 256
    assert wordllama.card.window == NO_WINDOW
    assert wordllama.count_tokens(["", "a", "a cat"]).tolist() == [0, 1, 2]


def test_every_odd_text_has_a_unit_vector(wordllama: StaticEncoder) -> None:
    vectors = wordllama.encode(ODD)
    assert (vectors.dtype, vectors.shape) == (np.float32, (len(ODD), 256))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(ODD)), abs=1e-6)
    assert np.array_equal(vectors[ODD.index("")], middle(wordllama._table))


def test_a_vector_doesnt_depend_on_what_stands_beside_it(wordllama: StaticEncoder) -> None:
    together = wordllama.encode(ODD)
    assert np.array_equal(together, wordllama.encode(ODD))
    alone = np.vstack([wordllama.encode([text]) for text in reversed(ODD)])[::-1]
    assert np.array_equal(together, alone)
    assert wordllama.encode([]).shape == (0, 256)


def test_wordllama_runs_without_torch_and_without_its_packages_code() -> None:
    code = (
        "import sys; from embedlab.encoders import static\n"
        "static.entries()[0].open(False, ()).encode(['a cat'])\n"
        "print([name for name in ('torch', 'transformers', 'wordllama', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_wordllama_with_other_weights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "wordllama"
    model2vec(folder / "weights", {"embedding.weight": TABLE})
    (folder / "weights" / "model.safetensors").rename(folder / "weights" / "l2_supercat_256.safetensors")
    (folder / "tokenizers").mkdir()
    tokenizer().save(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    spec = importlib.machinery.ModuleSpec("wordllama", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    (listing,) = entries()
    assert listing.ready
    with pytest.raises(EmbedlabError, match=r"not the published ones.*instead of 64b47a2dc493.*not loaded: run “pip"):
        listing.open(False, ())


@pytest.mark.parametrize("spec", [None, importlib.machinery.ModuleSpec("wordllama", None)])
def test_a_missing_package_says_how_to_get_it(
    spec: importlib.machinery.ModuleSpec | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    (listing,) = entries()
    assert (listing.ready, listing.how) == (False, "pip install wordllama==0.4.0.post1")
    with pytest.raises(EmbedlabError, match="wordllama is not installed: run “pip install wordllama"):
        listing.open(False, ())


def test_which_folders_are_static(tmp_path: Path) -> None:
    assert is_static(model2vec(tmp_path / "a"))
    assert is_static(sentence_transformers(tmp_path / "b", "StaticEmbedding"))
    assert is_static(sentence_transformers(tmp_path / "c", "StaticEmbedding", "Normalize"))
    assert is_static(sentence_transformers(tmp_path / "d", "StaticEmbedding", path="."))
    assert is_static(sentence_transformers(tmp_path / "e", "StaticEmbedding", path=""))
    assert not is_static(sentence_transformers(tmp_path / "f", "StaticEmbedding", "Dense"))
    assert not is_static(sentence_transformers(tmp_path / "g", "Transformer", "Pooling"))
    assert not is_static(model2vec(tmp_path / "h", model_type="bert"))
    assert not is_static(tmp_path / "nowhere")


@pytest.mark.parametrize("path", ["../other", "..\\other", "/tmp", "C:\\other", "a/../../other"])
def test_a_path_out_of_the_folder_is_not_followed(path: str, tmp_path: Path) -> None:
    folder = sentence_transformers(tmp_path / "model", "StaticEmbedding")
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["path"] = path
    (folder / "modules.json").write_text(json.dumps(modules))
    assert not is_static(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "[1]", '[{"type": 1, "path": ""}]', '[{"type": "a"}]'])
@pytest.mark.parametrize("file", ["modules.json", "config.json"])
def test_a_folder_that_cant_be_read_is_not_static(file: str, content: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(content)
    assert not is_static(tmp_path)
    with pytest.raises(EmbedlabError, match="“odd” is no model of static token vectors"):
        open_folder("odd", tmp_path)


def test_a_sentence_transformers_folder_with_its_prompts(tmp_path: Path) -> None:
    prompts = {"query": "dog ", "document": "cat "}
    folder = sentence_transformers(tmp_path, "StaticEmbedding", "Normalize", prompts=prompts)
    encoder = open_folder("prompted", folder)
    assert encoder.encode(["cat"]) == pytest.approx(np.array([[1, 0]]))
    assert encoder.encode(["cat"], query=True) == pytest.approx(np.array([[0.6, 0.8]]))
    listing = listing_of("prompted", folder)
    assert (
        (listing.prompt, listing.query_prompt) == (encoder.card.prompt, encoder.card.query_prompt) == ("cat ", "dog ")
    )


def test_the_window_is_the_tokenizers_own(tmp_path: Path) -> None:
    encoder = open_folder("short", model2vec(tmp_path, tokens=tokenizer(window=2)))
    assert encoder.card.window == 2
    assert encoder.encode(["cat cat dog dog"]) == pytest.approx(np.array([[1, 0]]))
    assert encoder.count_tokens(["cat cat dog dog", ""]).tolist() == [4, 0]
    assert encoder.encode(["cat cat dog dog"]) == pytest.approx(np.array([[1, 0]])), "counting changed the window"


def test_tokens_without_a_vector_are_told_beyond_the_window_too(tmp_path: Path) -> None:
    encoder = open_folder("short", model2vec(tmp_path, tokens=tokenizer(window=2)))
    found = unknown_to(encoder, ["cat dog", "cat cow", "cat cat cow cow", "", "cow"])
    assert found is not None
    assert found.tolist() == [0, 0.5, 0.5, 0, 1]


def test_a_listing_reads_no_vectors(tmp_path: Path) -> None:
    folder = model2vec(tmp_path)
    (folder / "README.md").write_text("---\nlicense: mit\nlanguage: en\n---\n# Tiny\n")
    listing = listing_of("tiny", folder)
    assert (listing.name, listing.family.name, listing.ready) == ("tiny", "Static token vectors", True)
    assert (listing.dimensions, listing.licence, listing.languages) == (2, "mit", "en")
    assert listing.bytes == sum((folder / file).stat().st_size for file in ("model.safetensors", "tokenizer.json"))
    assert listing.open(False, ()).encode(["cat"]) == pytest.approx(np.array([[1, 0]]))


def test_the_card_stands_for_vectors_and_tokenizer(tmp_path: Path) -> None:
    swapped = Tokenizer(WordLevel({"[UNK]": 0, "cat": 2, "dog": 1}, unk_token="[UNK]"))
    cards = [
        open_folder("tiny", model2vec(tmp_path / "a")).card,
        open_folder("tiny", model2vec(tmp_path / "b", {"embeddings": TABLE + 1})).card,
        open_folder("tiny", model2vec(tmp_path / "c", tokens=swapped)).card,
    ]
    assert len({card.fingerprint for card in cards}) == 3
    assert open_folder("tiny", model2vec(tmp_path / "d")).card == cards[0]


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    folder = model2vec(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    for read in (open_folder, listing_of):
        with pytest.raises(EmbedlabError, match=r"has no model\.safetensors, and embedlab loads no other weights: get"):
            read("pickled", folder)


def test_bfloat16_is_refused_by_name(tmp_path: Path) -> None:
    folder = model2vec(tmp_path)
    header = json.dumps({"embeddings": {"dtype": "BF16", "shape": [3, 2], "data_offsets": [0, 12]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(12))
    for read in (open_folder, listing_of):
        with pytest.raises(EmbedlabError, match="stored as BF16, which embedlab doesn't read: save them as float32"):
            read("brain", folder)


def _two_rows(folder: Path) -> None:
    save_file({"embeddings": TABLE[:2]}, folder / "model.safetensors")


def _mapped_nowhere(folder: Path) -> None:
    save_file({"embeddings": TABLE, "mapping": np.array([0, 1, 3])}, folder / "model.safetensors")


def _few_weights(folder: Path) -> None:
    save_file({"embeddings": TABLE, "weights": TABLE[:2, 0].copy()}, folder / "model.safetensors")


def _not_finite(folder: Path) -> None:
    save_file({"embeddings": np.where(TABLE > 3, np.nan, TABLE)}, folder / "model.safetensors")


def _no_table(folder: Path) -> None:
    save_file({"vectors": TABLE}, folder / "model.safetensors")


def _flat(folder: Path) -> None:
    save_file({"embeddings": TABLE.ravel()}, folder / "model.safetensors")


def _cut(folder: Path) -> None:
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[:-3])


def _no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def _broken_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_two_rows, "counts 3 tokens, but there are 2 vectors"),
        (_mapped_nowhere, "mapping leads to vectors that are not there"),
        (_few_weights, "3 tokens and 2 weights"),
        (_not_finite, "not finite"),
        (_no_table, "no table of vectors"),
        (_flat, "no table of vectors"),
        (_cut, r"model\.safetensors can't be read"),
        (_no_tokenizer, r"tokenizer\.json can't be read"),
        (_broken_tokenizer, r"tokenizer\.json can't be read"),
    ],
)
def test_damaged_files_are_refused_in_one_sentence(damage: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    folder = model2vec(tmp_path)
    damage(folder)
    with pytest.raises(EmbedlabError, match=rf"^The files of “tiny” are damaged .*\(.*{said}\): install it again\.$"):
        open_folder("tiny", folder)


def test_a_tokenizer_without_unknown_gives_the_middle(tmp_path: Path) -> None:
    """A vocabulary of two letters: every other text has no token at all."""
    letters = Tokenizer(BPE({"a": 0, "b": 1}, []))
    folder = model2vec(tmp_path, {"embeddings": TABLE[1:]}, letters)
    found = open_folder("letters", folder).encode(["a", "xyz", "😀"])
    assert found == pytest.approx(np.array([[1, 0], [0.6, 0.8], [0.6, 0.8]]))
    assert open_folder("letters", folder).count_tokens(["ab", "xyz"]).tolist() == [2, 0]


def test_the_constant_is_that_of_the_installed_package() -> None:
    files = static._wordllama_files()
    assert files is not None
    assert files.sha256(files.weights) == static.WORDLLAMA_SHA256
