"""The one exception that a user's input or machine can cause."""

from __future__ import annotations


class EmbedlabError(Exception):
    """Something that the user can mend.

    The message is one sentence that says what is wrong, where, and what to do next. Pages show it as it
    is; the command line prints it on one line and exits with status 2.
    """
