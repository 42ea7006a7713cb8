"""Tiny models with random weights, written by hand as sentence-transformers lays them out: no torch, 10 ms each.

The weights are large, so that every token changes with all the others and with its place: a fault in masking,
padding, pooling or the order of modules moves the vectors far.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_LIST = """
the a of and in is was on with for bank river money card spring water house cat dog mat red green blue
Bank River Money Card Spring Water House Cat Dog Mat ΟΔΟΣ οδοσ query passage represent task : . , ?
##s ##ing ##ed 1 2 3 4 5 6 7 8 9 0
"""
WORDS = tuple(_LIST.split())
VOCABULARY = {word: number for number, word in enumerate((*SPECIAL, *WORDS))}
WIDTH, LAYERS, HEADS, INNER, PLACES = 32, 2, 2, 64, 64

TANH, IDENTITY = "torch.nn.modules.activation.Tanh", "torch.nn.modules.linear.Identity"
END, BYTES = "<|endoftext|>", 257

MARKS = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
Tensors = dict[str, NDArray[Any]]
Modules = Sequence[tuple[str, str]]

MEAN: Modules = (("Transformer", ""), ("Pooling", "1_Pooling"))
NORMALISED: Modules = (*MEAN, ("Normalize", "2_Normalize"))


def tokenizer() -> Tokenizer:
    """Return a WordPiece tokenizer that tells capital letters apart and puts [CLS] and [SEP] around each text."""
    made = Tokenizer(models.WordPiece(VOCABULARY, unk_token="[UNK]"))
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.add_special_tokens(list(SPECIAL))
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", VOCABULARY["[CLS]"]), ("[SEP]", VOCABULARY["[SEP]"])]
    )
    return made


def bytes_tokenizer(end: bool = True) -> Tokenizer:
    """Return a tokenizer of single bytes, as decoders have them, that puts `END` after each text or nothing."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({letter: number for number, letter in enumerate(alphabet)}, []))
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([END])
    byte_level = processors.ByteLevel(trim_offsets=False)
    ending = processors.TemplateProcessing(single=f"$A {END}", special_tokens=[(END, BYTES - 1)])
    made.post_processor = processors.Sequence([byte_level, ending]) if end else byte_level
    return made


def bert(seed: int = 0) -> Tensors:
    """Return the weights of a BERT of two layers."""
    made = _Random(seed)
    tensors = {
        "embeddings.word_embeddings.weight": made(len(VOCABULARY), WIDTH, scale=1.0),
        "embeddings.position_embeddings.weight": made(PLACES, WIDTH, scale=0.5),
        "embeddings.token_type_embeddings.weight": made(2, WIDTH, scale=0.5),
        **made.norm("embeddings.LayerNorm"),
    }
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        for name in ("query", "key", "value"):
            tensors |= made.linear(f"{at}.attention.self.{name}", WIDTH, WIDTH)
        tensors |= made.linear(f"{at}.attention.output.dense", WIDTH, WIDTH)
        tensors |= made.norm(f"{at}.attention.output.LayerNorm")
        tensors |= made.linear(f"{at}.intermediate.dense", WIDTH, INNER)
        tensors |= made.linear(f"{at}.output.dense", INNER, WIDTH)
        tensors |= made.norm(f"{at}.output.LayerNorm")
    return tensors | made.linear("pooler.dense", WIDTH, WIDTH)


