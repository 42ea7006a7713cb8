"""Static token vectors: each token has one vector, and a text is the mean of its tokens. No torch.

Here are the encoder, and the files that it is read from: WordLlama's package, and folders of model2vec and
sentence-transformers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.arrays import Rows
from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import NO_WINDOW, STATIC, EncoderInfo, ModelEntry, Vectors, unit
from embedlab.encoders.capabilities import Lexicon, Pieces, TokenContributions
from embedlab.encoders.folder import ModelFolder, package_files
from embedlab.encoders.tokens import Cut, PieceReader, of_tokenizer
from embedlab.text.normalise import well_formed

RUNTIME = "SciPy fp32"
NOTHING = "(no known word)"


class StaticEncoder:
    """Token vectors and a tokenizer, computing what sentence-transformers' StaticEmbedding does.

    A vector is the mean over the tokens (special tokens are not added), scaled to length 1. A text that has no
    token, or whose token vectors add up to nothing, gets the mean of the whole vocabulary, scaled to length 1: no
    text stops the others, and such a text lies in the middle, near nothing in particular.

    model2vec itself differs in two points. It leaves out tokens that the vocabulary doesn't know, and it cuts each
    text at 512 tokens even where the tokenizer's file doesn't say so. Here a folder of model2vec is read as
    sentence-transformers reads it, so that the numbers are those of the library that most people use, and no text
    is cut unless the model's own files say it.
    """

    def __init__(self, card: EncoderInfo, tokenizer: Any, table: Vectors) -> None:
        """Take a `tokenizers.Tokenizer` and the vectors of its tokens, float32 (tokens, d), row by id."""
        self.card = card
        self._tokenizer = tokenizer
        self._table = table
        self._middle = middle(table)

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return float32 (len(texts), d), rows of length 1."""
        prompt = self.card.prompt_of(query)
        read = [prompt + well_formed(text) for text in texts]
        encodings = self._tokenizer.encode_batch_fast(read, add_special_tokens=False)
        return pooled([encoding.ids for encoding in encodings], self._table, self._middle)

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many tokens each whole text has."""
        encodings = self._whole.encode_batch_fast([well_formed(text) for text in texts], add_special_tokens=False)
        return np.fromiter(map(len, encodings), dtype=np.int32, count=len(texts))

    def read_pieces(self, texts: Sequence[str]) -> Iterator[Pieces]:
        """Yield each whole text's tokens, and whether they are known."""
        return self._reader.read(texts)

    def parts(self, text: str, query: bool = False) -> TokenContributions:
        """Return the tokens with their vectors."""
        read = self.card.prompt_of(query) + well_formed(text)
        cut = Cut.of(self._tokenizer.encode(read, add_special_tokens=False), read)
        return summed(read, cut.pieces, cut.spans, self._table[list(cut.ids)], self._middle)

    def lexicon(self) -> Lexicon:
        """Return the words among its tokens."""
        return of_tokenizer(self._whole)

    @cached_property
    def _reader(self) -> PieceReader:
        return PieceReader(self._whole)

    @cached_property
    def _whole(self) -> Any:
        from tokenizers import Tokenizer

        if not self._tokenizer.truncation:
            return self._tokenizer
        whole = Tokenizer.from_str(self._tokenizer.to_str())
        whole.no_truncation()
        return whole


def pooled(ids: Sequence[Sequence[int]], table: Vectors, instead: Vectors) -> Vectors:
    """Return the mean of the rows `ids` of `table` (tokens, d) for each text, as float32 rows of length 1.

    A text without ids, or whose rows add up to nothing, gets `instead` (d,). Only the rows that occur are read, so
    `table` may lie on disk.
    """
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *map(len, ids)])
    flat = np.fromiter(chain.from_iterable(ids), dtype=np.int64, count=int(ends[-1]))
    used, places = np.unique(flat, return_inverse=True)
    bags = csr_array((np.ones(len(flat), dtype=np.float32), places, ends), shape=(len(ids), len(used)))
    bags.sum_duplicates()
    vectors = unit(np.asarray(bags @ np.ascontiguousarray(table[used]), dtype=np.float64))
    vectors[~vectors.any(axis=1)] = instead
    return vectors


def summed(text: str, pieces: Sequence[str], spans: Rows, vectors: Vectors, instead: Vectors) -> TokenContributions:
    """Return the parts of a text whose vector `pooled` makes of `vectors` (p, d), or of `instead` (d,)."""
    mean = vectors.astype(np.float64) / max(1, len(vectors))
    if mean.sum(axis=0).any():
        return TokenContributions(text, tuple(pieces), spans, mean)
    return TokenContributions(text, (NOTHING,), np.zeros((1, 2), dtype=np.intp), instead[np.newaxis].astype(np.float64))


