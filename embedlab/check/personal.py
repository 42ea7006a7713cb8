"""Personal data that should perhaps not be in a corpus: found by form, checked where a checksum says more."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["e-mail address", "card number", "IBAN", "IP address", "phone number"]

PLURALS: dict[Kind, str] = {
    "e-mail address": "e-mail addresses",
    "card number": "card numbers",
    "IBAN": "IBANs",
    "IP address": "IP addresses",
    "phone number": "phone numbers",
}
KINDS: tuple[Kind, ...] = tuple(PLURALS)

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"(?<![\w.+%-])\w[\w.+'%-]{{0,63}}@(?:{_LABEL}\.)+[^\W\d_]{{2,24}}(?![\w-])")
_CARD = re.compile(r"(?<![0-9.,-])[0-9](?:[ -]?[0-9]){12,18}(?![.,]?[0-9])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]){11,30}")
_IPV4 = re.compile(r"(?<![\w.])(?<![A-Za-z]/)(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?!\w|\.[0-9])")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_NOT_INSIDE = r"(?<![\w+./-])(?<![0-9][:,])"
_PHONE = re.compile(_NOT_INSIDE + r"(?:\+ ?|\(0\) ?|\(?0)[0-9](?:[ ./()-]{0,2}[0-9]){6,15}(?!\w|[.,:/-][0-9])")
# Without a prefix only as it is written in North America: area, exchange and line, of which neither of the first two
# begins with 0 or 1.
_AMERICAN = re.compile(
    _NOT_INSIDE + r"(?:1[-. ])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-.][0-9]{4}(?!\w|[.,:/-][0-9])"
)
_VERSION = re.compile(
    r"(?:\bv|version|release|build|update|patch|python|node|java|kernel|section|sec\.|chapter|§|table|figure)\s*$", re.I
)
_DATE = re.compile(r"[0-9]{1,2}([./-])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})(?![0-9]|[./-][0-9])")
_OTHER_NUMBER = re.compile(
    r"\b(?:order|invoice|ref|reference|ticket|case|isbn|issn|doi|id|code|tracking|serial|article|item|sku|arxiv|policy|"
    r"parcel|booking|account|customer|transaction|version)\W{0,3}(?:(?:no|nr|number|id|code)\b\W{0,3})?(?:is|was)?\W{0,3}$",
    re.I,
)

# Characters of an IBAN by country (SWIFT's IBAN registry).
_IBAN_COUNTRIES = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20
    EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30
    KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24
    PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29
    VA22 VG24 XK20 YE30
"""
_IBAN_LENGTHS = {code[:2]: int(code[2:]) for code in _IBAN_COUNTRIES.split()}
_FEWEST_DIGITS = 8


@dataclass(frozen=True)
class PersonalMatch:
    """Where personal data stand: characters `start` to `end` of the text at `row`. The data themselves aren't kept.

    `masked` shows so much of them as helps to find the place.
    """

    row: int
    start: int
    end: int
    kind: Kind
    masked: str


def personal(texts: Sequence[str]) -> tuple[PersonalMatch, ...]:
    """Return what looks like personal data, in order of row and place.

    Card numbers must have an issuer's prefix and length (ISO/IEC 7812) and Luhn's check digit, and are in groups where
    they are called an order's. IBANs must have their country's length and a remainder of 1 (ISO 13616, by ISO/IEC 7064
    modulo 97-10); numbers after "version" are no IP addresses. Phone numbers begin with + or 0, or are grouped as in
    North America, and are no dates, and none that are called an order's or an account's; no checksum tells them from
    other numbers, so some are. Names are not looked for: they can't be told by form.
    """
    found = []
    for row, text in enumerate(texts):
        if "@" in text or "::" in text or sum(map(text.count, "0123456789")) >= _FEWEST_DIGITS // 2:
            found += [PersonalMatch(row, *one, mask(one[2], text[one[0] : one[1]])) for one in _in(text)]
    return tuple(found)


def by_row(found: Iterable[PersonalMatch]) -> dict[int, list[PersonalMatch]]:
    """Return what was found in each text, in order of place."""
    rows: dict[int, list[PersonalMatch]] = {}
    for one in found:
        rows.setdefault(one.row, []).append(one)
    return rows


def replaced(text: str, found: Sequence[PersonalMatch], by: Callable[[PersonalMatch], str]) -> str:
    """Return a text with something else in the place of what was `found` in it, in order of place."""
    for one in reversed(found):
        text = text[: one.start] + by(one) + text[one.end :]
    return text


def _in(text: str) -> list[tuple[int, int, Kind]]:
    taken: list[tuple[int, int, Kind]] = []
    for pattern, kind, length_of in _FORMS:
        at = 0
        while match := pattern.search(text, at):
            start = match.start()
            length = length_of(text, start, match.group())
            free = all(start + length <= other or end <= start for other, end, _ in taken)
            if length and free:
                taken.append((start, start + length, kind))
            at = start + (length if length and free else 1)  # the next may begin inside what is none
    return sorted(taken)


