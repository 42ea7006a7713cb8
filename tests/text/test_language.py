"""In which language texts are written: short ones, long ones, and messages with all that stands around their words."""

from __future__ import annotations

import time

import numpy as np
import pytest

from embedlab.text.language import UNSURE, languages, spoken, words_of

HEADER = """From: lindst@vm.example.se (Håkan Lindström)
Subject: Re: SCSI vs IDE (was: WANTED: 286 board)
Organization: Kungliga Tekniska Högskolan, Stockholm
Lines: 27
NNTP-Posting-Host: lab3.vm.example.se

"""
GERMAN = "> Das habe ich so nicht gesagt, und das weißt du auch ganz genau, mein lieber Freund.\n" * 4
ANSWER = """I tried that last week and it made no difference at all. The drive still takes
about ten minutes to wake up, and then the machine stops whenever somebody opens
the door. Has anyone here seen the same thing with the older boards?
"""
CODE = """
    for (i = 0; i < n; i++)
        printf("%d %s\\n", i, argv[i]);
    XtVaSetValues(w, XtNwidth, &width, NULL);
"""
SIGNATURE = """--
Håkan Lindström  |  lindst@vm.example.se  |  Box 143, SE-100 44 Stockholm
Institutionen för numerisk analys och datalogi, telefon +46 8 790 60 00
"""


def of(text: str) -> str:
    return str(languages([text])[0])


def test_short_texts() -> None:
    texts = [
        "Where is my parcel? I ordered it last week.",
        "Wo bleibt mein Paket, das ich bestellt habe?",
        "ok",
        "",
        "😀",
    ]
    found = languages([*texts, "\ud800 lone"])
    assert found[:2].tolist() == ["English", "German"]
    assert set(found[2:].tolist()) == {UNSURE}
    assert not found.flags.writeable


@pytest.mark.parametrize(
    "text",
    [
        HEADER + ANSWER,
        HEADER + "In article <1993Apr5.2211@vm.example.de> hans@vm.example.de (Hans Weiß) writes:\n" + GERMAN + ANSWER,
        HEADER + ANSWER + CODE + SIGNATURE,
        HEADER + ANSWER.upper(),
        ANSWER + "\n" + "M_)8Q>\"R-#1D9V5G)RTM+2\\O'0N?#L8Y@7*!AXMAX'AX>'AXAX\n" * 20,
        "http://example.com/ein/langer/pfad/zu/einer/seite?und=noch&etwas=mehr " * 3 + ANSWER,
        "Jürgen Müller, Søren Kierkegaard, Łódź, São Paulo, Åse, Dvořák: " + ANSWER,
        ANSWER * 200,
    ],
)
def test_english_among_all_that_is_not(text: str) -> None:
    assert of(text) == "English"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEADER + GERMAN.replace("> ", ""), "German"),
        (HEADER + GERMAN, "German"),  # nothing but a quotation
        ("我有3个问题：1) 卡丢了怎么办？2) 今天的汇率是多少？3) 转账需要2天吗？", "Chinese"),
        ("Заказ №1234 не пришёл, хотя прошло уже 10 дней, и на письма никто не отвечает.", "Russian"),
        ("カードを2枚なくしました。1枚はすぐに止めてください。連絡先は03-1234です。", "Japanese"),
        ("Subject: Rechnung 4711\n\nIch habe die Rechnung zweimal bekommen und nur einmal bestellt.", "German"),
        ("Jag har väntat på mitt paket i två veckor nu, och ingen svarar när jag ringer.", "Swedish"),
        ("12345 67890 +46 8 790 60 00", UNSURE),
        ("a_b(c) = d[e] ** f\nx = y // z", UNSURE),
        ("From: a@example.com\nSubject: 1", UNSURE),
    ],
)
def test_other_languages_and_none(text: str, expected: str) -> None:
    assert of(text) == expected


def test_the_words_of_a_message() -> None:
    assert words_of(HEADER + GERMAN + ANSWER + CODE + SIGNATURE) == " ".join(ANSWER.split())
    assert words_of("plain words of one line, and no more") == "plain words of one line, and no more"
    assert words_of("") == ""
    assert words_of("x = 1") == "x = 1"  # nothing would be left


def test_the_middle_and_the_end_of_a_long_text_count() -> None:
    """A preface of a third in another language does not decide."""
    assert of("Detta är ett kort förord. " * 20 + "\n" + ANSWER * 12) == "English"


def test_long_texts_take_no_longer_than_their_first_pages() -> None:
    start = time.process_time()
    languages([ANSWER * 5_000] * 20)  # a million characters each
    assert time.process_time() - start < 5


def test_how_many_are_in_each() -> None:
    assert spoken(np.array(["German", UNSURE, "English", "English", UNSURE, UNSURE], dtype=object)) == (
        ("English", 2), ("German", 1), (UNSURE, 3),
    )  # fmt: skip
