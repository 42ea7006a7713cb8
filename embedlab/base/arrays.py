"""Arrays that nobody changes."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray


def frozen(values: NDArray[Any]) -> NDArray[Any]:
    """Return `values` made read-only."""
    values.flags.writeable = False
    return values
