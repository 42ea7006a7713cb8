"""How the values of a column were written: a unit around numbers, their separators, how exact dates are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EXACT = 2**53
"""Whole numbers beyond this have no exact float64: they are identifiers, and stay as typed."""


@dataclass(frozen=True)
class Written:
    """What a column's numbers have around and in them, so that $10.99 is 10.99 and still shown as "$10.99".

    `prefix` and `suffix` stand around a number, with the space between ("$", " kg"). `places` is how many decimals a
    number has that is not whole, None for as many as it needs; with `always` whole ones have them too. `group` stands
    between thousands (in the Indian way with `lakh`), `point` before the decimals. A negative number of a column with
    `brackets` stands in these, as accountants write it. `month` says that dates are exact to the month.
    """

    prefix: str = ""
    suffix: str = ""
    places: int | None = None
    always: bool = False
    group: str = ""
    point: Literal[".", ","] = "."
    lakh: bool = False
    brackets: bool = False
    month: bool = False

    def number(self, value: float) -> str:
        """Return a finite number as the column's own are written."""
        if self == PLAIN or abs(value) >= EXACT:
            return _plain(value) if self == PLAIN else self.around(_plain(value))
        whole = float(value).is_integer()
        size = abs(value)
        if self.places is None or (whole and not self.always) or round(size, self.places) != size:
            digits = _plain(size)
        else:
            digits = f"{size:.{self.places}f}"
        before, _, after = digits.partition(".")
        grouped = self._grouped(before) + (self.point + after if after else "")
        return self._signed(grouped, value < 0)

    def around(self, digits: str) -> str:
        """Return digits that were written the English way ("-1,234.5") with the column's signs around and in them."""
        if self == PLAIN:
            return digits
        negative = digits.startswith("-")
        bare = digits.removeprefix("-")
        if self.point == ",":
            bare = bare.translate({ord(","): self.group or ".", ord("."): ","})
        return self._signed(bare, negative)

    @property
    def printf(self) -> str:
        """The same as a format of C's printf, as far as that goes: "$%.2f"."""
        before, after = (part.replace("%", "%%") for part in (self.prefix, self.suffix))
        return f"{before}{'%g' if self.places is None else f'%.{self.places}f'}{after}"

    def _signed(self, digits: str, negative: bool) -> str:
        if negative and self.brackets:
            return f"({self.prefix}{digits}{self.suffix})"
        return f"{'-' if negative else ''}{self.prefix}{digits}{self.suffix}"

    def _grouped(self, digits: str) -> str:
        if not self.group or not digits.isdigit() or len(digits) < 4:
            return digits
        if not self.lakh:
            return f"{int(digits):,}".replace(",", self.group)
        rest, parts = digits[:-3], [digits[-3:]]
        while rest:
            rest, parts = rest[:-2], [rest[-2:], *parts]
        return self.group.join(parts)


PLAIN = Written()


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < EXACT else f"{value:.15g}"
