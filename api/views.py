"""A job as an answer: its body, its version, and when to ask again."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from pydantic import AwareDatetime, TypeAdapter
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from api.answers import JSON
from api.problems import Problem, echo, invalid, parameter
from api.shape import WHOLE, Shape
from jobs.job import Record, is_active, public

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
POLL_S = 3
SOON_S = 1
LONG_S = 15
AHEAD = 50
"""Jobs before one in the queue for which a client looks a second later."""
NEARLY_DONE = 70
"""Per cent from which a client is told to look again soon."""

T = TypeVar("T")
_moment = TypeAdapter(AwareDatetime)


def job_id(request: Request) -> str:
    """The id in the path, in its one spelling. Raises Problem for one that no job can have."""
    given: str = request.path_params["id"]
    if not UUID.fullmatch(given.lower()):
        raise missing(given)
    return given.lower()


def missing(given: str) -> Problem:
    """The problem of an id without a job."""
    return Problem("job-not-found", f"There is no job {echo(given)}; it never was, or has expired.")


def job(
    record: Record,
    status: int = 200,
    *,
    reused: bool = False,
    shape: Shape = WHOLE,
    waited: int | None = None,
    **headers: str,
) -> Response:
    """The job as an answer; `waited`: the seconds that a client wanted to wait for it. `headers`
    are spelled with underscores.
    """
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if waited is not None:
        sent["Preference-Applied"] = f"wait={waited}"
    if is_active(record):
        sent.setdefault("Retry-After", str(poll_s(record)))
    shown = shape.of(public(record, reused=reused), record)
    return JSON(shown, status, sent | {"ETag": etag(record, shape)})


def accepted(record: Record) -> Response:
    """The answer to a request that set a job going."""
    return job(record, 202, Location=f"/jobs/{record['id']}", Retry_After=str(POLL_S))


def etag(record: Record, shape: Shape = WHOLE) -> str:
    """Changes with every change of the job; another shape has another one."""
    corrected = f".{record['corrected']}" if "corrected" in record else ""
    return f'"{record["version"]}{corrected}{shape.mark}"'


def unchanged(request: Request, record: Record, shape: Shape = WHOLE) -> bool:
    """Whether the client has this version already (If-None-Match)."""
    return "*" in known_tags(request) or etag(record, shape) in known_tags(request)


def known_tags(request: Request) -> set[str]:
    """The ETags that the client has."""
    given = request.headers.get("if-none-match", "")
    return {tag.strip().removeprefix("W/") for tag in given.split(",") if tag.strip()}


def poll_s(record: Record) -> int:
    """Seconds after which it is worth to look again: soon near the end, late deep in the queue."""
    if (place := int(record.get("waiting_position", 0))) > AHEAD:
        return min(LONG_S, POLL_S + place // AHEAD)
    return SOON_S if int(record["progress"]) >= NEARLY_DONE else POLL_S


def choice(request: Request, name: str, allowed: tuple[str, ...]) -> str:
    """A query parameter that is one of a few words; the first of them when absent."""
    given = request.query_params.get(name, allowed[0])
    if given not in allowed:
        raise invalid(parameter(name, f"must be one of {', '.join(allowed)}, not {echo(given)!r}"))
    return given


def moment(given: QueryParams, name: str, read: Callable[[datetime], T]) -> T:
    """What `read` makes of a query parameter that is a time. Raises Problem."""
    try:
        return read(_moment.validate_python(given[name]))
    except (ValueError, OverflowError):
        wrong = "must be a time like 2026-11-23T10:00:00Z (in a URL, + is %2B)"
        raise invalid(parameter(name, wrong)) from None


def with_job(code: str, detail: str, record: Record, **more: Any) -> Problem:
    """A problem that shows the job as it is."""
    headers = {"Retry-After": str(poll_s(record))} if is_active(record) else {}
    return Problem(code, detail, headers=headers, job=public(record), **more)
