"""The store as the tests see it: one function for one script, in the words of its header.

What the processes pass is given sensible values here, so that a test says only what it is about.
Times are Redis' own; where a lease or a deadline must have passed, `silent`, `too_late` and
`call_silent` write the score or the field as time would have left it, instead of waiting.
"""

from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError

from api.query import Query
from jobs import keys
from jobs.scripts import flat, pairs, script

LEASE_MS = 15_000
LOOK_MS = 5_000
DAY_MS = 24 * keys.HOUR_MS
DURATIONS = keys.durations("lore", "m")
STREAM = dict[str, str]


class Reply(tuple[str, ...]):
    """What a script answered: a code, then what belongs to it."""

    @property
    def code(self) -> str:
        return self[0]

    @property
    def record(self) -> dict[str, str]:
        """The fields that follow a claim's code."""
        return pairs(list(self[1:]))

    @property
    def row(self) -> dict[str, str]:
        """The fields that follow a code and an id."""
        return pairs(list(self[2:]))


def slot(key: str) -> str:
    """The Redis key of an idempotency key of the tests' only user."""
    return keys.idempotency("u", key)


def call_id(job_id: str = "j", step: str = "s", generation: int = 0) -> str:
    return f"{job_id}/{step}/{generation}"


class Store:
    """Runs the scripts against one Redis that decodes its replies."""

    def __init__(self, redis: Redis) -> None:
        # redis-py's types promise bytes or str, now or awaited; here it is always str, and now.
        self.redis: Any = redis

    def run(self, name: str, names: list[str], *values: Any) -> list[str]:
        """One script by name: its KEYS, then its ARGV. All replies as strings."""
        lua = script(name)
        try:
            reply = self.redis.evalsha(lua.sha, len(names), *names, *values)
        except NoScriptError:
            reply = self.redis.eval(lua.source, len(names), *names, *values)
        return [str(part) for part in flattened(reply)]

    # --- the life of a job, in its order

    def submit(self, job_id: str = "j", **told: Any) -> Reply:
        """The outcome and the id; `submit_whole` also has the record that comes with them."""
        return Reply(self.submit_whole(job_id, **told)[:2])

    def submit_whole(
        self,
        job_id: str = "j",
        *,
        key: str = "",
        fingerprint: str = "fp",
        indexes: str = "type:lore",
        budgets: str = "",
        reserve_micros: int = 0,
        **fields: Any,
    ) -> Reply:
        names = [keys.job(job_id), slot(key) if key else keys.job(job_id)]
        told: dict[str, Any] = {"budgets": budgets, "reserve_micros": reserve_micros}
        told |= {"type": "lore", "message": "Preparing", "work_message": "Working"}
        parts = [
            job_id,
            fingerprint,
            LOOK_MS,
            DAY_MS,
            indexes,
            budgets,
            reserve_micros,
            *flat(told | {"payload": "{}"} | fields),
        ]
        return Reply(self.run("submit", names, *parts))

    def claim(self, job_id: str = "j", attempt: int = 1, owner: str = "w") -> Reply:
        return Reply(self.run("claim", [keys.job(job_id)], job_id, attempt, owner, LEASE_MS))

    def beat(self, *ticks: list[Any], owner: str = "w") -> list[str]:
        parts = [part for tick in ticks for part in tick]
        return self.run("beat", [keys.WORKERS], owner, LEASE_MS, *parts)

    def tick(
        self,
        job_id: str = "j",
        attempt: int = 1,
        owner: str = "w",
        *,
        progress: int = 21,
        **told: str,
    ) -> str:
        """A beat of one job; the answer about it."""
        return self.beat(tick(job_id, attempt, progress, **told), owner=owner)[0]

    def tell(
        self,
        number: int = 1,
        *,
        attempt: int = 1,
        owner: str = "w",
        kind: str = "delta",
        place: int = 0,
        content: str = "Once upon",
    ) -> str:
        """A piece of news of job j; the answer about it."""
        news = ["j", attempt, number, kind, "s", place, content]
        return self.run("tell", [], owner, *news)[0]

    def checkpoint(
        self,
        job_id: str = "j",
        attempt: int = 1,
        owner: str = "w",
        step: str = "s",
        output: str = "{}",
        **fields: Any,
    ) -> Reply:
        names = [keys.job(job_id), keys.steps(job_id)]
        return Reply(self.run("checkpoint", names, attempt, owner, step, output, *flat(fields)))

    def finish(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", outcome: str = "completed",
        *, durations: str = "", **fields: Any,
    ) -> Reply:  # fmt: skip
        words = "Job cancelled"
        parts = [job_id, attempt, owner, outcome, words, durations, *flat(fields)]
        return Reply(self.run("finish", [keys.job(job_id)], *parts))

    def release(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", *,
        phase: str = "recovering", wait_ms: int = 0, counts: bool = False, look_ms: int = 0,
    ) -> Reply:  # fmt: skip
        parts = [job_id, attempt, owner, phase, "Handed back", wait_ms, int(counts), look_ms]
        return Reply(self.run("release", [keys.job(job_id)], *parts))

    def sweep(
        self, *, take_over: bool = True, page: int = 100, max_lost: int = 3
    ) -> dict[str, tuple[str, str]]:
        """Job id → (attempt, what was done about it)."""
        words = [
            "Recovering",
            "lost",
            '{"code":"worker_lost"}',
            "late",
            '{"code":"late"}',
            "Failed",
            "Job cancelled",
        ]
        reply = self.run("sweep", [keys.DUE], page, LOOK_MS, max_lost, int(take_over), *words)
        return {reply[i]: (reply[i + 1], reply[i + 2]) for i in range(0, len(reply), 3)}

    def cancel(self, job_id: str = "j", mode: str = "now", reason: str = "") -> Reply:
        parts = [job_id, "Job cancelled", "Cancelling...", mode, reason]
        return Reply(self.run("cancel", [keys.job(job_id)], *parts))

    def retry(self, job_id: str = "j", attempt: int | str = "", *, consent: bool = False) -> Reply:
        parts = [job_id, attempt, int(consent), LOOK_MS, DAY_MS, "Preparing"]
        return Reply(self.run("retry", [keys.job(job_id)], *parts))

    def seen(self, job_id: str = "j") -> Reply:
        return Reply(self.run("seen", [keys.job(job_id)], job_id, "recovered", 0))

    def waiting(self, job_id: str = "j") -> Reply:
        return Reply(self.run("waiting", [keys.job(job_id), keys.WORKERS], job_id))

    def tidy(self) -> int:
        """How many expired jobs were taken out of the indexes."""
        return int(self.run("tidy", [keys.ENDED], 100)[0])

    def find(self, query: Query) -> list[str]:
        """The cursor, and the ids."""
        return self.run("list", [query.source], *query.arguments())

    def count(self, *indexes: str) -> dict[str, int]:
        told = pairs(self.run("count", [], *indexes))
        return {status: int(number) for status, number in told.items() if int(number)}

    def delete(self, job_id: str = "j") -> Reply:
        return Reply(self.run("delete", [keys.job(job_id)], job_id))

    # --- the call ledger

    def intent(
        self, job_id: str = "j", attempt: int = 1, step: str = "s", generation: int = 0,
        *, owner: str = "lore", **fields: Any,
    ) -> Reply:  # fmt: skip
        row = keys.call(call_id(job_id, step, generation))
        kept = keys.answer(str(fields.get("request", "")))
        names = [keys.job(job_id), row, keys.calls(job_id), keys.CALLS_DUE, kept]
        parts = [job_id, attempt, step, generation, owner, LEASE_MS, *flat({"model": "m"} | fields)]
        return Reply(self.run("call_intent", names, *parts))

    def settle(self, call: str = call_id(), state: str = "done", **fields: Any) -> Reply:
        names = [keys.call(call), keys.CALLS_DUE, keys.job(call.split("/")[0])]
        return Reply(self.run("call_settle", names, call, state, *flat({"usage": "{}"} | fields)))

    def call_beat(self, call: str = call_id(), *, owner: str = "lore", text: str = "") -> str:
        return self.run("call_beat", [keys.CALLS_DUE], owner, LEASE_MS, call, text)[0]

    def reap(self, owner: str = "reaper", page: int = 100) -> dict[str, tuple[str, str]]:
        """call_id → (what became of it, response id)."""
        reply = self.run("call_reap", [keys.CALLS_DUE], page, owner, LEASE_MS)
        return {reply[i]: (reply[i + 1], reply[i + 2]) for i in range(0, len(reply), 3)}

    def judge(self, call: str = call_id(), why: str = "no JSON") -> Reply:
        return Reply(self.run("call_judge", [keys.call(call)], why))

    def call_note(self, call: str = call_id(), ticket: str = "t", response_id: str = "r") -> Reply:
        return Reply(self.run("call_note", [keys.call(call)], ticket, response_id))

    def call_cancel(self, call: str = call_id()) -> Reply:
        return Reply(self.run("call_cancel", [keys.call(call)]))

    # --- time, as it would have left things

    def silent(self, job_id: str = "j") -> None:
        """The time to look at an unfinished job has come; a running one has lost its worker."""
        self.redis.zadd(keys.DUE, {job_id: 1}, xx=True)

    def too_late(self, job_id: str = "j") -> None:
        """The time by which the job must have started is over."""
        self.redis.hset(keys.job(job_id), "start_by_ms", 1)

    def call_silent(self, call: str = call_id()) -> None:
        """The lease of the call's lore_service is over."""
        self.redis.zadd(keys.CALLS_DUE, {call: 1}, xx=True)

    def expire(self) -> None:
        """A day after the end: every key that lives with a job is gone, the indexes are not."""
        gone = [key for key in self.redis.scan_iter() if key.startswith(("job:", "call:", "idem:"))]
        if gone:
            self.redis.delete(*gone)

    # --- what a test looks at

    def record(self, job_id: str = "j") -> dict[str, str]:
        return dict(self.redis.hgetall(keys.job(job_id)))

    def row(self, call: str = call_id()) -> dict[str, str]:
        return dict(self.redis.hgetall(keys.call(call)))

    def updates(self, job_id: str = "j") -> list[STREAM]:
        """The updates of a job, oldest first."""
        return [fields for _, fields in self.redis.xrange(keys.updates(job_id))]

    def due(self) -> set[str]:
        """The ids that somebody must look at one day."""
        return set(self.redis.zrange(keys.DUE, 0, -1))

    # --- where a test begins

    def running(self, job_id: str = "j", *, owner: str = "w", **submitted: Any) -> str:
        """A job that a worker has just taken, as its first attempt."""
        self.submit(job_id, **submitted)
        self.claim(job_id, owner=owner)
        return job_id

    def calling(self, job_id: str = "j") -> str:
        """A running job with a call in flight; answers its call_id."""
        self.running(job_id)
        return self.intent(job_id)[1]


def flattened(reply: list[Any]) -> list[Any]:
    """A reply whose nested lists have become part of it."""
    return [part for item in reply for part in (item if isinstance(item, list) else [item])]


def tick(
    job_id: str = "j", attempt: int = 1, progress: int = 21, *,
    source: str = "simulated", phase: str = "generating", message: str = "",
) -> list[Any]:  # fmt: skip
    """What a beat says of one job."""
    return [job_id, attempt, progress, source, phase, message]
