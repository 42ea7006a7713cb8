"""Personal data that should perhaps not be in a corpus: found by form, checked where a checksum says more."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["e-mail address", "card number", "IBAN", "IP address", "phone number"]

KINDS: tuple[Kind, ...] = ("e-mail address", "card number", "IBAN", "IP address", "phone number")

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?![\w-])", re.I)
_CARD = re.compile(r"(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d]|[.,]\d)")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_PHONE = re.compile(r"(?<![\w+./-])(?:\+|00|\(?0)\d(?:[ ./()-]{0,2}\d){6,14}(?![\w]|[.,/-]\d)")
_VERSION = re.compile(r"(?:\bv|version|release|build|update|patch|python|node|java|kernel)\s*$", re.I)

# Characters of an IBAN by country (SWIFT's IBAN registry).
_IBAN_COUNTRIES = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20
    EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30
    KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24
    PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29
    VA22 VG24 XK20 YE30
"""
_IBAN_LENGTHS = {code[:2]: int(code[2:]) for code in _IBAN_COUNTRIES.split()}


@dataclass(frozen=True)
class Found:
    """Where personal data stand: characters `start` to `end` of the text at `row`. The data themselves aren't kept.

    `masked` shows so much of them as helps to find the place.
    """

    row: int
    start: int
    end: int
    kind: Kind
    masked: str


def personal(texts: Sequence[str]) -> tuple[Found, ...]:
    """Return what looks like personal data, in order of row and place.

    Card numbers must have an issuer's prefix and length and Luhn's check digit, IBANs their country's length and a
    remainder of 1 (ISO 13616, modulo 97); numbers after "version" are no IP addresses. Phone numbers need a leading +
    or 0. What people call each other is not looked for: that can't be told by form.
    """
    found = []
    for row, text in enumerate(texts):
        if "@" in text or sum(map(str.isdigit, text)) >= 4 or "::" in text:
            found += [Found(row, *one, mask(one[2], text[one[0] : one[1]])) for one in _in(text)]
    return tuple(found)


def _in(text: str) -> list[tuple[int, int, Kind]]:
    taken: list[tuple[int, int, Kind]] = []

    def take(pattern: re.Pattern[str], kind: Kind, holds: object) -> None:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end, _ in taken):
                continue
            length = holds(text, start, match.group()) if callable(holds) else len(match.group())
            if length:
                taken.append((start, start + int(length), kind))

    take(_EMAIL, "e-mail address", None)
    take(_IBAN, "IBAN", _iban)
    take(_CARD, "card number", _card)
    take(_IPV4, "IP address", _ip)
    take(_IPV6, "IP address", _ip)
    take(_PHONE, "phone number", _phone)
    return sorted(taken)


def _card(text: str, start: int, value: str) -> int:
    digits = re.sub(r"\D", "", value)
    return len(value) if _issued(digits) and luhn(digits) and len(set(digits)) > 1 else 0


def _issued(digits: str) -> bool:
    """Whether an issuer's numbers begin like that and are that long (ISO/IEC 7812)."""
    length, two, four = len(digits), int(digits[:2]), int(digits[:4])
    return (
        (digits[0] == "4" and length in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and length == 16)
        or (two in (34, 37) and length == 15)
        or ((four == 6011 or two == 65 or 644 <= int(digits[:3]) <= 649) and length in (16, 19))
        or (3528 <= four <= 3589 and 16 <= length <= 19)
        or ((two in (36, 38, 39) or 300 <= int(digits[:3]) <= 305) and 14 <= length <= 19)
        or (two in (50, 56, 57, 58, 63, 67) and 13 <= length <= 19)
    )


def luhn(digits: str) -> bool:
    """Say whether the last digit is the check digit of the others (ISO/IEC 7812-1, after Luhn)."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(int(digit) for digit in digits[::-2])) % 10 == 0


def _iban(text: str, start: int, value: str) -> int:
    wanted = _IBAN_LENGTHS.get(value[:2])
    if wanted is None:
        return 0
    count = at = 0
    while at < len(value) and count < wanted:  # the words after it may look like more of it
        count += value[at] != " "
        at += 1
    compact = value[:at].replace(" ", "")
    if count < wanted or (at < len(value) and value[at] != " "):
        return 0
    return at if int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1 else 0


def _ip(text: str, start: int, value: str) -> int:
    if _VERSION.search(text[max(0, start - 12) : start]):
        return 0
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return 0
    if address.version == 6 and len(value.replace(":", "")) < 4:  # "::" and the like are punctuation
        return 0
    return len(value)


def _phone(text: str, start: int, value: str) -> int:
    digits = re.sub(r"\D", "", value)
    if not 8 <= len(digits) <= 15 or len(set(digits)) < 3:
        return 0
    if value.startswith("0") and not re.search(r"[ ./()-]", value) and len(digits) not in (10, 11, 12, 13, 14):
        return 0
    return len(value)


def mask(kind: Kind, value: str) -> str:
    """Return `value` with all hidden that isn't needed to find it."""
    if kind == "e-mail address":
        name, _, domain = value.partition("@")
        return f"{name[0]}•••@•••{domain[domain.rfind('.') :]}"
    seen = [at for at, letter in enumerate(value) if letter.isalnum()]
    shown = {*seen[: 4 if kind == "IBAN" else 2], *seen[-2:]}
    return "".join("•" if letter.isalnum() and at not in shown else letter for at, letter in enumerate(value))
