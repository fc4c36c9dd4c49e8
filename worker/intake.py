"""From the doorbell to a claimed job."""

import logging

from redis.exceptions import RedisError

from jobs.crashpoints import crashpoint
from jobs.doorbell import Ring
from worker.bell import Bell, Entry, Suspended
from worker.in_flight import InFlight
from worker.rq_books import RqBooks
from worker.run import Run
from worker.store import Claim, Store

log = logging.getLogger(__name__)

REFUSALS = ("gone", "terminal", "stale", "busy", "late")
"""Answers of claim.lua to an entry that came late or twice."""


class Intake:
    """Pops entries and claims their jobs, all of a batch in one round trip."""

    def __init__(self, bell: Bell, store: Store, books: RqBooks, in_flight: InFlight) -> None:
        self._bell = bell
        self._store = store
        self._books = books
        self._in_flight = in_flight
        self._waiting: list[Entry] = []

    def take(self, places: int, wait_s: float) -> list[Run] | None:
        """Jobs that are ours now, at most so many; None when the queues are empty after the wait.

        Raises Suspended; RedisError, and then goes on with the same entries at the next call.
        """
        self._waiting = self._waiting or self._bell.pop(places, wait_s)
        if not self._waiting:
            return None
        crashpoint("Q1")
        try:
            rings = self._bell.read(self._waiting)
        except Suspended:
            self._waiting = []
            raise
        runs = self._claim(rings)
        self._enter(runs)
        self._waiting = []
        return runs

    def _claim(self, rings: dict[Entry, Ring]) -> list[Run]:
        """Those of the jobs that are ours now. A doubled ring for a job that runs here is dropped,
        because the script would answer its own worker with the job again.
        """
        queues = {
            ring: entry.queue for entry, ring in rings.items() if entry.id not in self._in_flight
        }
        claims = self._store.claim(list(queues))
        return [run for claim in claims if (run := _run_of(claim, queues[claim.ring]))]

    def _enter(self, runs: list[Run]) -> None:
        try:
            self._books.answered(self._waiting, runs)
        except RedisError as error:
            log.warning("RQ's entries are late: %s", error)


def _run_of(claim: Claim, queue: str) -> Run | None:
    if claim.record is None:
        level = logging.DEBUG if claim.refusal in REFUSALS else logging.ERROR
        log.log(level, "entry %s: %s", claim.ring.entry, claim.refusal)
        return None
    try:
        return Run(claim.record, queue)
    except (KeyError, ValueError) as error:
        log.error("the record of job %s is damaged: %r", claim.ring.job_id, error)
        return None
