"""Ended jobs on their way from Redis to the archive, where a month's bill is kept.

The script that ends a job leaves word of it in a stream in the same breath. Whoever sweeps writes
the words to the database and only then takes them out: written twice is harmless, lost is not.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json
from redis import Redis

from archive import Archive, ArchiveError, ArchiveRefused, EndedJob
from jobs import keys

log = logging.getLogger(__name__)

PAGE = 200
AGAIN_S = 15.0
"""Seconds until a database that was away is asked again."""
LONGEST = 256
NAMES = ("status", "user_id", "team_id", "type", "model", "session_id")


class Outbox:
    """The stream, read from its beginning. `redis` must decode its replies."""

    def __init__(
        self, redis: Redis, archive: Archive, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis = redis
        self._archive = archive
        self._clock = clock
        self._not_before = 0.0

    def drain_quietly(self) -> None:
        """Drains; a database that is away is left alone for a while. Raises RedisError."""
        if self._clock() < self._not_before:
            return
        try:
            self.drain()
        except ArchiveError as error:
            self._not_before = self._clock() + AGAIN_S
            log.warning("ended jobs wait in Redis until the archive takes them: %s", error)

    def drain(self) -> int:
        """Archives what lies there; how many. Raises ArchiveError and RedisError."""
        drained = 0
        while page := self._page():
            self._archive.prepare()
            jobs = [job for entry, told in page if (job := _readable(entry, told))]
            self._save(jobs)
            self._redis.xdel(keys.OUTBOX, *(entry for entry, _ in page))
            for job in jobs:
                log.info("ended %s", in_words(job))
            drained += len(page)
        return drained

    def _page(self) -> list[tuple[str, dict[str, str]]]:
        return list(self._redis.xrange(keys.OUTBOX, "-", "+", PAGE))  # type: ignore[arg-type]

    def _save(self, jobs: list[EndedJob]) -> None:
        """One that the archive will never take must not keep the others from it."""
        try:
            self._archive.history.save(jobs)
        except ArchiveRefused as error:
            if len(jobs) == 1:
                log.error("job %s is not archived: %s", jobs[0].id, error)
                return
            for job in jobs:
                self._save([job])


def ended(entry: str, told: Mapping[str, str]) -> EndedJob:
    """What a word in the outbox says of a job."""
    usage: Mapping[str, Any] = from_json(told.get("usage") or "{}")
    return EndedJob(
        id=told["id"],
        revision=_revision(entry),
        created_at=_moment(told["created_ms"]),
        completed_at=_moment(told["completed_ms"]),
        attempts=int(told["attempt"]),
        calls=int(told["calls"]),
        input_tokens=int(usage.get("input_tokens", 0)),
        output_tokens=int(usage.get("output_tokens", 0)),
        cost_micros=int(told["spent_micros"]),
        exposed_micros=int(told["exposed_micros"]),
        estimate_micros=int(told["estimate_micros"]) if told.get("estimate_micros") else None,
        **{name: told.get(name, "")[:LONGEST] for name in NAMES},
    )


def in_words(job: EndedJob) -> str:
    """A line of the log: how a job ended, what it used, and its cost beside the estimate."""
    told = {
        "id": job.id,
        "type": job.type,
        "status": job.status,
        "attempts": job.attempts,
        "seconds": f"{(job.completed_at - job.created_at).total_seconds():.1f}",
        "calls": job.calls,
        "tokens_in": job.input_tokens,
        "tokens_out": job.output_tokens,
        "cost": f"{job.cost_micros / 1e6:.6f}",
        "estimate": None if job.estimate_micros is None else f"{job.estimate_micros / 1e6:.6f}",
    }
    return " ".join(f"{name}={value}" for name, value in told.items() if value is not None)


def _readable(entry: str, told: Mapping[str, str]) -> EndedJob | None:
    try:
        return ended(entry, told)
    except (KeyError, ValueError) as error:
        log.error("the word about job %s is damaged and dropped: %r", told.get("id"), error)
        return None


def _revision(entry: str) -> int:
    """The id of a stream's entry is ms-number; together they grow with time."""
    millis, _, number = entry.partition("-")
    return int(millis) * 1_000 + min(int(number), 999)


def _moment(millis: str) -> datetime:
    return datetime.fromtimestamp(int(millis) / 1000, UTC)
