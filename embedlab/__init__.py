"""embedlab: see what an embedding model makes of your texts, and how far to trust the picture.

    import embedlab as el

    corpus = el.read("tickets.csv", text="message")
    space = el.embed(corpus, model="all-MiniLM-L6-v2")
    picture = el.explore(space)
    picture.show()

Names are looked up in `embedlab.api` when they are first used: importing embedlab alone costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    api = import_module("embedlab.api") if not name.startswith("_") else None
    if api is None or name not in api.__all__:
        raise AttributeError(f"embedlab has no {name!r}")
    return getattr(api, name)
