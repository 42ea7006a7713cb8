"""Personal data: what is found, what is not, and how much of it is shown. All numbers are test numbers, or reserved."""

from __future__ import annotations

import pytest

from embedlab.check.personal import KINDS, Kind, luhn, mask, personal

FOUND: list[tuple[str, Kind, str]] = [
    # E-mail addresses, in the domains that are reserved for examples (RFC 2606).
    ("mail jane.doe@example.com now", "e-mail address", "jane.doe@example.com"),
    ("a+b@sub.example.co.uk.", "e-mail address", "a+b@sub.example.co.uk"),
    ("<x@example.org>", "e-mail address", "x@example.org"),
    ("o'brien@example.com", "e-mail address", "o'brien@example.com"),
    ("write to 'jane@example.com'", "e-mail address", "jane@example.com"),
    ("jürgen@example.de", "e-mail address", "jürgen@example.de"),
    ("j@例え.example", "e-mail address", "j@例え.example"),
    ("mailto:jane@example.com?subject=x", "e-mail address", "jane@example.com"),
    # Card numbers: the networks' own test numbers.
    ("4111 1111 1111 1111", "card number", "4111 1111 1111 1111"),
    ("card 4111-1111-1111-1111.", "card number", "4111-1111-1111-1111"),
    ("4111 1111 1111 1111 12/26", "card number", "4111 1111 1111 1111"),
    ("no 7 4111111111111111", "card number", "4111111111111111"),
    ("5555555555554444", "card number", "5555555555554444"),
    ("3782 822463 10005", "card number", "3782 822463 10005"),
    ("6011111111111117", "card number", "6011111111111117"),
    ("30569309025904", "card number", "30569309025904"),
    ("3530111333300000", "card number", "3530111333300000"),
    ("card:4012888888881881,", "card number", "4012888888881881"),
    # IBANs: the examples of SWIFT's registry.
    ("DE89 3704 0044 0532 0130 00", "IBAN", "DE89 3704 0044 0532 0130 00"),
    ("IBAN:DE89370400440532013000.", "IBAN", "DE89370400440532013000"),
    ("pay GB29 NWBK 6016 1331 9268 19 today please", "IBAN", "GB29 NWBK 6016 1331 9268 19"),
    ("gb29 nwbk 6016 1331 9268 19", "IBAN", "gb29 nwbk 6016 1331 9268 19"),
    ("FR14 2004 1010 0505 0001 3M02 606", "IBAN", "FR14 2004 1010 0505 0001 3M02 606"),
    ("NO93 8601 1117 947", "IBAN", "NO93 8601 1117 947"),
    ("NL91ABNA0417164300", "IBAN", "NL91ABNA0417164300"),
    ("MT84MALT011000012345MTLCAST001S", "IBAN", "MT84MALT011000012345MTLCAST001S"),
    ("HN88CABF00000000000250005469", "IBAN", "HN88CABF00000000000250005469"),
    # IP addresses, in the blocks that are reserved for documentation (RFC 5737, RFC 3849).
    ("from 192.0.2.1", "IP address", "192.0.2.1"),
    ("198.51.100.7:8080", "IP address", "198.51.100.7"),
    ("http://203.0.113.9/path", "IP address", "203.0.113.9"),
    ("2001:db8::1", "IP address", "2001:db8::1"),
    ("[2001:db8:0:0:8:800:200c:417a]", "IP address", "2001:db8:0:0:8:800:200c:417a"),
    # Phone numbers, of the ranges that are reserved for fiction.
    ("+44 20 7946 0958", "phone number", "+44 20 7946 0958"),
    ("+44 (0)20 7946 0958", "phone number", "+44 (0)20 7946 0958"),
    ("(0)20 7946 0958", "phone number", "(0)20 7946 0958"),
    ("0044 20 7946 0958", "phone number", "0044 20 7946 0958"),
    ("07700 900123", "phone number", "07700 900123"),
    ("030 23125 000", "phone number", "030 23125 000"),
    ("01 99 00 12 34", "phone number", "01 99 00 12 34"),
    ("(030) 23125 000", "phone number", "(030) 23125 000"),
    ("030 23125 000 (2)", "phone number", "030 23125 000"),
    ("+1 202-555-0143", "phone number", "+1 202-555-0143"),
    ("tel:+12025550143", "phone number", "+12025550143"),
    ("(202) 555-0143", "phone number", "(202) 555-0143"),
    ("202.555.0143", "phone number", "202.555.0143"),
    ("1-800-555-0199", "phone number", "1-800-555-0199"),
    ("+61 2 5550 1234", "phone number", "+61 2 5550 1234"),
]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_personal_data_are_found_with_their_place(text: str, kind: Kind, value: str) -> None:
    (found,) = personal(["nothing here", text])
    assert (found.row, found.kind, text[found.start : found.end]) == (1, kind, value)


