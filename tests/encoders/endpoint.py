"""A real HTTP server on this machine that embeds by counting letters, and misbehaves when told to.

The vector of a text is its 26 letter counts, plus one dimension for a text without letters, not scaled: "ab" is
(1, 1, 0, …), "aab" is (2, 1, 0, …).
"""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
DIMENSIONS = len(ALPHABET) + 1
KEY = "sk-never-to-be-seen-4711"


def counts(text: str) -> list[float]:
    found = [float(text.lower().count(letter)) for letter in ALPHABET]
    return [*found, 0.0 if any(found) else 1.0]


def unit_counts(texts: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    found = np.array([counts(text) for text in texts], dtype=np.float64)
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def right_answer(texts: list[str], dimensions: int | None = None) -> dict[str, Any]:
    data = [
        {"object": "embedding", "index": index, "embedding": counts(text)[:dimensions]}
        for index, text in enumerate(texts)
    ]
    return {"object": "list", "data": data, "model": "letters", "usage": {"prompt_tokens": 0, "total_tokens": 0}}


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    client: tuple[str, int]

    @property
    def texts(self) -> list[str]:
        return list(self.body["input"])


Fault = Callable[["Handler", Asked], None]


class Server(ThreadingHTTPServer):
    """`faults` answer the next requests, one each (None answers rightly); `always` then answers all others."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[Asked] = []
        self.faults: deque[Fault | None] = deque()
        self.always: Fault | None = None
        self.closing = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_fault(self, asked: Asked) -> Fault | None:
        with self.lock:
            self.asked.append(asked)
            return self.faults.popleft() if self.faults else self.always

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that have gone."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = Asked(self.path, dict(self.headers), body, self.client_address)
        fault = self.server.next_fault(asked)
        if fault:
            fault(self, asked)
        elif self.path != "/v1/embeddings":
            self.reply({"error": {"message": "unknown route"}}, 404)
        else:
            self.reply(right_answer(asked.texts, body.get("dimensions")))

    def reply(self, answer: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()


# --- What a server can do wrong ---


def status(code: int, message: str = "no", retry_after: str | None = None, error_code: str = "") -> Fault:
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    return lambda handler, asked: handler.reply({"error": {"message": message, "code": error_code}}, code, headers)


def body(content: bytes) -> Fault:
    return lambda handler, asked: handler.reply(content)


def changed(change: Callable[[list[dict[str, Any]]], object]) -> Fault:
    """Answer after `change` has been at the list of embeddings."""

    def fault(handler: Handler, asked: Asked) -> None:
        answer = right_answer(asked.texts)
        change(answer["data"])
        handler.reply(answer)

    return fault


def vector(replace: Callable[[list[float]], object], row: int = 0) -> Fault:
    """Answer with one embedding replaced."""
    return changed(lambda data: data[row].update(embedding=replace(data[row]["embedding"])))


def in_base64(handler: Handler, asked: Asked) -> None:
    answer = right_answer(asked.texts)
    for entry in answer["data"]:
        entry["embedding"] = base64.b64encode(np.array(entry["embedding"], dtype="<f4").tobytes()).decode()
    handler.reply(answer)


def slow(handler: Handler, asked: Asked) -> None:
    """Never answer."""
    handler.server.closing.wait(30)
    handler.close_connection = True


def trickle(handler: Handler, asked: Asked) -> None:
    """Send a blank now and then, for ever: the time-out between two pieces never comes."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.server.closing.wait(0.02):
        handler.wfile.write(b" ")
    handler.close_connection = True


def drop(handler: Handler, asked: Asked) -> None:
    """Hang up without a word."""
    handler.close_connection = True


def cut(handler: Handler, asked: Asked) -> None:
    """Hang up in the middle of the answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"data": [')
    handler.close_connection = True


def at_most(count: int, code: int) -> Fault:
    """Refuse more than `count` texts at once."""

    def fault(handler: Handler, asked: Asked) -> None:
        if len(asked.texts) > count:
            status(code, f"at most {count} inputs")(handler, asked)
        else:
            handler.reply(right_answer(asked.texts))

    return fault


def window(characters: int, code: int = 400) -> Fault:
    """Refuse a request in which a text is longer than `characters`."""

    def fault(handler: Handler, asked: Asked) -> None:
        if any(len(text) > characters for text in asked.texts):
            status(code, "maximum context length exceeded")(handler, asked)
        else:
            handler.reply(right_answer(asked.texts))

    return fault


def too_slow_for(count: int) -> Fault:
    """Answer `count` texts at once and never more."""

    def fault(handler: Handler, asked: Asked) -> None:
        if len(asked.texts) > count:
            slow(handler, asked)
        else:
            handler.reply(right_answer(asked.texts))

    return fault
