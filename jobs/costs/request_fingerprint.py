"""Identifies identical requests to a model, so that one response can answer both."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json


def fingerprint(
    model: str,
    messages: Sequence[Mapping[str, Any]],
    schema: Mapping[str, Any] | None,
    most: int,
    parameters: Mapping[str, Any],
) -> str:
    """Hashes everything that determines a response: model, messages, schema, max output tokens, and
    further fields of the body.
    """
    parts = [model, messages, schema, most, *([parameters] if parameters else ())]
    return hashlib.sha256(to_json(parts)).hexdigest()
