"""Where a table begins: titles and comments above it, and its rows of column names, one or several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from embedlab.corpus.guess import MISSING_WORDS, NUMBER, is_usual_name, words_in

Row = Sequence[str | None]

SAMPLE_ROWS = 200
"""What is looked at to find a table's beginning."""
MAX_ABOVE = 30
"""Titles and comments are looked for in so many rows at most."""
MAX_NAMES = 3

_SENTENCE = re.compile(r"(?:\S+\s+){3,}\S*[.?!…]\W*|.{61,}", re.DOTALL)
_QUESTION = re.compile(r".*[?？؟：:]\W*", re.DOTALL)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T,]+\d{1,2}:\d\d.*)?")
_COMMENT = re.compile(r"#|//|%|--")
_CODE = re.compile(r"[A-Za-z]{0,8}[-_.]?\d+(?:[-_.#]\w+)*")
_ADDRESSED = frozenset((
    "you", "your", "us", "please", "sie", "ihr", "ihre", "ihnen", "ihren", "ihrer", "du", "dir", "dich", "dein",
    "deine", "bitte", "vous", "votre", "vos", "tu", "te", "usted", "ustedes", "su", "sus", "le", "você", "seu", "sua",
    "lei", "suo", "jij", "je", "uw", "вы", "вас", "вам", "ваш", "ваше", "ваши",
))  # fmt: skip
_ADDRESSED_IN = re.compile("您|你|请|請|あなた|ください|下さい|해 주세요|주십시오|คุณ|กรุณา")
_BEGINS = frozenset((
    "please", "tell", "describe", "explain", "comments", "list", "rate", "share", "any", "anything", "other",
    "additional", "bitte", "beschreiben", "décrivez", "veuillez", "describa", "indique", "explique", "por",
))  # fmt: skip
_ANSWER_KINDS = frozenset((
    "open-ended response", "response", "other (please specify)", "offene antwort", "réponse ouverte",
    "respuesta abierta",
))  # fmt: skip
_TYPES = frozenset((
    "string", "str", "text", "int", "integer", "int64", "float", "float64", "double", "number", "numeric", "decimal",
    "date", "datetime", "timestamp", "time", "bool", "boolean", "varchar", "char", "object", "category", "categorical",
    "nominal", "continuous", "discrete", "c", "d", "s", "class", "meta", "i", "ignore",
))  # fmt: skip
_MANY = 20
"""Of so many answers one would be a question too, if the first were one of them."""


@dataclass(frozen=True)
class Head:
    """The rows of a table before its data: `above` are no part of it, `names` are rows of column names."""

    above: int
    names: int


def find_head(rows: Sequence[Row], above: int | None = None, names: int | None = None) -> Head:
    """Return where the data of `rows` begin, a sample from the first row of the file on; what is given is taken.

    Leading rows that are blank, begin like comments, or hold a title alone stand above the table, if a row of names or
    a blank row follows. Below the first row of names there may be others: whole questions and codes of survey tools,
    kinds of answers, types, units.
    """
    start = _above(rows, names) if above is None else above
    below = [row for row in rows[start:] if any(row)]
    if names is not None:
        return Head(start, names)
    return Head(start, _names(below) if below else 0)


def has_header(rows: Sequence[Row]) -> bool:
    """Whether the first row of a table looks like column names, given a sample of its rows.

    Names that are usual for columns, words above numbers and dates, and questions above answers speak for it. Numbers
    above numbers, values that come again below, and sentences above sentences speak against it.
    """
    return _score(rows) > -1


def called(rows: Sequence[Row], width: int) -> list[str | None]:
    """Return what `rows` of column names call each of `width` columns: what can be read of them, said once.

    A name that stands over several columns belongs to each of them. Codes give way to the question that they stand for,
    kinds of answers and types to the names above them.
    """
    if len(rows) == 1:
        return list(rows[0])
    cells = [[(row[at] or "").strip() if at < len(row) else "" for at in range(width)] for row in rows]
    for at in range(1, width):
        if not cells[0][at] and cells[1][at] and not all(_is_kind(row[at]) for row in cells[1:] if row[at]):
            cells[0][at] = cells[0][at - 1]
    return [_one_name([row[at] for row in cells]) for at in range(width)]


