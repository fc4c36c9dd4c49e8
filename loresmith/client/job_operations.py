"""The operations on jobs.

Rules (docs/client.md): a submit has an idempotency key before it is sent, and every retry of it
uses the same key. A network error is never a failure of a job.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from loresmith.client.errors import ProblemError, ServerUnreachable, StillRunning
from loresmith.client.models import Job, JobList
from loresmith.client.pagination import collect
from loresmith.client.protocol import (
    Exchange,
    Pause,
    json_body,
    key_header,
    parse,
    request,
    to_problem,
)
from loresmith.client.retry import BACKOFF_S, Sender


def new_key() -> str:
    """Returns an idempotency key for one submit; reuse it when that submit is repeated."""
    return str(uuid.uuid4())


def submit(
    sender: Sender,
    type: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    session_id: str | None = None,
    tags: Sequence[str] | None = None,
    team_id: str | None = None,
    on_behalf_of: Mapping[str, str] | None = None,
    retention: str | float | None = None,
    store: bool | None = None,
    options: Mapping[str, Any] | None = None,
) -> Exchange[Job]:
    """Creates a job, which runs in the background.

    `key` is the idempotency key: the same key with the same request returns the same job. Without
    one a new key is made. `on_behalf_of` names the owner, `user_id` and perhaps `team_id`, where
    the credential acts for others. `retention` says how long the ended job is kept, for example
    "7d"; with `store=False` its result can be read once. `options` are model, timeout_s,
    start_deadline_s and others of `POST /jobs`. Raises ProblemError, for example for an invalid
    field, and ServerUnreachable; both carry the key.
    """
    key = key or new_key()
    data = {"retention": retention, "store": store}
    chosen = {name: value for name, value in data.items() if value is not None}
    options = {**(options or {}), **chosen} if chosen else options
    fields = {
        "type": type,
        "payload": payload,
        "session_id": session_id,
        "tags": tags,
        "team_id": team_id,
        "on_behalf_of": on_behalf_of,
        "options": options,
    }
    body = {name: value for name, value in fields.items() if value is not None}
    headers = {"idempotency-key": key_header(key)}
    try:
        return (yield from sender.job(request("POST", "/jobs", body, headers)))
    except (ServerUnreachable, ProblemError) as error:
        error.key = key
        raise


def get(sender: Sender, job_id: str) -> Exchange[Job]:
    """Returns the job. Raises ProblemError (`job-not-found`)."""
    return (yield from sender.job(request("GET", job_path(job_id))))


def result(sender: Sender, job_id: str) -> Exchange[Any]:
    """Returns the result of a completed job. Raises ProblemError: `not-finished`, `no-result`."""
    return (yield from sender.json(request("GET", job_path(job_id, "/result"))))


def cancel(sender: Sender, job_id: str, *, reason: str = "") -> Exchange[Job]:
    """Cancels a job: no further model call starts, and its output so far is saved.

    The job may stay `cancelling` for a moment. Raises ProblemError (`already-terminal`).
    """
    body = {"reason": reason} if reason else None
    return (yield from sender.job(request("POST", job_path(job_id, "/cancel"), body)))


def retry(
    sender: Sender,
    job_id: str,
    *,
    expected_attempt: int | None = None,
    accept_duplicate_charge: bool = False,
) -> Exchange[Job]:
    """Runs a failed or cancelled job again; finished steps are reused, not paid again.

    `expected_attempt` is the attempt the caller saw, so that two callers start one retry. Raises
    ProblemError, for example `duplicate-charge-possible`, which `accept_duplicate_charge` allows.
    """
    if expected_attempt is None:
        expected_attempt = (yield from get(sender, job_id)).attempt
    body = {
        "expected_attempt": expected_attempt,
        "accept_duplicate_charge": accept_duplicate_charge,
    }
    response = yield from sender.send(request("POST", job_path(job_id, "/retry"), body))
    if response.resent and response.status == 409:
        refused = to_problem(response)
        if refused.code == "stale-attempt" and refused.job:
            return refused.job  # our first request succeeded, its response was lost
    return parse(Job, json_body(response))


def delete(sender: Sender, job_id: str, *, cancel: bool = False) -> Exchange[None]:
    """Deletes a finished job, its payload and result.

    `cancel` cancels an unfinished job first and waits until it ends. Raises ProblemError.
    """
    until = sender.clock() + sender.retry_timeout_s
    path = job_path(job_id, "?cancel=true" if cancel else "")
    while True:
        response = yield from sender.send(request("DELETE", path))
        if response.status == 204 or (response.status == 404 and response.resent):
            return
        job = parse(Job, json_body(response))
        if sender.clock() >= until:
            raise StillRunning(job)
        yield Pause(min(BACKOFF_S, sender.poll_interval_s or BACKOFF_S))


def jobs(
    sender: Sender, /, *, limit: int = 50, **filters: str | Sequence[str]
) -> Exchange[JobList]:
    """Lists at most `limit` jobs, newest first; the filters are those of `GET /jobs`, for example
    status="active" or tag=["draft", "sea"]. Raises ProblemError for an invalid one.
    """
    items, last_page = yield from collect(sender, "/jobs", "jobs", filters, limit)
    return JobList([parse(Job, each) for each in items], last_page.get("counts"))


def seen(sender: Sender, job_id: str) -> Exchange[None]:
    """Marks a finished job as seen. Raises ProblemError."""
    response = yield from sender.send(request("POST", job_path(job_id, "/seen")))
    if response.status >= 400:
        raise to_problem(response)


def stats(sender: Sender) -> Exchange[dict[str, Any]]:
    """Returns counts, times and costs of the jobs that have not expired."""
    return (yield from sender.json_object(request("GET", "/jobs/stats")))


def cleanup(
    sender: Sender,
    *,
    older_than: str | float = "24h",
    status: Sequence[str] = (),
    dry_run: bool = False,
) -> Exchange[dict[str, Any]]:
    """Deletes jobs that ended longer ago than `older_than`: seconds, or a text like "90m" or "7d".

    `status` selects jobs by how they ended; `dry_run` only counts. Raises ProblemError.
    """
    body = {"older_than": older_than, "status": list(status), "dry_run": dry_run}
    return (yield from sender.json_object(request("POST", "/jobs/cleanup", body)))


def job_path(job_id: str, rest: str = "") -> str:
    """Returns the path of a job's resource."""
    return f"/jobs/{quote(job_id, safe='')}{rest}"
