"""Guesses that a person can overrule: which column is the text, which the label?"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from embedlab.corpus.corpus import Column

MAX_LABELS = 200
MAX_NAMED_LABELS = 1000
SAMPLE = 2000

NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
MISSING_WORDS = frozenset(("nan", "na", "n/a", "null", "none", "<na>", "#n/a", "nil", "-", "--"))
"""What stands for "no value" in a column of numbers or dates (compared in lower case)."""

_TEXT_NAMES = {
    "text": 4, "texts": 4, "message": 3, "messages": 3, "body": 3, "content": 3, "comment": 3, "comments": 3,
    "review": 3, "question": 3, "utterance": 3, "sentence": 3, "abstract": 3, "description": 3, "query": 3,
    "claim": 3, "document": 3, "tweet": 3, "feedback": 3, "summary": 2, "title": 2, "headline": 2,
    "answer": 2, "内容": 3, "评论": 3, "文本": 4, "留言": 3, "本文": 3, "コメント": 3, "ข้อความ": 3,
    "текст": 4, "texto": 4, "texte": 4, "testo": 4, "nachricht": 3, "comentario": 3, "commentaire": 3, "mensaje": 3,
    "kommentar": 3, "note": 2, "notes": 2, "phrase": 2, "prompt": 2, "word": 1,
}  # fmt: skip
_LABEL_NAMES = {
    "label": 5, "labels": 5, "class": 4, "intent": 4, "category": 4, "target": 4, "topic": 4, "sentiment": 4,
    "tag": 3, "type": 2, "kind": 2, "genre": 2, "subject": 2, "group": 2, "sense": 2, "domain": 1,
    "department": 1, "split": -4, "fold": -4, "set": -4, "partition": -4, "part": -3, "language": -1,
    "lang": -1, "source": -1,
}  # fmt: skip
ID_NAMES = frozenset((
    "id", "ids", "uid", "uuid", "guid", "key", "hash", "index", "url", "uri", "link", "href", "email", "mail",
    "date", "time", "timestamp", "created", "updated", "path", "file", "filename", "phone", "zip",
))  # fmt: skip
NAMES_OF_IDS = frozenset(("id", "ids", "uid", "uuid", "guid", "key", "hash", "index"))
"""Names of identifiers; those that are not `_IDS` may be of something else: a sentiment index, a key in music."""
_IDS = frozenset(("id", "ids", "uid", "uuid", "guid"))
_CODED = re.compile(r"(?=.*[\d/\\@:_.#?=&%])\S+|[A-Z0-9_-]+")
_TITLE_NAMES = frozenset(("title", "headline", "heading", "subject"))
_LAYOUT = frozenset(("title", "text"))
_BESIDE = frozenset(("id", "metadata", "url"))
_LONG_NAME = 4
"""A name of more words is a question or a sentence, whose words say little of what stands below."""
_NAMES_OF_NAMES = frozenset((
    "name", "names", "surname", "firstname", "lastname", "author", "user", "username", "customer", "company", "sender",
    "agent", "employee", "address",
))  # fmt: skip
_MACHINE = re.compile(
    r"[^@\s]+@[^@\s]+\.\w+|[0-9a-fA-F-]{16,}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[-\d\s:.,+TZAPMGUTCapm]*"
    r"|[A-Z][a-z]{2},? [A-Z\d][a-z\d]{1,2} [\w: +-]{4,30}|/\S+|[A-Z]:\\\S+|\{.*\}|\[.*\]",
    re.DOTALL,
)
"""Addresses, hashes, moments, paths and JSON."""
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese are written without spaces between words."""
_UNSPACED_WORDS = 6
_DIGITS_ONLY = re.compile(r"[\d\s.,:;+\-/%()#$€£]*")


def words_in(name: str) -> list[str]:
    """Return the words of a column name in lower case: "userComment_text" gives user, comment, text."""
    parted = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return [word for word in re.split(r"[\W_]+", parted.lower()) if word]


def _hint(name: str, table: dict[str, int]) -> int:
    return max((table[word] for word in words_in(name) if word in table), key=abs, default=0)


def is_usual_name(name: str) -> bool:
    """Whether a column is often called this: "text", "user_id", "Label"."""
    words = set(words_in(name))
    return bool(words & (_TEXT_NAMES.keys() | _LABEL_NAMES.keys() | ID_NAMES))


