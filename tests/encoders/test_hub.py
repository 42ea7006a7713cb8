"""A hub on this machine that answers as the real one does: what is asked of it, and what is done with the answers."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Progress, Stopped
from embedlab.encoders import load, models
from embedlab.encoders.folder import safe_folder
from embedlab.encoders.transformer.hub import Snapshot, download, snapshots
from tests.encoders.tiny import MEAN, sentences
from tests.sentences import says

NAME = "org/tiny"
NEWEST, OLD = "a" * 40, "b" * 40
DENSE = (*MEAN, ("Dense", "2_Dense"))
UNWANTED = {
    "pytorch_model.bin": b"pickle",
    "2_Dense/pytorch_model.bin": b"pickle",
    "modeling.py": b"code",
    "onnx/model.onnx": b"graph",
    "onnx/config.json": b"{}",
    "openvino/openvino_model.xml": b"graph",
    "tf_model.h5": b"other",
    "logo.png": b"picture",
    ".gitattributes": b"",
}


class Hub(ThreadingHTTPServer):
    """Serves `commits[name][commit]`, a dictionary of files; a branch or tag is in `refs`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.commits: dict[str, dict[str, dict[str, bytes]]] = {}
        self.refs = {"main": NEWEST, "v1": OLD}
        self.asked: list[str] = []
        self.garbage = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def fetched(self) -> list[str]:
        """The files that were sent, in order."""
        return [asked.split("/resolve/")[1].split("/", 1)[1] for asked in self.asked if asked.startswith("GET /org")]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, *arguments: object) -> None:
        """Stay silent."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(f"{self.command} {path}")
        if self.server.garbage:
            return self._send(200, b"<html>Log in to the airport</html>")
        if path.startswith("/api/models/"):
            name, _, revision = path.removeprefix("/api/models/").partition("/revision/")
            return self._facts(name, revision)
        name, _, rest = path[1:].partition("/resolve/")
        commit, _, file = rest.partition("/")
        content = self.server.commits.get(name, {}).get(commit, {}).get(file)
        if content is None:
            return self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
        return self._send(200, content, {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": commit})

    def _facts(self, name: str, revision: str) -> None:
        if name not in self.server.commits:
            return self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        commit = self.server.refs.get(revision or "main", revision)
        files = self.server.commits[name].get(commit)
        if files is None:
            return self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        sizes = "blobs=" in self.path
        siblings = [{"rfilename": file} | ({"size": len(files[file])} if sizes else {}) for file in files]
        return self._send(200, json.dumps({"id": name, "sha": commit, "siblings": siblings}).encode())

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with one model in two versions, and a user who has no cache and no token."""
    from huggingface_hub import constants

    server = Hub()
    folders = {NEWEST: sentences(tmp_path / "new", DENSE), OLD: sentences(tmp_path / "old", DENSE, seed=1)}
    server.commits[NAME] = {commit: contents(folder) | UNWANTED for commit, folder in folders.items()}
    for name in ("HF_TOKEN", "HF_HUB_CACHE", "EMBEDLAB_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name, value in {
        "ENDPOINT": server.url,
        "HUGGINGFACE_CO_URL_TEMPLATE": server.url + "/{repo_id}/resolve/{revision}/{filename}",
        "HF_HUB_OFFLINE": False,
        "HF_HUB_DISABLE_TELEMETRY": False,
        "HF_HUB_DISABLE_XET": False,
        "HF_TOKEN_PATH": str(tmp_path / "hf" / "token"),
        "AGENT_HARNESSES_PATH": str(tmp_path / "hf" / "harnesses"),
    }.items():
        monkeypatch.setattr(constants, name, value)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_only_what_is_wanted_is_fetched_and_the_commit_is_pinned(served: Hub, own_home: Path) -> None:
    found = download(NAME)
    assert found == Snapshot(NAME, NEWEST, own_home / "hub" / "models--org--tiny" / "snapshots" / NEWEST)
    wanted = served.commits[NAME][NEWEST].keys() - UNWANTED.keys()
    assert sorted(served.fetched) == sorted(wanted)
    assert served.fetched[-1] == "model.safetensors", "the largest comes last"
    assert contents(found.folder).keys() == wanted
    assert all(f"/resolve/{NEWEST}/" in asked for asked in served.asked if "/resolve/" in asked)
    assert {asked.split("/")[1] for asked in served.asked} <= {"org", "api"}


