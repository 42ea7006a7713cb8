"""Models from the Hugging Face hub: found where they were downloaded, fetched only when somebody asks."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from embedlab.base.errors import EmbedlabError
from embedlab.base.paths import folder, home
from embedlab.base.progress import Report, Stopwatch, no_report

WANTED = ("*.json", "*.txt", "*.safetensors", "*.model", "README.md")
LEFT_OUT = ("onnx/*", "openvino/*", "*.bin", "*.pt", "*.h5", "*.msgpack", "*.onnx")
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")


@dataclass(frozen=True)
class Snapshot:
    """One revision of one model on this machine."""

    name: str
    revision: str
    folder: Path

    @property
    def begun(self) -> bool:
        """Whether it holds no weights of any kind yet, because its download was stopped."""
        return not any(any(self.folder.glob(kind)) for kind in ("*.safetensors", "*.bin", "*.pt", "*.h5"))


def snapshots() -> Iterator[Snapshot]:
    """Yield one snapshot of each model in embedlab's own hub folder and in the user's hub cache.

    It is the newest one that has weights, wherever it lies; where none has (a download was stopped), the newest.
    """
    found: dict[str, list[Snapshot]] = {}
    for root in (home() / "hub", _users_cache()):
        for place in sorted(root.glob("models--*--*")):
            name = place.name.removeprefix("models--").replace("--", "/", 1)
            # The link, not the file that it leads to, which revisions may share.
            configs = sorted(place.glob("snapshots/*/config.json"), key=lambda file: file.lstat().st_mtime_ns)
            snapshots = [Snapshot(name, file.parent.name, file.parent) for file in configs]
            found.setdefault(name, []).extend(reversed(snapshots))
    for snapshots in found.values():
        whole = [snapshot for snapshot in snapshots if any(snapshot.folder.glob("*.safetensors"))]
        yield from (whole or snapshots)[:1]


def _users_cache() -> Path:
    if os.environ.get("HF_HUB_CACHE"):
        return Path(os.environ["HF_HUB_CACHE"])
    return Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface") / "hub"


def download(name: str, revision: str | None = None, report: Report = no_report) -> Snapshot:
    """Fetch a model by its hub id ("organisation/model") and return where it lies; the one thing that goes online.

    Only weights as safetensors, settings and tokenizer are fetched, never code or pickles. `revision` is a commit,
    branch or tag (None: the newest); the commit that came is in the snapshot. A stop keeps the files that are whole.
    Raises `EmbedlabError` for a name that is none, a model that is not there, or no way to the hub.
    """
    if not NAME.fullmatch(name):
        raise EmbedlabError(f"“{name[:80]}” is no model's id: write it as on the hub, “organisation/model”.")
    from httpx2 import HTTPError, InvalidURL
    from huggingface_hub import HfApi, constants, hf_hub_download

    constants.HF_HUB_DISABLE_TELEMETRY = True
    constants.HF_HUB_DISABLE_XET = True  # it can't be stopped, and counts every byte twice
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
        watch = Stopwatch(f"Downloading {name}, in kB", sum(listed[file] for file in files) // 1000, report)
        came = 0
        for file in sorted(files, key=lambda file: listed[file]):
            hf_hub_download(name, file, revision=commit, cache_dir=target, tqdm_class=_bars(watch, came))
            came += listed[file]
            watch.at(came // 1000)
    except (OSError, ValueError, RuntimeError, HTTPError, InvalidURL) as error:
        raise EmbedlabError(_said(name, error)) from error
    return Snapshot(name, commit, target / f"models--{name.replace('/', '--')}" / "snapshots" / commit)


def _any(file: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(file, pattern) for pattern in patterns)


def _bars(watch: Stopwatch, came: int) -> Any:
    """Return a kind of progress bar that draws nothing and tells `watch`, which may stop the download.

    `came` are the bytes of the files that are done.
    """
    from tqdm import tqdm

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
    if kind == "HFValidationError":
        return f"“{name}” is no model's id: write it as on the hub, “organisation/model”."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"There is no room on the disk for “{name}”: free some, then download it again."
    return f"The hub can't be reached ({kind}): check the connection, or copy the model's folder to the models folder."
