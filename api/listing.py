"""From the query string of `GET /jobs` to a Query; each mistake names its parameter."""

import base64
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from starlette.datastructures import QueryParams

from api import views
from api.operation import Parameter
from api.problems import Problem, echo, invalid, parameter
from api.query import LAST_MS, Query
from jobs import keys
from jobs.kinds import KINDS
from jobs.states import ACTIVE, TERMINAL, Status

MOST = 100
LONGEST = 200
DEAD = "dead"
"""Another word for failed: nothing tries these again by itself."""
GROUPS = {"active": ACTIVE, "terminal": TERMINAL, DEAD: frozenset({Status.FAILED})}
REPEATED = ("status", "tag")
BESIDE_A_KEY = ("idempotency_key", "include")
"""What may be asked for beside a key, which names one job already."""
SORTS = ("-created_at", "created_at", "-cost", "cost", "-duration", "duration")
SOURCES = {"created_at": keys.ALL, "cost": keys.COST, "duration": keys.LASTED}
MARKS = {keys.ALL: "c", keys.ENDED: "e", keys.COST: "m", keys.LASTED: "d"}
"""How a cursor says which list it is of."""
FIELDS = ("type", "model", "session_id", "user_id", "team_id", "batch_key", "tag")
"""Parameters that are indexes of the same name."""
TIMES = ("created_after", "created_before", "completed_after")
KNOWN = frozenset(
    (*FIELDS, *TIMES, "status", "related_type", "related_id", "seen", "q", "sort", "limit",
     "cursor", "include", "idempotency_key")
)  # fmt: skip
INCLUDED = ("result", "payload")
CURSOR = re.compile(r"([cemd]):(\d{1,16}):([0-9a-f-]{36})")

T = TypeVar("T")


def _text(name: str, words: str, **schema: Any) -> Parameter:
    return Parameter(name, "query", words, {"type": "string", **schema})


PARAMETERS = (
    _text("status", "Repeatable, or with commas: a status, or `active`, `terminal`, `dead`"),
    _text("type", "The job type", enum=list(KINDS)),
    _text("model", "The model that was asked for"),
    _text("session_id", "The client's own name for what belongs together"),
    _text("user_id", "The `user_id` of the payload"),
    _text("team_id", "The team that it was created for"),
    _text("batch_key", "What jobs were created together with"),
    _text("tag", "One of the job's tags; repeatable, then all of them"),
    _text("related_type", "With `related_id`: what the job is about"),
    _text("related_id", "With `related_type`"),
    _text("created_after", "RFC 3339, with an offset", format="date-time"),
    _text("created_before", "RFC 3339, with an offset", format="date-time"),
    _text("completed_after", "Ended since then, by the time of the end", format="date-time"),
    _text("seen", "`false`: ended, and nobody has looked", enum=["false"]),
    _text("q", "The beginning of an id, or words in payload, message or error (its code, too)"),
    _text("sort", "`cost`, `duration`: of ended jobs only", enum=list(SORTS), default=SORTS[0]),
    _text("idempotency_key", "The key that a job was made with"),
    _text("include", "With commas: `result`, `payload`; lists leave them out"),
    Parameter(
        "limit", "query", "How many", {"type": "integer", "minimum": 1, "maximum": MOST}
    ),
    _text("cursor", "`next_cursor` of the page before"),
)  # fmt: skip


def query_of(given: QueryParams) -> Query:
    """The checked question. Raises Problem."""
    unknown = [name for name in given if name not in KNOWN]
    if unknown:
        raise invalid(*(parameter(name, f"is no filter; there are {_all()}") for name in unknown))
    if twice := [name for name in given if len(given.getlist(name)) > 1 and name not in REPEATED]:
        raise invalid(*(parameter(name, "is taken once") for name in twice))
    if "idempotency_key" in given and (more := sorted(set(given) - set(BESIDE_A_KEY))):
        told = "idempotency_key names one job; send it without other filters."
        raise _conflict(more, "beside idempotency_key", told)
    source, falling = _order(given)
    return Query(
        indexes=tuple(_indexes(given)),
        statuses=tuple(sorted(_statuses(given))),
        source=source,
        falling=falling,
        after_ms=_ms(given, "completed_after" if source == keys.ENDED else "created_after", 0),
        before_ms=_ms(given, "created_before", LAST_MS),
        words=_short(given, "q"),
        cursor=_cursor(given, MARKS[source]),
        limit=_limit(given),
    )