def test_what_came_is_listed_and_may_be_loaded(served: Hub) -> None:
    found = download(NAME)
    (listing,) = (listing for listing in models() if listing.name == NAME)
    assert (listing.ready, listing.how, listing.revision) == (True, "downloaded from the hub", NEWEST)
    assert (listing.dimensions, listing.window) == (16, 24)
    model = safe_folder(NAME, found.folder, NEWEST)
    assert (model.revision, model.modules[-1]) == (NEWEST, ("Dense", "2_Dense"))


@pytest.mark.parametrize("revision", ["v1", OLD])
def test_another_revision_can_be_had(revision: str, served: Hub) -> None:
    found = download(NAME, revision)
    assert found.revision == OLD
    other = download(NAME)
    assert safe_folder(NAME, found.folder).sha256 != safe_folder(NAME, other.folder).sha256
    assert [snapshot.revision for snapshot in snapshots()] == [NEWEST], "what was fetched last"


def test_progress_goes_to_the_end(served: Hub) -> None:
    heard: list[Progress] = []
    download(NAME, report=heard.append)
    done = [progress.done for progress in heard]
    assert done == sorted(done)
    assert heard[-1].done == heard[-1].total > 50
    assert heard[-1].stage == "Downloading org/tiny, in kB"
    again: list[Progress] = []
    download(NAME, report=again.append)
    assert again[-1].done == again[-1].total, "also where everything is here"


def test_a_stopped_download_goes_on_where_it_was(served: Hub, own_home: Path) -> None:
    stopped_at: list[int] = []

    def stop_late(progress: Progress) -> None:
        if progress.fraction > 0.9:
            stopped_at.append(progress.done)
            raise Stopped

    with pytest.raises(Stopped):
        download(NAME, report=stop_late)
    assert stopped_at
    first = served.fetched
    assert first[-1] == "model.safetensors"
    (listing,) = (listing for listing in models() if listing.name == NAME)
    assert not listing.ready
    assert says(listing.how, "stopped", "download it again")
    assert list(own_home.rglob("*.incomplete")) == []
    served.asked.clear()
    found = download(NAME)
    assert served.fetched == ["model.safetensors"]
    assert safe_folder(NAME, found.folder).dimensions == 16


def test_a_stopped_download_does_not_hide_the_version_that_is_here(served: Hub) -> None:
    download(NAME, OLD)

    def stop(progress: Progress) -> None:
        if progress.fraction > 0.9:
            raise Stopped

    with pytest.raises(Stopped):
        download(NAME, NEWEST, report=stop)
    assert [snapshot.revision for snapshot in snapshots()] == [OLD]


def test_a_finished_download_needs_no_files_again(served: Hub) -> None:
    download(NAME)
    served.asked.clear()
    download(NAME)
    assert served.fetched == []


@pytest.mark.parametrize("name", ["org/unknown", "nobody/tiny"])
def test_an_unknown_model_is_answered_with_one_sentence(name: str, served: Hub) -> None:
    with pytest.raises(EmbedlabError, match=f"^The hub has no “{name}” that can be had without an account: check"):
        download(name)


def test_an_unknown_revision_is_answered_with_one_sentence(served: Hub) -> None:
    with pytest.raises(EmbedlabError, match=r"^The hub has no “org/tiny”"):
        download(NAME, "v9")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "tiny",
        "org/",
        "/tiny",
        "org/tiny/x",
        "../tiny",
        "org/..",
        "org/ti ny",
        "http://x/y",
        "org/ti\nny",
        "a" * 200,
    ],
)
def test_a_name_that_is_none_asks_nobody(name: str, served: Hub) -> None:
    with pytest.raises(EmbedlabError, match=r"is no model's id: write it as on the hub, “organisation/model”\.$"):
        download(name)
    assert served.asked == []


