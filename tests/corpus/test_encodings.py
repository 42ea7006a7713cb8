"""Text files in other encodings than UTF-8 come out right, and it is said."""

from __future__ import annotations

import pytest

from embedlab.corpus.layout import FileLayout
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
        ("koi8_r", "Посылка так и не пришла"),
        ("koi8_r", "Заказ 17: спасибо"),
        ("koi8_u", "Картка не працює вже два дні, і ніхто її не знайшов"),
        ("cp866", "Как поменять адрес доставки"),
        ("iso8859_5", "КАРТА НЕ РАБОТАЕТ УЖЕ ДВА ДНЯ"),
        ("cp1251", "Картата ми беше отказана два пъти"),
        ("cp1253", "Η κάρτα μου απορρίφθηκε δύο φορές"),
        ("cp1255", "החבילה לא הגיעה אליי"),
        ("cp1255", "Order 17: שלום, תודה רבה"),
        ("cp1256", "كيف يمكنني تغيير عنواني"),
        ("cp874", "บัตรของฉันถูกปฏิเสธสองครั้ง"),
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


# --- A little damage -----------------------------------------------------------------------------

PLAIN = "text,label\n" + "".join(f"The invoice number {at} is wrong,shop\n" for at in range(40))


@pytest.mark.parametrize(
    ("more", "lost"),
    [
        ("Señora called,a\n".encode() + b"It is late \x96 since Monday,b\n", 1),
        ("Señora called,a\n".encode() + b"He said \x93hello\x94 to me,b\n", 2),
        (b"a caf\xff here,web\n", 1),
        (b"a caf\x81 here,web\n", 1),
        (b"the inv\xffoice here,web\n", 1),
        (b"a word \xe0\xb8 of another script,web\n", 1),
        ("a last café".encode()[:-1], 1),
        ("Grüße,a\na last 日本".encode()[:-1], 1),
    ],
)
def test_a_few_bad_bytes_leave_utf8_what_it_is_and_are_counted(more: bytes, lost: int) -> None:
    read = table(PLAIN.encode() + more)
    assert read.layout.encoding == "utf-8"
    assert sum(str(value).count("\ufffd") for column in read.columns for value in column.values) == lost
    assert [note.count for note in read.notes if "UTF-8" in note.sentence] == [lost]


def test_what_a_bad_byte_would_be_otherwise_is_said() -> None:
    read = table(PLAIN.encode() + "Señora called,a\n".encode() + b"It is late \x96 since Monday,b\n")
    assert "–" in read.notes[0].sentence
    assert "Windows-1252" in read.notes[0].sentence


@pytest.mark.parametrize(
    "text", ["a café here", "Grüße aus Köln", "Señor Muñoz", "it’s late", "late – since Monday", "20 ° and £5"]
)
def test_a_file_with_few_accents_is_western_and_both_readings_are_said(text: str) -> None:
    read = table((PLAIN + f"{text},web\n").encode("cp1252"))
    assert (read.layout.encoding, read.column("text").values[-1]) == ("cp1252", text)
    lost = sum(char > "\x7f" for char in text)
    assert f"Read as UTF-8, {lost} character" in read.notes[0].sentence


def test_an_accent_at_the_very_end_is_one() -> None:
    assert values(table("text\nnoir\ncafé".encode("latin-1")), "text") == ["noir", "café"]


def test_two_files_in_one_are_read_each_in_its_own_encoding() -> None:
    first = "Grüße,a\nça va,b\n" * 4
    second = "müde,c\nschön,c\nit’s,b\n"
    read = table(PLAIN.encode() + first.encode() + second.encode("cp1252"))
    assert values(read, "text")[-3:] == ["müde", "schön", "it’s"]
    assert "Grüße" in values(read, "text")
    assert any(note.kind == "changed" and "3 lines" in note.sentence for note in read.notes)


@pytest.mark.parametrize("encoding", ["utf-16", "UTF8", "latin1", "shift_jis"])
def test_an_encoding_can_be_told_as_it_is_called(encoding: str) -> None:
    read = read_table("text\ncafe noir\n".encode(encoding), "a.csv", FileLayout(encoding=encoding))
    assert values(read, "text") == ["cafe noir"]