def next_cursor(query: Query, last: tuple[str, str]) -> str | None:
    """What a client sends to go on; None when there is no more."""
    if not last[1]:
        return None
    told = f"{MARKS[query.source]}:{last[0]}:{last[1]}"
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def included(given: QueryParams) -> set[str]:
    """The heavy fields that are wanted. Raises Problem."""
    wanted = {name for name in given.get("include", "").split(",") if name}
    if unknown := wanted - set(INCLUDED):
        raise invalid(
            parameter("include", f"must be of {', '.join(INCLUDED)}, not {echo(min(unknown))}")
        )
    return wanted


def _order(given: QueryParams) -> tuple[str, bool]:
    """What is walked, and whether from its highest score on."""
    sort = _one_of(given, "sort", SORTS)
    source = SOURCES[sort.removeprefix("-")]
    times = [name for name in TIMES if name in given]
    if times and source != keys.ALL:
        raise _conflict(times, "beside this sort", "A sort by cost or duration has no times.")
    if "completed_after" in times and len(times) > 1:
        told = "completed_after goes by the end of jobs, the other times by their creation."
        raise _conflict(["completed_after"], "beside created_*", told)
    return (keys.ENDED if times == ["completed_after"] else source), sort.startswith("-")


def _conflict(names: Iterable[str], beside: str, detail: str) -> Problem:
    errors = [parameter(name, f"is not taken {beside}") for name in names]
    return Problem("conflicting-fields", detail, errors=errors)


def _indexes(given: QueryParams) -> Iterable[str]:
    for field in FIELDS:
        for value in given.getlist(field):
            if field == "type" and value not in KINDS:
                raise invalid(parameter(field, f"must be one of {', '.join(KINDS)}"))
            yield keys.by(field, _bounded(field, value))
    related = [_short(given, name) for name in ("related_type", "related_id")]
    if any(related):
        if not all(related):
            missing = "related_id" if related[0] else "related_type"
            raise invalid(parameter(missing, "is required beside the other one"))
        yield keys.by("related", "/".join(related))
    if "seen" in given:
        _one_of(given, "seen", ("false",))
        yield keys.by("unseen", "yes")


def _statuses(given: QueryParams) -> set[str]:
    words = [word.strip() for told in given.getlist("status") for word in told.split(",")]
    allowed = [*Status, *GROUPS]
    for word in words:
        if word not in allowed:
            told = f"must be one of {', '.join(allowed)}, not {echo(word)!r}"
            raise invalid(parameter("status", told))
    return {str(each) for word in words for each in GROUPS.get(word, (word,))}


def _short(given: QueryParams, name: str) -> str:
    return _bounded(name, given[name]) if name in given else ""


def _bounded(name: str, value: str) -> str:
    if not 1 <= len(value) <= LONGEST:
        raise invalid(parameter(name, f"must have 1 to {LONGEST} characters"))
    return value


def _one_of(given: QueryParams, name: str, allowed: tuple[str, ...]) -> str:
    value = given.get(name, allowed[0])
    if value not in allowed:
        raise invalid(parameter(name, f"must be one of {', '.join(allowed)}, not {echo(value)!r}"))
    return value


def _ms(given: QueryParams, name: str, otherwise: int) -> int:
    if name not in given:
        return otherwise
    return views.moment(given, name, lambda at: int(at.timestamp() * 1000))


def _limit(given: QueryParams) -> int:
    limit = _checked("limit", f"must be 1 to {MOST}", lambda: int(given.get("limit", "50")))
    if not 1 <= limit <= MOST:
        raise invalid(parameter("limit", f"must be 1 to {MOST}"))
    return limit


def _cursor(given: QueryParams, sort: str) -> tuple[str, str]:
    if "cursor" not in given:
        return "", ""
    wrong = "is not a next_cursor of this list"
    coded = given["cursor"]
    told = _checked(
        "cursor", wrong, lambda: base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
    )
    match = CURSOR.fullmatch(told)
    if match is None or match[1] != sort:
        raise invalid(parameter("cursor", wrong))
    return match[2], match[3]


def _checked(name: str, wrong: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError:
        raise invalid(parameter(name, wrong)) from None


def _all() -> str:
    return ", ".join(sorted(KNOWN))
