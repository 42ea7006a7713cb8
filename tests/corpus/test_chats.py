"""Chats: a text a message or a conversation, with sender, date and turn."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.table import read_table
from tests.sentences import says

SAID = [
    "The printer does not work.",
    "Did you turn it on today?",
    "Yes of course I did that.",
    "Then we will send one.",
]
WHO = ["Ann", "Bob", "Ann", "Bob"]
PAIRS = list(zip(WHO, SAID, strict=True))


def corpus_of(value: object, name: str = "a.json", unit=None):
    content = (
        value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()
    )
    return read_table(content, name, FileLayout(unit=unit)).corpus()


def lines(form: str) -> str:
    return "\n".join(form.format(day=day + 12, who=who, said=said) for day, (who, said) in enumerate(PAIRS))


EXPORTS = {
    "discord": {"channel": {"name": "help"}, "messages": [
        {"id": "1", "type": "Default", "timestamp": "2024-03-01T10:00:00.1+00:00", "content": said,
         "author": {"id": "5", "name": who}} for who, said in PAIRS]},
    "telegram": {"name": "Us", "type": "personal_chat", "messages": [
        {"type": "message", "date": "2024-03-01T10:00:00", "from": who,
         "text": [said[:9], {"type": "bold", "text": said[9:]}]}
        for who, said in PAIRS]},
    "slack": [{"type": "message", "ts": "1700000000.000100", "user": who, "text": said} for who, said in PAIRS],
    "teams": {"value": [{"createdDateTime": "2024-03-01T10:00:00Z", "from": {"user": {"displayName": who}},
                         "body": {"contentType": "html", "content": f"<p>{said}</p>"}} for who, said in PAIRS]},
    "messenger": {"participants": [{"name": "Ann"}, {"name": "Bob"}], "messages": [
        {"sender_name": who, "timestamp_ms": 1700000000000, "content": said} for who, said in PAIRS]},
    "one dialogue": [{"role": "user" if who == "Ann" else "assistant", "content": said} for who, said in PAIRS],
}  # fmt: skip


@pytest.mark.parametrize("export", EXPORTS)
def test_an_export_of_one_chat_is_a_row_a_message(export: str) -> None:
    corpus = corpus_of(EXPORTS[export])
    assert list(corpus.texts) == SAID
    assert corpus.column("sender").values.tolist() in (WHO, ["user", "assistant"] * 2)
    assert corpus.column("turn").values.tolist() == [1, 2, 3, 4]
    if export != "one dialogue":
        assert corpus.column("date").kind == "date"


@pytest.mark.parametrize("name", ["telegram", "slack"])
def test_what_the_program_itself_says_is_left_out_and_counted(name: str) -> None:
    service = {"type": "service", "actor": "Ann", "action": "create_group", "text": "", "date": "2024-01-01T10:00:00"}
    joined = {
        "type": "message",
        "subtype": "channel_join",
        "ts": "1700000000.000100",
        "user": "U",
        "text": "has joined",
    }
    export = EXPORTS[name]
    value = [joined, *export] if isinstance(export, list) else {**export, "messages": [service, *export["messages"]]}
    corpus = corpus_of(value)
    assert list(corpus.texts) == SAID
    assert [(note.kind, note.count, note.rows) for note in corpus.notes if note.kind == "dropped"] == [
        ("dropped", 1, (1,))
    ]
    assert corpus.rows_read == 5


def test_letters_that_were_written_as_bytes_are_mended() -> None:
    spoiled = {
        "sender_name": "Ren\u00c3\u00a9",
        "timestamp_ms": 1700000000000,
        "content": "un caf\u00c3\u00a9 pour moi",
    }
    corpus = corpus_of({"messages": [spoiled, {**spoiled, "content": "merci \u00f0\u009f\u0099\u0082 bien"}]})
    assert corpus.texts == ("un café pour moi", "merci 🙂 bien")


def dialogues(speaker: str, words: str, roles: tuple[str, str], name: str) -> list[dict[str, object]]:
    return [{"id": f"c{at}", name: [{speaker: roles[0], words: said}, {speaker: roles[1], words: "Of course it is."}]}
            for at, said in enumerate(SAID)]  # fmt: skip


DIALOGUES = {
    "openai": dialogues("role", "content", ("user", "assistant"), "messages"),
    "sharegpt": dialogues("from", "value", ("human", "gpt"), "conversations"),
    "claude": dialogues("sender", "text", ("human", "assistant"), "chat_messages"),
    "named otherwise": dialogues("role", "text", ("user", "bot"), "exchange"),
}


@pytest.mark.parametrize("data", DIALOGUES)
@pytest.mark.parametrize("form", ["json", "jsonl", "parquet"])
def test_a_data_set_of_dialogues_is_read_as_either(data: str, form: str) -> None:
    rows = DIALOGUES[data]
    content = json.dumps(rows).encode() if form == "json" else "\n".join(map(json.dumps, rows)).encode()
    if form == "parquet":
        file = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), file)
        content = file.getvalue()
    whole = corpus_of(content, f"a.{form}")
    assert len(whole) == 4
    assert whole.texts[0].endswith(f": {SAID[0]}\n{next(iter(rows[0].values())) and whole.texts[0].splitlines()[1]}")
    assert any(says(note.sentence, 4, 8, "“message”") for note in whole.notes)
    single = corpus_of(content, f"a.{form}", "message")
    assert single.texts[::2] == tuple(SAID)
    assert single.column("turn").values.tolist() == [1, 2] * 4
    assert single.column("id").values.tolist() == [f"c{at}" for at in range(4) for _ in range(2)]
    assert corpus_of(content, f"a.{form}", "conversation").texts == whole.texts


def test_parts_of_a_message_and_messages_without_words() -> None:
    parts = [{"type": "text", "text": "One part."}, {"type": "text", "text": "Two."}]
    rows = [{"messages": [{"role": "user", "content": parts},
                          {"role": "assistant", "content": None, "tool_calls": [1]}]}] * 2  # fmt: skip
    assert corpus_of(rows).texts[0] == "user: One part.\nTwo."
    assert len(corpus_of(rows, unit="message")) == 2


def test_a_broken_line_of_dialogues_is_counted_either_way() -> None:
    content = "\n".join([json.dumps(DIALOGUES["openai"][0]), "{broken", json.dumps(DIALOGUES["openai"][1])])
    assert (len(corpus_of(content, "a.jsonl")), corpus_of(content, "a.jsonl").rows_read) == (2, 3)
    single = corpus_of(content, "a.jsonl", "message")
    assert (len(single), single.rows_read) == (4, 5)
    assert sum(note.count for note in single.notes if note.kind == "dropped") == 1


def test_a_chat_is_parted_at_its_pauses_where_conversations_are_asked_for() -> None:
    messages = [
        {"role": "user", "content": said, "timestamp": f"2024-03-0{1 + at // 2}T10:0{at}:00"}
        for at, said in enumerate(SAID)
    ]
    assert corpus_of({"messages": messages}, unit="conversation").texts == (
        f"user: {SAID[0]}\nuser: {SAID[1]}", f"user: {SAID[2]}\nuser: {SAID[3]}",
    )  # fmt: skip


def test_chats_in_a_tree_follow_the_time() -> None:
    nodes = {str(at): {"message": {"author": {"role": "user"}, "create_time": 1.7e9 - at, "content": {"parts": [said]}}}
             for at, said in enumerate(SAID)}  # fmt: skip
    tree = [{"title": f"t{at}", "mapping": {**nodes, "root": {"message": None}}} for at in range(2)]
    assert corpus_of(tree, unit="message").texts == tuple(SAID[::-1]) * 2


PHONES = {
    "android": lines("{day}/03/2024, 21:05 - {who}: {said}"), "ios": lines("[{day}.03.24, 21:05:00] {who}: {said}"),
    "american": lines("3/{day}/24, 9:05\u202fPM - {who}: {said}"), "iso": lines("2024-03-{day}, 21:05 - {who}: {said}"),
}  # fmt: skip


@pytest.mark.parametrize("phone", PHONES)
def test_a_chat_from_a_phone(phone: str) -> None:
    content = PHONES[phone].replace("on today?", "on today?\nAnd the light?") + "\n"
    corpus = corpus_of(content, "chat.txt")
    assert list(corpus.texts) == [SAID[0], f"{SAID[1]}\nAnd the light?", *SAID[2:]]
    assert corpus.column("sender").values.tolist() == WHO
    assert corpus.column("date").shown(3) == "2024-03-15 21:05:00"


def test_lines_of_the_phone_and_pictures_are_counted() -> None:
    first = "12/03/2024, 21:00 - Messages are end-to-end encrypted.\n"
    corpus = corpus_of(f"{first}{PHONES['android']}\n16/03/2024, 21:05 - Ann: <Media omitted>\n", "chat.txt")
    assert list(corpus.texts) == SAID
    assert [(note.count, note.rows) for note in corpus.notes if note.kind == "dropped"] == [(2, (1, 6))]


def test_days_that_nothing_settles_are_said() -> None:
    corpus = corpus_of("1/2/24, 10:00 - Ann: one thing\n1/2/24, 10:01 - Bob: another thing\n", "chat.txt")
    assert corpus.column("date").shown(0) == "2024-02-01 10:00:00"
    assert "day before month" in corpus.notes[1].sentence


def test_lines_that_only_begin_with_a_date_are_no_chat() -> None:
    log = "\n".join(f"2024-03-0{day} 10:00:00 INFO it started: yes" for day in range(1, 8))
    assert len(corpus_of(log, "a.log")) == 7
    assert corpus_of(log, "a.log").texts[0].startswith("2024")


# --- Logs of IRC ----------------------------------------------------------------------------------

TALK = [("ann", "my card was declined"), ("bob", "have you tried again?"), ("ann", "yes <b> twice"), ("bob", "hm: odd")]


def log(form: str) -> str:
    return "\n".join(form.format(at=at, who=who, words=words) for at, (who, words) in enumerate(TALK))


@pytest.mark.parametrize(
    ("form", "dates"),
    [
        ("[10:0{at}:05] <{who}> {words}", None),
        ("10:0{at} <@{who}> {words}", None),
        ("10:0{at} < {who}> {words}", None),
        ("[2024-03-04 10:0{at}:00] <{who}> {words}", "2024-03-04"),
        ("2024-03-04T10:0{at}:00  <{who}> {words}", "2024-03-04"),
        ("<{who}> {words}", None),
    ],
)
def test_a_log_of_irc_is_a_row_a_message(form: str, dates: str | None) -> None:
    read = read_table(log(form).encode(), "channel.log")
    corpus = read.corpus()
    assert corpus.texts == tuple(words for _, words in TALK)
    assert read.column("sender").values.tolist() == [who for who, _ in TALK]
    if dates:
        assert [str(moment)[:10] for moment in read.column("date").values] == [dates] * 4


def test_what_is_no_message_in_a_log_is_counted_and_the_day_is_that_above() -> None:
    text = "\n".join([
        "--- Log opened Mon Mar 04 09:59:00 2024", "10:00 -!- ann [~ann@host] has joined #help",
        log("10:1{at} <{who}> {words}"),
        "10:20 * ann waves", "10:21 * bob has quit (bye)", "--- Day changed Tue Mar 05 2024", "09:00 <bob> morning",
    ])  # fmt: skip
    read = read_table(text.encode(), "channel.log")
    corpus = read.corpus()
    assert corpus.texts == (*(words for _, words in TALK), "waves", "morning")
    days = [str(moment)[:16] for moment in corpus.column("date").values]
    assert (days[0], days[-1]) == ("2024-03-04T10:10", "2024-03-05T09:00")
    assert any(note.kind == "dropped" and note.count == 4 for note in corpus.notes)


@pytest.mark.parametrize(
    "text",
    [
        "10:00 breakfast\n11:00 a walk in the park\n12:00 lunch\n",
        "<p>One paragraph</p>\n<b>Another</b>\n",
        "<s> one sentence\n<s> another sentence\n<s> a third\n",
    ],
)
def test_lines_with_times_or_marks_are_no_log(text: str) -> None:
    assert [column.name for column in read_table(text.encode(), "a.txt").columns] == ["text"]
