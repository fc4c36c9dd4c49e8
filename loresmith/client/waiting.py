"""Waits for the end of a job: by its event stream, by polling where there is none."""

from collections.abc import Callable
from typing import Final

from loresmith.client.errors import JobCancelled, JobFailed, LoresmithError, StillRunning
from loresmith.client.job_operations import job_path
from loresmith.client.job_stream import JobStream
from loresmith.client.models import Job
from loresmith.client.protocol import (
    Exchange,
    HttpRequest,
    HttpResponse,
    Pause,
    ReadEvent,
    StreamEvent,
    json_body,
    parse,
    request,
    retry_after,
    to_problem,
)
from loresmith.client.retry import Sender

POLL_INTERVAL_S: Final = 3.0
PREFER: Final = "wait=8"
"""Lets the server respond at the next change; shorter than a request may be silent."""
LONG_POLL_PAUSE_S: Final = 0.1
SILENCE_TIMEOUT_S: Final = 20.0
"""A stream has a heartbeat every 15 s."""


def wait(
    sender: Sender,
    job_id: str,
    *,
    timeout: float | None = None,
    on_update: Callable[[Job], None] | None = None,
) -> Exchange[Job]:
    """Waits until the job is completed, and returns it. Never cancels the job.

    `on_update` is called with each change; `partial_result` then has the whole text and all
    entities so far, also after a reconnect. `timeout` is in seconds. Without one the wait lasts as
    long as the job; once the job was found, an unreachable server does not end it. Raises
    JobFailed, JobCancelled, StillRunning at the timeout, and ProblemError for an unknown job.
    """
    deadline = float("inf") if timeout is None else sender.clock() + timeout
    job: Job | None = None
    headers: dict[str, str] = {}
    while True:
        poll = request("GET", job_path(job_id, "?include=partial"), headers=headers)
        response = yield from _poll(sender, poll, job, deadline)
        if response.status != 304:
            polled = parse(Job, json_body(response))
            if job is None or polled.version > job.version:
                job = polled
                if on_update:
                    on_update(job)
            headers = {"if-none-match": response.headers.get("etag", ""), "prefer": PREFER}
        if job is None:
            raise to_problem(response)
        if job.ended:
            return _completed(job)
        followed = yield from _follow(sender, job, deadline, on_update)
        if followed is None:
            yield from _pause(sender, response, job, deadline)
        else:
            job, headers = followed, {}


def _poll(
    sender: Sender, poll: HttpRequest, job: Job | None, deadline: float
) -> Exchange[HttpResponse]:
    """Retries until the deadline once the job was found, else until the retry timeout."""
    until = deadline if job else min(deadline, sender.clock() + sender.retry_timeout_s)
    try:
        return (yield from sender.send(poll, until))
    except LoresmithError:
        if job is None:
            raise
        raise StillRunning(job) from None


def _follow(
    sender: Sender, job: Job, deadline: float, on_update: Callable[[Job], None] | None
) -> Exchange[Job | None]:
    """Applies events until the stream ends; returns the job, or None when there was no stream."""
    stream, connected = JobStream(job), False
    while sender.streams and (left := deadline - sender.clock()) > 0:
        path = job_path(job.id, "/events")
        event = yield ReadEvent(path, min(left, SILENCE_TIMEOUT_S))
        if not isinstance(event, StreamEvent):
            break
        connected = True
        if event.data and event.data.get("type") == "done":
            break
        if event.data and stream.apply(event.data) and on_update:
            on_update(stream.job)
    return stream.job if connected else None


def _pause(sender: Sender, response: HttpResponse, job: Job, deadline: float) -> Exchange[None]:
    """Pauses before the next poll. Raises StillRunning at the deadline."""
    left = deadline - sender.clock()
    if left <= 0:
        raise StillRunning(job)
    if "preference-applied" in response.headers:
        interval_s: float | None = LONG_POLL_PAUSE_S
    elif sender.poll_interval_s is not None:
        interval_s = sender.poll_interval_s
    else:
        interval_s = retry_after(response, sender.now())
    yield Pause(min(POLL_INTERVAL_S if interval_s is None else interval_s, left))


def _completed(job: Job) -> Job:
    if job.completed:
        return job
    raise JobFailed(job) if job.status == "failed" else JobCancelled(job)
