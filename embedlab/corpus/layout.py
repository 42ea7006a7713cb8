"""How a file is laid out: what a person says of it beforehand, and what was taken once it is read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Unit = Literal["line", "paragraph", "sentence", "message", "conversation"]
"""What is one text where a file leaves that open: of plain text, of subtitles (sentence), or of chats."""
UNITS: tuple[Unit, ...] = ("line", "paragraph", "sentence", "message", "conversation")


@dataclass(frozen=True)
class FileLayout:
    """How a file is laid out; None means a guess where it is asked for, and nothing of the kind where it was taken.

    `encoding` is a codec's name as Python knows it. `above` counts the rows above the column names that are no part
    of the table, titles and comments; `header` the rows of column names: 0 where the first row holds data. `sheet` is
    the name of a workbook's sheet, `hidden` whether its hidden columns and its hidden and filtered rows are read.
    """

    encoding: str | None = None
    delimiter: str | None = None
    above: int | None = None
    header: int | None = None
    sheet: str | None = None
    hidden: bool | None = None
    unit: Unit | None = None

    def facts(self) -> dict[str, Any]:
        """Return what is known, ready for JSON."""
        return {name: value for name, value in asdict(self).items() if value is not None}


GUESSED = FileLayout()