def middle(table: Vectors) -> Vectors:
    """Return the mean row of `table` (n, d), scaled to length 1; the first axis where the mean is nothing."""
    mean: Vectors = unit(np.mean(table, axis=0, keepdims=True, dtype=np.float64))[0]
    if not mean.any():
        mean[0] = 1
    return mean


# --- Models on disk: WordLlama's package, folders of model2vec and sentence-transformers ----------


WORDLLAMA = "wordllama"
WORDLLAMA_SHA256 = "64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5"
WORDLLAMA_INSTALL = "pip install wordllama==0.4.0.post1"
# What a table of vectors may be stored as; each is read as float32.
STORED = ("F16", "F32", "F64", "I8")
# The names of the table in sentence-transformers (and WordLlama), and in model2vec.
_TABLES = ("embedding.weight", "embeddings")


def entries() -> tuple[ModelEntry, ...]:
    """Return WordLlama from the installed package `wordllama`, whose code is not imported; nothing is loaded."""
    files = _wordllama_files()
    return (
        ModelEntry(
            name=WORDLLAMA,
            family=STATIC,
            ready=files is not None,
            how="comes with embedlab" if files else WORDLLAMA_INSTALL,
            open=lambda exact, texts: _wordllama(),
            dimensions=256,
            window=NO_WINDOW,
            bytes=files.bytes if files else 0,
            languages="English",
            licence="MIT",
            truncates_to=(64, 128),
        ),
    )


def _wordllama() -> StaticEncoder:
    files = _wordllama_files()
    if files is None:
        raise EmbedlabError(f"The package wordllama is not installed: run “{WORDLLAMA_INSTALL}” and start again.")
    actual = files.sha256(files.weights)
    if actual != WORDLLAMA_SHA256:
        raise EmbedlabError(
            f"The weights of wordllama are not the published ones (SHA-256 {actual[:12]}… instead of "
            f"{WORDLLAMA_SHA256[:12]}…) and were not loaded: run “{WORDLLAMA_INSTALL} --force-reinstall” from a "
            "source that you trust."
        )
    return files.open()


def _wordllama_files() -> StaticFiles | None:
    tokenizer = "tokenizers/l2_supercat_tokenizer_config.json"
    found = package_files(WORDLLAMA, "weights/l2_supercat_256.safetensors", tokenizer)
    return StaticFiles(WORDLLAMA, found[0], found[1], "English") if found else None


def is_static(folder: Path) -> bool:
    """Return whether `folder` holds a model of static token vectors; False for one that can't be read.

    That is a folder of model2vec, or one of sentence-transformers with StaticEmbedding and at most Normalize after.
    """
    return _place(folder) is not None


def listing_of(name: str, folder: Path, revision: str = "") -> ModelEntry:
    """Return what a chooser wants to know of the static model in `folder`; its vectors are not read.

    Raises `EmbedlabError` where it can't be used.
    """
    files = _files(name, folder)
    about = ModelFolder(name, folder, "")
    document, query = about.prompts
    return ModelEntry(
        name=name,
        family=STATIC,
        ready=True,
        how=f"in the folder {folder.name}",
        open=lambda exact, texts: open_folder(name, folder, revision),
        dimensions=files.dimensions,
        bytes=files.bytes,
        languages=about.languages,
        licence=about.licence,
        prompt=document,
        query_prompt=query,
        revision=revision,
    )


def open_folder(name: str, folder: Path, revision: str = "") -> StaticEncoder:
    """Return the encoder of a model2vec folder, or of a sentence-transformers folder with a StaticEmbedding.

    Raises `EmbedlabError` for a folder that is neither, that has no safetensors, or whose files don't fit together.
    """
    return _files(name, folder).open(*ModelFolder(name, folder, "").prompts, revision)


def _files(name: str, folder: Path) -> StaticFiles:
    place = _place(folder)
    if place is None:
        raise EmbedlabError(f"“{name}” is no model of static token vectors that embedlab can read: choose another.")
    if not (place / "model.safetensors").is_file():
        raise EmbedlabError(
            f"“{name}” has no model.safetensors, and embedlab loads no other weights: get a version of it that has."
        )
    languages = ModelFolder(name, folder, "").languages
    return StaticFiles(name, place / "model.safetensors", place / "tokenizer.json", languages)


