"""Chats: who said what and when, in the forms that programs and data sets save; a text a message or a conversation."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from embedlab.base.english import counted
from embedlab.corpus.corpus import Note, noted
from embedlab.corpus.layout import Unit

Item = Mapping[str, Any]
Columns = list[tuple[str, Any]]

UNITS: tuple[Unit, ...] = ("message", "conversation")
LISTS = frozenset((
    "messages", "conversations", "conversation", "chat", "chats", "chat_messages", "dialog", "dialogs", "dialogue",
    "turns", "history", "utterances", "thread", "transcript", "mapping",
))  # fmt: skip
"""What a list of messages is usually called."""
LONG = 100
"""Conversations of more messages than this on average are read message by message: no model reads that far."""
PAUSE = dt.timedelta(hours=1)
"""A longer silence in a chat begins a new conversation."""

_SENDERS = (
    "role", "from", "sender", "sender_name", "author", "speaker", "user_profile", "user_name", "username", "user",
    "creator", "actor", "name",
)  # fmt: skip
_TEXTS = ("content", "value", "text", "message", "body", "utterance", "msg", "parts")
_MOMENTS = (
    "timestamp", "timestamp_ms", "date", "ts", "created_at", "create_time", "created_date", "createdDateTime",
    "datetime", "time",
)  # fmt: skip
_NAMES = ("real_name", "displayName", "display_name", "nickname", "name", "username", "login", "role", "user", "email")
_TITLES = ("title", "name", "chat_name", "thread_name")
_ROLES = frozenset((
    "user", "assistant", "system", "human", "gpt", "chatgpt", "bot", "model", "tool", "function", "developer",
    "prompter", "observation", "function_call", "ai", "agent", "customer",
))  # fmt: skip
_SLACK = re.compile(r"\d{9,10}\.\d{6}")
_NOTICE = re.compile(
    r"service|channel_\w+|group_\w+|(?:subscribe|call)|\w*(?:MemberJoin|Pinned\w*|RecipientAdd|RecipientRemove|NameChange|"
    r"IconChange|ThreadCreated|Boost\w*)"
)
_TAG = re.compile(r"<[^<>]+>")


@dataclass(frozen=True)
class Message:
    """What somebody said: `moment` is a date and time, or as it was typed; `notice` what the program said itself."""

    text: str | None
    sender: str | None = None
    moment: dt.datetime | str | None = None
    notice: bool = False
    more: Item = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Conversation:
    """Messages in order, and what is known of them together; None where a row is unreadable."""

    messages: Sequence[Message] | None
    about: Item = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Taken:
    """Columns of the same length made of chats, the rows in them that say nothing, and what is said of it."""

    columns: Columns
    notes: list[Note]
    unit: Unit
    lost: tuple[int, ...] = ()


def is_chat(items: Any, name: str = "") -> bool:
    """Return whether a list holds messages: each says something, and nearly each names who says it.

    Under another `name` than `LISTS` the senders must be roles, as between a person and a model.
    """
    if isinstance(items, dict) and name == "mapping":
        items = _in_mapping(items)
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items[:50]):
        return False
    sample = [item for item in items[:50] if not _is_notice(item)]
    said = [item for item in sample if _text_key(item) is not None and _sender(item) is not None]
    if not said or len(said) < 0.8 * len(sample):
        return False
    return name.lower() in LISTS or all((_sender(item) or "").lower() in _ROLES for item in said)


def exported(value: Any) -> list[Conversation] | None:
    """Return the chats in what a program exports: one, or several with their names; None where it is no such export."""
    if isinstance(value, list):
        slack = value and all(isinstance(one, dict) and _SLACK.fullmatch(str(one.get("ts"))) for one in value)
        return [conversation(value)] if slack or is_chat(value) else None
    for key, item in value.items():
        posts = key == "value" and isinstance(item, list) and item and isinstance(item[0], dict)
        called = "messages" if posts and {"createdDateTime", "body"} <= item[0].keys() else key
        if called in LISTS and is_chat(item, called):
            about = next(({"chat": value[name]} for name in _TITLES if isinstance(value.get(name), str)), {})
            return [conversation(item, about)]
    chats = value.get("chats")
    listed = chats.get("list") if isinstance(chats, dict) else None
    if isinstance(listed, list) and listed and all(isinstance(one, dict) and "messages" in one for one in listed):
        return [conversation(one["messages"], {"chat": one.get("name")}) for one in listed]
    return None


def conversation(items: Any, about: Item | None = None) -> Conversation:
    """Return the messages in a list of objects, or in a tree of them, as they follow each other."""
    if isinstance(items, dict):
        items = _in_mapping(items)
    if not isinstance(items, list):
        return Conversation(None, about or {})
    said = [_message(item) for item in items if isinstance(item, dict)]
    bytewise = all(isinstance(item, dict) and {"timestamp_ms", "sender_name"} <= item.keys() for item in items)
    return Conversation([_mended(one) for one in said] if bytewise else said, about or {})


def taken(conversations: Sequence[Conversation], unit: Unit | None, alone: bool = False) -> Taken:
    """Make rows of conversations, a message or a conversation each; None takes what suits their length.

    One chat `alone` is read message by message, unless it is told otherwise; then it is parted at its pauses.
    """
    messages = sum(len(one.messages or ()) for one in conversations)
    if unit not in UNITS:
        unit = "message" if alone or messages > LONG * len(conversations) else "conversation"
    if unit == "conversation" and alone:
        conversations = _parted(conversations[0])
    return _by_message(conversations) if unit == "message" else _by_conversation(conversations, messages)


def as_text(messages: Sequence[Message]) -> str | None:
    """Return a conversation as one text: a line for each message, with who says it."""
    lines = [f"{one.sender}: {one.text}" if one.sender else one.text for one in messages if one.text and not one.notice]
    return "\n".join(lines) or None


def spoken(content: Any) -> str | None:
    """Return what a text in pieces says: a string, an object with a text, or a list of both."""
    if isinstance(content, str) or content is None:
        return content
    if isinstance(content, dict):
        inner = next((content[key] for key in ("text", "parts", "content", "value") if key in content), None)
        text = spoken(inner) if inner is not None else None
        return html.unescape(_TAG.sub("", text)) if text and content.get("contentType") == "html" else text
    if not isinstance(content, list):
        return None
    pieces = [piece for piece in map(spoken, content) if piece]
    paragraphs = all(isinstance(piece, dict) and piece.get("type") in ("text", "image_url") for piece in content)
    return ("\n" if paragraphs else "").join(pieces) or None


def moment(value: Any) -> dt.datetime | str | None:
    """Return a point in time: seconds or milliseconds since 1970, or a date and time as ISO 8601; others as typed."""
    if isinstance(value, dt.datetime) or value is None or value == "":
        return value or None
    seconds = value
    if isinstance(value, str):
        if not re.fullmatch(r"\d{9,10}\.\d+|\d{12,13}", value):
            return _iso(value)
        seconds = float(value)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return str(value)
    try:
        return dt.datetime.fromtimestamp(seconds / (1000 if abs(seconds) > 1e11 else 1), dt.UTC).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        return None


def _iso(typed: str) -> dt.datetime | str:
    try:
        found = dt.datetime.fromisoformat(typed)
        return found.astimezone(dt.UTC).replace(tzinfo=None) if found.tzinfo else found
    except (OverflowError, ValueError):
        return typed


# --- One message ----------------------------------------------------------------------------------


def _message(item: Item) -> Message:
    at, when = _text_key(item), next((key for key in _MOMENTS if item.get(key) not in (None, "")), None)
    who = next((key for key in _SENDERS if _named(item.get(key)) is not None), None)
    text = spoken(item.get(at)) if at else None
    if _SLACK.fullmatch(str(item.get("ts"))) and text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    more = {key: cell for key, cell in item.items() if key not in (at, who, when, "text_entities", "date_unixtime")}
    return Message(text, _sender(item), moment(item[when]) if when else None, _is_notice(item), more)


def _text_key(item: Item) -> str | None:
    keys = [key for key in _TEXTS if key in item]
    return next((key for key in keys if spoken(item[key])), keys[0] if keys else None)


def _sender(item: Item) -> str | None:
    return next((name for key in _SENDERS if (name := _named(item.get(key))) is not None), None)


def _named(who: Any) -> str | None:
    """Return who somebody is: a name, or an object that has one, perhaps inside ("user")."""
    if isinstance(who, str):
        return who or None
    if not isinstance(who, dict):
        return None
    return next((name for key in _NAMES if (name := _named(who.get(key))) is not None), None)


def _is_notice(item: Item) -> bool:
    return any(isinstance(item.get(key), str) and _NOTICE.fullmatch(item[key]) for key in ("type", "subtype"))


def _in_mapping(nodes: Item) -> list[Any]:
    """Return the messages of a tree of nodes by their id, in the order of time."""
    found = [
        node["message"] for node in nodes.values() if isinstance(node, dict) and isinstance(node.get("message"), dict)
    ]
    said = [one for one in found if spoken(one.get("content"))]
    return sorted(said, key=lambda one: one.get("create_time") or 0)


def _mended(message: Message) -> Message:
    """Undo what one social network does to letters beyond ASCII: it writes each byte of UTF-8 as a letter."""
    return replace(message, text=_from_bytes(message.text), sender=_from_bytes(message.sender))


def _from_bytes(text: str | None) -> str | None:
    try:
        return text if text is None else text.encode("latin-1").decode()
    except UnicodeError:
        return text


# --- Rows of them ---------------------------------------------------------------------------------


def _by_message(conversations: Sequence[Conversation]) -> Taken:
    several = len(conversations) > 1
    own: dict[str, list[Any]] = {"text": [], "sender": [], "date": [], "turn": []}
    rows: list[dict[str, Any]] = []
    lost: list[int] = []
    notices: list[int] = []
    for number, one in enumerate(conversations, 1):
        turn = 0
        for said in one.messages or [Message(None)]:
            notices += [len(rows)] if said.notice else []
            known = not said.notice and one.messages is not None
            if not known:
                lost.append(len(rows))
            turn += known
            for key, cell in zip(own, (said.text, said.sender, said.moment, turn), strict=True):
                own[key].append(cell if known else None)
            place = {"conversation": number} if several else {}
            rows.append({**place, **one.about, **said.more} if known else {})
    own["date"] = _one_kind(own["date"])
    kept = [(key, cells) for key, cells in own.items() if any(cell is not None for cell in cells) or key == "text"]
    names = dict.fromkeys(key for row in rows for key in row)
    taken_names = {key for key, _ in kept}
    others = [(f"{key} (2)" if key in taken_names else key, [row.get(key) for row in rows]) for key in names]
    messages, known_rows = len(rows) - len(notices), [one for one in conversations if one.messages]
    notes = noted(
        "info", messages if several else 0,
        f"Each of the {counted(messages, 'message')} of {counted(len(known_rows), 'conversation')} is one text; to "
        "have whole conversations as texts, choose “conversation” as the unit.",
    )  # fmt: skip
    notes += _of_notices(notices)
    return Taken([*kept, *others], notes, "message", tuple(lost))


def _of_notices(rows: Sequence[int]) -> list[Note]:
    told = counted(len(rows), "line is", "lines are")
    sentence = f"{told} no message but a picture, or what the program itself says, and left out."
    return noted("dropped", len(rows), sentence, rows)


def _by_conversation(conversations: Sequence[Conversation], messages: int) -> Taken:
    lost = tuple(at for at, one in enumerate(conversations) if one.messages is None)
    said = [[message for message in one.messages or () if not message.notice] for one in conversations]
    columns: Columns = [("text", list(map(as_text, said))), ("turns", [len(one) or None for one in said])]
    dates = _one_kind([next((message.moment for message in one if message.moment), None) for one in said])
    columns += [("date", dates)] if any(dates) else []
    names = dict.fromkeys(key for one in conversations for key in one.about)
    own = {name for name, _ in columns}
    columns += [
        (f"{name} (2)" if name in own else name, [one.about.get(name) for one in conversations]) for name in names
    ]
    sentence = (
        f"Each of the {counted(len(said) - len(lost), 'conversation')} is one text; to have their "
        f"{counted(messages, 'message')} as texts, choose “message” as the unit."
    )
    return Taken(columns, noted("info", len(said), sentence), "conversation", lost)


def _one_kind(moments: list[Any]) -> list[Any]:
    """Return moments as dates where all are; else all as they were typed."""
    if any(isinstance(one, str) for one in moments) and any(isinstance(one, dt.datetime) for one in moments):
        return [None if one is None else str(one) for one in moments]
    return moments


def _parted(chat: Conversation) -> list[Conversation]:
    """Part a chat where nobody says anything for longer than `PAUSE`."""
    parts: list[list[Message]] = []
    last: Any = None
    for one in chat.messages or ():
        pause = isinstance(last, dt.datetime) and isinstance(one.moment, dt.datetime) and one.moment - last > PAUSE
        if pause or not parts:
            parts.append([])
        parts[-1].append(one)
        last = one.moment or last
    return [Conversation(part, chat.about) for part in parts]
