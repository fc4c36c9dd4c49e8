"""Which values are found in a text, and which texts are no values."""

import pytest

from loresmith.jobs.core.sensitive_values import KINDS, find

BEGIN = "-----BEGIN RSA PRIVATE KEY-----"
PEM = f"{BEGIN}\nProc-Type: 4,ENCRYPTED\n\nMIIE-x\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln"

FOUND = [
    ("email", "Write to «bob@example.com», please.", "bob@example.com"),
    ("email", "<o'brien+x@mail.example.co.uk>.", "o'brien+x@mail.example.co.uk"),
    ("email", "müller@exämple.de", "müller@exämple.de"),
    ("email", "邮箱bob@example.com是", "bob@example.com"),
    ("email", r"Contact:\nbob@example.com\u0060", "bob@example.com"),
    ("phone", "Call +49 (0)30 1234567 now", "+49 (0)30 1234567"),
    ("phone", "tel:+14155550132", "+14155550132"),
    ("phone", "0044 20 7946 0958", "0044 20 7946 0958"),
    ("phone", "030/1234567", "030/1234567"),
    ("phone", "(030) 123 45 67", "(030) 123 45 67"),
    ("phone", "01 23 45 67 89", "01 23 45 67 89"),
    ("phone", "(415) 555-0132 or", "(415) 555-0132"),
    ("phone", "1-800-555-0199", "1-800-555-0199"),
    ("phone", r"a\n0170 1234567", "0170 1234567"),
    ("card", "4111 1111 1111 1111 12/27", "4111 1111 1111 1111"),
    ("card", "22 5500-0000-0000-0004", "5500-0000-0000-0004"),
    ("card", "No. 378282246310005.", "378282246310005"),
    ("iban", "DE89 3704 0044 0532 0130 00 BIC COBADEFF", "DE89 3704 0044 0532 0130 00"),
    ("iban", "gb82west12345698765432", "gb82west12345698765432"),
    ("key", "key sk-proj-AbCd1234_x-y", "sk-proj-AbCd1234_x-y"),
    ("key", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ("key", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
    ("key", f"lore_a1B2c3D4_{'x' * 36}", f"lore_a1B2c3D4_{'x' * 36}"),
    ("key", "Authorization: Bearer 1234567890abcdef==", "1234567890abcdef=="),
    ("key", JWT, JWT),
    ("key", "postgres://bob:p-w@db/x", "bob:p-w"),
    ("key", f"a {PEM} b", PEM),
]  # fmt: skip

OTHER = [
    "In 2024-01-05 10:30, 01.02.2024 10 Uhr, 1990-2000, 12/31/1999",
    "3.14159265358979, 0.1234567890, $1,000,000, 192.168.100.200, n+1000000",
    "ISBN 978-3-16-148410-0, 1700000000000, v10.20.30, 4111 1111 1111 1112",
    "DE88370400440532013000, XX89370400440532013000",
    "The bearer of incomprehensibilities met @anna at user@localhost, risk-averse, task-oriented",
    "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----",
]

HOSTILE = [
    *(("", "a"), ("", "a.a@"), ("a@", "a."), ("", "1"), ("", "41 "), ("", "DE12 "), ("", "+1 ")),
    *(("", r"\n"), ("", "eyJaaaaaaaaaa."), ("", "eyJ-"), ("", BEGIN), (BEGIN, "-a"), ("", "://a:")),
    *(("", "bearer a"), ("bearer ", "a"), ("", "a'")),
]


@pytest.mark.parametrize(("kind", "text", "value"), FOUND)
def test_a_value_is_found(kind: str, text: str, value: str) -> None:
    assert [(text[start:end], each) for start, end, each in find(text, KINDS)] == [(value, kind)]


@pytest.mark.parametrize("text", OTHER)
def test_other_texts_are_no_values(text: str) -> None:
    assert find(text, KINDS) == []


def test_only_the_kinds_that_are_asked_for_are_found() -> None:
    text = "bob@example.com, 4111 1111 1111 1111"

    assert [kind for _, _, kind in find(text, ["card"])] == ["card"]


@pytest.mark.parametrize(("start", "repeated"), HOSTILE)
def test_a_hostile_text_takes_no_longer_than_its_length(start: str, repeated: str) -> None:
    """Given 100 kB that nearly are a value, over and over / I expect the test to end: a pattern
    that tries all its ways would need longer than any test may.
    """
    text = start + repeated * (100_000 // len(repeated))

    assert len(find(text, KINDS)) < len(text)
