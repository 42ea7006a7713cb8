"""Where models on other computers are, as the operator says it.

There are two ways: the environment (`EMBEDLAB_REMOTE_URL`, `EMBEDLAB_REMOTE_MODEL`, if it needs one
`EMBEDLAB_REMOTE_KEY`, and perhaps `EMBEDLAB_REMOTE_TRUNCATE`), or a table `[remote.NAME]` in `.streamlit/secrets.toml`
of the working folder or of the user's home, with `base_url` and `model`, and perhaps `key` or `key_env` (the name of an
environment variable), `prompt`, `query_prompt`, `dimensions`, `window`, `batch`, `truncate`. Nothing that a browser
sends gets here.
"""

from __future__ import annotations

import itertools
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import NO_WINDOW

SECRETS = Path(".streamlit") / "secrets.toml"

BATCH = 64
MOST_BATCH = 2_048
LOOPBACK = ("localhost", "127.0.0.1", "::1")

_LEAST = {"dimensions": 1, "window": NO_WINDOW, "batch": 1}
"""What is a whole number, and at least so much; every other setting but `truncate` is text."""

Style = Literal["/v1/embeddings", "/api/embed", "/embed"]
OPENAI: Style = "/v1/embeddings"
OLLAMA: Style = "/api/embed"
TEI: Style = "/embed"

_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


@dataclass(frozen=True)
class Endpoint:
    """One model at one address.

    `base_url` may end in `/v1` or not, or be the full address, also Ollama's `/api/embed` and TEI's `/embed`.
    `dimensions`, where given, is asked of the model (Matryoshka); `window` is in tokens and only shown; `batch` is the
    most texts in one request; `truncate` says that texts over the endpoint's limit are cut, and counted, not left out.
    Raises `EmbedlabError` for a field that can't be used.
    """

    base_url: str
    model: str
    key: str = field(default="", repr=False)
    prompt: str = ""
    query_prompt: str = ""
    dimensions: int | None = None
    window: int = NO_WINDOW
    batch: int = BATCH
    truncate: bool = False

    def __post_init__(self) -> None:
        problem = _problem({own.name: getattr(self, own.name) for own in fields(self)})
        if problem:
            raise EmbedlabError(f"The remote endpoint can't be used: {problem}.")

    @property
    def address(self) -> str:
        """The full address to which the texts are sent."""
        parts = self._parts
        return f"{parts.scheme}://{self.host}{self.path}"

    @property
    def host(self) -> str:
        """Host and port."""
        return self._parts.netloc.lower()

    @property
    def path(self) -> str:
        """The path to which the texts are sent; an address without a version gets `/v1/embeddings`."""
        path = self._parts.path.rstrip("/")
        if path.endswith(("/embeddings", TEI)):
            return path
        return f"{path}/embeddings" if re.search(r"/v\d[^/]*(/|$)", path) else f"{path}/v1/embeddings"

    @property
    def style(self) -> Style:
        """Whose interface it is, told by the end of the path: OpenAI's, Ollama's or TEI's own."""
        return next((style for style in (OLLAMA, TEI) if self.path.endswith(style)), OPENAI)

    @property
    def open_to_others(self) -> bool:
        """Whether texts and key travel unencrypted over a network."""
        return self._parts.scheme == "http" and not self.on_this_machine

    @property
    def on_this_machine(self) -> bool:
        """Whether the host is this very machine."""
        return self._parts.hostname in LOOPBACK

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.base_url)


def _problem(given: Mapping[str, object]) -> str:
    """Say what is wrong with the fields of an endpoint; empty if nothing is. Never quotes a value."""
    for name in ("base_url", "model"):
        if not given.get(name):
            return f"{name} is missing"
    for name in _settings():
        value = given.get(name)
        kind, shown = _kind(name)
        if value is not None and type(value) is not kind:
            return f"{name} must be {shown}"
        if isinstance(value, int) and value < _LEAST.get(name, 0):
            return f"{name} must be at least {_LEAST[name]}"
    batch = given.get("batch")
    if isinstance(batch, int) and batch > MOST_BATCH:
        return f"batch must be at most {MOST_BATCH:,}"
    return _address_problem(str(given["base_url"])) or _key_problem(str(given.get("key") or ""))


def _kind(name: str) -> tuple[type, str]:
    """Return of which type a setting is, and what that is called."""
    if name == "truncate":
        return bool, "true or false, without quotes"
    return (int, "a whole number") if name in _LEAST else (str, "text in quotes")


