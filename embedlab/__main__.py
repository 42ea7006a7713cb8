"""`python -m embedlab`: see `embedlab.cli.main`."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from embedlab.cli.main import main


def _leave(status: int) -> NoReturn:
    """End the process at once: everything is written, and taking the libraries down again takes half a second."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        status = status or 1
    os._exit(status)


if __name__ == "__main__":
    _leave(main())
