"""The one side thread: progress, leases and cancellation of all jobs in one round trip."""

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event, Thread

from redis.exceptions import RedisError
from rq.worker import WorkerStatus

from jobs.config import Config
from jobs.errors import JobCancelled, JobLost
from worker.in_flight import InFlight
from worker.progress import Reading
from worker.rq_books import RqBooks
from worker.run import Run
from worker.store import Store

log = logging.getLogger(__name__)

LONGEST_SILENCE_S = 1.0
"""Every job is in a round at least so often, so that its cancellation is noticed."""


class SideThread:
    """Beats for all jobs in flight, every `beat_s`; jobs go on while Redis does not answer."""

    def __init__(
        self,
        in_flight: InFlight,
        store: Store,
        books: RqBooks,
        config: Config,
        suspended: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._in_flight = in_flight
        self._store = store
        self._books = books
        self._suspended = suspended
        self._beat_s = config.beat_s
        self._renew_s = config.lease_s / 3
        self._vouched_at = float("-inf")
        self._away = False
        self._ended = Event()
        self._thread = Thread(target=self._beat_on, name="side-thread", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends it after the round that may be under way."""
        self._ended.set()
        self._thread.join()

    def round(self) -> None:
        """One beat. Raises RedisError; what could not be sent is sent in the next round."""
        now = self._clock()
        due = [
            (run, reading)
            for run in self._in_flight.all()
            if (reading := run.reading()) != run.sent
            or run.live.news()
            or now - run.sent_at >= self._silence_s
        ]
        self._renew([run for run, _ in due if now - run.renewed_at >= self._renew_s], now)
        if due or now - self._vouched_at >= self._renew_s:
            news = [(run.ring, run.live.news()) for run, _ in due]
            answers = self._store.beat([(run.ring, reading) for run, reading in due], news)
            self._vouched_at = now
            for (run, reading), answer in zip(due, answers, strict=True):
                run.live.told()
                self._heed(run, reading, answer, now)
        self._books.beat(self._state())

    @property
    def _silence_s(self) -> float:
        return min(LONGEST_SILENCE_S, self._renew_s)

    def _beat_on(self) -> None:
        """At a fixed rate, so that the ladder's steps come one by one."""
        due_at = time.monotonic()
        while not self._ended.wait(max(0.0, due_at - time.monotonic())):
            due_at = max(due_at + self._beat_s, time.monotonic())
            try:
                self.round()
                self._note_away(None)
            except RedisError as error:
                self._note_away(error)
            except Exception:
                log.exception("fault of ours in the side thread; it goes on")

    def _renew(self, runs: Sequence[Run], now: float) -> None:
        """RQ's entries before our leases: see `_heed` for the one that ends meanwhile."""
        if runs:
            self._books.renew(runs)
            for run in runs:
                run.renewed_at = now

    def _heed(self, run: Run, reading: Reading, answer: str, now: float) -> None:
        """Does what the record says. A job that just ended is lost as well, and then only its RQ
        entry matters, which may have been renewed after it was struck out.
        """
        match answer:
            case "lost":
                run.stop(JobLost())
                self._books.ended(run)
            case "now":
                run.stop(JobCancelled())
            case "after_current_call":
                run.stop_after_call()
        run.sent, run.sent_at = reading, now

    def _state(self) -> WorkerStatus:
        if self._suspended():
            return WorkerStatus.SUSPENDED
        return WorkerStatus.BUSY if len(self._in_flight) else WorkerStatus.IDLE

    def _note_away(self, error: RedisError | None) -> None:
        if error and not self._away:
            log.error("Redis does not answer (%s); jobs in flight go on", error)
        if self._away and not error:
            log.info("Redis answers again")
        self._away = error is not None
