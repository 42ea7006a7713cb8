"""Values as Python prints them, in place of JSON: single quotes, None, True, tuples. Read, never run."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

LARGEST = 1 << 26
"""Characters; Python's parser takes hundreds of bytes for each."""
_MARKS = re.compile(r"[{\[(,:]\s*[bru]?'|\b(?:None|True|False)\b")


def python_value(text: str) -> Any:
    """Return what a dictionary or a list in Python's notation holds, as JSON would have it; None where it is none."""
    bare = text.strip()
    if bare[:1] not in ("{", "[", "(") or len(bare) > LARGEST or not _MARKS.search(bare):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that Python will not know one day
            found = as_json(ast.literal_eval(bare))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def as_json(value: Any) -> Any:
    """Return a value of Python's literals as one of JSON."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, set):
        return sorted(map(str, value))
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if value is None or isinstance(value, str | int | float) else str(value)
