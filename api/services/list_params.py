"""The query string of `GET /jobs`: filters, order and pages."""

import base64
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import AfterValidator, Field, WithJsonSchema, create_model
from starlette.datastructures import QueryParams

from loresmith.api.http.problems import Problem, parameter, validation_error
from loresmith.api.http.query import CommaSeparated, Integer, OneOf, QueryModel, Time
from loresmith.api.services.job_query import MAX_MS, JobQuery
from loresmith.jobs.core.job_fields import INDEXED_FIELDS
from loresmith.jobs.core.job_record import Priority
from loresmith.jobs.core.status import ACTIVE, STATUS_ALIASES, TERMINAL, Status
from loresmith.jobs.store import keys
from loresmith.jobs.types.registry import JOB_TYPES

MAX_LIMIT = 100
STATUS_GROUPS = {"active": ACTIVE, "terminal": TERMINAL}
STATUS_WORDS = (*Status, *STATUS_GROUPS, *STATUS_ALIASES)
BESIDE_A_KEY = frozenset({"idempotency_key", "include"})
"""Parameters that go with an idempotency key, which identifies one job already."""
SORTS = ("-created_at", "created_at", "-cost", "cost", "-duration", "duration")
SOURCES = {"created_at": keys.ALL, "cost": keys.COST, "duration": keys.DURATION}
CURSOR_MARKS = {keys.ALL: "c", keys.ENDED: "e", keys.COST: "m", keys.DURATION: "d"}
"""The letter by which a cursor names the sorted set that it belongs to."""
CURSOR = re.compile(r"([cemd]):(\d{1,16}):([0-9a-f-]{36})")


def _bounded(value: str) -> str:
    if not 1 <= len(value) <= 200:
        raise ValueError("must have 1 to 200 characters")
    return value


Text = Annotated[str, AfterValidator(_bounded)]


FILTERS: dict[str, Any] = {
    name: (Text | None, Field(None, description=f"The exact `{name}` of the job"))
    for name in INDEXED_FIELDS
}
IndexFilters: Any = create_model("IndexFilters", __base__=QueryModel, **FILTERS)


class JobListParams(IndexFilters):
    """Filters combine with AND."""

    REPEATABLE: ClassVar[frozenset[str]] = frozenset({"status", "tag"})
    STRICT: ClassVar[bool] = True

    status: Annotated[frozenset[str], CommaSeparated(STATUS_WORDS, empty=False)] = Field(
        default=frozenset(),
        description="Repeatable, or with commas: a status, `active` or `terminal`; "
        f"{', '.join(STATUS_ALIASES)} are aliases",
    )
    type: Annotated[str, OneOf(tuple(JOB_TYPES))] | None = Field(None, description="The job type")
    priority: Annotated[str, OneOf(get_args(Priority))] | None = Field(
        None, description="The priority of the job"
    )
    tag: Annotated[list[Text], WithJsonSchema({"type": "string"})] = Field(
        default=[],
        description="A tag of the job; repeatable, then all of them",
    )
    related_type: Text | None = Field(
        None, description="With `related_id`: the object that the job is about"
    )
    related_id: Text | None = Field(None, description="With `related_type`")
    created_after: Time | None = Field(None, description="RFC 3339, with an offset")
    created_before: Time | None = Field(None, description="RFC 3339, with an offset")
    completed_after: Time | None = Field(None, description="Ended since then, ordered by the end")
    seen: Annotated[str, OneOf(("false",))] | None = Field(
        None, description="`false`: ended, and not marked as seen"
    )
    q: Text | None = Field(
        None, description="The start of an id, or text in the payload, message, error or its code"
    )
    sort: Annotated[str, OneOf(SORTS)] = Field(
        SORTS[0], description="`cost` and `duration` list ended jobs only"
    )
    idempotency_key: str | None = Field(None, description="The key that created the job")
    include: Annotated[frozenset[str], CommaSeparated(("result", "payload"))] = Field(
        default=frozenset(),
        description="With commas: `result`, `payload`, which lists omit otherwise",
    )
    limit: Integer = Field(50, ge=1, le=MAX_LIMIT, description="Jobs per page")
    cursor: str | None = Field(None, description="`next_cursor` of the previous page")

    @classmethod
    def from_query(cls, query: QueryParams) -> Self:
        """Validates a query string. Raises Problem."""
        conflicting = sorted(set(query) & set(cls.model_fields) - BESIDE_A_KEY)
        if "idempotency_key" in query and conflicting:
            detail = "idempotency_key identifies one job; send it without other filters."
            raise _conflict(conflicting, "beside idempotency_key", detail)
        return super().from_query(query)

    def to_query(self) -> JobQuery:
        """Returns the query for the store. Raises Problem for conflicting parameters."""
        source = self._source()
        after = self.completed_after if source == keys.ENDED else self.created_after
        return JobQuery(
            indexes=tuple(self._indexes()),
            statuses=tuple(sorted(self._statuses())),
            priority=self.priority or "",
            source=source,
            descending=self.sort.startswith("-"),
            after_ms=_ms(after, 0),
            before_ms=_ms(self.created_before, MAX_MS),
            search=self.q or "",
            cursor=_decode_cursor(self.cursor, source) if self.cursor is not None else ("", ""),
            limit=self.limit,
        )

    def _source(self) -> str:
        """Returns the sorted set to walk."""
        source = SOURCES[self.sort.removeprefix("-")]
        times = [
            name
            for name in ("created_after", "created_before", "completed_after")
            if getattr(self, name) is not None
        ]
        if times and source != keys.ALL:
            detail = "Lists sorted by cost or duration have no time filters."
            raise _conflict(times, "beside this sort", detail)
        if "completed_after" in times and len(times) > 1:
            detail = "completed_after filters by end, created_after and created_before by creation."
            raise _conflict(["completed_after"], "beside created_*", detail)
        return keys.ENDED if times == ["completed_after"] else source

    def _indexes(self) -> Iterator[str]:
        for name in INDEXED_FIELDS:
            if value := getattr(self, name):
                yield keys.by(name, value)
        yield from (keys.by("tag", tag) for tag in self.tag)
        if self.related_type or self.related_id:
            if not (self.related_type and self.related_id):
                missing = "related_id" if self.related_type else "related_type"
                raise validation_error(parameter(missing, "is required with the other one"))
            yield keys.by("related", f"{self.related_type}/{self.related_id}")
        if self.seen:
            yield keys.by("unseen", "yes")

    def _statuses(self) -> set[str]:
        words = (STATUS_ALIASES.get(word, word) for word in self.status)
        return {str(each) for word in words for each in STATUS_GROUPS.get(word, (word,))}


def _ms(time: datetime | None, default: int) -> int:
    return int(time.timestamp() * 1000) if time else default


def encode_cursor(query: JobQuery, last: tuple[str, str]) -> str | None:
    """Returns the cursor of the next page; None after the last one."""
    if not last[1]:
        return None
    text = f"{CURSOR_MARKS[query.source]}:{last[0]}:{last[1]}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode_cursor(cursor: str, source: str) -> tuple[str, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        text = ""
    match = CURSOR.fullmatch(text)
    if match is None or match[1] != CURSOR_MARKS[source]:
        raise validation_error(parameter("cursor", "is not a next_cursor of this list"))
    return match[2], match[3]


def _conflict(names: Iterable[str], beside: str, detail: str) -> Problem:
    errors = [parameter(name, f"is not allowed {beside}") for name in names]
    return Problem("conflicting-fields", detail, errors=errors)
