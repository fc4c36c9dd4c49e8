"""The operations on the queue, limits and workers, which need the key of an admin."""

from typing import Any
from urllib.parse import quote

from loresmith.client.pagination import list_member
from loresmith.client.protocol import Exchange, request
from loresmith.client.retry import Sender


def queue(sender: Sender) -> Exchange[dict[str, Any]]:
    """Returns what waits, what holds it back, the workers, and how many of them are wanted."""
    return (yield from sender.json_object(request("GET", "/queue")))


def pause_queue(
    sender: Sender, scope: str, name: str | None = None, *, reason: str = ""
) -> Exchange[list[dict[str, Any]]]:
    """Lets jobs wait: "all", or those of a "pool", a "type" or an "owner" ("team:sea"). Running
    jobs go on. Returns all that is paused. Raises ProblemError.
    """
    body = {"scope": scope, "name": name, "reason": reason}
    reply = yield from sender.json_object(request("POST", "/queue/pause", body))
    return list_member(reply, "paused")


def resume_queue(
    sender: Sender, scope: str, name: str | None = None
) -> Exchange[list[dict[str, Any]]]:
    """Ends a pause, and returns all that is still paused. Raises ProblemError."""
    body = {"scope": scope, "name": name}
    reply = yield from sender.json_object(request("POST", "/queue/resume", body))
    return list_member(reply, "paused")


def limits(sender: Sender) -> Exchange[dict[str, Any]]:
    """Returns the rate limits of all `pools`, and the limits of `owners` that have some."""
    return (yield from sender.json_object(request("GET", "/limits")))


def set_pool_limits(sender: Sender, pool: str, /, **terms: int | None) -> Exchange[dict[str, Any]]:
    """Replaces the limits that were set for a pool: requests_per_minute, tokens_per_minute,
    concurrency. Raises ProblemError.
    """
    return (yield from sender.json_object(request("PUT", _pool_path(pool), terms)))


def delete_pool_limits(sender: Sender, pool: str) -> Exchange[None]:
    """Removes the limits that were set for a pool. Raises ProblemError (`limits-not-found`)."""
    return sender.delete(_pool_path(pool))


def set_owner_limits(
    sender: Sender, owner: str, /, **terms: float | None
) -> Exchange[dict[str, Any]]:
    """Replaces the limits of an owner, "team:sea" or "user:mira": weight, concurrency. Raises
    ProblemError.
    """
    return (yield from sender.json_object(request("PUT", _owner_path(owner), terms)))


def delete_owner_limits(sender: Sender, owner: str) -> Exchange[None]:
    """Removes the limits of an owner. Raises ProblemError (`limits-not-found`)."""
    return sender.delete(_owner_path(owner))


def workers(sender: Sender) -> Exchange[list[dict[str, Any]]]:
    """Lists the live workers, each with the jobs that it runs."""
    return list_member((yield from sender.json_object(request("GET", "/workers"))), "workers")


def drain_worker(sender: Sender, name: str) -> Exchange[dict[str, Any]]:
    """Asks a worker to finish its jobs and stop. Raises ProblemError (`worker-not-found`)."""
    path = f"/workers/{quote(name, safe='')}/drain"
    return (yield from sender.json_object(request("POST", path)))


def _pool_path(pool: str) -> str:
    return f"/limits/pools/{quote(pool, safe='')}"


def _owner_path(owner: str) -> str:
    scope, _, id = owner.partition(":")
    return f"/limits/owners/{quote(scope, safe='')}/{quote(id, safe='')}"
