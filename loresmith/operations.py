"""What a client can ask of the server: every operation once, for both clients.

The rules (docs/client.md): a key is made before a job is asked for, and an answer that was lost is
asked for again with the same key; trouble on the network is never a failure of a job; the server
says when to come back; leaving is not cancelling.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from loresmith.errors import (
    JobCancelled,
    JobFailed,
    LoresmithError,
    ProblemError,
    ServerUnreachable,
    StillRunning,
)
from loresmith.following import Following
from loresmith.job import Job, JobList, JobType
from loresmith.money import Money
from loresmith.patience import BACKOFF_S
from loresmith.wire import (
    Ask,
    Heard,
    Listen,
    Pause,
    Reply,
    Talk,
    ask,
    content,
    problem,
    quoted,
    retry_after,
)

POLL_S: Final = 3.0
"""Seconds between two looks at a job when neither the server nor the caller says."""
PREFER: Final = "wait=8"
"""A look asks the server to answer when there is news; less than a request may be silent."""
SILENCE_S: Final = 20.0
"""A stream gives a sign of life every 15 s."""
BREATH_S: Final = 0.1
"""Between two looks where the server has waited for us."""
FOREVER: Final = float("inf")
PAGE: Final = 100


def new_key() -> str:
    """An idempotency key for one intent: keep it until that intent has its answer."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Operations(Money):
    """The operations as conversations, held with patience."""

    poll_s: float | None = None
    """Seconds between two looks at a job; None leaves it to the server."""
    streams: bool = False
    """Whether a job that is waited for is followed by its stream, and looked at only where there is
    none.
    """

    def submit(
        self,
        type: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        session_id: str | None = None,
        team_id: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Talk[Job]:
        """Has a job made, and returns at once: it runs in the background.

        `key` is the idempotency key; the same key and the same request are the same job, however
        often they are sent. Without one a new key is made, under which lost answers are asked for
        again. `options` are model, timeout_s and start_within_s. Raises ProblemError, for example
        when a field does not fit, and ServerUnreachable; both carry the key.
        """
        key = key or new_key()
        body = {"type": type, "payload": payload, "session_id": session_id, "options": options}
        body["team_id"] = team_id
        given = {name: value for name, value in body.items() if value is not None}
        try:
            return (yield from self._job(ask("POST", "/jobs", given, idempotency_key=quoted(key))))
        except (ServerUnreachable, ProblemError) as error:
            error.key = key
            raise

    def get(self, job_id: str) -> Talk[Job]:
        """The job as it is now. Raises ProblemError when there is none (`job-not-found`)."""
        return (yield from self._job(ask("GET", _path(job_id))))

    def wait(
        self,
        job_id: str,
        *,
        timeout: float | None = None,
        on_update: Callable[[Job], None] | None = None,
    ) -> Talk[Job]:
        """The job once it is completed. Leaving the wait never cancels the job.

        `on_update` is called with every change that is seen; `partial_result` has the text and the
        entities so far, whole each time, so that nothing is missing after a break. `timeout` is in
        seconds; without one the wait is as long as the job, also while the server is away, once it
        has been seen. Raises
        JobFailed, JobCancelled, StillRunning at the timeout, and ProblemError when there is no job.
        """
        deadline = FOREVER if timeout is None else self.clock() + timeout
        seen: Job | None = None
        known: dict[str, str] = {}
        while True:
            look = ask("GET", f"{_path(job_id)}?include=partial", **known)
            reply = yield from self._look(look, seen, deadline)
            if reply.status != 304:
                job = Job.read(content(reply))
                if seen is None or job.version > seen.version:
                    seen = job
                    if on_update:
                        on_update(job)
                known = {"if_none_match": reply.headers.get("etag", ""), "prefer": PREFER}
            if seen is None:
                raise problem(reply)
            if seen.ended:
                return _finished(seen)
            followed = yield from self._follow(seen, deadline, on_update)
            if followed is None:
                yield from self._until_next_look(reply, seen, deadline)
            else:
                seen, known = followed, {}

    def result(self, job_id: str) -> Talk[Any]:
        """The result of a completed job. Raises ProblemError: `not-finished`, `no-result`."""
        return content((yield from self._send(ask("GET", _path(job_id) + "/result"))))

    def cancel(self, job_id: str, *, reason: str = "") -> Talk[Job]:
        """Stops a job: after this no model call of it starts, and what there is stays.

        The job may be `cancelling` for a moment yet. Raises ProblemError (`already-terminal`).
        """
        body = {"reason": reason} if reason else None
        return (yield from self._job(ask("POST", _path(job_id) + "/cancel", body)))

    def retry(
        self,
        job_id: str,
        *,
        expected_attempt: int | None = None,
        accept_duplicate_charge: bool = False,
    ) -> Talk[Job]:
        """Runs a failed or cancelled job again; steps that were finished are not bought again.

        `expected_attempt` is the attempt the caller saw, so that two people retry it once. Raises
        ProblemError, for example `may-pay-again`, which `accept_duplicate_charge` answers.
        """
        if expected_attempt is None:
            expected_attempt = (yield from self.get(job_id)).attempt
        body = {
            "expected_attempt": expected_attempt,
            "accept_duplicate_charge": accept_duplicate_charge,
        }
        answered = yield from self.answered(ask("POST", _path(job_id) + "/retry", body))
        if answered.resent and answered.reply.status == 409:
            refused = problem(answered.reply)
            if refused.code == "stale-attempt" and refused.job:
                return refused.job  # the lost answer was a yes
        return Job.read(content(answered.reply))

    def delete(self, job_id: str, *, cancel: bool = False) -> Talk[None]:
        """Erases a job that has ended, its payload and its result.

        `cancel` stops it first if it has not ended, and waits until it has. Raises ProblemError.
        """
        until = self.clock() + self.patience_s
        erase = ask("DELETE", _path(job_id) + ("?cancel=true" if cancel else ""))
        while True:
            answered = yield from self.answered(erase)
            reply = answered.reply
            if reply.status == 204 or (reply.status == 404 and answered.resent):
                return
            job = Job.read(content(reply))
            if self.clock() >= until:
                raise StillRunning(job)
            yield Pause(min(BACKOFF_S, self.poll_s or BACKOFF_S))

    def types(self) -> Talk[list[JobType]]:
        """The job types that the server knows."""
        body = content((yield from self._send(ask("GET", "/job-types"))))
        return [JobType.read(one) for one in _member(body, "job_types")]

    def jobs(self, /, *, limit: int = 50, **filters: str | Sequence[str]) -> Talk[JobList]:
        """Jobs, the newest first, at most `limit`; the filters are those of GET /jobs, for example
        status="active" or tag=["draft", "sea"]. Raises ProblemError that names a wrong one.
        """
        found: list[Job] = []
        query: dict[str, Any] = dict(filters)
        while True:
            page = query | {"limit": str(min(PAGE, limit - len(found)))}
            path = f"/jobs?{urlencode(page, doseq=True)}"
            body = content((yield from self._send(ask("GET", path))))
            found += [Job.read(one) for one in _member(body, "jobs")]
            query["cursor"] = body.get("next_cursor")
            if len(found) >= limit or not query["cursor"]:
                return JobList(found, body.get("counts"))

    def seen(self, job_id: str) -> Talk[None]:
        """Says that the end of a job was looked at."""
        yield from self._send(ask("POST", _path(job_id) + "/seen"))

    def world(self, world_id: str) -> Talk[dict[str, Any]]:
        """A saved world, whole, under `content`. Raises ProblemError (`world-not-found`)."""
        path = f"/worlds/{quote(world_id, safe='')}"
        return dict(content((yield from self._send(ask("GET", path)))))

    def worlds(self, user_id: str, *, limit: int = 50) -> Talk[list[dict[str, Any]]]:
        """The saved worlds of a user without their content, newest first, at most `limit`."""
        found: list[dict[str, Any]] = []
        query = {"user_id": user_id}
        while True:
            page = {"limit": str(min(PAGE, limit - len(found)))}
            body = content(
                (yield from self._send(ask("GET", f"/worlds?{urlencode(query | page)}")))
            )
            found += _member(body, "worlds")
            query["cursor"] = body.get("next_cursor")
            if len(found) >= limit or not query["cursor"]:
                return found

    def _job(self, request: Ask) -> Talk[Job]:
        return Job.read(content((yield from self._send(request))))

    def _send(self, request: Ask) -> Talk[Reply]:
        return (yield from self.answered(request)).reply

    def _look(self, look: Ask, seen: Job | None, deadline: float) -> Talk[Reply]:
        """An answer about a job. One that was seen is not given up before the deadline."""
        until = deadline if seen else min(deadline, self.clock() + self.patience_s)
        try:
            return (yield from self.answered(look, until)).reply
        except LoresmithError:
            if seen is None:
                raise
            raise StillRunning(seen) from None

    def _follow(
        self, job: Job, deadline: float, on_update: Callable[[Job], None] | None
    ) -> Talk[Job | None]:
        """Follows the job's stream until it is done or the stream breaks, which a look will tell
        apart. The last picture of it; None when there was no stream.
        """
        following, any_word = Following(job), False
        while self.streams and (left := deadline - self.clock()) > 0:
            heard = yield Listen(_path(job.id) + "/events", min(left, SILENCE_S))
            if not isinstance(heard, Heard):
                break
            any_word = True
            if heard.data and heard.data.get("type") == "done":
                break
            if heard.data and following.take(heard.data) and on_update:
                on_update(following.job)
        return following.job if any_word else None

    def _until_next_look(self, reply: Reply, seen: Job, deadline: float) -> Talk[None]:
        left = deadline - self.clock()
        if left <= 0:
            raise StillRunning(seen)
        if "preference-applied" in reply.headers:
            yield Pause(min(BREATH_S, left))  # the server has waited for us
            return
        wished = self.poll_s if self.poll_s is not None else retry_after(reply, self.now())
        yield Pause(min(POLL_S if wished is None else wished, left))


def _path(job_id: str) -> str:
    return f"/jobs/{quote(job_id, safe='')}"


def _member(body: Any, name: str) -> list[Any]:
    return list(body.get(name) or []) if isinstance(body, Mapping) else []


def _finished(job: Job) -> Job:
    if job.completed:
        return job
    raise JobFailed(job) if job.status == "failed" else JobCancelled(job)
