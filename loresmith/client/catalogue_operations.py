"""The operations on job types and saved worlds."""

from typing import Any
from urllib.parse import quote

from loresmith.client.models import JobTypeInfo
from loresmith.client.pagination import collect, list_member
from loresmith.client.protocol import Exchange, parse, request
from loresmith.client.retry import Sender


def types(sender: Sender) -> Exchange[list[JobTypeInfo]]:
    """Lists the job types of the server."""
    body = yield from sender.json_object(request("GET", "/job-types"))
    return [parse(JobTypeInfo, each) for each in list_member(body, "job_types")]


def world(sender: Sender, world_id: str) -> Exchange[dict[str, Any]]:
    """Returns a saved world with its `content`. Raises ProblemError (`world-not-found`)."""
    return (yield from sender.json_object(request("GET", f"/worlds/{quote(world_id, safe='')}")))


def worlds(
    sender: Sender, user_id: str | None = None, *, limit: int = 50
) -> Exchange[list[dict[str, Any]]]:
    """Lists at most `limit` saved worlds of a user, by default your own, without their content,
    newest first.
    """
    filters = {} if user_id is None else {"user_id": user_id}
    items, _ = yield from collect(sender, "/worlds", "worlds", filters, limit)
    return items
