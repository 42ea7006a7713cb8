"""Fingerprints: everything counts, nothing runs together, and they are the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embedlab.base.fingerprint import fingerprint

ROOT = Path(__file__).parents[2]

DIFFERENT = {
    "order": (("a", "b"), ("b", "a")),
    "boundary between strings": (("ab", "c"), ("a", "bc")),
    "an empty part": (("a",), ("a", "")),
    "one list or its items": ((["a", "b"],), ("a", "b")),
    "where a list ends": ((["a", "b"], ["c"]), (["a"], ["b", "c"])),
    "nesting": ((["a", ["b"]],), ([["a"], "b"],)),
    "string and bytes": (("a",), (b"a",)),
    "string and number": (("1",), (1,)),
    "int and float": ((1,), (1.0,)),
    "int and bool": ((1,), (True,)),
    "none and its name": ((None,), ("None",)),
    "none and false": ((None,), (False,)),
    "a string that looks like a header": (("s1:a",), ("s", "a")),
    "surrogate and replacement": (("\ud800",), ("\ufffd",)),
    "surrogate and question mark": (("\ud800",), ("?",)),
    "one surrogate and another": (("\ud800",), ("\udfff",)),
    "dtype": ((np.zeros(4, np.int32),), (np.zeros(4, np.float32),)),
    "same bytes, other dtype": ((np.zeros(2, np.int64),), (np.zeros(4, np.int32),)),
    "shape": ((np.zeros((2, 3)),), (np.zeros((3, 2)),)),
    "shape of objects": ((np.full((2, 3), "a", object),), (np.full((3, 2), "a", object),)),
    "array and list": ((np.array(["a", "b"], object),), (["a", "b"],)),
    "sign of zero": ((0.0,), (-0.0,)),
    "dates": ((np.array(["2020-01-01"], "datetime64[us]"),), (np.array(["2020-01-02"], "datetime64[us]"),)),
    "units of dates": ((np.array([1], "datetime64[s]"),), (np.array([1], "datetime64[us]"),)),
    "missing and not": ((np.array(["a", None], object),), (np.array(["a", "None"], object),)),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_different_content_has_different_fingerprints(one: tuple[object], other: tuple[object]) -> None:
    assert fingerprint(*one) != fingerprint(*other)  # type: ignore[arg-type]


def test_is_32_hexadecimal_digits_and_never_changes() -> None:
    """What is on people's disks is found by these names: a change here orphans it."""
    assert fingerprint("text", 1, 2.5, None, True, b"b", ["x", ["y"]]) == "cfe5eb955cc76ceda6eaba24893036ff"
    assert fingerprint(np.arange(6, dtype="<f4").reshape(2, 3)) == "4158ee3c55a45af164ddc700dd225bbd"


def test_is_the_same_in_another_process() -> None:
    code = "from embedlab.base.fingerprint import fingerprint; print(fingerprint('ä', ['b', 3], None))"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}
    other = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == fingerprint("ä", ["b", 3], None)


def test_every_element_of_a_large_array_counts() -> None:
    large = np.zeros((2_000, 500), dtype=np.float32)
    before = fingerprint(large)
    for place in ((0, 1), (1_037, 251), (1_999, 499)):
        changed = large.copy()
        changed[place] = 1e-30
        assert fingerprint(changed) != before


def test_memory_layout_does_not_count() -> None:
    whole = np.arange(24.0).reshape(4, 6)
    assert fingerprint(whole[::2, 1:4]) == fingerprint(whole[::2, 1:4].copy())
    assert fingerprint(np.asfortranarray(whole)) == fingerprint(whole)
    assert fingerprint(whole.T) == fingerprint(whole.T.copy())


def test_dates_empty_arrays_and_scalars_have_one() -> None:
    dates = np.array(["2020-02-29T12:00", "NaT"], dtype="datetime64[us]")
    assert fingerprint(dates) == fingerprint(dates.copy())
    assert fingerprint(np.empty((0, 3))) != fingerprint(np.empty((3, 0)))
    assert fingerprint(np.array(3.0)) != fingerprint(np.array(4.0))


def test_objects_count_by_value_not_identity() -> None:
    one = np.array(["".join(["a", "b"]), None], dtype=object)
    other = np.array(["ab", None], dtype=object)
    assert fingerprint(one) == fingerprint(other)


def test_a_generator_counts_as_its_items() -> None:
    assert fingerprint(text for text in ("a", "b")) == fingerprint(["a", "b"])


def test_lone_surrogates_are_not_the_character_that_they_would_make() -> None:
    assert fingerprint("\ud83d\ude00") != fingerprint("😀")


def test_what_it_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError):
        fingerprint(np.int64(1))  # type: ignore[arg-type]