def _any(text: str, start: int, value: str) -> int:
    return len(value)


def _card(text: str, start: int, value: str) -> int:
    """Return the length of the card number that `value` begins with: a date or a code may follow it.

    One number in ten passes the check by chance. So what is called an order's number, and isn't in groups, is none.
    """
    called = _OTHER_NUMBER.search(text[max(0, start - 30) : start])
    other = called is not None and "account" not in called[0].lower()
    for end in range(len(value), 12, -1):
        if value[end - 1].isdigit() and not value[end : end + 1].isdigit():
            digits = re.sub(r"[ -]", "", value[:end])
            if len(digits) >= 13 and _issued(digits) and luhn(digits) and len(set(digits)) > 1:
                return 0 if other and value[:end].isdigit() else end
    return 0


def _issued(digits: str) -> bool:
    """Whether an issuer's numbers begin like that and are that long."""
    length, two, four = len(digits), int(digits[:2]), int(digits[:4])
    return (
        (digits[0] == "4" and length in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and length == 16)
        or (two in (34, 37) and length == 15)
        or ((four == 6011 or two == 65 or 644 <= int(digits[:3]) <= 649) and length in (16, 19))
        or (3528 <= four <= 3589 and 16 <= length <= 19)
        or ((two in (36, 38, 39) or 300 <= int(digits[:3]) <= 305) and 14 <= length <= 19)
        or (two == 62 and 16 <= length <= 19)
        or (two in (50, 56, 57, 58, 63, 67) and 13 <= length <= 19)
    )


def luhn(digits: str) -> bool:
    """Say whether the last digit is the check digit of the others (ISO/IEC 7812-1, after Luhn)."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(int(digit) for digit in digits[::-2])) % 10 == 0


def _iban(text: str, start: int, value: str) -> int:
    """Return the length of the IBAN that `value` begins with: the words after it look like more of it."""
    wanted = _IBAN_LENGTHS.get(value[:2].upper())
    if wanted is None:
        return 0
    count = at = 0
    while at < len(value) and count < wanted:
        count += value[at] != " "
        at += 1
    compact = value[:at].replace(" ", "").upper()
    goes_on = text[start + at : start + at + 1].isalnum()
    if count < wanted or goes_on or sum(map(str.isdigit, compact)) < _FEWEST_DIGITS:
        return 0
    return at if int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1 else 0


def _ip(text: str, start: int, value: str) -> int:
    if _VERSION.search(text[max(0, start - 12) : start]):
        return 0
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return 0
    plain_numbers = value.replace(":", "").isdigit() and max(map(len, value.split(":"))) < 3  # times, proportions
    if address.version == 6 and (plain_numbers or len(value.replace(":", "")) < 4):
        return 0
    return len(value)


def _phone(text: str, start: int, value: str) -> int:
    late = value.find("(", 1)
    if late > 0 and not value.startswith(("+", "00")):  # a year, or an extension
        value = value[:late].rstrip(" ./-")
    digits = re.sub(r"[^0-9]", "", value)
    if _DATE.match(value) or len(set(digits)) < 3:
        return 0
    if value.startswith("+"):
        american = digits[0] == "1"
        fits = digits[0] != "0" and (len(digits) == 11 and digits[1] > "1" if american else 8 <= len(digits) <= 15)
        return len(value) if fits else 0
    fewest, most = (10, 17) if digits.startswith("00") else (9, 12)
    called = _OTHER_NUMBER.search(text[max(0, start - 30) : start])
    return len(value) if fewest <= len(digits) <= most and not called else 0


_FORMS: tuple[tuple[re.Pattern[str], Kind, Callable[[str, int, str], int]], ...] = (
    (_EMAIL, "e-mail address", _any),
    (_IBAN, "IBAN", _iban),
    (_CARD, "card number", _card),
    (_IPV4, "IP address", _ip),
    (_IPV6, "IP address", _ip),
    (_PHONE, "phone number", _phone),
    (_AMERICAN, "phone number", _any),
)


def mask(kind: Kind, value: str) -> str:
    """Return `value` with all hidden that isn't needed to find it.

    Of an e-mail address its first letter and its last ending are shown, of an IP address what is before the first
    separator, of an IBAN the first four and the last two characters, of other numbers the first two and the last two.
    """
    if kind == "e-mail address":
        name, _, domain = value.rpartition("@")
        return f"{name[0] if len(name) > 1 else ''}•••@•••{domain[domain.rfind('.') :]}"
    if kind == "IP address":
        first = re.match(r"[0-9A-Fa-f]*", value)
        shown = set(range(first.end() if first else 0))
    else:
        seen = [at for at, letter in enumerate(value) if letter.isalnum()]
        shown = {*seen[: 4 if kind == "IBAN" else 2], *seen[-2:]}
    return "".join("•" if letter.isalnum() and at not in shown else letter for at, letter in enumerate(value))
