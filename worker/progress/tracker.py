"""Follows the steps of a running job and moves its progress up the ladder.

The steps of a job share the ladder by their expected durations; `ladder.py` sets the pace.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from loresmith.jobs.core.status import Phase, Progress, ProgressSource
from loresmith.jobs.types.base import Step
from loresmith.worker.adapters.store_types import ProgressSnapshot
from loresmith.worker.progress.event_buffer import MeasuredProgress
from loresmith.worker.progress.ladder import (
    BOTTOM,
    MIN_EXPECTED_S,
    TOP,
    UPDATE_INTERVAL_S,
    Work,
    advance,
    longest_step_s,
    step_of,
)

WaitNotice = tuple[Phase, str]
"""The phase and message of a job that waits."""
MAX_LAST_STEPS = 3
"""Steps that a ladder still climbs, one a look, after its call has ended. More of them mean that
the call was faster than expected, and are shown at once."""
LAST_STEP_S = 0.8 * UPDATE_INTERVAL_S
"""How long each of them is shown at least; a look may come a little early."""
KEEP_MESSAGE = ""
"""Leaves the stored message of a job as it is."""


@dataclass(frozen=True)
class Stage:
    """The part of the ladder that belongs to one step."""

    start: float
    end: float
    expected_s: float
    message: str


class ProgressTracker:
    """The progress of one job. The job's thread changes the stage; any thread may read."""

    def __init__(
        self,
        steps: Sequence[Step],
        expected_s: float,
        message: str,
        clock: Callable[[], float] = time.monotonic,
        p90_s: float = math.inf,
        *,
        start: int = BOTTOM,
        by_time_only: bool = False,
        waiting: WaitNotice | None = None,
    ) -> None:
        """`p90_s`: the 90th percentile of the duration of such jobs. `start`: the progress so far.
        `by_time_only`: ignore what is measured, and which step runs. `waiting`: what the job shows
        until `stop_waiting`.
        """
        self._clock = clock
        self._overdue_at, self._p90_s = clock() + p90_s, p90_s
        self._expected_s = max(expected_s, MIN_EXPECTED_S)
        self._by_time_only = by_time_only
        self._waiting = waiting
        self._stages = _stages(steps, self._expected_s)
        self._finalizing: str | None = None
        self.climbs_last_steps = False
        """Whether the ladder still shows its last steps although the last call has ended."""
        self._lock = Lock()
        self._position = float(min(max(start, BOTTOM), Progress.LAST_TICK))
        self._updated_at = self._stepped_at = clock()
        self._elapsed_s = self._stage_elapsed_s = 0.0
        self._inherited = self._position > BOTTOM
        self._ended_stages = 0
        stages = list(self._stages.values()) or [Stage(BOTTOM, TOP, self._expected_s, message)]
        self._stage = next((stage for stage in stages if stage.message == message), stages[0])

    def begin(self, step: str) -> None:
        """Starts a step. A step that the job type does not declare changes nothing."""
        if stage := self._stages.get(step):
            with self._lock:
                self._look(None)
                self._stage, self._stage_elapsed_s = stage, 0.0
                if self._inherited and stage.start < self._position < stage.end:
                    self._credit(stage, self._position)
                    self._inherited = False

    def end(self, step: str, *, reused: bool = False) -> None:
        """Ends a step. One whose output is `reused` leaves the progress at its end at once."""
        if stage := self._stages.get(step):
            with self._lock:
                self._look(1.0)
                self._ended_stages += 1
                self._rise_to(stage.end if reused else self._position)

    def keep(self, step: str, share: float) -> None:
        """Credits the running step with the share of it that an earlier attempt has done."""
        if (stage := self._stages.get(step)) and share:
            with self._lock:
                position = stage.start + (stage.end - stage.start) * share
                self._rise_to(position)
                self._credit(stage, position)

    def after(self, step: str) -> dict[str, Any]:
        """Returns the fields of the record with which a later attempt starts after a step."""
        names = list(self._stages)
        if step not in names:
            return {}
        following = names[names.index(step) + 1 :]
        message = self._stages[following[0] if following else step].message
        progress = min(step_of(self._stages[step].end), Progress.LAST_TICK)
        return {"work_message": message, "work_progress": int(progress)}

    def stop_waiting(self) -> None:
        """Shows the work instead of what the job has waited for."""
        if self._waiting:
            self._waiting, self._stepped_at = None, self._clock()

    def finalize(self, message: str, *, climbs: bool = False) -> None:
        """Ends the last call; only the result remains to be stored. `climbs`: the last steps of a
        ladder that its call has just missed are still shown, one after the other.
        """
        with self._lock:
            self._finalizing = message
            steps = Progress.LAST_TICK - step_of(self._position)
            self.climbs_last_steps = climbs and self._by_time_only and 0 < steps <= MAX_LAST_STEPS

    def snapshot(
        self, measured: MeasuredProgress | None = None, *, is_alive: bool = True
    ) -> ProgressSnapshot:
        """Returns the current progress, which stands still unless the work `is_alive`."""
        with self._lock:
            self._look(measured.share if measured else None, is_alive=is_alive)
            if self._finalizing is not None and not self.climbs_last_steps:
                source = self._source(None)
                return ProgressSnapshot(Progress.CALLED, source, Phase.FINALIZING, self._finalizing)
            source = self._source(measured)
            phase, message = self._waiting or (Phase.GENERATING, self._message(measured))
            return ProgressSnapshot(step_of(self._position), source, phase, message)

    def _look(self, share: float | None, *, is_alive: bool = True) -> None:
        """Moves the position by the time since the last look."""
        now = self._clock()
        seconds, self._updated_at = max(0.0, now - self._updated_at), now
        if self.climbs_last_steps:
            self._climb_last_step(now)
            return
        if not is_alive:
            return
        self._elapsed_s += seconds
        self._stage_elapsed_s += seconds
        stage = self._stage
        work = Work(stage.end, stage.expected_s, self._stage_elapsed_s, share)
        if self._by_time_only:
            work = Work(TOP, self._expected_s, self._elapsed_s)
        before = step_of(self._position)
        self._position = advance(self._position, seconds, self._expected_s, work)
        self._limit_plateau(before, now)

    def _limit_plateau(self, before: int, now: float) -> None:
        """Rises when a client has seen the same progress for as long as it may, which includes the
        time before the call was accepted.
        """
        shown_s = now - self._stepped_at
        if step_of(self._position) == before and shown_s >= longest_step_s(self._expected_s):
            self._rise_to(before + 1)
        if step_of(self._position) != before:
            self._stepped_at = now

    def _climb_last_step(self, now: float) -> None:
        if now - self._stepped_at < LAST_STEP_S:
            return
        self._stepped_at = now
        self.climbs_last_steps = step_of(self._position) < Progress.LAST_TICK
        self._rise_to(step_of(self._position) + 1)

    def _credit(self, stage: Stage, position: float) -> None:
        """Counts the time that the stage takes up to a position as elapsed."""
        share = (position - stage.start) / (stage.end - stage.start)
        self._stage_elapsed_s = share * stage.expected_s

    def _rise_to(self, position: float) -> None:
        self._position = max(self._position, min(position, float(Progress.LAST_TICK)))

    def _message(self, measured: MeasuredProgress | None) -> str:
        label = f" ({measured.label})" if measured and measured.label else ""
        message = f"{self._stage.message}{label}"
        if self._clock() < self._overdue_at:
            return message
        return f"{message} Taking longer than usual (usually under {math.ceil(self._p90_s)} s)"

    def _source(self, measured: MeasuredProgress | None) -> ProgressSource:
        if self._by_time_only:
            return ProgressSource.SIMULATED
        if measured:
            return measured.source
        several = len(self._stages) > 1
        by_step = several and (self._ended_stages > 0 or self._finalizing is not None)
        return ProgressSource.STEPS if by_step else ProgressSource.SIMULATED


def each_step(last: int, snapshot: ProgressSnapshot) -> list[ProgressSnapshot]:
    """Returns a snapshot for each step of the ladder above `last`, then `snapshot` itself."""
    below = range(last + 1, min(snapshot.progress, TOP))
    rising = replace(snapshot, phase=Phase.GENERATING, message=KEEP_MESSAGE)
    return [*(replace(rising, progress=step) for step in below), snapshot]


def _stages(steps: Sequence[Step], expected_s: float) -> dict[str, Stage]:
    """Divides the ladder among the steps, by their shares of the expected time."""
    total_s = sum(step.expected_s for step in steps)
    if not total_s > 0:
        return {}
    stages: dict[str, Stage] = {}
    start = float(BOTTOM)
    for step in steps:
        share = step.expected_s / total_s
        end = start + (TOP - BOTTOM) * share
        stages[step.name] = Stage(start, end, expected_s * share, step.message)
        start = end
    return stages
