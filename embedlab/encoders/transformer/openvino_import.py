"""OpenVINO without its usage statistics. Every import of it in embedlab goes through here."""

from __future__ import annotations

import sys
from typing import Any


def openvino() -> Any:
    """Return the module `openvino`.

    Importing it plainly starts a process that reports the import to its maker. With its telemetry package out
    of reach, it takes the stub that it brings for that case.
    """
    if "openvino" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino
