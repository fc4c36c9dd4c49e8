"""A Redis as the store tests read it, and change it as time does."""

from collections.abc import Callable, Iterable
from typing import Any

from redis import Redis

from loresmith.jobs.store import keys
from loresmith.jobs.store.scripts import run_script


def call_id(job_id: str = "j", step: str = "s", generation: int = 0) -> str:
    return f"{job_id}/{step}/{generation}"


def idempotency_slot(key: str) -> str:
    """Returns the Redis key of an idempotency key of the user `u`."""
    return keys.idempotency("u", key)


def in_one_trip(redis: Any, commands: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Returns the replies to commands that are sent together."""
    pipeline = redis.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)
    return list(pipeline.execute())


class Database:
    """A Redis that decodes its replies."""

    def __init__(self, redis: Redis) -> None:
        # redis-py's types promise bytes or str, now or awaited; here it is always str, and now.
        self.redis: Any = redis

    def run(self, name: str, names: list[str], *values: Any) -> list[str]:
        """Runs a script with KEYS and ARGV; returns all parts of its reply as strings."""
        return [str(part) for part in run_script(self.redis, name, names, *values)]

    # --- the passing of time

    def make_due(self, job_id: str = "j") -> None:
        """Makes an unfinished job due for the reconciler; a running one has lost its worker."""
        self.redis.zadd(keys.DEADLINES, {job_id: 1}, xx=True)

    def pass_start_deadline(self, job_id: str = "j") -> None:
        self.redis.hset(keys.job(job_id), "start_by_ms", 1)

    def expire_call_lease(self, call: str = call_id()) -> None:
        self.redis.zadd(keys.CALL_DEADLINES, {call: 1}, xx=True)

    def expire_keys(self) -> None:
        """Deletes every key that ends with its job, as a day would; the indexes stay."""
        ended = [
            key for key in self.redis.scan_iter() if key.startswith(("job:", "call:", "idem:"))
        ]
        if ended:
            self.redis.delete(*ended)

    # --- what tests compare

    def record(self, job_id: str = "j") -> dict[str, str]:
        return dict(self.redis.hgetall(keys.job(job_id)))

    def records(self, job_ids: Iterable[str]) -> dict[str, dict[str, str]]:
        """Returns the records of those jobs that exist."""
        names = list(job_ids)
        records = in_one_trip(self.redis, [("HGETALL", keys.job(name)) for name in names])
        return {name: record for name, record in zip(names, records, strict=True) if record}

    def field_of_each(
        self, names: Iterable[str], key: Callable[[str], str], field: str
    ) -> dict[str, str]:
        """Returns one field of each hash that has it."""
        names = list(names)
        values = in_one_trip(self.redis, [("HGET", key(name), field) for name in names])
        return {name: value for name, value in zip(names, values, strict=True) if value}

    def row(self, call: str = call_id()) -> dict[str, str]:
        return dict(self.redis.hgetall(keys.call(call)))

    def updates(self, job_id: str = "j") -> list[dict[str, str]]:
        """Returns the updates of a job, oldest first."""
        return [fields for _, fields in self.redis.xrange(keys.updates(job_id))]

    def due(self) -> set[str]:
        """Returns the ids of all jobs that will be due for the reconciler."""
        return set(self.redis.zrange(keys.DEADLINES, 0, -1))
