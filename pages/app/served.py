"""What is too large for a message, served over HTTP: each part under an address that only one session knows.

A part is made when it is asked for, compressed, and kept by the browser for good: its address stands for its content.
"""

from __future__ import annotations

import gzip
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from embedlab.figures.html import plotly_file, plotly_version
from pages.app.jobs import is_open, session_of_this_thread

FOLDER = "embedlab"
FOR_GOOD = {"Cache-Control": "private, max-age=31536000, immutable"}
PARTS_OF_A_SESSION = 120
KEPT_BYTES = 128_000_000  # of what was compressed, for all sessions
WORTH_IT = 0.9  # what is not much smaller when compressed is sent as it is
MOST_ROWS = 200  # texts in one answer
NOT_HERE = "This part of the page is no longer kept: reload the page."

Tell = Callable[[Sequence[int]], list[dict[str, Any]]]


@dataclass(frozen=True)
class _Offer:
    session: str | None
    name: str
    make: Callable[[], bytes] | None = None
    tell: Tell | None = None


@dataclass
class Served:
    """All that this server has on offer, by its key; the oldest of a session goes first, all when it is closed."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    offers: dict[str, _Offer] = field(default_factory=dict)
    of: dict[str | None, OrderedDict[str, None]] = field(default_factory=dict)
    encoded: OrderedDict[str, tuple[bytes, str]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def offer(self, name: str, make: Callable[[], bytes]) -> str:
        """Offer the bytes that `make` returns, which `name` stands for, to this session; return their address."""
        return self._take(_Offer(session_of_this_thread(), name, make), "data")

    def offer_texts(self, name: str, tell: Tell) -> str:
        """Offer what `tell` says of rows, for which `name` stands, to this session; return its address."""
        return self._take(_Offer(session_of_this_thread(), name, tell=tell), "texts")

    def _take(self, offer: _Offer, kind: str) -> str:
        of_it = f"{offer.session}\0{kind}\0{offer.name}".encode()
        key = blake2b(of_it, key=self.secret, digest_size=24).hexdigest()
        with self.lock:
            mine = self.of.setdefault(offer.session, OrderedDict())
            mine[key] = None
            mine.move_to_end(key)
            self.offers[key] = offer
            while len(mine) > PARTS_OF_A_SESSION:
                self.offers.pop(mine.popitem(last=False)[0], None)
            for gone in [name for name in self.of if name is not None and not is_open(name)]:
                for old in self.of.pop(gone):
                    self.offers.pop(old, None)
        return f"{FOLDER}/{kind}/{key}"

    def bytes_of(self, key: str) -> tuple[bytes, str] | None:
        """Return what is under a key, and its content encoding; None where nothing is."""
        offer = self._known(key)
        if offer is None or offer.make is None:
            return None
        with self.lock:
            if offer.name in self.encoded:
                self.encoded.move_to_end(offer.name)
                return self.encoded[offer.name]
        made = _smaller(offer.make())
        with self.lock:
            self.encoded[offer.name] = made
            while len(self.encoded) > 1 and sum(len(body) for body, _ in self.encoded.values()) > KEPT_BYTES:
                self.encoded.popitem(last=False)
        return made

    def texts_of(self, key: str, rows: Sequence[int]) -> list[dict[str, Any]] | None:
        """Return what is said of these rows; None where nothing is under this key."""
        offer = self._known(key)
        return None if offer is None or offer.tell is None else offer.tell(rows)

    def _known(self, key: str) -> _Offer | None:
        with self.lock:
            offer = self.offers.get(key)
        return offer if offer is not None and (offer.session is None or is_open(offer.session)) else None


def _smaller(body: bytes) -> tuple[bytes, str]:
    packed = gzip.compress(body, 1, mtime=0)
    return (packed, "gzip") if len(packed) < WORTH_IT * len(body) else (body, "")


@st.cache_resource(show_spinner=False)
def served() -> Served:
    """Return the one of this server."""
    return Served()


def routes() -> list[BaseRoute]:
    """Return the routes under which parts, texts and the drawing library are served, below the app's own path."""
    base = base_path()
    under = f"/{base}/{FOLDER}" if base else f"/{FOLDER}"
    return [
        Route(f"{under}/data/{{key}}", _data),
        Route(f"{under}/texts/{{key}}", _texts),
        Route(f"{under}/{plotly_name()}", _plotly),
    ]


def base_path() -> str:
    """Return the path that the app lies under, without slashes; empty at the root."""
    return str(st.get_option("server.baseUrlPath") or "").strip("/")


def plotly_name() -> str:
    """Return the name of Plotly's script, which holds its version."""
    return f"plotly-{plotly_version()}.min.js"


def _data(request: Request) -> Response:
    found = served().bytes_of(request.path_params["key"])
    if found is None:
        return Response(NOT_HERE, 404, media_type="text/plain")
    body, encoding = found
    if encoding and encoding not in request.headers.get("accept-encoding", ""):
        body, encoding = gzip.decompress(body), ""
    headers = {**FOR_GOOD, **({"Content-Encoding": encoding, "Vary": "Accept-Encoding"} if encoding else {})}
    return Response(body, headers=headers, media_type="application/octet-stream")


def _texts(request: Request) -> Response:
    asked = request.query_params.get("rows", "").split(",")
    rows = [int(row) for row in asked if row.isdecimal() and len(row) < 10]
    if len(rows) != len(asked) or len(rows) > MOST_ROWS:
        return Response(f"Ask for at most {MOST_ROWS} rows by their numbers.", 400, media_type="text/plain")
    told = served().texts_of(request.path_params["key"], rows)
    if told is None:
        return Response(NOT_HERE, 404, media_type="text/plain")
    return JSONResponse(told, headers=FOR_GOOD)


def _plotly(_: Request) -> Response:
    from starlette.responses import FileResponse

    return FileResponse(plotly_file(), media_type="text/javascript", headers=FOR_GOOD)
