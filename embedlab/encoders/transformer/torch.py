"""The reference way: sentence-transformers on torch, on CUDA or MPS where there is one."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import NO_WINDOW, EncoderInfo, Vectors
from embedlab.encoders.capabilities import Lexicon, Pieces, TokenContributions
from embedlab.encoders.families import starts_behind_padding
from embedlab.encoders.folder import ModelFolder
from embedlab.encoders.tokens import PieceReader, of_tokenizer
from embedlab.encoders.transformer.layers import parts
from embedlab.text.normalise import well_formed

_MODES = {"mean": "mean", "first": "cls", "last": "lasttoken"}


def sentence_transformer(path: Path, device: str, **how: str) -> Any:
    """Return the model in a folder as sentence-transformers has it: in fp32, offline, without pickles or own code.

    It takes the mean where a folder doesn't say how to pool, and a token too many where positions begin behind the
    padding: there the model is set to what is known of its family.
    """
    from sentence_transformers import SentenceTransformer

    made: Any = SentenceTransformer(
        str(path),
        device=device,
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True, "dtype": "float32", **how},
    )
    folder = ModelFolder(path.name, path, "")
    if folder.bare and folder.pooling in _MODES:
        made[1].pooling_mode = _MODES[folder.pooling]
    if starts_behind_padding(folder.json("config.json")) and (made.max_seq_length or 0) > folder.window:
        made.max_seq_length = folder.window
    return made


def accelerator() -> str | None:
    """Return "cuda", "mps" or None. torch is imported only where the machine hints at an accelerator."""
    if not _hint():
        return None
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None


def _hint() -> bool:
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return False
    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    without = importlib.metadata.version("torch").endswith("+cpu")
    return not without and bool(os.path.exists("/dev/nvidiactl") or shutil.which("nvidia-smi"))


class TorchEncoder:
    """sentence-transformers' own `encode`, in fp32."""

    def __init__(self, model: ModelFolder, device: str = "cpu", why: str = "") -> None:
        try:
            self._model = sentence_transformer(model.path, device)
        except Exception as error:  # whatever a folder from elsewhere makes it say
            raise EmbedlabError(
                f"sentence-transformers can't load “{model.name}” ({first_line_of(error)}): choose another model, or "
                "install this one again."
            ) from error
        self._folder = model
        most = self._model.max_seq_length
        self.card = EncoderInfo(
            model=model.name,
            weights=model.sha256,
            dimensions=self._model.get_embedding_dimension() or model.dimensions,
            window=int(most) if most and most < 1_000_000 else NO_WINDOW,
            runtime=f"sentence-transformers fp32, {device}",
            checked=why,
            prompt=model.prompts[0],
            revision=model.revision,
            at_once=128,
            query_prompt=model.prompts[1],
            shape=model.shape,
            languages=model.languages,
        )

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return float32 (len(texts), d), rows of length 1."""
        try:
            vectors = self._model.encode(
                [well_formed(text) for text in texts],
                prompt=self.card.prompt_of(query),
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        except RuntimeError as error:  # of torch: a text without a token, or not enough memory on the card
            raise EmbedlabError(
                f"“{self.card.model}” can't embed these texts ({first_line_of(error)}): leave out empty ones, or "
                "choose another model."
            ) from error
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.card.dimensions)

    def parts(self, text: str, query: bool = False) -> TokenContributions | None:
        """Return the tokens, each with its share of the mean, in fp32; None unless the model pools by the mean."""
        return parts(self._folder, self.card.prompt_of(query) + text)

    def lexicon(self) -> Lexicon:
        """Return the words among its tokens, as far as its tokenizer tells."""
        fast = getattr(self._model.tokenizer, "backend_tokenizer", None)
        return of_tokenizer(fast) if fast is not None else Lexicon((), lambda text: (text,))

    def count_tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return how many tokens each document has before it is cut, its prompt and special tokens included."""
        read = [self.card.prompt + well_formed(text) for text in texts]
        ids = self._model.tokenizer(read, truncation=False, verbose=False)["input_ids"] if read else []
        return np.fromiter(map(len, ids), dtype=np.int32, count=len(read))

    def read_pieces(self, texts: Sequence[str]) -> Iterator[Pieces]:
        """Yield each text's tokens without special ones, and whether the model can have learned anything of them.

        A tokenizer that can't say where its tokens stand tells only which are unknown.
        """
        if self._reader is not None:
            yield from self._reader.read(texts)
            return
        tokenizer = self._model.tokenizer
        for text in map(well_formed, texts):
            ids = tokenizer(text, truncation=False, add_special_tokens=False, verbose=False)["input_ids"]
            pieces = tuple(map(str, tokenizer.convert_ids_to_tokens(ids)))
            known = np.array([one != tokenizer.unk_token_id for one in ids], dtype=bool)
            yield Pieces(pieces, np.zeros((len(ids), 2), dtype=np.intp), known)

    @cached_property
    def _reader(self) -> PieceReader | None:
        fast = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if fast is None:
            return None
        from tokenizers import Tokenizer

        whole = Tokenizer.from_str(fast.to_str())  # a copy: the model's own cuts
        whole.no_truncation()
        whole.no_padding()
        return PieceReader(whole)


def first_line_of(error: Exception) -> str:
    """Return the beginning of what an error says, or its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