def _one_name(parts: list[str]) -> str | None:
    further = [part for part in parts[1:] if part and not part.startswith("{") and not _is_kind(part)]
    told = [part for part in (parts[0], *further) if part] or [part for part in parts if part][:1]
    if any(" " in part for part in told):
        told = [part for part in told if not _CODE.fullmatch(part)] or told
    different: list[str] = []
    for part in told:
        if _folded(part) not in map(_folded, different):
            different.append(part)
    return " – ".join(different) or None


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _is_kind(cell: str) -> bool:
    return cell.lower() in _ANSWER_KINDS or cell.lower() in _TYPES


# --- Above the table -----------------------------------------------------------------------------


def _filled(row: Row) -> int:
    return sum(bool(cell and cell.strip()) for cell in row)


def _above(rows: Sequence[Row], names: int | None) -> int:
    """Count the leading rows that are no part of the table; only blank ones where it is said to have no names."""
    filled = [_filled(row) for row in rows]
    first = next((at for at, count in enumerate(filled) if count), 0)
    if names == 0:
        return first
    typical = median(count for count in filled if count) if any(filled) else 0
    for at in range(first, min(first + MAX_ABOVE, len(rows) - 1)):
        if filled[at] and not _is_title(rows[at], next((row for row in rows[at + 1 :] if any(row)), ()), typical):
            full = next((place for place in range(at, len(rows)) if filled[place] >= typical), at)
            if 0 in filled[at:full]:  # a blank row parts it from the table
                continue
            blanks = [place for place in range(first, at) if not filled[place]]
            return at if at > first and _begins(rows[first:at], rows[at:], bool(blanks), typical) else first
    return first


def _is_title(row: Row, below: Row, typical: float) -> bool:
    head = next(cell for cell in row if cell and cell.strip()).strip()
    count = _filled(row)
    if _COMMENT.match(head) and len(head) > 1:
        names = any(is_usual_name(cell) for cell in below if cell) and _like_names(below)
        return count != typical or typical == 1 or names or not _like_names(row)
    return count == 1 < typical or (count == 2 and typical >= 4 and all(row[:2]))


def _begins(above: Sequence[Row], rows: Sequence[Row], blank: bool, typical: float) -> bool:
    """Whether a table with names begins with `rows`, and what stands above is none of its data."""
    if _filled(rows[0]) < max(1, typical / 2):
        return False
    heads = [cell.strip() for row in above for cell in row if cell and cell.strip()]
    if all(_COMMENT.match(head) for head in heads):
        return typical > 1 or is_usual_name((rows[0][0] or "").strip())
    short = len(heads) == 1 and len(next(row for row in above if any(row))) == 1
    if typical < 2:
        return False
    usual = sum(is_usual_name(cell) for cell in rows[0] if cell)
    return (blank or usual > 1 or (short and typical > 2) or not is_usual_name(heads[0])) and _confident(rows)


def _confident(rows: Sequence[Row]) -> bool:
    """Whether the first row is clearly one of names: usual ones, words above numbers, or words that come only once."""
    if not _like_names(rows[0]) and _score(rows) < 1:
        return False
    if _score(rows) >= 1:
        return True
    below = rows[1:]
    heads = [(at, cell) for at, cell in enumerate(rows[0]) if cell]
    return len(below) >= 3 and not any(at < len(row) and row[at] == cell for at, cell in heads for row in below)


def _like_names(row: Row) -> bool:
    cells = [cell.strip() for cell in row if cell and cell.strip()]
    return len(set(cells)) == len(cells) and all(
        len(cell) <= 40 and cell[-1] not in ".!" and not NUMBER.fullmatch(cell) and not _DATE.fullmatch(cell)
        for cell in cells
    )


# --- Rows of names -------------------------------------------------------------------------------


def _names(rows: Sequence[Row]) -> int:
    """Count the rows of names at the beginning of `rows`, none of which is blank."""
    for at in range(min(MAX_NAMES, len(rows) - 1), 0, -1):
        if at < len(rows) and _is_survey_code(rows[at]):
            return at + 1
    if len(rows) > 2 and (_are_groups(rows) or _are_choices(rows)):
        return 2
    if not has_header(rows):
        return 0
    count = 1
    while count < MAX_NAMES and count < len(rows) - 1 and _is_further(rows[count], rows[count + 1 :]):
        count += 1
    return count


def _is_survey_code(row: Row) -> bool:
    cells = [cell for cell in row if cell and cell.strip()]
    return bool(cells) and sum('"ImportId"' in cell for cell in cells) > len(cells) / 2


