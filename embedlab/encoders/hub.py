"""Models from the Hugging Face hub: found where they were downloaded, fetched only when somebody asks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from embedlab.errors import EmbedlabError
from embedlab.home import folder, home
from embedlab.work import Report, Stopwatch, no_report

WANTED = ("*.json", "*.txt", "*.safetensors", "*.model", "README.md")
LEFT_OUT = ("onnx/*", "openvino/*", "*.bin", "*.pt", "*.h5", "*.msgpack", "*.onnx")
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")


@dataclass(frozen=True)
class Snapshot:
    """One revision of one model on this machine."""

    name: str
    revision: str
    folder: Path


def snapshots() -> Iterator[Snapshot]:
    """Yield the newest snapshot of each model in embedlab's own hub folder and in the user's hub cache."""
    seen: set[str] = set()
    for root in (home() / "hub", _users_cache()):
        for place in sorted(root.glob("models--*--*")):
            name = place.name.removeprefix("models--").replace("--", "/", 1)
            found = sorted(place.glob("snapshots/*/config.json"), key=lambda file: file.stat().st_mtime)
            if found and name not in seen:
                seen.add(name)
                yield Snapshot(name, found[-1].parent.name, found[-1].parent)


def _users_cache() -> Path:
    if os.environ.get("HF_HUB_CACHE"):
        return Path(os.environ["HF_HUB_CACHE"])
    return Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface") / "hub"


def download(name: str, revision: str | None = None, report: Report = no_report) -> Snapshot:
    """Fetch a model by its hub id ("organisation/model") and return where it lies; the one thing that goes online.

    Only weights as safetensors, settings and tokenizer are fetched, never code or pickles. `revision` is a commit,
    branch or tag (None: the newest); the commit that came is in the snapshot. A stop keeps what has come.
    Raises `EmbedlabError` for a name that is none, a model that is not there, or no way to the hub.
    """
    if not NAME.fullmatch(name):
        raise EmbedlabError(f"“{name[:80]}” is no model's id: write it as on the hub, “organisation/model”.")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import HfApi, hf_hub_download

    target = folder("hub")
    try:
        facts = HfApi().model_info(name, revision=revision, files_metadata=True, timeout=20)
        commit = str(facts.sha)
        listed = {file.rfilename: file.size or 0 for file in facts.siblings or ()}
        files = [file for file in listed if _any(file, WANTED) and not _any(file, LEFT_OUT)]
        if not any(file.endswith(".safetensors") for file in files):
            raise EmbedlabError(
                f"“{name}” has no safetensors on the hub, and embedlab loads no pickles: choose another model."
            )
        bars = _bars(Stopwatch(f"Downloading {name}, in kB", sum(listed[file] for file in files) // 1000, report))
        for file in sorted(files, key=lambda file: listed[file]):
            hf_hub_download(name, file, revision=commit, cache_dir=target, tqdm_class=bars)
    except EmbedlabError:
        raise
    except (OSError, ValueError, RuntimeError) as error:
        raise EmbedlabError(_said(name, error)) from error
    return Snapshot(name, commit, target / f"models--{name.replace('/', '--')}" / "snapshots" / commit)


def _any(file: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(file, pattern) for pattern in patterns)


def _bars(watch: Stopwatch) -> Any:
    """Return a kind of progress bar that draws nothing and tells `watch`, which may stop the download."""
    from tqdm import tqdm

    came = 0

    class Told(tqdm):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **settings: Any) -> None:
            settings.pop("name", None)
            super().__init__(*arguments, **settings | {"disable": True})

        def update(self, n: float | None = 1) -> bool | None:
            nonlocal came
            came += int(n or 0)
            watch.at(came // 1000)
            return None

    return Told


def _said(name: str, error: Exception) -> str:
    kind = type(error).__name__
    if kind in ("RepositoryNotFoundError", "RevisionNotFoundError", "GatedRepoError"):
        return f"The hub has no “{name}” that can be had without an account: check the spelling, or choose another."
    return f"The hub can't be reached ({kind}): check the connection, or copy the model's folder to the models folder."
