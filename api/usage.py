"""What jobs have cost, from the archive: a month's bill outlives the 24 hours of Redis."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api import views
from api.answers import JSON
from api.batching import Batch
from api.operation import Answer, Parameter, operation
from archive import Archive
from archive import Usage as Line
from archive.history import GROUPS, Group
from jobs import keys
from jobs.cost import CURRENCY, dollars
from jobs.job import timestamp

FIRST: Group = "day"
BY = (FIRST, *(group for group in GROUPS if group != FIRST))
GROUP_BY = Parameter(
    "group_by", "query", "A row for each", {"type": "string", "enum": list(BY), "default": FIRST}
)
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
FROM = Parameter("from", "query", "Ended since then; the first of this month in UTC", TIME)
TO = Parameter("to", "query", "Ended before then; now", TIME)
NUMBERS = tuple(name for name in Line.__dataclass_fields__ if name != "key")


class Usage:
    """The route of reports. The archive blocks, so it is asked on a thread."""

    def __init__(self, batch: Batch, archive: Archive) -> None:
        self._batch = batch
        self._archive = archive

    @operation(
        "What jobs have cost",
        {200: Answer("A row for each group, the dearest first; days in order.", "Usage")},
        problems=("validation-error", "temporary-reduced-capacity"),
        parameters=(GROUP_BY, FROM, TO),
    )
    async def report(self, request: Request) -> Response:
        """Of jobs that have ended, deleted ones too. A job is archived about a second after its
        end; `pending` is how many are not yet.
        """
        group: Any = views.choice(request, "group_by", BY)
        now = datetime.now(UTC)
        first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        since, until = _time(request, "from", first), _time(request, "to", now)
        lines = await run_in_threadpool(self._lines, group, since, until)
        return JSON(
            {
                "group_by": group,
                "since": _told(since),
                "until": _told(until),
                "currency": CURRENCY,
                "rows": [_row(line) for line in lines],
                "total": _row(_total(lines)),
                "pending": await self._batch.execute("XLEN", keys.OUTBOX),
            }
        )

    def _lines(self, group: Group, since: datetime, until: datetime) -> Sequence[Line]:
        self._archive.prepare()
        return self._archive.history.usage(group, since, until)


def _time(request: Request, name: str, otherwise: datetime) -> datetime:
    given = request.query_params
    return views.moment(given, name, lambda at: at.astimezone(UTC)) if name in given else otherwise


def _told(moment: datetime) -> str | None:
    return timestamp(str(int(moment.timestamp() * 1000)))


def _total(lines: Sequence[Line]) -> Line:
    return Line("", *(sum(getattr(line, name) for line in lines) for name in NUMBERS))


def _row(line: Line) -> dict[str, Any]:
    """`estimate_error` is of those jobs alone that had an estimate."""
    off = line.estimated_cost_micros - line.estimate_micros
    return {
        "key": line.key or None,
        "jobs": line.jobs,
        "calls": line.calls,
        "tokens": {"input": line.input_tokens, "output": line.output_tokens},
        "cost": dollars(line.cost_micros),
        "estimate_error": off / line.estimate_micros if line.estimate_micros else None,
        "unknown_exposure": dollars(line.exposed_micros),
    }
