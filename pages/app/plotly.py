"""Plotly's script, served by this app itself from the installed package: nothing is fetched from elsewhere."""

from __future__ import annotations

from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from embedlab.figures import html

FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}  # its name holds its version


def route() -> Route:
    """Return the route under which the script is served."""

    async def script(_: Request) -> FileResponse:
        return FileResponse(html.plotly_file(), media_type="text/javascript", headers=FOR_GOOD)

    base = _base()
    return Route(f"/{base}/{_path()}" if base else f"/{_path()}", script)


def page_of(**more: Any) -> dict[str, Any]:
    """Return what a component needs to find the script, and `more`."""
    return {"base": _base(), "script": _path(), **more}


def _base() -> str:
    return str(st.get_option("server.baseUrlPath") or "").strip("/")


def _path() -> str:
    return f"embedlab/plotly-{html.plotly_version()}.min.js"
