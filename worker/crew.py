"""The threads that run jobs, one each: started, waited for, and told to stop."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from redis.exceptions import RedisError

from jobs.doorbell import Doorbell
from jobs.errors import JobLost
from jobs.states import Message
from worker.execution import Execution
from worker.in_flight import InFlight
from worker.rq_books import RqBooks
from worker.run import Run
from worker.store import Store

log = logging.getLogger(__name__)

LOOK_S = 0.1
HAND_BACK_S = 2.0
"""How long threads that were told to stop are waited for."""


class Crew:
    """Starts a daemon thread for each job; what it does is the execution's."""

    def __init__(
        self,
        in_flight: InFlight,
        execution: Execution,
        store: Store,
        books: RqBooks,
        doorbell: Doorbell,
    ) -> None:
        self._in_flight = in_flight
        self._execution = execution
        self._store = store
        self._books = books
        self._doorbell = doorbell

    def start(self, run: Run) -> None:
        """Runs a claimed job on a thread of its own."""
        self._in_flight.add(run)
        try:
            threading.Thread(target=self._work, args=(run,), name=run.job_id, daemon=True).start()
        except RuntimeError as error:
            log.error("no thread for job %s (%s); lower LORESMITH_CONCURRENCY", run.job_id, error)
            self._hand_back([run])
            self._in_flight.remove(run)

    def wind_up(self, signals: Callable[[], int], grace_s: float) -> None:
        """Returns when no job runs any more. After a signal they have the grace period, after the
        second one none; then they are handed back.
        """
        asked_at: float | None = None
        while not self._in_flight.wait_until_empty(LOOK_S):
            if signals() and asked_at is None:
                asked_at = time.monotonic()
                log.info("finishing %d jobs; another signal hands back", len(self._in_flight))
            over = asked_at is not None and time.monotonic() - asked_at >= grace_s
            if over or signals() > 1:
                self._hand_back(self._in_flight.all())
                self._in_flight.wait_until_empty(HAND_BACK_S)
                return

    def _work(self, run: Run) -> None:
        status = ""
        try:
            status = self._execution.execute(run)
            log.info("%s %s: %s after %.1f s", run.record["type"], run.job_id, status, run.seconds)
        except RedisError as error:
            log.error("the end of job %s could not be written: %s", run.job_id, error)
        except Exception:
            log.exception("fault of ours with job %s; another worker will take it", run.job_id)
        try:
            self._books.ended(run, status)
        except RedisError as error:
            log.debug("RQ's entry of job %s stays until its time: %s", run.job_id, error)
        finally:
            self._in_flight.remove(run)

    def _hand_back(self, runs: Sequence[Run]) -> None:
        """Gives jobs to the next worker. Their calls go on in the lore_service."""
        log.warning("handing back %d jobs", len(runs))
        for run in runs:
            run.stop(JobLost())
        try:
            next_tries = self._store.release([run.ring for run in runs], Message.HANDED_BACK)
            self._doorbell.ring(next_tries)
        except RedisError as error:
            log.error("could not hand back (%s); their leases will pass", error)
