"""What is known of families of models where a folder doesn't say it: how they pool, and how many positions they use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

Pooling = Literal["mean", "first", "last", "other"]

# By a part of the name, as the models' cards say it; the first that fits counts.
_POOLED: tuple[tuple[str, Pooling], ...] = (
    (r"e5-mistral|gte-qwen|qwen3-embedding|sfr-embedding|linq-embed|nv-embed", "last"),
    (r"labse|distiluse|instructor|gtr-t5|sentence-t5|embeddinggemma|gemma-embed", "other"),
    (r"bge-(micro|small|base|large|m3)", "first"),
    (r"gte-(base|large)-en-v1\.5|gte-multilingual|gte-modernbert|gte-reranker", "first"),
    (r"arctic-embed|mxbai-embed-(large|2d)|uae-large|ember-v1|granite-embedding", "first"),
    (r"multi-qa-(mpnet-base|distilbert|minilm-l6)-dot|msmarco-distilbert-base-tas-b|tas-b\b", "first"),
    (r"sapbert|allenai-specter|specter2?\b|medcpt|cls-token|cls-pooling", "first"),
    (r"(^|[-_/.])e5-(small|base|large)|multilingual-e5", "mean"),
    (r"gte-(tiny|small|base|large)(-zh)?\b", "mean"),
    (r"(all|paraphrase(-multilingual)?|multi-qa|msmarco|multi-?lingual)-?(minilm|mpnet|distilroberta|roberta|albert|"
     r"distilbert|bert)", "mean"),
    (r"contriever|nomic-embed|modernbert-embed|mean-tokens|jina-embeddings-v2|stsb-|nli-.*-mean", "mean"),
)  # fmt: skip

# Their positions are counted from behind the padding, whose place and one more stay unused.
_COUNTED_FROM_PADDING = (
    "roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "roberta-prelayernorm", "data2vec-text",
    "longformer", "xmod", "ibert", "layoutlmv3", "lilt",
)  # fmt: skip


def pooling_of_family(folder: Path, config: Mapping[str, Any]) -> Pooling | None:
    """Return how the family of a model pools, by its folder's name or the name in its config; None if not known."""
    for name in _names(folder, config):
        for pattern, pooling in _POOLED:
            if re.search(pattern, name):
                return pooling
    return None


def _names(folder: Path, config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a model is called: by its folder, which in the hub's cache lies two deeper, and as it was saved."""
    parts = folder.absolute().parts
    yield (parts[-3] if len(parts) > 2 and parts[-2] == "snapshots" else parts[-1]).lower().replace("_", "-")
    yield str(config.get("_name_or_path") or "").rstrip("/").rpartition("/")[2].lower().replace("_", "-")


def positions(config: Mapping[str, Any]) -> int | None:
    """Return how many tokens a model has positions for, as its config says; None where it doesn't."""
    most = config.get("max_position_embeddings")
    if not most or config.get("model_type") not in _COUNTED_FROM_PADDING:
        return int(most) if most else None
    padding = config.get("pad_token_id")
    return int(most) - (1 if padding is None else int(padding)) - 1


def starts_behind_padding(config: Mapping[str, Any]) -> bool:
    """Say whether a model has fewer positions than its config counts."""
    return config.get("model_type") in _COUNTED_FROM_PADDING
