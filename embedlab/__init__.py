"""embedlab: see what an embedding model makes of your texts, and how far to trust the picture.

    import embedlab as el

    corpus = el.read("tickets.csv", text="message")
    space = el.embed(corpus, model="all-MiniLM-L6-v2")
    picture = el.explore(space)
    picture.show()

Names are looked up in `embedlab.api` when they are first used: importing embedlab alone costs nothing.
"""

import sys
from importlib import import_module
from types import ModuleType
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


class _Package(ModuleType):
    """Six rooms have the name of their verb: importing one must not put its module in the verb's place."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in __all__ or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


if not TYPE_CHECKING:  # so that a type checker knows which names there are

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"embedlab has no {name!r}")
        return getattr(import_module("embedlab.api"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
