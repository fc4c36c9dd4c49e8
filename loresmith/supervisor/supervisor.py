"""Starts, restarts and stops the processes of a stack."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from loresmith.jobs.core.outage_log import REMINDER_INTERVAL_S
from loresmith.supervisor.errors import SupervisorError
from loresmith.supervisor.process import ChildProcess
from loresmith.supervisor.signals import SignalWaiter

POLL_INTERVAL_S: Final = 0.05
IDLE_INTERVAL_S: Final = 0.5
"""Between two checks of a stack that runs; the end of a process is noticed at once."""
STOP_NOTICE_AFTER_S: Final = 1.0
"""A stop that takes longer prints what it waits for."""
FORCED_STOP_TIMEOUT_S: Final = 3.0
"""Time to stop after a second stop signal."""
LOG_HINT_AFTER_EXITS: Final = 3


class StopRequested(Exception):
    """A stop signal arrived."""


class Supervisor:
    """Starts processes, restarts those that exit, and stops them in the reverse order.

    `report` prints a line for people; `follow_logs` is called at every check.
    """

    def __init__(
        self,
        signals: SignalWaiter,
        report: Callable[[str], None],
        follow_logs: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._signals = signals
        self._report = report
        self._follow_logs = follow_logs
        self._clock = clock
        self._processes: list[ChildProcess] = []
        self._restart_at: dict[str, float] = {}
        self._reported_at: dict[str, float] = {}
        """When a process that keeps exiting was last reported: once a minute."""
        self._stops_before = 0
        """Stop signals before `stop` was called."""

    def start(self, processes: Sequence[ChildProcess]) -> None:
        """Starts processes without waiting for them. Raises StopRequested, SupervisorError."""
        for process in processes:
            self._check()
            self._processes.append(process)
            try:
                process.start()
            except OSError as error:
                raise SupervisorError(f"Cannot start {process.name}: {error}.") from None

    def wait_until(
        self, ready: Callable[[], bool], missing: Callable[[], str], timeout_s: float
    ) -> None:
        """Waits for `ready`. Raises StopRequested, and SupervisorError when a process exits."""
        deadline = self._clock() + timeout_s
        while not ready():
            self._check()
            if dead := next((each for each in self._processes if not each.alive), None):
                raise SupervisorError(_start_failure(dead))
            if self._clock() > deadline:
                raise SupervisorError(f"Not ready after {timeout_s:g} s: {missing()}")
            self._signals.wait(POLL_INTERVAL_S)

    def keep_running(self, on_restart: Callable[[], None]) -> None:
        """Restarts processes that exit, for ever. Raises StopRequested."""
        while True:
            self._check()
            for process in self._processes:
                if not process.alive and self._is_due(process):
                    self._restart(process)
                    on_restart()
            self._signals.wait(POLL_INTERVAL_S if self._restart_at else IDLE_INTERVAL_S)

    def stop(self, *, force: bool = False) -> None:
        """Stops all processes, last started first; the workers together.

        A forced stop releases running jobs, which run again after the next start, and leaves the
        outcome of model calls in flight unknown.
        """
        self._stops_before = self._signals.stops - force
        for group in _stop_groups(self._processes):
            self._stop_group(group)
        self._follow_logs()

    def _check(self) -> None:
        self._follow_logs()
        if self._signals.stops:
            raise StopRequested

    def _is_due(self, process: ChildProcess) -> bool:
        """Whether the delay of a dead process is over; the first call starts it."""
        now = self._clock()
        if process.name not in self._restart_at:
            self._restart_at[process.name] = now + process.restart_delay_s(now - process.started_at)
        return now >= self._restart_at[process.name]

    def _restart(self, process: ChildProcess) -> None:
        del self._restart_at[process.name]
        exited = f"{process.name} (process {process.pid}) stopped: {process.exit_reason()}"
        hint = f"; see {process.log}" if process.backoff.attempts >= LOG_HINT_AFTER_EXITS else ""
        process.started_at = self._clock()
        try:
            process.start()
        except OSError as error:
            line = f"{exited}; restart failed: {error}"
        else:
            line = f"{exited}; restarted as process {process.pid}{hint}"
        now = self._clock()
        is_new = process.backoff.attempts <= LOG_HINT_AFTER_EXITS
        if is_new or now - self._reported_at.get(process.name, now) >= REMINDER_INTERVAL_S:
            self._reported_at[process.name] = now
            self._report(line)

    def _stop_group(self, group: Sequence[ChildProcess]) -> None:
        """Sends SIGTERM, again after a second stop signal, and SIGKILL after the timeout."""
        repeats_seen = sent = 0
        limit = self._clock() + max(process.stop_timeout_s for process in group)
        notice_at = self._clock() + STOP_NOTICE_AFTER_S
        while any(process.alive for process in group):
            if sent <= min(self._repeats, 1):  # the second SIGTERM makes a worker stop at once
                _send(group, signal.SIGTERM)
                sent += 1
            if repeats_seen != self._repeats:
                repeats_seen = self._repeats
                limit = min(limit, self._clock() + FORCED_STOP_TIMEOUT_S)
            if repeats_seen > 1 or self._clock() > limit:
                _send(group, signal.SIGKILL)
            if not repeats_seen and self._clock() > notice_at:
                notice_at = limit
                self._report(_stop_notice(group, limit - self._clock()))
            self._follow_logs()
            self._signals.wait(POLL_INTERVAL_S)

    @property
    def _repeats(self) -> int:
        """Stop signals since the stop began."""
        return self._signals.stops - self._stops_before


def _stop_groups(processes: Sequence[ChildProcess]) -> Iterator[list[ChildProcess]]:
    """Yields the processes to stop together, last started first."""
    group: list[ChildProcess] = []
    for process in reversed(processes):
        if group and process.command != group[-1].command:
            yield group
            group = []
        group.append(process)
    if group:
        yield group


def _send(group: Sequence[ChildProcess], number: signal.Signals) -> None:
    for process in group:
        process.send(number)


def _start_failure(process: ChildProcess) -> str:
    output = "\n".join(f"  {line}" for line in process.log_tail().splitlines())
    return (
        f"{process.name} did not start ({process.exit_reason()}). Its last output:\n{output}\n"
        f"Full log: {process.log}"
    )


def _stop_notice(group: Sequence[ChildProcess], left_s: float) -> str:
    names = " and ".join(process.name for process in reversed(group) if process.alive)
    return (
        f"Waiting up to {left_s:.0f} s for {names}. A second Ctrl-C (or SIGTERM) stops at once: "
        "running jobs are released, and model calls in flight become unknown. They may be billed, "
        "and are not repeated without your consent."
    )
