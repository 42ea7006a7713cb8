"""What a result holds: the bytes of its arrays and texts, each counted once."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence, Set
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

LONG = 500
MOST_LOOKED_AT = 200_000

_WEIGHTLESS = (
    bool, int, float, complex, np.generic, type, ModuleType, FunctionType, BuiltinFunctionType, MethodType,
)  # fmt: skip


def pieces(result: Any, known: Mapping[int, int] | None = None) -> dict[int, int]:
    """Return what holds the memory of `result`: the bytes of each array, text and long row, by its identity.

    Two results that share an array both list it under the same identity, so that it can be counted once; a view
    stands for the array that it looks at. A row of 500 things or more is one piece with all that is in it. `known` are
    pieces weighed before, which are not looked into again. It is an estimate: small objects themselves count nothing,
    of very many only the first 200,000 are looked at, and what a library holds outside of Python counts where it says
    so (`nbytes`).
    """
    found: dict[int, int] = {}
    _weigh([result], found, {} if known is None else known)
    return found


def _weigh(waiting: list[Any], found: dict[int, int], known: Mapping[int, int]) -> None:
    seen: set[int] = set()
    while waiting and len(seen) < MOST_LOOKED_AT:
        one = _owner(waiting.pop())
        if one is None or isinstance(one, _WEIGHTLESS) or id(one) in seen:
            continue
        seen.add(id(one))
        weight = known[id(one)] if id(one) in known else _weight(one)
        if weight is None:
            waiting.extend(_members(one))
        else:
            found[id(one)] = weight


def _owner(one: Any) -> Any:
    """Return the array whose memory a view looks at; anything else as it is."""
    while isinstance(one, np.ndarray) and isinstance(one.base, np.ndarray):
        one = one.base
    return one


def _weight(one: Any) -> int | None:
    """Return the bytes of what counts as one piece; None for what is made of others."""
    if isinstance(one, str | bytes | bytearray):
        return sys.getsizeof(one)
    if isinstance(one, np.ndarray) and one.dtype == object:
        return int(one.nbytes) + _together(one.ravel().tolist())
    held = getattr(one, "nbytes", None)
    if isinstance(held, int | np.integer):
        return int(held)
    if isinstance(one, Mapping | Sequence | Set) and len(one) >= LONG:
        return sys.getsizeof(one) + _together(_members(one))
    return None


def _members(one: Any) -> list[Any]:
    if isinstance(one, Mapping):
        return [*one.keys(), *one.values()]
    if isinstance(one, Sequence | Set):
        return list(one)
    slots = [getattr(one, name, None) for of in type(one).__mro__ for name in getattr(of, "__slots__", ())]
    return [*slots, *getattr(one, "__dict__", {}).values()]


def _together(members: list[Any]) -> int:
    if all(type(one) is str for one in members):
        return sum(map(sys.getsizeof, members))
    held: dict[int, int] = {}
    _weigh(members, held, {})
    return sum(held.values())
