"""Words as texts have them: elided before, particles and articles written onto them, in scripts without spaces."""

from __future__ import annotations

import pytest

from embedlab.text.forms import bare_forms, holder
from embedlab.text.normalise import searched
from embedlab.text.tokenise import compounds, index_form, index_words, unelided


@pytest.mark.parametrize(
    ("word", "found", "missed"),
    [
        ("hôtel", ["à l'hôtel", "l’Hôtel", "HOTEL", "'hotel'", "hôtel's"], ["hôtelier", "hotels"]),
        ("acqua", ["nell'acqua", "dell’acqua"], ["acquario"]),
        ("hotel", ["d'hotel i l'hotel"], ["hotelet"]),
        ("l'hôtel", ["un hôtel"], ["l'eau"]),
        ("is", ["It is.", "IS"], ["this", "isn", "island"]),
        ("don", ["Don Carlos"], ["don't"]),
        ("can't", ["I can’t"], ["cant"]),
        ("istanbul", ["İSTANBUL'da", "İstanbul’un"], ["istanbullu"]),
        ("ılık", ["ILIK"], ["kılık"]),
        ("strasse", ["Straße 5", "STRASSE"], ["Straßenbahn"]),
        ("환불", ["환불은 언제", "환불을", "환불 요청"], ["반환불가"]),
        ("환불은", ["환불을 요청"], ["환경"]),
        ("고양이", ["고양이가"], ["고양시"]),
        ("돈", ["돈을"], ["돈까스"]),
        ("طلب", ["الطلب", "والطلب", "طَلَب", "طـلب"], ["مطلب"]),
        ("الطلب", ["طلب"], ["مطالبة"]),
        ("أحمد", ["احمد"], ["محمد"]),
        ("הזמנה", ["ההזמנה", "בהזמנה"], ["מזמנה"]),
        ("שלום", ["שָׁלוֹם"], ["תשלום"]),
        ("银行卡", ["我的银行卡丢了"], ["银行的卡"]),
        ("卡", ["银行卡"], ["银行"]),
        ("สินค้า", ["สินค้าคุณภาพดี"], ["สีสวย"]),
        ("ສິນຄ້າ", ["ຂອບໃຈສິນຄ້າດີ"], ["ລາຄາ"]),
        ("ទំនិញ", ["ទំនិញ\u200bល្អ"], ["តម្លៃ"]),
        ("ハンカク", ["ﾊﾝｶｸ文字"], ["ゼンカク"]),
        ("ａｂｃ", ["ABC!"], ["ABCD"]),
        ("email", ["E-Mail", "e\u2011mail"], ["emails"]),
        ("e-mail", ["email", "e mail"], ["the mail"]),
        ("überweisung", ["Über\u00adweisung"], ["Überweisungen"]),
        ("👍", ["gut 👍🏽"], ["👎"]),
        ("👩‍💻", ["👩🏽‍💻"], ["👩"]),
        ("❤", ["❤\ufe0f"], ["💔"]),
        ("🇪🇸", ["🇪🇸!"], ["🇩🇪"]),
        ("कार्ड", ["मेरा कार्ड"], ["कार्डधारक"]),
        ("lost card", ["my lost card", "Lost, card"], ["card lost", "lostcard"]),
        ("کتاب", ["کتاب\u200cها"], ["کتابخانه"]),
    ],
)
def test_a_word_is_found_as_texts_have_it_and_in_no_other(word: str, found: list[str], missed: list[str]) -> None:
    held = holder(word)
    assert held is not None
    assert [text for text in found if not held(searched(text))] == []
    assert [text for text in missed if held(searched(text))] == []


@pytest.mark.parametrize("needle", ["", "?!", " \n"])
def test_there_may_be_no_word_to_find(needle: str) -> None:
    assert holder(needle) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("l'hôtel d’Angleterre", ["hôtel", "angleterre"]),
        ("aujourd'hui quelqu'un", ["aujourd'hui", "quelqu'un"]),
        ("nell'acqua un'altra all’inizio", ["acqua", "altra", "inizio"]),
        ("don't I'm O'Connor rock'n'roll c'mon", ["don't", "i'm", "o'connor", "rock'n'roll", "c'mon"]),
        ("Ankara'nın Türkiye’ye", ["ankara", "türkiye"]),
        ("п'ять комп’ютер", ["п'ять", "комп'ютер"]),
        ("می\u200cخواهم", ["می", "خواهم"]),
        ("🇩🇪🇪🇸 👍🏽", ["🇩🇪", "🇪🇸", "👍"]),
        ("ทด\u200bสอ", ["ทด", "ดส", "สอ"]),
    ],
)
def test_what_is_written_onto_a_word_is_no_part_of_it(text: str, words: list[str]) -> None:
    assert index_words(text) == words


def test_a_word_with_hyphens_is_one_as_well() -> None:
    assert [word for word, _, _ in compounds(index_form("e-mail, E\u2011Mail; 2024-01-05, covid-19"))] == [
        "email", "email", "covid19",
    ]  # fmt: skip


def test_elisions() -> None:
    assert [unelided(word) for word in ("L’Hôtel", "qu'il", "jusqu'à", "hôtel", "t'was")] == [
        "Hôtel", "il", "à", "hôtel", "t'was",
    ]  # fmt: skip


def test_a_particle_is_one_only_with_evidence() -> None:
    assert bare_forms(["환불은", "환불을", "고양이", "카드가", "카드"]) == {
        "환불은": "환불",
        "환불을": "환불",
        "카드가": "카드",
    }
