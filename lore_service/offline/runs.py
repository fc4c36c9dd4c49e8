"""Answers of the Responses interface: kept after they were asked for, and told as often as wanted.

Nothing works in the background. The answer is known from the start, so how far a run has come is a
question of the clock, and every event of its stream can be made again from its number.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from lore_service.offline.desk import CANCELLED, DELIVERED, Desk, Order

MOST_RUNS = 10_000
"""Runs remembered; the oldest are forgotten first."""
OPENING = CLOSING = 4
"""Events before the first piece of text and after the last."""


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Run:
    """One answer in the making."""

    id: str
    order: Order
    created_at: float = field(default_factory=time.time)
    began: float = field(default_factory=_now)
    stopped: int | None = None
    """Pieces written when it was stopped; None: it was not."""
    settling: asyncio.TimerHandle | None = None
    """What will book the answer when all of it is written; None: it is booked, or it hangs."""

    @property
    def written(self) -> int:
        """Pieces written by now."""
        if self.stopped is not None:
            return self.stopped
        if self.order.fault == "hang":
            return 0
        whole, pause = len(self.order.pieces), self.order.pause
        return min(whole, int((_now() - self.began) / pause + 1e-6)) if pause else whole

    @property
    def text(self) -> str:
        """What is written by now."""
        return "".join(self.order.pieces[: self.written])

    @property
    def status(self) -> str:
        if self.stopped is not None:
            return "cancelled"
        if self.order.fault == "hang" or self.written < len(self.order.pieces):
            return "in_progress"
        return self.end

    @property
    def end(self) -> str:
        """The status it has when it is left alone."""
        return "completed" if self.order.answer.finish_reason == "stop" else "incomplete"

    @property
    def events(self) -> int:
        """How many events the whole stream has."""
        return OPENING + len(self.order.pieces) + CLOSING

    def wait(self, event: int) -> float | None:
        """Seconds until this event is due; None: it never is."""
        pieces = max(0, min(event - OPENING + 1, len(self.order.pieces)))
        if self.order.fault == "hang" and event >= OPENING:
            return None
        return max(0.0, self.began + self.order.pause * pieces - _now())


class Runs:
    """The runs that are remembered."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._runs: OrderedDict[str, Run] = OrderedDict()

    def begin(self, order: Order) -> Run:
        """A new run. Its id follows from the question, and from how often that was asked before."""
        digest, number = order.answer.digest[:28], 0
        while (run_id := f"resp_{digest}{number:04x}") in self._runs:
            number += 1
        run = self._runs[run_id] = Run(run_id, order)
        while len(self._runs) > MOST_RUNS:
            self.stop(self._runs.popitem(last=False)[1])
        if order.fault != "hang":
            seconds = order.pause * len(order.pieces)
            loop = asyncio.get_running_loop()
            run.settling = loop.call_later(seconds, self._settle, run, DELIVERED)
        return run

    def get(self, run_id: str) -> Run | None:
        return self._runs.get(run_id)

    def stop(self, run: Run, outcome: str = CANCELLED) -> None:
        """Ends its work where it stands; one that is complete stays so."""
        if run.status == "in_progress":
            run.stopped = run.written
            if run.settling:
                run.settling.cancel()
            self._settle(run, outcome)

    def _settle(self, run: Run, outcome: str) -> None:
        run.settling = None
        self._desk.settle(run.order, run.text, outcome)