def qwen(seed: int = 0) -> Tensors:
    """Return the weights of a decoder of two layers (Qwen2), stored in half precision as its kind often is."""
    made = _Random(seed)
    tensors = {"embed_tokens.weight": made(BYTES, WIDTH, scale=1.0), "norm.weight": made.ones(WIDTH)}
    for layer in range(LAYERS):
        at = f"layers.{layer}"
        tensors |= made.linear(f"{at}.self_attn.q_proj", WIDTH, WIDTH)
        for name in ("k", "v"):
            tensors |= made.linear(f"{at}.self_attn.{name}_proj", WIDTH, WIDTH // 2)
        tensors[f"{at}.self_attn.o_proj.weight"] = made(WIDTH, WIDTH)
        for name in ("gate", "up"):
            tensors[f"{at}.mlp.{name}_proj.weight"] = made(INNER, WIDTH)
        tensors[f"{at}.mlp.down_proj.weight"] = made(WIDTH, INNER)
        for name in ("input", "post_attention"):
            tensors[f"{at}.{name}_layernorm.weight"] = made.ones(WIDTH)
    return {name: tensor.astype(np.float16) for name, tensor in tensors.items()}


class _Random:
    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def __call__(self, *shape: int, scale: float = 0.0) -> NDArray[np.float32]:
        scale = scale or 1.5 / float(np.sqrt(shape[-1]))
        return np.asarray(self._rng.normal(0, scale, shape), dtype=np.float32)

    def ones(self, size: int) -> NDArray[np.float32]:
        return np.asarray(1 + self._rng.normal(0, 0.1, size), dtype=np.float32)

    def linear(self, name: str, width: int, out: int) -> Tensors:
        return {f"{name}.weight": self(out, width), f"{name}.bias": self(out, scale=0.2)}

    def norm(self, name: str) -> Tensors:
        return {f"{name}.weight": self.ones(WIDTH), f"{name}.bias": self(WIDTH, scale=0.1)}


BERT_CONFIG: Mapping[str, Any] = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "intermediate_size": INNER,
    "max_position_embeddings": PLACES,
    "type_vocab_size": 2,
    "vocab_size": len(VOCABULARY),
    "pad_token_id": 0,
    "hidden_act": "gelu",
    "dtype": "float32",
}
QWEN_CONFIG: Mapping[str, Any] = {
    "architectures": ["Qwen2Model"],
    "model_type": "qwen2",
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": 1,
    "intermediate_size": INNER,
    "max_position_embeddings": PLACES,
    "vocab_size": BYTES,
    "hidden_act": "silu",
    "tie_word_embeddings": True,
    "dtype": "float16",
}


def transformer(
    folder: Path,
    seed: int = 0,
    architecture: Mapping[str, Any] = BERT_CONFIG,
    tensors: Tensors | None = None,
    tokens: Tokenizer | None = None,
) -> Path:
    """Write a bare transformer as transformers does, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(bert(seed) if tensors is None else tensors, folder / "model.safetensors", {"format": "pt"})
    write(folder / "config.json", architecture)
    (tokens or tokenizer()).save(str(folder / "tokenizer.json"))
    marks = {
        name: f"[{name[:-6].upper()}]" for name in ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    }
    about = {"tokenizer_class": "PreTrainedTokenizerFast", **marks}
    if architecture["model_type"] == "qwen2":
        about = {"tokenizer_class": "Qwen2Tokenizer", "pad_token": END, "eos_token": END, "padding_side": "left"}
    write(folder / "tokenizer_config.json", {"model_max_length": PLACES, **about})
    return folder


def sentences(
    folder: Path,
    modules: Modules = NORMALISED,
    pooling: Mapping[str, Any] | str = "mean",
    bert_config: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
    dense: Mapping[str, Any] | None = None,
    readme: str = "",
    **model: Any,
) -> Path:
    """Write a sentence-transformers folder and return it. `model` goes to `transformer`.

    `pooling` is a mode or a whole configuration, `bert_config` is sentence_bert_config.json, `config` is
    config_sentence_transformers.json.
    """
    transformer(folder, **model)
    types = [{"idx": i, "name": str(i), "path": p, "type": f"sentence_transformers.models.{k}"} for i, (k, p) in
             enumerate(modules)]  # fmt: skip
    write(folder / "modules.json", types)
    for kind, place in modules:
        if place:
            (folder / place).mkdir(exist_ok=True)
        if kind == "Pooling":
            chosen = pooling if isinstance(pooling, Mapping) else {"pooling_mode": pooling}
            write(folder / place / "config.json", {"embedding_dimension": WIDTH, **chosen})
        if kind == "Dense":
            add_dense(folder / place, dense or {})
    write(folder / "sentence_bert_config.json", {"max_seq_length": 24, "do_lower_case": False, **(bert_config or {})})
    if config is not None:
        write(folder / "config_sentence_transformers.json", config)
    if readme:
        (folder / "README.md").write_text(readme, encoding="utf-8")
    return folder


def add_dense(folder: Path, config: Mapping[str, Any]) -> None:
    """Write a Dense module to 16 dimensions, with Tanh unless `config` says otherwise."""
    whole = {"in_features": WIDTH, "out_features": 16, "bias": True, "activation_function": TANH, **config}
    save_file(_Random(7).linear("linear", whole["in_features"], 16), folder / "model.safetensors")
    write(folder / "config.json", whole)


def write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def texts(count: int, longest: int = 22, seed: int = 1) -> list[str]:
    """Return distinct texts of 1 to `longest` words, short and long ones in turn."""
    rng = np.random.default_rng(seed)
    words = [word for word in WORDS if word[0].isalpha()]
    made = (" ".join(rng.choice(words, 1 + 13 * row % longest)) + f" {row % 10} {row // 10}" for row in range(count))
    return list(made)
