"""What findings are worth."""

from __future__ import annotations

import numpy as np

from embedlab.check.grades import LIMITS, grade, level_of, limits_of, worst_first
from embedlab.check.run import TITLES, Finding, Key


def found(key: Key, count: int, share: float) -> Finding:
    return Finding(key, TITLES[key], count, np.arange(count), share, "It is so.")


def test_every_finding_has_limits() -> None:
    assert set(LIMITS) == set(TITLES)
    assert all(0 <= warn <= fail for warn, fail in LIMITS.values())


def test_one_leak_warns_and_one_in_a_hundred_fails() -> None:
    levels = [level_of(found("leaks", *one)) for one in ((0, 0.0), (1, 0.001), (9, 0.009), (10, 0.01))]
    assert levels == ["pass", "warn", "warn", "fail"]
    assert limits_of("leaks") == ("any", "from 1 %")
    assert limits_of("exact") == ("from 1 %", "never")


def test_many_paraphrases_never_fail() -> None:
    assert level_of(found("near-duplicates", 2_031, 0.155)) == "warn"


def test_the_worst_comes_first_and_gives_its_name() -> None:
    many = [found("exact", 3, 0.001), found("personal", 1, 0.001), found("leaks", 5, 0.2), found("labels", 9, 0.2)]
    assert [one.key for one in worst_first(many)] == ["leaks", "labels", "personal", "exact"]
    assert grade(many).level == "fail"
    assert grade(many).sentence == "Not to be built on as they are: leaks and doubtful labels."
    assert grade(many[:2]).sentence == "Something to look at first: personal data."
    assert (grade(many[:1]).level, grade(many[:1]).sentence) == ("pass", "Nothing was found that stands in the way.")
    assert grade([]).level == "pass"
