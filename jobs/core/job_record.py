"""The record of a job, whose fields are in `job_fields.py`, and what a submission writes."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

from pydantic_core import to_json

from loresmith.jobs.core.duration import DAY_S
from loresmith.jobs.core.job_fields import ABSENT, INDEX_FIELDS, SUBMITTED_FIELDS
from loresmith.jobs.core.status import ACTIVE, Message

Priority = Literal["interactive", "normal", "batch"]
"""Which of an owner's waiting jobs starts first."""
Record = Mapping[str, str]
"""What HGETALL answers for `job:{id}`, decoded."""
FINGERPRINT_LENGTH = 34
"""Characters of a fingerprint: a version digit, a colon and 128 bits."""


def new_id() -> str:
    """Makes a UUID of version 7 (RFC 9562): ms, then random bits, so that ids sort by time."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def json_text(value: Any) -> str:
    """Encodes a value as compact JSON text, as records hold it."""
    return to_json(value).decode()


@dataclass(frozen=True)
class PriceQuote:
    """The price of a job in micro-dollars; None where its model has no known price."""

    expected: int | None = None
    maximum: int | None = None
    counted_tokens: int | None = None
    """Input tokens of all its requests, by our own count."""
    expected_tokens: int | None = None
    """Expected input and output tokens of all its calls."""

    @property
    def reserve(self) -> int:
        """Micro-dollars to reserve in its budgets."""
        return self.maximum or 0


def index_name(field: str, value: str) -> str:
    """Returns the name of an index in a job's record, and after `jobs:by:`; safe for any value."""
    return f"{field}:{quote(value, safe='')}"


@lru_cache(maxsize=4_096)
def budget_name(scope: str, id: str) -> str:
    """Returns the name of a budget in records and script replies; safe for any id."""
    return f"{scope}:{quote(id, safe='')}"


@dataclass(frozen=True)
class Submission:
    """A validated request for a job, as the api stores it."""

    type: str
    payload: str
    """JSON text, as the job type's model wrote it."""
    options: str
    """JSON text of the client's options; {} when there are none."""
    work_message: str
    """The message shown once it runs."""
    timeout_s: float
    start_deadline_s: float
    fingerprint: str
    """Equal for two requests that ask for the same."""
    deadline_s: float | None = None
    """Seconds from creation until it fails in any state."""
    retention_s: float = DAY_S
    """Seconds from its end until it is deleted."""
    world_retention_s: float | None = None
    """Seconds until its world in the archive is deleted; None: never."""
    max_attempts: int = 1
    """Attempts in all, where no call was charged and another one may succeed."""
    on_unknown: str = "ask"
    """Handling of a call of unknown outcome: ask, fail or retry."""
    awaited: int | None = None
    """1 when the client waits for the result (`Prefer: wait`)."""
    store: int | None = None
    """0: its content is removed after its end."""
    priority: Priority = "normal"
    pool: str | None = None
    """The rate limits that its model calls share."""
    expected_calls: int = 1
    model: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    team_id: str | None = None
    key_id: str | None = None
    """The API key that created it, whose budget applies."""
    created_by: str | None = None
    """The credential that created it, and its name."""
    delegate: str | None = None
    """The credential that created it for its user."""
    charged_model: str | None = None
    """The model that answers, whose budget applies: the server's own where none is named."""
    related: tuple[str, str] | None = None
    """Type and id of the client's own object that it is about."""
    batch_key: str | None = None
    tags: tuple[str, ...] = ()
    metadata: str | None = None
    """JSON text of the client's own object."""

    def indexes(self) -> str:
        """Names of its indexes, separated by blanks."""
        values = [(field, getattr(self, field)) for field in INDEX_FIELDS]
        values += [("tag", tag) for tag in self.tags]
        if self.related:
            values.append(("related", "/".join(self.related)))
        return " ".join(index_name(field, value) for field, value in values if value)

    def budgets(self) -> str:
        """Names of the budgets that apply if they exist, separated by blanks."""
        ids = {"global": "all", "team": self.team_id, "user": self.user_id, "type": self.type}
        return f"{_budget_names(ids)} {self.own_budgets()}".rstrip()

    def own_budgets(self) -> str:
        """Names of those that its indexes do not tell."""
        key = budget_name("key", self.key_id) if self.key_id else ""
        models = (self.charged_model or self.model or "").split("|")
        return " ".join(
            filter(None, [key, *(budget_name("model", name) for name in models if name)])
        )

    def fields(self, price: PriceQuote) -> dict[str, Any]:
        """Returns the fields of the record that the submission sets.

        The duration estimate and the submit script add the others.
        """
        values = vars(self) | {
            "message": Message.CREATED,
            "reserve_micros": price.reserve,
            "estimate_micros": price.expected,
            "max_micros": price.maximum,
            "counted_tokens": price.counted_tokens,
            "expected_tokens": price.expected_tokens,
            "budgets": self.own_budgets() or None,
            "related_type": self.related[0] if self.related else None,
            "related_id": self.related[1] if self.related else None,
            "tags": json_text(self.tags) if self.tags else None,
        }
        return {
            name: None if values[name] == ABSENT[name] else values[name]
            for name in SUBMITTED_FIELDS
        }


def _budget_names(ids: Mapping[str, str | None]) -> str:
    return " ".join(budget_name(scope, id) for scope, id in ids.items() if id)


def is_active(record: Record) -> bool:
    """Whether a job is not finished."""
    return record["status"] in ACTIVE
