"""How far a job is, as a pure function of the time since its step began.

The seed's ladder: 20 when claimed, one more each expected/60, stop at 79; 90 after the calls. Jobs
of several steps split the same band by how long each step usually takes.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jobs.kind import Step
from jobs.states import Phase, Progress, ProgressSource
from worker.live import Measured

FIRST, END = Progress.CALLING, Progress.LAST_TICK + 1
INSTANT_S = 0.001
"""The shortest expected time, so that nothing is divided by zero."""
ROUNDING = 1e-9
"""So that the tick at exactly 0.5 s is not missed by a bit of binary fraction."""


@dataclass(frozen=True)
class Reading:
    """What a watcher is shown at one moment."""

    progress: int
    source: ProgressSource
    phase: Phase
    message: str


@dataclass(frozen=True)
class Stage:
    """A stretch of the bar, from one edge to the next, and how long it usually takes."""

    start: float
    end: float
    expected_s: float
    since: float
    message: str

    def at(self, now: float) -> int:
        """Where the bar stands by the time alone; the end itself is never reached by waiting."""
        return self.reached(max(0.0, now - self.since) / self.expected_s)

    def reached(self, share: float) -> int:
        """Where the bar stands when so much of the stretch is done."""
        reached = math.floor(self.start + (self.end - self.start) * share + ROUNDING)
        return max(math.floor(self.start + ROUNDING), min(reached, math.ceil(self.end) - 1))


class Meter:
    """The bar of one job. Its own thread moves it from stage to stage; any thread may read it."""

    def __init__(
        self,
        steps: Sequence[Step],
        expected_s: float,
        message: str,
        clock: Callable[[], float] = time.monotonic,
        usual_s: float = math.inf,
    ) -> None:
        """`usual_s`: what such a job takes at most, nine times of ten."""
        self._clock = clock
        self._overdue_at, self._usual_s = clock() + usual_s, usual_s
        self._highest = 0
        self._several = len(steps) > 1
        self._stages = _split(steps, max(expected_s, INSTANT_S))
        self._finalizing: str | None = None
        first = next(iter(self._stages.values()), None)
        self._stage = self._started(
            first or Stage(FIRST, END, max(expected_s, INSTANT_S), 0, message)
        )

    def begin(self, step: str) -> None:
        """A step's call starts. A step that the kind did not declare takes no share of the bar."""
        if stage := self._stages.get(step):
            self._stage = self._started(stage)

    def end(self, step: str) -> None:
        """A step's output is there."""
        if stage := self._stages.get(step):
            edge = min(stage.end, float(Progress.LAST_TICK))
            self._stage = Stage(edge, edge, stage.expected_s, self._clock(), stage.message)

    def finalize(self, message: str) -> None:
        """All calls are over; what remains is to store the result."""
        self._finalizing = message

    def read(self, measured: Measured | None = None) -> Reading:
        """What to show now; `measured` takes the place of the guess by time."""
        if self._finalizing is not None:
            source = self._source(by_step=self._several)
            return Reading(Progress.CALLED, source, Phase.FINALIZING, self._finalizing)
        stage, now = self._stage, self._clock()
        progress = stage.reached(measured.share) if measured else stage.at(now)
        by_step = self._several and progress == math.floor(stage.start + ROUNDING) > FIRST
        source = measured.source if measured else self._source(by_step=by_step)
        self._highest = max(self._highest, progress)
        return Reading(self._highest, source, Phase.GENERATING, self._words(stage, now, measured))

    def _words(self, stage: Stage, now: float, measured: Measured | None) -> str:
        words = (
            f"{stage.message} ({measured.words})" if measured and measured.words else stage.message
        )
        if now < self._overdue_at:
            return words
        return f"{words} Taking longer than usual (usually under {math.ceil(self._usual_s)} s)"

    def _started(self, stage: Stage) -> Stage:
        return Stage(stage.start, stage.end, stage.expected_s, self._clock(), stage.message)

    @staticmethod
    def _source(*, by_step: bool) -> ProgressSource:
        return ProgressSource.STEPS if by_step else ProgressSource.SIMULATED


def _split(steps: Sequence[Step], expected_s: float) -> dict[str, Stage]:
    """The stretch of each step, by its share of the expected time."""
    whole = sum(step.expected_s for step in steps)
    if not whole > 0:
        return {}
    stages: dict[str, Stage] = {}
    start = float(FIRST)
    for step in steps:
        share = step.expected_s / whole
        end = start + (END - FIRST) * share
        stages[step.name] = Stage(start, end, max(expected_s * share, INSTANT_S), 0, step.message)
        start = end
    return stages
