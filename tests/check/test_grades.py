"""What findings are worth."""

from __future__ import annotations

import numpy as np

from embedlab.check.base import Finding
from embedlab.check.findings import FINDINGS
from embedlab.check.report import grade, worst_first
from tests.sentences import says

KINDS = {kind.key: kind for kind in FINDINGS}


def found(key: str, count: int, share: float) -> Finding:
    return Finding(KINDS[key], count, np.arange(count), share, "It is so.")


def test_every_kind_has_a_key_of_its_own_and_limits_in_order() -> None:
    assert len(KINDS) == len(FINDINGS)
    assert all(0 <= kind.limits[0] <= kind.limits[1] for kind in FINDINGS)


def test_one_leak_warns_and_one_in_a_hundred_fails() -> None:
    levels = [found("leaks", *one).level for one in ((0, 0.0), (1, 0.001), (9, 0.009), (10, 0.01))]
    assert levels == ["pass", "warn", "warn", "fail"]
    assert KINDS["leaks"].limits_told == ("any", "from 1 %")
    assert KINDS["exact"].limits_told == ("from 1 %", "never")


def test_many_paraphrases_never_fail() -> None:
    assert found("near-duplicates", 2_031, 0.155).level == "warn"


def test_the_worst_comes_first_and_gives_its_name() -> None:
    many = [found("exact", 3, 0.001), found("personal", 1, 0.001), found("leaks", 5, 0.2), found("labels", 9, 0.2)]
    assert [one.key for one in worst_first(many)] == ["leaks", "labels", "personal", "exact"]
    assert grade(many).level == "fail"
    assert says(grade(many).sentence, "not to be built on", "leaks", "doubtful labels")
    assert grade(many[:2]).sentence == "Something to look at first: personal data."
    assert (grade(many[:1]).level, grade(many[:1]).sentence) == ("pass", "Nothing was found that stands in the way.")
    assert grade([]).level == "pass"