@pytest.mark.parametrize("name", ["org/ti--ny", "org/ti..ny", "org/tiny.git"])
def test_a_name_that_the_hub_never_gives_is_said_to_be_none(name: str, served: Hub) -> None:
    with pytest.raises(EmbedlabError, match=r"is no model's id|The hub has no “"):
        download(name)


def test_an_unreachable_hub_is_said(served: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(EmbedlabError, match=r"^The hub can't be reached \(\w+\): check the connection, or copy"):
        download(NAME)


def test_offline_by_the_operators_wish_is_said(served: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(EmbedlabError, match=r"^The hub can't be reached \(OfflineModeIsEnabled\)"):
        download(NAME)
    assert served.asked == []


def test_another_servers_answer_is_said(served: Hub) -> None:
    served.garbage = True
    with pytest.raises(EmbedlabError, match=r"^The hub can't be reached \(\w+\)"):
        download(NAME)


def test_a_model_without_safetensors_is_refused_before_anything_is_fetched(served: Hub) -> None:
    for files in served.commits[NAME].values():
        for file in [file for file in files if file.endswith(".safetensors")]:
            del files[file]
    with pytest.raises(
        EmbedlabError, match=r"^“org/tiny” has no safetensors on the hub, and embedlab loads no pickles"
    ):
        download(NAME)
    assert served.fetched == []


def test_a_file_that_would_leave_the_folder_is_not_written(served: Hub, own_home: Path) -> None:
    served.commits[NAME][NEWEST]["../../../../escaped.json"] = b"{}"
    with pytest.raises(EmbedlabError):
        download(NAME)
    assert list(own_home.parent.rglob("escaped.json")) == []


def test_the_users_cache_is_looked_through_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("HF_HUB_CACHE", str(cache))
    for commit in (OLD, NEWEST):
        sentences(cache / "models--some--model" / "snapshots" / commit)
    config = cache / "models--some--model" / "snapshots"
    os.utime(config / OLD / "config.json", ns=(10**18, 10**18))
    assert [(found.name, found.revision) for found in snapshots()] == [("some/model", NEWEST)]
    (config / NEWEST / "model.safetensors").unlink()
    assert [(found.name, found.revision) for found in snapshots()] == [("some/model", OLD)]
    (found,) = (listing for listing in models() if listing.name == "some/model")
    assert found.ready


def spoilt_by(what: str, place: Path) -> None:
    """Spoil a model in the cache as an interrupted or half-deleted download does."""
    if what == "a broken link":
        (place / "snapshots" / NEWEST / "onnx.json").symlink_to(place / "blobs" / "gone")
    elif what == "a branch without its commit":
        (place / "refs").mkdir()
        (place / "refs" / "main").write_text(OLD)
    elif what == "a stray file":
        (place / "snapshots" / ".DS_Store-2").touch()
    else:
        (place / "snapshots" / OLD).mkdir()


@pytest.mark.parametrize("what", ["a broken link", "a branch without its commit", "a stray file", "an empty revision"])
def test_damage_beside_a_whole_revision_hides_no_model(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    sentences(tmp_path / "models--some--model" / "snapshots" / NEWEST)
    spoilt_by(what, tmp_path / "models--some--model")
    assert [(found.name, found.revision) for found in snapshots()] == [("some/model", NEWEST)]


def test_nobody_is_asked_unless_told_to(served: Hub) -> None:
    assert list(snapshots()) == []
    assert NAME not in [listing.name for listing in models()]
    with pytest.raises(EmbedlabError, match="There is no model “org/tiny” here"):
        load(NAME)
    assert served.asked == []


def test_no_statistics_and_no_second_protocol(served: Hub) -> None:
    """Xet can't be stopped."""
    from huggingface_hub import constants

    download(NAME)
    known: Any = constants
    assert known.HF_HUB_DISABLE_TELEMETRY
    assert known.HF_HUB_DISABLE_XET
