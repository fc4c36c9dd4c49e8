"""Removes secrets from texts that leave the lore_service: job errors, ledger rows and logs."""

import base64
import html
import json
import logging
import re
from functools import lru_cache
from urllib.parse import quote, quote_plus

from loresmith.jobs.core.sensitive_values import KEY_SHAPES

MASK = "…"
MIN_SECRET_CHARACTERS = 4
MIN_PART_CHARACTERS = 8
"""A part of a secret that escaping leaves alone is masked on its own from this length."""
PLAIN_PARTS = re.compile(r"[A-Za-z0-9_-]+")
CREDENTIALS = re.compile(
    r"(?i:(?<=://)[^/\s\"']*@"  # a user name and password in a URL
    rf"|(?<=\bbearer )[^\s\"',;]+|(?<=\bbasic )[A-Za-z0-9+/=_-]{{8,}}|{KEY_SHAPES})"
)
"""What looks like a credential, whether it is ours or not."""


_protected: set[str] = set()


def protect(*secrets: str) -> None:
    """Masks the secrets in everything that this process redacts from now on."""
    _protected.update(secrets)


def redact(text: str, *secrets: str) -> str:
    """Masks secrets, in plain and in escaped forms, and whatever looks like a credential.

    `secrets` are masked beside the protected ones.
    """
    if pattern := _pattern(frozenset(_protected.union(secrets))):
        text = pattern.sub(MASK, text)
    return CREDENTIALS.sub(lambda match: MASK + "@" * match[0].endswith("@"), text)


class RedactingFormatter(logging.Formatter):
    """Redacts what another formatter writes, tracebacks included."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._formatter.format(record))


def redact_logs() -> None:
    """Redacts everything that the handlers of the root logger write from now on."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(RedactingFormatter(handler.formatter or logging.Formatter()))


@lru_cache(maxsize=64)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str] | None:
    """Matches every form of the secrets, the longest first."""
    forms = {form for secret in secrets for form in _forms(secret)}
    ordered = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered))) if ordered else None


def _forms(secret: str) -> set[str]:
    if len(secret.strip()) < MIN_SECRET_CHARACTERS:
        return set()
    encoded = secret.encode(errors="replace")
    spellings = {secret, secret.strip(), ascii(secret)[1:-1], repr(secret)[1:-1]}
    spellings |= {json.dumps(secret)[1:-1], html.escape(secret), str(encoded)[2:-1]}
    spellings |= {quote(encoded), quote(encoded, safe=""), quote_plus(encoded)}
    spellings |= {spelling.replace("\\", "\\\\") for spelling in spellings}
    spellings |= {base64.b64encode(encoded).decode().rstrip("=")}
    parts = {part for part in PLAIN_PARTS.findall(secret) if len(part) >= MIN_PART_CHARACTERS}
    return spellings | parts
