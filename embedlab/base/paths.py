"""Where embedlab keeps what it has computed: the user's data folder, or `EMBEDLAB_HOME`."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from embedlab.base.errors import EmbedlabError


def home() -> Path:
    """Return embedlab's data folder. It need not exist yet.

    Raises `EmbedlabError` when `EMBEDLAB_HOME` begins with the home of a user that there isn't ("~nobody/x").
    """
    chosen = os.environ.get("EMBEDLAB_HOME")
    if chosen:
        try:
            return Path(chosen).expanduser()
        except RuntimeError as error:
            raise EmbedlabError(
                f"EMBEDLAB_HOME is {chosen}, but there is no such user: set it to a folder that you can write to."
            ) from error
    return Path(platformdirs.user_data_dir("embedlab", appauthor=False))


def folder(*parts: str) -> Path:
    """Return the folder `parts` inside the data folder, made if missing.

    Raises `EmbedlabError` when it can't be made.
    """
    path = home().joinpath(*parts)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbedlabError(
            f"The data folder {path} can't be made ({error.strerror}): "
            "set EMBEDLAB_HOME to a folder that you can write to."
        ) from error
    return path
