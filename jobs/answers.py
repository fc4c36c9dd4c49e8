"""When two requests to a model are the same, so that one answer does for both."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json


def fingerprint(
    model: str, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], most: int
) -> str:
    """Of all that decides on an answer: the model, what it is told, the schema that it is held to,
    and its bound in tokens.
    """
    return hashlib.sha256(to_json([model, messages, schema, most])).hexdigest()