NOT_PERSONAL = [
    "",
    "no data at all",
    "user@localhost",
    "@handle and @other.name, a@b",
    "meet me @ 5",
    "4111111111111112",  # Luhn
    "4111 1111 1111 1121",
    "1234567890123456",  # no issuer
    "0000000000000000",
    "411111111111111",  # 15 digits
    "DE89370400440532013001",  # modulo 97
    "DE8937040044053201300",  # too short
    "DE893704004405320130001",  # too long
    "XX89370400440532013000",  # no such country
    "GB29 NWBK 6016 1331 9268 18",
    "the size is 999.1.1.1",
    "version 1.2.3.4",
    "v1.2.3.4",
    "see section 1.2.3.4",
    "Chrome/91.0.4472.124 Firefox/1.2.3.4",
    "1.2.3",
    "1.2.3.4.5",
    "at 12:34:56",
    "10:20:30:40:50:60:70:80",
    "std::vector",
    "a::b :: ::",
    "00:1A:2B:3C:4D:5E",
    "2019-01-02",
    "02/03/2019",
    "02.03.2019",
    "01.02.2019 10:20",
    "01.02.2019 1030 h",
    "2019-01-02T03:04:05",
    "2019-01-02 03:04:05.123456",
    "20190102030405",
    "1700000000",
    "0.123456789 and 0,123456789",
    "3.14159265358979",
    "$1,000,000 or 1,234,567.89",
    "£0.99 - 10.00",
    "ISBN 0-306-40615-2",
    "ISBN 0306406152",
    "978-0-306-40615-7",
    "ISBN 9780306406157",
    "arXiv:0704.0001",
    "0704.0001",
    "hep-th/0203101",
    "Phys. Plasmas 25, 061203 (2018)",
    "JCAP 09 (2006) 011",
    "doi:10.1103/PhysRevD.76.013009",
    "order 0012345678",
    "Order no 4012888888881881 was packed.",
    "ticket: 4111111111111111",
    "Order No. 0123456789",
    "my account number is 0123456789",
    "invoice 00123456",
    "0 1 2 3 4 5 6 7 8 9",
    "+10 20 30 40",
    "000 000 0000",
    "+1 102-555-0143",
    "555-0143",
    "0x7fff5fbff8a0",
    "http://example.com/0123456789",
    "007",
]


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert personal([text]) == ()


def test_several_in_one_text_in_order_of_place() -> None:
    text = "jane@example.com DE89 3704 0044 0532 0130 00 GB29 NWBK 6016 1331 9268 19, 192.0.2.1, joe@example.com"
    found = personal([text])
    assert [text[one.start : one.end] for one in found] == [
        "jane@example.com", "DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19", "192.0.2.1",
        "joe@example.com",
    ]  # fmt: skip
    assert [one.start for one in found] == sorted(one.start for one in found)


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("e-mail address", "jane.doe@mail.example.com", "j•••@•••.com"),
        ("e-mail address", "x@example.org", "•••@•••.org"),
        ("card number", "4111 1111 1111 1111", "41•• •••• •••• ••11"),
        ("IBAN", "DE89 3704 0044 0532 0130 00", "DE89 •••• •••• •••• •••• 00"),
        ("IP address", "192.0.2.1", "192.•.•.•"),
        ("IP address", "1.2.3.4", "1.•.•.•"),
        ("IP address", "2001:db8::1", "2001:•••::•"),
        ("phone number", "+44 20 7946 0958", "+44 •• •••• ••58"),
    ],
)
def test_masks(kind: Kind, value: str, masked: str) -> None:
    assert mask(kind, value) == masked


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_a_mask_never_shows_more_than_meant(text: str, kind: Kind, value: str) -> None:
    (found,) = personal([text])
    shown = [letter for letter in found.masked if letter.isalnum()]
    most = {"e-mail address": 8, "card number": 4, "IBAN": 6, "IP address": 4, "phone number": 4}[kind]
    assert len(shown) <= most
    assert value not in found.masked
    assert value not in repr(found)
    assert kind in KINDS


@pytest.mark.parametrize("digits", ["79927398713", "4111111111111111", "0", "18"])
def test_luhn(digits: str) -> None:
    assert luhn(digits)
    assert not any(luhn(digits[:-1] + other) for other in "0123456789" if other != digits[-1])


def test_strange_texts_raise_nothing() -> None:
    texts = ["\ud800@\udfff.com", "٤١١١١١١١١١١١١١١١ ١٢٣٤", "ſK12 3456 7890 1234 5678", "9" * 100_000, "1." * 50_000,
             "a" * 100_000 + "@", ":" * 50_000, "²" * 20, "+" + "1 " * 5_000]  # fmt: skip
    assert all(one.kind in KINDS for one in personal(texts))
