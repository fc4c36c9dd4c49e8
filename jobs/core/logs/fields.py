"""The fields that a log line may have. No other can be logged."""

import re
from pathlib import Path
from typing import TypedDict

from loresmith.jobs.core.logs.safe import SafeText

MASK = "…"
MAX_CHARACTERS = 300
WORD = re.compile(rf"[A-Za-z0-9_.:/@+%#*,=~…\[\]{{}}-]{{0,{MAX_CHARACTERS}}}")
"""A value that is neither a number, a path nor a SafeText: an id, a name or a code."""


class LogFields(TypedDict, total=False):
    """Fields by name. Texts are ids, names and codes without spaces; others become `…`."""

    # what the line is about
    job_id: str
    call_id: str
    attempt: int
    request_id: str
    key_id: str
    principal: str
    user: str
    team: str
    entry_id: str
    type: str
    model: str
    provider: str
    process: str
    queue: str
    address: str
    path: Path
    # what happened
    status: str
    action: str
    outcome: str
    code: str
    method: str
    route: str
    http_status: int
    reference: str
    error: SafeText
    reason: SafeText
    schema_mode: str
    max_tokens_parameter: str
    reports_usage: bool
    role: str
    line: int
    # how much
    count: int
    remaining: int
    limit: int
    epoch: int
    previous_epoch: int
    attempts: int
    calls: int
    days: float
    seconds: float
    first_token_s: float
    age_s: float
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost: float
    estimate: float
    # the AI call log
    fingerprint: str


FIELDS = frozenset(LogFields.__annotations__)


def clean(fields: dict[str, object]) -> dict[str, object]:
    """Returns the listed fields, with values that cannot be a text of a user."""
    return {
        name: _clean(value)
        for name, value in fields.items()
        if name in FIELDS and value is not None and value != ""
    }


def _clean(value: object) -> object:
    match value:
        case bool() | int():
            return value
        case float():
            return round(value, 6)
        case SafeText():
            return value
        case Path():
            return SafeText(" ".join(str(value).split())[:MAX_CHARACTERS])
        case str() if WORD.fullmatch(value):
            return str(value)
    return MASK
