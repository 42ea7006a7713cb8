"""Names of labels as Hugging Face's data sets keep them beside numbers, in a Parquet file or from its server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

LABEL = "ClassLabel"


def features_of(metadata: Mapping[bytes, bytes] | None) -> dict[str, Any]:
    """Return what the metadata of an Arrow schema say of each column; nothing where they say nothing readable."""
    features: Any = None
    for key in (b"huggingface", b"dataset_info"):
        try:
            known = json.loads((metadata or {}).get(key, b"null"))
        except (ValueError, RecursionError):
            continue
        while isinstance(known, dict) and "features" not in known and isinstance(known.get("info"), dict):
            known = known["info"]
        features = features or (known.get("features") if isinstance(known, dict) else None)
    return _by_name(features)


def _by_name(features: Any) -> dict[str, Any]:
    """Return features by their column's name; some lists have it inside, and its type under "type" or "dtype"."""
    if isinstance(features, dict):
        return features
    if not isinstance(features, list):
        return {}
    named = [one for one in features if isinstance(one, dict) and isinstance(one.get("name"), str)]
    return {one["name"]: one.get("type") or one.get("dtype") or one for one in named}


def label_names(feature: Any) -> list[str] | None:
    """Return the names of a feature that is a label, in the order of its numbers; None for any other."""
    if not isinstance(feature, dict):
        return None
    if isinstance(feature.get("class_label"), dict):
        feature = {**feature["class_label"], "_type": LABEL}
    names = feature.get("names")
    if isinstance(names, dict) and all(str(key).isdigit() for key in names):
        names = [names[key] for key in sorted(names, key=int)]
    labelled = feature.get("_type", LABEL) == LABEL and isinstance(names, list) and names
    return list(map(str, names)) if labelled else None


def with_names(cell: Any, feature: Any) -> Any:
    """Return a cell with names in place of the numbers of labels, wherever the feature has labels inside."""
    names = label_names(feature)
    if names is not None and isinstance(cell, int) and not isinstance(cell, bool):
        return names[cell] if 0 <= cell < len(names) else None if cell == -1 else str(cell)
    if isinstance(cell, list):
        inner = feature[0] if isinstance(feature, list) and feature else feature
        if names is None and isinstance(inner, dict):
            inner = next((inner[key] for key in ("feature", "sequence", "list") if key in inner), inner)
        return [with_names(one, inner) for one in cell]
    if isinstance(cell, dict) and isinstance(feature, dict):
        inner = feature.get("feature", feature)
        return {key: with_names(one, inner.get(key)) if isinstance(inner, dict) else one for key, one in cell.items()}
    return cell


def has_names(feature: Any) -> bool:
    """Return whether a feature has labels inside, however deep."""
    if label_names(feature) is not None:
        return True
    inner = feature.values() if isinstance(feature, dict) else feature if isinstance(feature, list) else ()
    return any(has_names(one) for one in inner)


def named_rows(value: Mapping[str, Any]) -> list[Any] | None:
    """Return the rows in an answer of the data sets server, labels by name; None for anything else."""
    rows = value.get("rows")
    if not isinstance(rows, list) or not rows:
        return None
    if not all(isinstance(row, dict) and isinstance(row.get("row"), dict) and "row_idx" in row for row in rows):
        return None
    features = _by_name(value.get("features"))
    return [{key: with_names(cell, features.get(key)) for key, cell in row["row"].items()} for row in rows]
