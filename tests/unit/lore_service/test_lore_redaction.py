"""Secrets in any spelling never leave the lore_service."""

import base64
import html
import json
import logging
from urllib.parse import quote, quote_plus

import pytest

from loresmith.lore_service.providers.redaction import RedactingFormatter, protect, redact

KEYS = {
    "plain": "sk-proj-AbCdEf0123456789",
    "zero width space at the end": "gsk_AbCdEf0123456789\u200b",
    "byte order mark first": "\ufeffgsk_AbCdEf0123456789",
    "newline": "gsk_AbCdEf\n0123456789",
    "quote": 'gsk_AbCdEf"0123456789',
    "base64": "Zm9vYmFy+2Jhei/xdXV4==",
}
SPELLINGS = {
    "itself": str,
    "repr": repr,
    "repr of repr": lambda key: repr(repr(key)),
    "ascii": ascii,
    "bytes": lambda key: repr(key.encode()),
    "JSON": json.dumps,
    "JSON in UTF-8": lambda key: json.dumps(key, ensure_ascii=False),
    "URL": quote,
    "form": quote_plus,
    "query": lambda key: quote(key, safe=""),
    "HTML": html.escape,
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "exception": lambda key: repr(ValueError(f"Illegal header value b'Bearer {key}'")),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_masked_in_every_spelling(name: str, spelling: str) -> None:
    key = KEYS[name]
    shown = SPELLINGS[spelling](key)

    text = redact(f"header {shown} is refused", key)

    assert text.startswith("header ")
    assert text.endswith(" is refused")
    assert "AbCdEf" not in text
    assert "0123456789" not in text
    assert "Zm9v" not in text
    assert shown.strip("\"'") not in text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
        ("proxy-authorization: Basic dXNlcjpwYXNz", "proxy-authorization: Basic …"),
        (
            "Incorrect API key provided: sk-other-12345678.",
            "Incorrect API key provided: ….",
        ),
        ("http://user:p@ss@host:80/v1 is away", "http://…@host:80/v1 is away"),
        ("redis://:secret@host/0", "redis://…@host/0"),
    ],
)
def test_credentials_of_others_are_masked(text: str, masked: str) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize("text", ["HTTP 404: no model qwen3", "a@b.c", "https://host/v1", "basic"])
def test_other_texts_stay(text: str) -> None:
    assert redact(text, "sk-0123456789", "", "x") == text


def test_logs_are_redacted_with_their_tracebacks() -> None:
    protect(KEYS["plain"])
    formatter = RedactingFormatter(logging.Formatter("%(message)s"))
    try:
        raise ValueError(KEYS["plain"])
    except ValueError as error:
        record = logging.LogRecord(
            "x", 40, "x", 1, "call %r", (KEYS["plain"],), (ValueError, error, error.__traceback__)
        )

    line = formatter.format(record)

    assert "ValueError: …" in line
    assert KEYS["plain"] not in line
