"""embedlab's server: the app in `pages/main.py`, the drawing library beside it, and a warm start.

The script is one folder down because Streamlit takes a `pages` folder beside the main script for its old way of
declaring pages, which answers the first visit to any page but the main one with "Page not found".
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

ROOT = Path(__file__).parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from pages.app.served import routes  # noqa: E402 - the root is on the path from here on


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Begin with the first screen before anyone asks for it."""
    from pages.app import results

    results.start()
    yield


app = st.App(ROOT / "pages" / "main.py", routes=routes(), lifespan=lifespan)