def _sample(column: Column) -> list[str]:
    """Up to `SAMPLE` values from all over the column, the same ones every time."""
    present = [value for value in column.values if value is not None]
    return present[:: max(1, len(present) // SAMPLE)][:SAMPLE]


def _look_coded(values: Sequence[str]) -> bool:
    """Whether most values are addresses, paths, numbers or codes: single words with more than letters in them."""
    coded = sum(_CODED.fullmatch(value.strip()) is not None for value in values)
    return 2 * coded > len(values)


def is_identifier(column: Column) -> bool:
    """Whether a column says which text one is, and nothing of it: by its name, or by its name and its values.

    A column of "index" or "key" is one where its values are whole or codes, and hardly any comes again.
    """
    words = set(words_in(column.name))
    if words & _IDS:
        return True
    present = column.values[~column.missing].tolist()
    if not words & NAMES_OF_IDS or not present or column.kind == "date":
        return False
    if column.kind == "number" and not all(float(value).is_integer() for value in present):
        return False
    return len(set(present)) > 0.9 * len(present)


def holds_text(column: Column) -> bool:
    """Whether a column of strings has a value that is more than digits."""
    return column.kind in ("category", "text") and not column.missing.all() and not only_digits(column)


def only_digits(column: Column) -> bool:
    """Whether no value of a column of strings holds more than digits and the signs that go with them."""
    return all(_DIGITS_ONLY.fullmatch(value) for value in column.values if value is not None)


def guess_text(columns: Sequence[Column]) -> str | None:
    """Return the name of the column that most looks like free text; None if no column can be it."""
    scored = [(score, -place, column.name) for place, column in enumerate(columns)
              if (score := _text_score(column)) is not None]  # fmt: skip
    return max(scored)[2] if scored else None


def _text_score(column: Column) -> float | None:
    """Long, varied values of several words, under a name that says text; not what machines write, nor names."""
    if column.kind not in ("category", "text"):
        return None
    sample = _sample(column)
    if not sample or all(_DIGITS_ONLY.fullmatch(value) for value in islice(sample, 200)):
        return None
    spaced = sum(map(_has_words, sample)) / len(sample)
    linked = sum(value.startswith(("http://", "https://")) and " " not in value for value in sample)
    if linked > len(sample) / 2:
        return None
    words = words_in(column.name)
    if spaced <= 0.5 and set(words) & ID_NAMES and _look_coded(sample):
        return None
    length = sum(map(_reading_length, sample)) / len(sample)
    varied = len(set(sample)) / len(sample)
    hint = _hint(column.name, _TEXT_NAMES) - max(0, _hint(column.name, _LABEL_NAMES))
    if len(words) > _LONG_NAME:
        hint = max(-1, min(1, hint))
    if hint <= 0 and set(words) & _NAMES_OF_NAMES and length < 40:
        hint -= 3
    if sum(_MACHINE.fullmatch(value.strip()) is not None for value in sample) > len(sample) / 2:
        hint -= 20
    return hint + 3 * spaced + 2 * varied + min(math.log2(1 + length), 9)


def _has_words(value: str) -> bool:
    """Whether a value has several words, which some scripts write without spaces between."""
    return " " in value or (not value.isascii() and len(_UNSPACED.findall(value)) >= _UNSPACED_WORDS)


def _reading_length(value: str) -> int:
    """Return how long a value is to read, in letters: a Chinese character or a syllable stands for about three."""
    return len(value) if value.isascii() else len(value) + 2 * len(_IDEOGRAPH.findall(value))


def titles(columns: Sequence[Column], text: str | None) -> tuple[str, ...]:
    """Return the columns that by their name could be titles of the column `text`."""
    named = [one for one in columns if one.name != text and set(words_in(one.name)) & _TITLE_NAMES]
    return tuple(column.name for column in named if holds_text(column))


def guess_title(columns: Sequence[Column], text: str | None) -> str | None:
    """Return the column of titles that a file's layout makes a part of each text; None where it says nothing of it.

    That of BEIR (Thakur et al. 2021): _id, title and text, where a document is its title and its text. MTEB's has id
    for _id, and counts where there is nothing else but metadata and url.
    """
    names = {column.name for column in columns}
    beir = names >= _LAYOUT and ("_id" in names or ("id" in names and names <= _LAYOUT | _BESIDE))
    return "title" if beir and text == "text" and "title" in titles(columns, text) else None


def guess_label(columns: Sequence[Column], text: str | None) -> str | None:
    """Return the name of the column, other than `text`, that most looks like a label; None if none does."""
    scored = [(score, -place, column.name) for place, column in enumerate(columns)
              if column.name != text and (score := _label_score(column)) is not None]  # fmt: skip
    return max(scored)[2] if scored else None


def _label_score(column: Column) -> int | None:
    hint = _hint(column.name, _LABEL_NAMES)
    if hint < 0 or column.kind in ("date", "text"):
        return None
    present: list[Any] = column.values[~column.missing].tolist()
    distinct = set(present)
    most = MAX_NAMED_LABELS if hint >= 4 else MAX_LABELS
    if not 2 <= len(distinct) <= most or (len(distinct) == len(present) and hint < 4):
        return None
    if column.kind == "number":
        whole = all(float(value).is_integer() for value in distinct)
        return hint if hint >= 4 and whole else None
    words = set(words_in(column.name))
    if words & _IDS or (words & ID_NAMES and _look_coded([str(value) for value in distinct])):
        return None
    sentences = sum(value.count(" ") > _LONG_NAME for value in present) > len(present) / 2
    return None if sentences and hint < 3 else hint
