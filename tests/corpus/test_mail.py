"""Mail: boxes of messages and single ones, in the alphabets and parts that they come in."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage

import pytest

from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.table import Table, read_table


def message(text: str, subject: str = "Order 7", sender: str = "Ann <ann@example.org>") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "help@example.org", subject
    made["Date"] = "Mon, 04 Mar 2024 10:00:00 +0100"
    made.set_content(text)
    return made


def box(*messages: EmailMessage) -> bytes:
    begin = b"From ann@example.org Mon Mar  4 10:00:00 2024\n"
    return b"\n".join(begin + one.as_bytes().replace(b"\nFrom ", b"\n>From ") for one in messages)


def values(read: Table, name: str) -> list[object]:
    return list(read.column(name).values.tolist())


PARCEL = "The parcel never came.\n\nFrom here on it is a second paragraph, für Jürgen."


@pytest.mark.parametrize("name", ["in.mbox", "Inbox", "in.txt"])
def test_a_box_is_a_text_a_message(name: str) -> None:
    read = read_table(box(message(PARCEL, "Grüße"), message("My card was declined.")), name)
    assert values(read, "text") == [PARCEL, "My card was declined."]
    assert values(read, "subject") == ["Grüße", "Order 7"]
    assert values(read, "from") == ["Ann <ann@example.org>"] * 2
    assert values(read, "date") == [dt.datetime(2024, 3, 4, 9)] * 2
    assert "2 messages, each a text" in read.notes[0].sentence


def test_the_plain_part_is_taken_and_attachments_are_counted() -> None:
    one = message("Plain words.")
    one.add_alternative("<p>Rich <b>words</b>.</p>", subtype="html")
    one.add_attachment(b"\0\1", maintype="application", subtype="octet-stream", filename="a.bin")
    read = read_table(box(one, message("More.")), "in.mbox")
    assert values(read, "text") == ["Plain words.", "More."]
    assert any("1 attachment was left out" in note.sentence for note in read.notes)


def test_html_alone_is_shown_as_its_words() -> None:
    one = message("x")
    one.set_content("<style>p {}</style><p>Rich &amp; <b>bold</b><br>words</p><!-- none -->", subtype="html")
    assert values(read_table(box(one), "in.mbox"), "text") == ["Rich & bold\nwords"]


def test_one_message_by_its_ending_or_by_its_head() -> None:
    whole = message(PARCEL).as_bytes()
    for name in ("one.eml", "one.txt", "one"):
        assert values(read_table(whole, name), "text") == [PARCEL]
    assert len(read_table(b"From: me\nthis is only\na list of lines\n", "a.txt")) == 3
    assert len(read_table(whole, "one.txt", FileLayout(delimiter="none"))) > 5


def test_heads_and_alphabets_that_keep_no_rules() -> None:
    odd = (
        b"From x@example.org Mon Mar  4 10:00:00 2024\n"
        b"From: =?nonsense?Q?=ff?= <\nTo: \nDate: soon\nSubject: =?utf-8?B?w\n"
        b"Content-Type: text/plain; charset=no-such\n\nWords \xe4 all the same.\n"
    )
    read = read_table(odd, "in.mbox")
    assert values(read, "text") == ["Words \ufffd all the same."]
    assert "date" not in [column.name for column in read.columns]


def test_a_message_without_a_text_is_dropped_and_counted() -> None:
    read = read_table(box(message(" "), message("Words.")), "in.mbox").corpus()
    assert read.texts == ("Words.",)
    assert any(note.kind == "dropped" and note.count == 1 for note in read.notes)