def _address_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fit = False
    if not fit or not url.isprintable() or " " in url:
        return "base_url must be an address that begins with http:// or https:// and names a host"
    if "@" in parts.netloc or "?" in url or "#" in url:
        return "base_url must hold no password and nothing after a “?” or “#”; a key goes into key or key_env"
    return ""


def _key_problem(key: str) -> str:
    """A header can't carry every character, and an HTTP library that refuses one would quote it."""
    return "" if re.fullmatch(r"[!-~]*", key) else "the key has a character that a key can't have, such as a space"


@dataclass(frozen=True)
class Configured:
    """An endpoint that the operator configured under `name`; where it can't be used, `problem` says why."""

    name: str
    endpoint: Endpoint | None
    problem: str = ""


def configured() -> tuple[Configured, ...]:
    """Return the endpoints that the operator configured; nobody is contacted.

    Where a name comes twice, the environment goes before the working folder, and that before the user's home.
    """
    first: dict[str, Configured] = {}
    for one in itertools.chain(_from_environment(), *map(_from_file, _secrets())):
        first.setdefault(one.name, one)
    return tuple(first.values())


def _from_environment() -> Iterator[Configured]:
    url, model, key = (os.environ.get(f"EMBEDLAB_REMOTE_{part}", "").strip() for part in ("URL", "MODEL", "KEY"))
    if not url and not model:
        return
    for name, value in (("URL", url), ("MODEL", model)):
        if not value:
            said = f"Set EMBEDLAB_REMOTE_{name} too: without it the other does nothing."
            yield Configured(model or "environment", None, said)
            return
    cut = os.environ.get("EMBEDLAB_REMOTE_TRUNCATE", "").strip().lower()
    if cut not in (*_YES, *_NO):
        yield Configured(model, None, "EMBEDLAB_REMOTE_TRUNCATE must be true or false: set it to one of the two.")
        return
    table = {"base_url": url, "model": model, "key": key, "truncate": cut in _YES}
    yield _from_table(model, "The endpoint in EMBEDLAB_REMOTE_URL", table)


def _secrets() -> Iterator[tuple[str, Path]]:
    yield str(SECRETS), SECRETS
    try:
        yield f"~/{SECRETS}", Path.home() / SECRETS
    except RuntimeError:  # a user without a home
        return


def _from_file(place: tuple[str, Path]) -> Iterator[Configured]:
    shown, path = place
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError, RecursionError) as error:
        line = re.search(r"line \d+", str(error))
        where = f" ({line.group()})" if isinstance(error, tomllib.TOMLDecodeError) and line else ""
        said = f"The file {shown} can't be read as TOML{where}: mend it, and load this page again."
        yield Configured("secrets", None, said)
        return
    tables = content.get("remote", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        said = f"In {shown}, each endpoint needs a name: write [remote.NAME] above its settings."
        yield Configured("secrets", None, said)
    if isinstance(tables, dict):
        for name, table in tables.items():
            if isinstance(table, dict):
                yield _from_table(name, f"[remote.{name}] in {shown}", table)


def _from_table(name: str, origin: str, table: Mapping[str, Any]) -> Configured:
    given = {name: value for name, value in table.items() if name != "key_env"}
    problem = _key_from_environment(table, given) or _unknown(given) or _problem(given)
    if problem:
        return Configured(name, None, f"{origin} can't be used: {problem}.")
    return Configured(name, Endpoint(**given))


def _key_from_environment(table: Mapping[str, Any], given: dict[str, Any]) -> str:
    """Put the key that `key_env` names into `given`; say what hinders, without quoting it: it may be the key itself."""
    if "key_env" not in table:
        return ""
    if "key" in table:
        return "it has both key and key_env, where one is enough"
    variable = table["key_env"]
    given["key"] = os.environ.get(variable, "").strip() if isinstance(variable, str) and "\0" not in variable else ""
    return "" if given["key"] else "the environment variable that key_env names is not set"


def _unknown(given: Mapping[str, Any]) -> str:
    unknown = sorted(set(given) - set(_settings()))
    return f"“{unknown[0]}” is no setting (there are {', '.join([*_settings(), 'key_env'])})" if unknown else ""


def _settings() -> list[str]:
    return [own.name for own in fields(Endpoint)]
