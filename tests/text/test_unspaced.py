"""Words of scripts without spaces, found by what stands together."""

from __future__ import annotations

import pytest

from embedlab.text.unspaced import clusters, lexicon, pieces


@pytest.mark.parametrize(
    ("run", "cut"),
    [
        ("ซื้อคืนเก็บแพทย์", ["ซื้อ", "คืน", "เก็บ", "แพทย์"]),
        ("จัดส่ง", ["จัด", "ส่", "ง"]),
        ("ຈັດສົ່ງ", ["ຈັດ", "ສົ່ງ"]),
        ("ទំនិញល្អ", ["ទំ", "និ", "ញ", "ល្អ"]),
        ("ပစ္စည်းကောင်း", ["ပစ္စည်း", "ကောင်း"]),
        ("銀行", ["銀", "行"]),
    ],
)
def test_no_syllable_is_cut(run: str, cut: list[str]) -> None:
    assert clusters(run) == cut


@pytest.mark.parametrize(
    ("texts", "word", "fragments"),
    [
        (["จัดส่งเร็ว", "จัดส่งช้า", "การจัดส่งดี", "รอจัดส่งนาน"], "จัดส่ง", ["จัดส่", "ส่ง", "จัด"]),
        (["ລາຄາຖືກ", "ລາຄາແພງ", "ໃນລາຄາດີ", "ແລະລາຄາ"], "ລາຄາ", ["ລາ", "ຄາ"]),
        (["តម្លៃថោក", "តម្លៃល្អ", "និងតម្លៃ", "ថាតម្លៃខ្ពស់"], "តម្លៃ", ["ម្លៃ"]),
        (["我的银行卡", "银行卡丢了", "这银行卡吗", "银行卡"], "银行卡", ["银行", "行卡"]),
    ],
)
def test_a_word_is_no_part_of_a_longer_one_that_comes_as_often(
    texts: list[str], word: str, fragments: list[str]
) -> None:
    known = lexicon(dict.fromkeys(texts, 1))
    found = {one for text in texts for one in pieces(text, known)}
    assert word in found
    assert not found & set(fragments)
