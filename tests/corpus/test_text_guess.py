"""Which column is the text: by what stands in it, in any script."""

from __future__ import annotations

import json

import pytest

from embedlab.corpus.reading.table import read_table

CHINESE = ["这个手机壳质量很好，手感也不错。", "物流太慢了，等了一个星期才到。", "客服态度很差，不会再来了。"]
PRODUCTS = ["Apple iPhone 13 Pro Max", "Samsung Galaxy S22 Ultra", "Xiaomi Redmi Note 11"]


def guessed(columns: dict[str, list[str]], times: int = 4) -> tuple[str | None, str | None]:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)] * times
    read = read_table(json.dumps(rows).encode(), "t.json")
    return read.guessed_text, read.guessed_label


@pytest.mark.parametrize(
    ("others", "text"),
    [
        ({"product": PRODUCTS}, CHINESE),
        ({"a": PRODUCTS}, ["商品はとても良かったです。", "届くのが遅かったです。", "もう買いません。"]),
        ({"a": ["one two", "two three", "three one"]}, ["สินค้าดีมากครับ", "ส่งของช้ามากเลย", "ไม่ซื้ออีกแล้วครับ"]),
        (
            {"when": ["1/2/2024 10:00:00 AM GMT+1", "1/3/2024 11:00:00 AM GMT+1", "1/4/2024 9:00:00 AM GMT+1"]},
            ["so so", "ok it is", "not bad"],
        ),
        (
            {"contact": ["anne.long@mail.example", "bob.longer@mail.example", "cid@mail.example"]},
            ["fine", "not so", "bad"],
        ),
        (
            {"customer": ["Anne Catherine Miller", "Bob van der Berg", "Cid Campeador"]},
            ["all fine", "too late", "so so"],
        ),
        (
            {"instances": ['[{"input": "a long one", "output": "another long one of words"}]'] * 3},
            ["one of it", "two of it", "three of it"],
        ),
        (
            {"path": ["/data/of/some/long/path/a.txt", "/data/of/some/long/path/b.txt", "/c.txt"]},
            ["a word", "b word", "c word"],
        ),
        ({"hash": ["9f86d081884c7d659a2feaa0c55ad015"] * 3}, ["one", "two", "three"]),
    ],
)
def test_the_text_is_what_people_write(others: dict[str, list[str]], text: list[str]) -> None:
    assert guessed({**others, "x": text})[0] == "x"
    assert guessed({"x": text, **others})[0] == "x"


def test_a_column_that_is_no_text_by_its_looks_is_one_where_there_is_no_other() -> None:
    assert guessed({"mail": ["a@b.example", "c@d.example", "e@f.example"], "n": ["1", "2", "3"]})[0] in ("mail", None)
    assert guessed({"address": ["a@b.example", "c@d.example", "e@f.example"], "n": ["1", "2", "3"]})[0] == "address"


def test_sentences_that_come_again_are_no_labels() -> None:
    answers = ["The people were kind and patient.", "It was far too long for me.", "More breaks would be nice indeed."]
    longer = [answer * 2 for answer in answers]
    assert guessed({"What did you like most?": answers, "What should change at all?": longer})[1] is None
    assert guessed({"text": longer, "topic": ["a", "b", "a"]})[1] == "topic"
