"""Start, restart and stop of processes, with simulated processes and a simulated clock."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loresmith.supervisor.errors import SupervisorError
from loresmith.supervisor.process import ChildProcess
from loresmith.supervisor.signals import SignalWaiter
from loresmith.supervisor.supervisor import StopRequested, Supervisor


@dataclass
class Simulation:
    """A clock with scheduled actions, stop signals, and a record of what happened."""

    now: float = 0.0
    stops: int = 0
    reports: list[str] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    schedule: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        """Advances the clock and runs the actions that are due."""
        self.now += seconds
        for due in [entry for entry in self.schedule if entry[0] <= self.now]:
            self.schedule.remove(due)
            due[1]()

    def at(self, time: float, action: Callable[[], None]) -> None:
        self.schedule.append((time, action))

    def stop(self) -> None:
        self.stops += 1


class SimulatedProcess(ChildProcess):
    """A process that exits `stops_in` seconds after a signal (None: never)."""

    simulation: Simulation
    stops_in: float | None = 0.0
    running: bool = False
    starts: int = 0

    def start(self) -> None:
        self.running = True
        self.starts += 1
        self.started_at = self.simulation.now

    @property
    def pid(self) -> int:
        return 100 + self.starts

    @property
    def alive(self) -> bool:
        return self.running

    def send(self, number: signal.Signals) -> None:
        if not self.running:
            return
        self.simulation.sent.append((self.name, number.name))
        if number == signal.SIGKILL:
            self.exit()
        elif self.stops_in is not None:
            self.simulation.at(self.simulation.now + self.stops_in, self.exit)

    def exit(self) -> None:
        self.running = False

    def exit_reason(self) -> str:
        return "killed by SIGKILL"

    def log_tail(self, lines: int = 8) -> str:
        return "LORE_THING must be set"


@pytest.fixture
def simulation() -> Simulation:
    return Simulation()


def process(
    simulation: Simulation,
    name: str,
    *,
    stop_timeout_s: float = 30,
    stops_in: float | None = 0.0,
) -> SimulatedProcess:
    command = [name.rstrip("0123456789")]
    simulated = SimulatedProcess(name, command, {}, Path(f"{name}.log"), "", stop_timeout_s)
    simulated.simulation, simulated.stops_in = simulation, stops_in
    return simulated


def started(simulation: Simulation, *processes: SimulatedProcess) -> Supervisor:
    """Returns a supervisor that has started these processes."""
    supervisor = Supervisor(
        simulation,  # type: ignore[arg-type]
        simulation.reports.append,
        lambda: None,
        lambda: simulation.now,
    )
    supervisor.start(processes)
    return supervisor


def test_it_waits_until_the_stack_is_ready(simulation: Simulation) -> None:
    supervisor = started(simulation, process(simulation, "api"))

    supervisor.wait_until(lambda: simulation.now >= 2, lambda: "", timeout_s=10)

    assert simulation.now == pytest.approx(2, abs=0.1)


def test_an_exit_during_the_start_shows_the_log(simulation: Simulation) -> None:
    api = process(simulation, "api")
    supervisor = started(simulation, api)
    simulation.at(1, api.exit)

    expected = r"(?s)api did not start.*LORE_THING must be set.*api\.log"
    with pytest.raises(SupervisorError, match=expected):
        supervisor.wait_until(lambda: False, lambda: "", timeout_s=10)


def test_the_start_has_a_timeout(simulation: Simulation) -> None:
    supervisor = started(simulation, process(simulation, "api"))

    with pytest.raises(SupervisorError, match="after 10 s: workers: 0 alive"):
        supervisor.wait_until(lambda: False, lambda: "workers: 0 alive", timeout_s=10)


def test_a_stop_signal_during_the_start(simulation: Simulation) -> None:
    supervisor = started(simulation, process(simulation, "api"))
    simulation.at(1, simulation.stop)

    with pytest.raises(StopRequested):
        supervisor.wait_until(lambda: False, lambda: "", timeout_s=10)


def test_a_process_that_exits_is_restarted_and_reported_in_one_line(
    simulation: Simulation,
) -> None:
    worker, restarts = process(simulation, "worker"), list[float]()
    supervisor = started(simulation, worker)
    simulation.at(60, worker.exit)
    simulation.at(65, simulation.stop)

    with pytest.raises(StopRequested):
        supervisor.keep_running(lambda: restarts.append(simulation.now))

    assert worker.starts == 2
    assert restarts[0] == pytest.approx(60.2, abs=0.1)
    assert simulation.reports == [
        "worker (process 101) stopped: killed by SIGKILL; restarted as process 102"
    ]


def test_a_process_that_keeps_exiting_is_restarted_with_backoff(simulation: Simulation) -> None:
    worker = process(simulation, "worker")
    supervisor = started(simulation, worker)
    worker.exit()
    simulation.at(100, simulation.stop)

    with pytest.raises(StopRequested):
        supervisor.keep_running(worker.exit)

    assert 20 < worker.starts < 30, "0.2 + 0.4 + 0.8 + 1.6 + 3.2, then every 5 seconds"
    assert len(simulation.reports) == 4, "the first three exits, then one line a minute"
    assert simulation.reports[-1].endswith("see worker.log")


def test_delays_double_up_to_five_seconds_and_a_stable_run_resets_them(
    simulation: Simulation,
) -> None:
    worker = process(simulation, "worker")

    assert [worker.restart_delay_s(0.1) for _ in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5, 5]
    assert worker.restart_delay_s(ran_s=11) == 0.2


def test_processes_stop_one_after_the_other_and_workers_together(simulation: Simulation) -> None:
    names = ["redis", "lore", "worker", "worker2", "api"]
    supervisor = started(simulation, *(process(simulation, name, stops_in=1) for name in names))

    supervisor.stop()

    assert [name for name, _ in simulation.sent] == ["api", "worker2", "worker", "lore", "redis"]
    assert {number for _, number in simulation.sent} == {"SIGTERM"}
    assert simulation.now == pytest.approx(4, abs=0.5), "four groups of a second each"


def test_a_process_is_killed_after_its_stop_timeout(simulation: Simulation) -> None:
    worker = process(simulation, "worker", stop_timeout_s=10, stops_in=None)
    supervisor = started(simulation, worker)

    supervisor.stop()

    assert simulation.sent == [("worker", "SIGTERM"), ("worker", "SIGKILL")]
    assert simulation.now == pytest.approx(10, abs=0.2)
    assert "Waiting up to 9 s for worker." in simulation.reports[0]
    assert "model calls in flight become unknown" in simulation.reports[0]


def test_a_second_stop_signal_is_passed_on_and_leaves_three_seconds(
    simulation: Simulation,
) -> None:
    worker = process(simulation, "worker", stops_in=None)
    supervisor = started(simulation, process(simulation, "redis"), worker)
    simulation.stop()
    simulation.at(2, simulation.stop)

    supervisor.stop()

    signals = [number for name, number in simulation.sent if name == "worker"]
    assert signals == ["SIGTERM", "SIGTERM", "SIGKILL"]
    assert simulation.now == pytest.approx(5, abs=0.3)
    assert simulation.sent[-1][0] == "redis", "the order stays"


def test_a_third_stop_signal_kills(simulation: Simulation) -> None:
    supervisor = started(simulation, process(simulation, "worker", stops_in=None))
    simulation.stop()
    simulation.at(1, simulation.stop)
    simulation.at(1.5, simulation.stop)

    supervisor.stop()

    assert simulation.now == pytest.approx(1.5, abs=0.2)


def test_a_forced_stop_sends_two_signals_at_once(simulation: Simulation) -> None:
    supervisor = started(simulation, process(simulation, "worker", stops_in=None))

    supervisor.stop(force=True)

    assert [number for _, number in simulation.sent] == ["SIGTERM", "SIGTERM", "SIGKILL"]
    assert simulation.now == pytest.approx(3, abs=0.2)


def test_a_stopped_process_is_not_stopped_again(simulation: Simulation) -> None:
    supervisor = started(simulation, process(simulation, "api"))
    supervisor.stop()
    supervisor.stop(force=True)

    assert simulation.sent == [("api", "SIGTERM")]


def test_signals_interrupt_a_wait_and_are_counted() -> None:
    """Given signals that are not ignored, as in a shell's background / I expect both counted."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.getsignal(signal.SIGTERM)
    with SignalWaiter() as signals:
        signals.wait(0)
        assert signals.stops == 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.raise_signal(number)
        signals.wait(60)
        assert signals.stops == 2

    assert signal.getsignal(signal.SIGTERM) is before


def test_an_ignored_ctrl_c_stays_ignored_and_is_known() -> None:
    """Given the background of a script, where SIGINT is ignored / I expect SIGTERM only to stop."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with SignalWaiter() as signals:
            signal.raise_signal(signal.SIGINT)
            assert (signals.stops, signals.has_ctrl_c) == (0, False)
            signal.raise_signal(signal.SIGTERM)
            assert signals.stops == 1
    finally:
        signal.signal(signal.SIGINT, before)
