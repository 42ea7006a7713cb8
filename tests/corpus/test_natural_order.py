"""Which categories have an order by themselves, and which have none."""

from __future__ import annotations

import random

import pytest

from embedlab.corpus.ordering import in_natural_order

IN_ORDER = [
    ["1950s", "1970s", "1990s", "2010s"],
    ["low", "medium", "high"],
    ["Low", "Normal", "HIGH", "Urgent"],
    ["Monday", "Wednesday", "Sunday"],
    ["Jan", "Mar", "Dec"],
    ["2019-05", "2019-11", "2020-01"],
    ["1 star", "2 stars", "5 stars"],
    ["<18", "18-24", "25-34", "65+"],
    ["under 18", "18 to 24", "25 to 34", "over 65"],
    ["1st", "2nd", "3rd", "10th"],
    ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"],
    ["9", "10", "100"],
    ["XS", "S", "M", "XL"],
    ["A+", "A", "A-", "B+", "C"],
    ["A", "B", "C", "D", "F"],
    ["A1", "A2", "B1", "C2"],
    ["Q1 2020", "Q2 2020", "Q1 2021"],
    ["Q1", "Q3", "Q4"],
    ["Grade 2", "Grade 9", "Grade 10"],
    ["v1.2", "v1.10", "v2"],
    ["Sept", "Oct", "Nov"],
    ["0-9", "10-19", "20-29", "100+"],
    ["$0-$10", "$10-$50", "$50+"],
    ["5%", "20%", "100%"],
    ["18-24", "25-34", "65+", "Prefer not to say", "unknown"],
]


@pytest.mark.parametrize("names", IN_ORDER, ids=lambda names: names[0])
def test_names_that_have_an_order_are_put_in_it(names: list[str]) -> None:
    shuffled = names[:]
    random.Random(3).shuffle(shuffled)
    assert in_natural_order(shuffled) == names
    assert in_natural_order(names[::-1]) == names


@pytest.mark.parametrize(
    "names",
    [
        ["billing", "refund", "delivery"],
        ["low", "high"],
        ["low", "high", "refund"],
        ["3 little pigs", "7 samurai", "12 monkeys"],
        ["cs.AI", "math.NA", "stat.ML"],
        ["", "a", "b"],
        [],
        ["Room 1", "Suite 2", "Hall 3"],
        ["A", "B", "C"],
        ["low", "high", "unknown"],
        ["A", "A ", "B+"],
        ["A12", "B7", "C1"],
    ],
    ids=str,
)
def test_names_without_an_order_have_none(names: list[str]) -> None:
    assert in_natural_order(names) is None
