"""The operations of admins on data: who did what, and the erasure of a user."""

from typing import Any
from urllib.parse import quote, urlencode

from loresmith.client.pagination import collect
from loresmith.client.protocol import Exchange, request, to_problem
from loresmith.client.retry import Sender


def audit(sender: Sender, /, *, limit: int = 100, **filters: str) -> Exchange[list[dict[str, Any]]]:
    """Lists at most `limit` records of the audit, the newest first. The filters are those of
    `GET /audit`: actor, action, object, from, to. Raises ProblemError.
    """
    records, _ = yield from collect(sender, "/audit", "records", filters, limit)
    return records


def audit_csv(sender: Sender, /, **filters: str) -> Exchange[str]:
    """Returns all matching records of the audit as CSV. Raises ProblemError."""
    query = urlencode(filters | {"format": "csv"})
    response = yield from sender.send(request("GET", f"/audit?{query}"))
    if response.status >= 400:
        raise to_problem(response)
    return response.body.decode()


def check_audit(sender: Sender) -> Exchange[dict[str, Any]]:
    """Compares all rows of the audit with their hashes: `intact`, `rows`, `broken_at`."""
    return (yield from sender.json_object(request("GET", "/audit/check")))


def erase_user(sender: Sender, user_id: str, *, cancel: bool = False) -> Exchange[dict[str, Any]]:
    """Erases a page of a user's jobs, and the rest of his content. Call it again while jobs are
    `remaining`. `cancel` ends unfinished jobs first. Raises ProblemError (`not-finished`).
    """
    query = "?cancel=true" if cancel else ""
    path = f"/users/{quote(user_id, safe='')}/data{query}"
    return (yield from sender.json_object(request("DELETE", path)))
