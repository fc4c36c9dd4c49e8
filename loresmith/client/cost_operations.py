"""The operations on estimates, model calls, budgets and usage."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from loresmith.client.job_operations import job_path
from loresmith.client.pagination import list_member
from loresmith.client.protocol import Exchange, request
from loresmith.client.retry import Sender


def estimate(
    sender: Sender,
    type: str,
    payload: Mapping[str, Any],
    *,
    team_id: str | None = None,
    on_behalf_of: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Exchange[dict[str, Any]]:
    """Estimates duration and cost (`estimate`), and says whether the job would be accepted.

    Creates nothing. Raises ProblemError for an invalid field.
    """
    fields = {
        "type": type,
        "payload": payload,
        "team_id": team_id,
        "on_behalf_of": on_behalf_of,
        "options": options,
    }
    body = {name: value for name, value in fields.items() if value is not None}
    return (yield from sender.json_object(request("POST", "/jobs/estimate", body)))


def calls(sender: Sender, job_id: str) -> Exchange[list[dict[str, Any]]]:
    """Lists the model calls of a job with tokens and cost. Raises ProblemError."""
    body = yield from sender.json_object(request("GET", job_path(job_id, "/calls")))
    return list_member(body, "calls")


def retry_plan(sender: Sender, job_id: str) -> Exchange[dict[str, Any]]:
    """Returns the steps a retry would reuse and run, and its cost. Raises ProblemError."""
    path = job_path(job_id, "/retry?dry_run=true")
    return (yield from sender.json_object(request("POST", path)))


def budgets(sender: Sender) -> Exchange[list[dict[str, Any]]]:
    """Lists all budgets with their current state; amounts are in dollars."""
    return list_member((yield from sender.json_object(request("GET", "/budgets"))), "budgets")


def set_budget(sender: Sender, scope: str, id: str, /, **terms: Any) -> Exchange[dict[str, Any]]:
    """Creates or changes a budget; the terms are those of `PUT /budgets`, for example limit=10,
    window="month". The id of the global budget is "all". Raises ProblemError.
    """
    return (yield from sender.json_object(request("PUT", _budget_path(scope, id), terms)))


def delete_budget(sender: Sender, scope: str, id: str) -> Exchange[None]:
    """Deletes a budget. Raises ProblemError (`budget-not-found`)."""
    return sender.delete(_budget_path(scope, id))


def usage(sender: Sender, /, group_by: str = "day", **period: str) -> Exchange[dict[str, Any]]:
    """Reports the cost of finished jobs by user, team, type, model, session or day.

    `period` is `from` and `to` in RFC 3339, this month by default. Raises ProblemError.
    """
    query = urlencode({"group_by": group_by} | period)
    return (yield from sender.json_object(request("GET", f"/usage?{query}")))


def _budget_path(scope: str, id: str) -> str:
    return f"/budgets/{quote(scope, safe='')}/{quote(id, safe='')}"
