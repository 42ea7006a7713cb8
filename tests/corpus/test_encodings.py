"""Text files in other encodings than UTF-8 come out right, and it is said."""

from __future__ import annotations

import pytest

from embedlab.corpus.reading.table import Table, read_table


def table(content: bytes, name: str = "a.csv") -> Table:
    return read_table(content, name)


def values(source: Table, name: str) -> list[str | None]:
    return list(source.column(name).values.tolist())


WESTERN = "text,label\nGrüße aus Köln und München,ä\nSchöne Bäume blühen überall,ö\n"


@pytest.mark.parametrize(
    "codec",
    ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "latin-1", "cp1252", "mac_roman", "cp850"],
)
def test_encodings_come_out_right_and_are_said(codec: str) -> None:
    read = table(WESTERN.encode(codec))
    assert values(read, "text") == ["Grüße aus Köln und München", "Schöne Bäume blühen überall"]
    assert values(read, "label") == ["ä", "ö"]
    assert len(read.notes) == 1
    assert " read as " in read.notes[0].sentence


def test_plain_utf8_needs_no_note() -> None:
    assert table(WESTERN.encode()).notes == ()


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1252", "Il a mangé à la crèmerie. El día está aquí, está allí también."),
        ("cp1252", "Müller, José, Zoë, François, Søren, Åsa, Núñez, João"),
        ("cp1252", "Köln, schön, Müller, José, María, Jesús, crêpe"),
        ("cp1252", "Don’t worry – it’s “fine”, 50 m² for £500"),
        ("cp1250", "Dziękuję za pomoc w sprawie mojej karty płatniczej, proszę o odpowiedź."),
        ("iso8859_2", "Dziękuję za pomoc w sprawie mojej karty płatniczej, proszę o odpowiedź."),
        ("cp1250", "Árvíztűrő tükörfúrógép. Köszönöm szépen a gyors választ, őszintén."),
        ("cp1254", "Kartım hâlâ gelmedi, ne zaman gelecek? Şu çocuğa söyle."),
        ("cp1251", "Съешь же ещё этих мягких французских булок, да выпей чаю. Где моя карта?"),
        ("cp932", "私の名前は中野です。カードはまだ届いていません。"),
        ("gb18030", "我的卡还没有到。请问什么时候可以收到？"),
        ("utf-16-le", "我的卡还没有到。请问什么时候可以收到？"),
    ],
)
def test_code_pages(codec: str, text: str) -> None:
    assert table(f"{text}\n{text}\n".encode(codec), "a.txt").corpus().texts == (text, text)


def test_a_few_damaged_bytes_do_not_make_utf8_another_encoding() -> None:
    content = "text\n" + "Grüße aus Köln und München\n" * 3
    read = table(content.encode() + b"caf\xe9\n")
    assert values(read, "text")[-2:] == ["Grüße aus Köln und München", "caf\ufffd"]
    assert [(note.kind, note.count) for note in read.notes] == [("changed", 1)]
