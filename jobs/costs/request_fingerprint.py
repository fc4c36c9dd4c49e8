"""Identifies identical requests to a model, so that one response can answer both."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json


def fingerprint(
    model: str, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], most: int
) -> str:
    """Hashes everything that determines a response: model, messages, schema, max output tokens."""
    return hashlib.sha256(to_json([model, messages, schema, most])).hexdigest()