def _is_further(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row below the names says more of the columns: kinds of answers, types, words above numbers."""
    cells = [cell.strip() for cell in row if cell and cell.strip()]
    if any(cell.lower() in _ANSWER_KINDS for cell in cells) and not any(NUMBER.fullmatch(cell) for cell in cells):
        return True
    if len(cells) >= 2 and all(cell.lower() in _TYPES for cell in cells):
        return not any(cell in _values(below, at) for at, cell in enumerate(row) if cell)
    words = 0
    for at, cell in enumerate(row):
        head, values = (cell or "").strip(), _values(below, at)
        if not head or head.lower() in MISSING_WORDS or len(values) < 3:
            continue
        measured = all(NUMBER.fullmatch(value) for value in values) or all(_DATE.fullmatch(value) for value in values)
        if head in values or (measured and any(char.isdigit() for char in head)):
            return False
        words += measured
    return words >= 2


def _are_groups(rows: Sequence[Row]) -> bool:
    """Whether the first row names groups of columns, with gaps where a name goes on, and the second all columns."""
    first, second = rows[0], rows[1]
    gaps = [at for at, cell in enumerate(second) if cell and (at >= len(first) or not first[at])]
    heads = [cell for cell in first if cell]
    whole = all(second) and len(second) >= max(3, len(first)) and _like_names(second)
    if not whole or not 2 <= len(heads) <= len(second) - 1 or not gaps or not first[0] or len(set(heads)) < len(heads):
        return False
    return len(rows) >= 4 and _confident(rows[1:]) and not any(NUMBER.fullmatch(head) for head in heads)


def _are_choices(rows: Sequence[Row]) -> bool:
    """Whether the second row names the choices of questions in the first: each column holds its choice, or nothing."""
    first, second = rows[0], rows[1]
    gaps = [at for at, cell in enumerate(second) if cell and (at >= len(first) or not first[at])]
    chosen = [at for at in gaps if (values := _values(rows[2:], at)) and set(values) == {(second[at] or "").strip()}]
    return len(chosen) >= 2 and len(chosen) >= 0.8 * len(gaps)


def _values(rows: Sequence[Row], at: int) -> list[str]:
    """Return what stands in a column, without blank cells."""
    return [cell.strip() for row in rows if at < len(row) and (cell := row[at]) and cell.strip()]


# --- Names or data? ------------------------------------------------------------------------------


def _score(rows: Sequence[Row]) -> float:
    first, rest = rows[0], [row for row in rows[1:] if any(row)]
    columns = [(cell.strip(), _values(rest, at)) for at, cell in enumerate(first) if cell and cell.strip()]
    several = sum(_asks(head, below) for head, below in columns) > 1
    score = sum(_header_score(head, below, several) for head, below in columns)
    heads = [cell for cell in first if cell]
    return score - 0.5 if len(set(heads)) < len(heads) else score


def _header_score(head: str, below: list[str], several: bool) -> float:
    usual = is_usual_name(head) and len(head) <= 40 and head[-1] not in ".!"
    score = (2.0 if len(words_in(head)) <= 2 else 1.0) if usual else 0.0
    numbers = bool(below) and all(NUMBER.fullmatch(cell) for cell in below)
    if NUMBER.fullmatch(head):
        return score - (1 if numbers or not below else 0)
    if numbers:
        return score + 1
    if below and all(_DATE.fullmatch(cell) for cell in below):
        return score + (-1 if _DATE.fullmatch(head) else 1)
    if head in below:
        return score - 2
    if _asks(head, below) and (several or len(below) >= _MANY or _is_addressed(head)):
        return score + 1
    mean = sum(map(len, below)) / len(below) if below else len(head)
    if _SENTENCE.fullmatch(head) and mean / 2 <= len(head) <= 2 * mean + 20:
        return score - (1 if score == 0 else 3)
    return score


def _asks(head: str, below: list[str]) -> bool:
    """Whether a cell asks for what stands below: a question or a request, and hardly one of those is such a thing."""
    if not below or len(head) < 6:
        return False
    if _QUESTION.fullmatch(head):
        return sum(bool(_QUESTION.fullmatch(cell)) for cell in below) <= 0.1 * len(below)
    return _is_request(head) and not any(map(_is_request, below))


def _is_request(text: str) -> bool:
    words = words_in(text)
    return bool(words) and len(words) > 2 and words[0] in _BEGINS and _is_addressed(text)


def _is_addressed(head: str) -> bool:
    """Whether a cell speaks to somebody, as forms do; or is what a form ends a question with."""
    return bool(set(words_in(head)) & _ADDRESSED or _ADDRESSED_IN.search(head))