def _place(folder: Path) -> Path | None:
    """Return the folder inside `folder` with the table and the tokenizer; None if this is no static model.

    A path in modules.json that leads out of `folder` is not followed, whichever slashes it is written with.
    """
    try:
        if not (folder / "modules.json").is_file():
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            return folder if config["model_type"] == "model2vec" else None
        modules = ModelFolder(folder.name, folder, "").modules
        inside = PureWindowsPath(modules[0][1])
    except (EmbedlabError, OSError, ValueError, TypeError, KeyError, IndexError):
        return None
    static = tuple(kind for kind, _ in modules) in (("StaticEmbedding",), ("StaticEmbedding", "Normalize"))
    return folder.joinpath(*inside.parts) if static and not inside.anchor and ".." not in inside.parts else None


@dataclass(frozen=True)
class StaticFiles:
    """The two files that make a static model: a table of vectors (safetensors) and a tokenizer (JSON)."""

    name: str
    weights: Path
    tokenizer: Path
    languages: str = ""

    @property
    def bytes(self) -> int:
        """Of both files, 0 for one that is missing."""
        return sum(file.stat().st_size for file in (self.weights, self.tokenizer) if file.is_file())

    @property
    def dimensions(self) -> int:
        """Of the vectors, from the header of the file; raises `EmbedlabError` where it can't be read."""
        return int(self._tensors(numbers=False)["table"][1])

    def open(self, prompt: str = "", query_prompt: str = "", revision: str = "") -> StaticEncoder:
        """Return the encoder. Raises `EmbedlabError` when a file is damaged or the two don't fit together."""
        tokenizer = self._read_tokenizer()
        table = _folded(self.name, self._tensors(numbers=True))
        highest = max(tokenizer.get_vocab().values(), default=-1)
        if highest >= len(table):
            counts = f"the tokenizer counts {highest + 1:,} tokens, but there are {len(table):,} vectors"
            raise damaged(self.name, counts)
        card = EncoderInfo(
            model=self.name,
            weights=hashlib.sha256(f"{self.sha256(self.weights)} {self.sha256(self.tokenizer)}".encode()).hexdigest(),
            dimensions=table.shape[1],
            window=tokenizer.truncation["max_length"] if tokenizer.truncation else NO_WINDOW,
            runtime=RUNTIME,
            prompt=prompt,
            query_prompt=query_prompt,
            revision=revision,
            languages=self.languages,
        )
        return StaticEncoder(card, tokenizer, table)

    def sha256(self, file: Path) -> str:
        """Return the SHA-256 of one of the files."""
        try:
            with file.open("rb") as content:
                return hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as error:
            raise damaged(self.name, f"{file.name} can't be read") from error

    def _read_tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self.tokenizer))
        except Exception as error:  # tokenizers raises nothing more special
            raise damaged(self.name, f"{self.tokenizer.name} can't be read") from error
        tokenizer.no_padding()
        return tokenizer

    def _tensors(self, numbers: bool) -> dict[str, Any]:
        """Return "table", and "mapping" and "weights" where there are any: their numbers, or only their shapes."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.weights, framework="numpy") as opened:
                held = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118 - not a mapping
                table = next((name for name in _TABLES if name in held), None)
                if table is None or len(held[table].get_shape()) != 2:
                    raise damaged(self.name, "model.safetensors has no table of vectors")
                if held[table].get_dtype() not in STORED:
                    raise EmbedlabError(
                        f"The vectors of “{self.name}” are stored as {held[table].get_dtype()}, which embedlab doesn't "
                        "read: save them as float32 or float16."
                    )
                wanted = {"table": table, **{name: name for name in ("mapping", "weights") if name in held}}
                if not numbers:
                    return {kind: held[name].get_shape() for kind, name in wanted.items()}
                return {kind: opened.get_tensor(name) for kind, name in wanted.items()}
        except (SafetensorError, OSError, TypeError) as error:
            raise damaged(self.name, f"{self.weights.name} can't be read") from error


def damaged(name: str, why: str) -> EmbedlabError:
    """Return the error for a model whose files are not what they should be."""
    return EmbedlabError(f"The files of “{name}” are damaged or don't belong together ({why}): install it again.")


def _folded(name: str, tensors: dict[str, Any]) -> Vectors:
    """Return one float32 row for each token id: the row that `mapping` gives it, times its weight."""
    table = tensors["table"].astype(np.float32)
    if "mapping" in tensors:
        mapping = tensors["mapping"].astype(np.int64)
        if mapping.ndim != 1 or not len(mapping) or mapping.min() < 0 or mapping.max() >= len(table):
            raise damaged(name, "its mapping leads to vectors that are not there")
        table = table[mapping]
    if "weights" in tensors:
        weights = tensors["weights"].astype(np.float32)
        if weights.shape != (len(table),):
            raise damaged(name, f"there are {len(table):,} tokens and {weights.size:,} weights")
        table *= weights[:, np.newaxis]
    if not table.size or not np.isfinite(table).all():
        raise damaged(name, "a vector is not finite")
    return np.ascontiguousarray(table)
