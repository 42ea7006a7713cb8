"""Bibliographies with tags, RIS, MEDLINE, EndNote and Web of Science, and BibTeX: a row a record, a column a tag."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from embedlab.base.english import counted
from embedlab.corpus.cells import MAX_ROWS, Raw, beyond_limit, named
from embedlab.corpus.corpus import noted

_NAMES = {
    "TI": "title", "T1": "title", "BT": "book title", "AB": "abstract", "N2": "abstract", "AU": "authors",
    "A1": "authors",
    "FAU": "full names", "AF": "full names", "PY": "year", "Y1": "year", "DP": "date", "DA": "date", "KW": "keywords",
    "OT": "keywords", "DE": "keywords", "MH": "subjects", "JO": "journal", "JF": "journal", "JT": "journal",
    "SO": "source", "T2": "journal", "TY": "type", "PT": "type", "DO": "doi", "DI": "doi", "UR": "url", "PMID": "id",
    "ID": "id", "UT": "id", "LA": "language", "%T": "title", "%X": "abstract", "%A": "authors", "%D": "year",
    "%K": "keywords", "%J": "journal", "%0": "type", "%U": "url", "%R": "doi", "author": "authors",
}  # fmt: skip
_FORMS = (
    (re.compile(r"([A-Z][A-Z0-9])  ?- ?(.*)"), re.compile(r"TY  ?-"), re.compile(r"ER  ?-")),
    (re.compile(r"([A-Z]{2,4}) {0,2}- (.*)"), re.compile(r"PMID ?-"), None),
    (re.compile(r"(%[A-Z0-9@])[ ](.*)"), re.compile(r"%0 "), None),
    (re.compile(r"([A-Z][A-Z0-9])(?: (.*))?"), re.compile(r"PT [A-Z]\s*$"), re.compile(r"ER\s*$")),
)  # fmt: skip
"""For each form: a line with a tag, the line that begins a record, the one that ends it."""
_ENTRY = re.compile(r"@\s*([A-Za-z]+)\s*[{(]\s*([^\s,{}()]*)\s*,")
_FIELD = re.compile(r"\s*([A-Za-z][\w:-]*)\s*=\s*")
_NO_ENTRIES = frozenset(("comment", "string", "preamble"))
_ACCENT = re.compile(r"\{?\\(?:([`'^\"~=.])\s*\{?\\?([A-Za-z])\}?|([cvuHkr])(?:\s+|\s*\{)\\?([A-Za-z])\}?)\}?")
_MARKS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a",
}  # fmt: skip
_LETTERS = {
    r"\ss": "ß", r"\ae": "æ", r"\AE": "Æ", r"\oe": "œ", r"\OE": "Œ", r"\o": "ø", r"\O": "Ø", r"\l": "ł", r"\L": "Ł",
    r"\aa": "å", r"\AA": "Å", r"\&": "&", r"\%": "%", r"\_": "_", r"\$": "$", r"\#": "#", "---": "—", "--": "–",
    "~": " ",
}  # fmt: skip
_LETTER = re.compile(r"(?:\{?(\\(?:ss|ae|AE|oe|OE|aa|AA|[oOlL])(?![A-Za-z]))(?:\{\}|\}|\s(?=\w))?|(\\[&%_$#]|---?|~))")
_COMMAND = re.compile(r"\\[A-Za-z]+\s*")

Record = dict[str, str]


def read_bibliography(text: str) -> Raw | None:
    """Read a bibliography as a table of its records; None for other text."""
    head = text[:20_000]
    for tagged, begin, end in _FORMS:
        if re.search(rf"^(?:{begin.pattern})", head.lstrip(), re.MULTILINE):
            lines = text.splitlines()
            if _is_tagged(lines, tagged):
                return _table(list(_records(lines, tagged, begin, end)))
    begins = re.match(r"\s*(?:%[^\n]*\s*)*@\s*[A-Za-z]+\s*[{(]", head)
    if begins or re.search(r"^@\w+\{[^\s,]+,\s*$", head, re.MULTILINE):
        return _table([_readable(entry) for entry in _entries(text)])
    return None


def _is_tagged(lines: list[str], tagged: re.Pattern[str]) -> bool:
    filled = [line for line in lines[:400] if line.strip()]
    tags = sum(bool(tagged.fullmatch(line)) for line in filled)
    return tags >= 3 and tags + sum(line[:1] == " " for line in filled) >= 0.8 * len(filled)


def _records(
    lines: list[str], tagged: re.Pattern[str], begin: re.Pattern[str], end: re.Pattern[str] | None
) -> Iterator[Record]:
    record: Record = {}
    tag = ""
    for line in lines:
        if begin.match(line) and record:
            yield record
            record, tag = {}, ""
        if end is not None and end.match(line):
            tag = ""
            continue
        found = tagged.fullmatch(line)
        if found:
            tag = found[1]
            if record or begin.match(line):
                _add(record, tag, (found[2] or "").strip())
        elif line.strip() and tag in record:
            several = tag == "AU" or tag == "AF"  # Web of Science has a name a line below these
            record[tag] += ("; " if several else " ") + line.strip()
    if record:
        yield record


def _add(record: Record, tag: str, value: str) -> None:
    if value:
        record[tag] = f"{record[tag]}; {value}" if tag in record else value


def _table(records: list[Record]) -> Raw | None:
    """Return records as columns: title and abstract first, others in the order in which they come."""
    if not records:
        return None
    rows = [_named(record) for record in records[:MAX_ROWS]]
    found = dict.fromkeys(name for row in rows for name in row)
    order = [*(name for name in ("title", "abstract") if name in found), *found]
    names, notes = named(list(dict.fromkeys(order)))
    without = [at for at, row in enumerate(rows) if "abstract" not in row]
    if len(without) < len(rows):
        has = counted(len(without), "record has", "records have")
        notes += noted("info", len(without), f"{has} no abstract.", without)
    columns: list[Any] = [[row.get(name) for row in rows] for name in names]
    return Raw(names, columns, len(records), notes + beyond_limit(len(records) - len(rows)))


def _named(record: Record) -> Record:
    row: Record = {}
    for tag, value in record.items():
        name = _NAMES.get(tag, tag)
        row[name if name not in row else tag] = value
    return row


# --- BibTeX ---------------------------------------------------------------------------------------


def _entries(text: str) -> Iterator[Record]:
    """Yield the fields of each entry as they are written; what is damaged ends where the next entry begins."""
    for found in _ENTRY.finditer(text):
        kind = found[1].lower()
        if kind not in _NO_ENTRIES:
            yield {"key": found[2], "type": kind, **dict(_fields(text, found.end()))}


def _fields(text: str, at: int) -> Iterator[tuple[str, str]]:
    while field := _FIELD.match(text, at):
        at = field.end()
        parts = []
        while True:
            value, at = _value(text, at)
            parts.append(value)
            more = re.compile(r"\s*#\s*").match(text, at)
            if more is None:
                break
            at = more.end()
        yield field[1].lower(), "".join(parts)
        comma = re.compile(r"\s*,").match(text, at)
        if comma is None:
            return
        at = comma.end()


def _value(text: str, at: int) -> tuple[str, int]:
    """Return a value in braces, in quotation marks or bare, and where it ends."""
    if text[at : at + 1] not in ("{", '"'):
        bare = re.compile(r"[^\s,}#]*").match(text, at)
        assert bare is not None
        return bare[0], bare.end()
    quoted, depth = text[at] == '"', 0
    for place in range(at, len(text)):
        sign = text[place]
        escaped = text[place - 1] == "\\"
        depth += (sign == "{" and not escaped) - (sign == "}" and not escaped)
        if place > at and depth <= 0 and (sign == '"' if quoted else sign == "}") and not escaped:
            return text[at + 1 : place], place + 1
        if sign == "@" and text[place - 1] == "\n" and _ENTRY.match(text, place):
            return text[at + 1 : place], place
    return text[at + 1 :], len(text)


def _readable(entry: Record) -> Record:
    """Return an entry without the marks of TeX: {\\"o} is ö, and {NASA} is NASA."""
    return {key: value for key, typed in entry.items() if (value := _without_tex(typed) if key != "key" else typed)}


def _without_tex(typed: str) -> str:
    text = _ACCENT.sub(lambda found: (found[2] or found[4]) + _MARKS[found[1] or found[3]], typed)
    text = _LETTER.sub(lambda found: _LETTERS[found[1] or found[2]], text)
    text = _COMMAND.sub("", text).replace("{", "").replace("}", "")
    return unicodedata.normalize("NFC", " ".join(text.split()))
