"""One method for one Lua script, with default arguments, for the store tests."""

from collections.abc import Callable, Iterable
from typing import Any

from redis import Redis

from loresmith.api.services.job_query import JobQuery
from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import SUSPENDED
from loresmith.jobs.store.scripts import flat, pairs, run_script
from tests.store.replies import Reply, flattened, in_one_trip, read_page

LEASE_MS = 15_000
LOOK_MS = 5_000
DAY_MS = keys.DAY_MS
NO_LIMITS = (1_000_000, 1_000_000)
"""Unfinished jobs, in all and of a user."""
PLENTY = 10**12
"""The maximum cost of a job in micro-dollars, where a test does not say."""
DURATIONS = keys.durations("lore", "m")
STREAM = dict[str, str]


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
        return [str(part) for part in flattened(run_script(self.redis, name, names, *values))]

    # --- the life of a job, in its order

    def submit(self, job_id: str = "j", **counts: Any) -> Reply:
        """The outcome and the id; `submit_whole` also has the record that comes with them."""
        return Reply(self.submit_whole(job_id, **counts)[:2])

    def submit_whole(
        self,
        job_id: str = "j",
        *,
        key: str = "",
        fingerprint: str = "fp",
        indexes: str = "type:lore",
        budgets: str = "",
        reserve_micros: int = 0,
        limits: tuple[int, int] = NO_LIMITS,
        **fields: Any,
    ) -> Reply:
        names = [keys.job(job_id), slot(key) if key else keys.job(job_id)]
        counts: dict[str, Any] = {"budgets": budgets, "reserve_micros": reserve_micros}
        counts |= {"type": "lore", "message": "Preparing", "work_message": "Working"}
        parts = [
            job_id,
            fingerprint,
            LOOK_MS,
            DAY_MS,
            indexes,
            budgets,
            reserve_micros,
            *limits,
            *flat(counts | {"payload": "{}", "user_id": "u"} | fields),
        ]
        return Reply(self.run("jobs/submit", names, *parts))

    def claim(self, job_id: str = "j", attempt: int = 1, owner: str = "w") -> Reply:
        parts = [job_id, attempt, owner, LEASE_MS, "lore"]
        return Reply(self.run("jobs/claim", [keys.job(job_id)], *parts))

    def beat(self, *ticks: list[Any], owner: str = "w") -> list[str]:
        parts = [part for tick in ticks for part in tick]
        return self.run("jobs/heartbeat", [keys.WORKERS], owner, LEASE_MS, *parts)

    def tick(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", *,
        progress: int = 21, **counts: str,
    ) -> str:  # fmt: skip
        """A beat of one job; the answer about it."""
        return self.beat(tick(job_id, attempt, progress, **counts), owner=owner)[0]

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
        """A piece of events of job j; the answer about it."""
        events = ["j", attempt, number, kind, "s", place, content]
        return self.run("jobs/append_events", [], owner, *events)[0]

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
        return Reply(
            self.run("jobs/checkpoint", names, attempt, owner, step, output, *flat(fields))
        )

    def finish(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", outcome: str = "completed",
        *, durations: str = "", **fields: Any,
    ) -> Reply:  # fmt: skip
        words = "Job cancelled"
        parts = [job_id, attempt, owner, outcome, words, durations, *flat(fields)]
        return Reply(self.run("jobs/finish", [keys.job(job_id)], *parts))

    def release(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", *,
        phase: str = "recovering", wait_ms: int = 0, counts: str = "0", look_ms: int = 0,
    ) -> Reply:  # fmt: skip
        parts = [job_id, attempt, owner, phase, "Handed back", wait_ms, counts, look_ms]
        return Reply(self.run("jobs/release", [keys.job(job_id)], *parts))

    def reconcile(
        self, *, take_over: bool = True, page: int = 100, max_worker_losses: int = 3
    ) -> dict[str, tuple[str, str]]:
        """Job id → (attempt, what was done about it)."""
        words = ["Recovering", "lost", '{"code":"worker_lost"}', "late", '{"code":"late"}']
        words += ["Failed", "Job cancelled", "overdue", '{"code":"timeout"}']
        reply = self.run(
            "jobs/reconcile",
            [keys.DEADLINES],
            page,
            LOOK_MS,
            max_worker_losses,
            int(take_over),
            *words,
        )
        return {reply[i]: (reply[i + 1], reply[i + 2]) for i in range(0, len(reply), 4)}

    def cancel(self, job_id: str = "j", mode: str = "now", reason: str = "") -> Reply:
        parts = [job_id, "Job cancelled", "Cancelling...", mode, reason, "key:c"]
        return Reply(self.run("jobs/cancel", [keys.job(job_id)], *parts))

    def retry(
        self, job_id: str = "j", attempt: int | str = "", *, consent: bool = False,
        limits: tuple[int, int] = NO_LIMITS,
    ) -> Reply:  # fmt: skip
        parts = [job_id, attempt, int(consent), LOOK_MS, DAY_MS, "Preparing", *limits, "key:r"]
        return Reply(self.run("jobs/retry", [keys.job(job_id)], *parts))

    def seen(self, job_id: str = "j") -> Reply:
        return Reply(self.run("jobs/mark_seen", [keys.job(job_id)], job_id, "recovered", 0))

    def waiting(self, job_id: str = "j") -> Reply:
        names = [keys.job(job_id), keys.WORKERS, SUSPENDED]
        return Reply(self.run("jobs/queue_position", names, job_id))

    def expire_ended(self) -> int:
        return int(self.run("jobs/expire", [keys.EXPIRY, keys.UPDATES], 100)[0])

    def remove_content(self, job_id: str = "") -> int:
        return int(self.run("jobs/remove_content", [keys.CONTENT], job_id, 100)[0])

    def find(self, query: JobQuery) -> list[str]:
        return read_page(query, self.run)

    def count(self, *indexes: str) -> dict[str, int]:
        counts = pairs(self.run("jobs/count", [], *indexes))
        return {status: int(number) for status, number in counts.items() if int(number)}

    def delete(self, job_id: str = "j") -> Reply:
        return Reply(self.run("jobs/delete", [keys.job(job_id)], job_id))

    # --- the call ledger

    def intent(
        self, job_id: str = "j", attempt: int = 1, step: str = "s", generation: int = 0,
        *, owner: str = "lore", **fields: Any,
    ) -> Reply:  # fmt: skip
        row = keys.call(call_id(job_id, step, generation))
        names = [keys.job(job_id), row, keys.calls(job_id), keys.CALL_DEADLINES]
        if "max_micros" in fields and self.redis.exists(keys.job(job_id)):
            self.redis.hsetnx(keys.job(job_id), "max_micros", PLENTY)
        elif self.redis.hexists(keys.job(job_id), "max_micros"):
            fields["max_micros"] = 0
        parts = [job_id, attempt, step, generation, owner, LEASE_MS, *flat({"model": "m"} | fields)]
        reply = self.run("calls/intent", names, *parts)
        return Reply(reply[:2] if reply[0] == "go" else reply)

    def settle(self, call: str = call_id(), state: str = "done", **fields: Any) -> Reply:
        names = [keys.call(call), keys.CALL_DEADLINES, keys.job(call.split("/")[0])]
        return Reply(self.run("calls/settle", names, call, state, *flat({"usage": "{}"} | fields)))

    def call_beat(self, call: str = call_id(), *, owner: str = "lore", text: str = "") -> str:
        return self.run("calls/heartbeat", [keys.CALL_DEADLINES], owner, LEASE_MS, call, text)[0]

    def reap(self, owner: str = "reaper", page: int = 100) -> dict[str, tuple[str, str]]:
        """call_id → (what became of it, response id)."""
        reply = self.run("calls/reap", [keys.CALL_DEADLINES], page, owner, LEASE_MS)
        return {reply[i]: (reply[i + 1], reply[i + 2]) for i in range(0, len(reply), 3)}

    def judge(self, call: str = call_id(), why: str = "no JSON") -> Reply:
        return Reply(self.run("calls/mark_unusable", [keys.call(call)], why))

    def call_note(
        self, call: str = call_id(), fencing_token: str = "t", response_id: str = "r"
    ) -> Reply:
        return Reply(
            self.run("calls/note_response_id", [keys.call(call)], fencing_token, response_id)
        )

    def call_cancel(self, call: str = call_id()) -> Reply:
        return Reply(self.run("calls/cancel", [keys.call(call)]))

    # --- time, as it would have left things

    def silent(self, job_id: str = "j") -> None:
        """The time to look at an unfinished job has come; a running one has lost its worker."""
        self.redis.zadd(keys.DEADLINES, {job_id: 1}, xx=True)

    def too_late(self, job_id: str = "j") -> None:
        """The time by which the job must have started is over."""
        self.redis.hset(keys.job(job_id), "start_by_ms", 1)

    def call_silent(self, call: str = call_id()) -> None:
        """The lease of the call's lore_service is over."""
        self.redis.zadd(keys.CALL_DEADLINES, {call: 1}, xx=True)

    def expire(self) -> None:
        """Deletes every key that ends with its job, as a day would; the indexes stay."""
        ended = [
            key for key in self.redis.scan_iter() if key.startswith(("job:", "call:", "idem:"))
        ]
        if ended:
            self.redis.delete(*ended)

    # --- what a test looks at

    def record(self, job_id: str = "j") -> dict[str, str]:
        return dict(self.redis.hgetall(keys.job(job_id)))

    def records(self, job_ids: Iterable[str]) -> dict[str, dict[str, str]]:
        """The records of those jobs that exist."""
        names = list(job_ids)
        records = in_one_trip(self.redis, [("HGETALL", keys.job(name)) for name in names])
        return {name: record for name, record in zip(names, records, strict=True) if record}

    def each(self, names: Iterable[str], key: Callable[[str], str], field: str) -> dict[str, str]:
        """One field of each of those that exist."""
        names = list(names)
        values = in_one_trip(self.redis, [("HGET", key(name), field) for name in names])
        return {name: value for name, value in zip(names, values, strict=True) if value}

    def row(self, call: str = call_id()) -> dict[str, str]:
        return dict(self.redis.hgetall(keys.call(call)))

    def updates(self, job_id: str = "j") -> list[STREAM]:
        """The updates of a job, oldest first."""
        return [fields for _, fields in self.redis.xrange(keys.updates(job_id))]

    def due(self) -> set[str]:
        """The ids that somebody must look at one day."""
        return set(self.redis.zrange(keys.DEADLINES, 0, -1))

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


def tick(
    job_id: str = "j", attempt: int = 1, progress: int = 21, *,
    source: str = "simulated", phase: str = "generating", message: str = "",
) -> list[Any]:  # fmt: skip
    """What a beat says of one job."""
    return [job_id, attempt, progress, source, phase, message]
