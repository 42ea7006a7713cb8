"""embedlab: see what an embedding model makes of your texts, and how far to trust the picture.

    import embedlab as el

    corpus = el.read("tickets.csv", text="message")
    space = el.embed(corpus, model="all-MiniLM-L6-v2")
    picture = el.explore(space)
    picture.show()

Names are looked up in `embedlab.api` when they are first used: importing embedlab alone costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embedlab.api import (
        Corpus,
        EmbedlabError,
        Exploration,
        LayoutSettings,
        Models,
        Result,
        Space,
        builtin,
        check,
        compare,
        drift,
        embed,
        explain,
        explore,
        finetune,
        from_frame,
        from_texts,
        models,
        read,
        search,
    )

__version__ = "0.1.0"

__all__ = [
    "Corpus", "EmbedlabError", "Exploration", "LayoutSettings", "Models", "Result", "Space", "builtin", "check",
    "compare", "drift", "embed", "explain", "explore", "finetune", "from_frame", "from_texts", "models", "read",
    "search",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"embedlab has no {name!r}")
    return getattr(import_module("embedlab.api"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
