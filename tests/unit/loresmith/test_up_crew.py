"""Bringing parts up, keeping them up, taking them down: with parts that are played."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loresmith.up.crew import Crew, Stopped
from loresmith.up.errors import UpError
from loresmith.up.part import Backoff, Part
from loresmith.up.signals import Signals


@dataclass
class World:
    """The clock, the signals, and what happened."""

    now: float = 0.0
    stops: int = 0
    said: list[str] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    plan: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        """Time passes, and what was planned for it happens."""
        self.now += seconds
        for moment in [moment for moment in self.plan if moment[0] <= self.now]:
            self.plan.remove(moment)
            moment[1]()

    def at(self, moment: float, happens: Callable[[], None]) -> None:
        self.plan.append((moment, happens))

    def stop(self) -> None:
        self.stops += 1


class PlayedPart(Part):
    """A part that lives until it is told, and takes `stops_in` seconds to obey (None: never)."""

    world: World
    stops_in: float | None = 0.0
    lives: bool = False
    starts: int = 0

    def start(self) -> None:
        self.lives = True
        self.starts += 1
        self.started_at = self.world.now

    @property
    def pid(self) -> int:
        return 100 + self.starts

    @property
    def alive(self) -> bool:
        return self.lives

    def send(self, number: signal.Signals) -> None:
        if not self.lives:
            return
        self.world.sent.append((self.name, number.name))
        if number == signal.SIGKILL:
            self.die()
        elif self.stops_in is not None:
            self.world.at(self.world.now + self.stops_in, self.die)

    def die(self) -> None:
        self.lives = False

    def end(self) -> str:
        return "killed by SIGKILL"

    def tail(self, lines: int = 8) -> str:
        return "LORE_THING must be set"


@pytest.fixture
def world() -> World:
    return World()


def part(
    world: World, name: str, *, grace_s: float = 30, stops_in: float | None = 0.0
) -> PlayedPart:
    made = PlayedPart(name, [name.rstrip("0123456789")], {}, Path(f"{name}.log"), "", grace_s)
    made.world, made.stops_in = world, stops_in
    return made


def crew(world: World, *parts: PlayedPart) -> Crew:
    made = Crew(world, world.said.append, lambda: None, lambda: world.now)  # type: ignore[arg-type]
    made.start(parts)
    return made


def test_it_waits_until_the_parts_are_ready(world: World) -> None:
    made = crew(world, part(world, "api"))

    made.until(lambda: world.now >= 2, lambda: "", timeout_s=10)

    assert world.now == pytest.approx(2, abs=0.1)


def test_a_part_that_dies_before_it_is_ready_says_why(world: World) -> None:
    api = part(world, "api")
    made = crew(world, api)
    world.at(1, api.die)

    with pytest.raises(UpError, match=r"(?s)api did not start.*LORE_THING must be set.*api\.log"):
        made.until(lambda: False, lambda: "", timeout_s=10)


def test_who_is_never_ready_is_not_waited_for_for_ever(world: World) -> None:
    made = crew(world, part(world, "api"))

    with pytest.raises(UpError, match="after 10 s: workers: 0 alive"):
        made.until(lambda: False, lambda: "workers: 0 alive", timeout_s=10)


def test_a_stop_while_starting(world: World) -> None:
    made = crew(world, part(world, "api"))
    world.at(1, world.stop)

    with pytest.raises(Stopped):
        made.until(lambda: False, lambda: "", timeout_s=10)


def test_a_part_that_dies_is_started_again_in_one_line(world: World) -> None:
    worker, noted = part(world, "worker"), list[float]()
    made = crew(world, worker)
    world.at(60, worker.die)
    world.at(65, world.stop)

    with pytest.raises(Stopped):
        made.keep_up(lambda: noted.append(world.now))

    assert worker.starts == 2
    assert noted[0] == pytest.approx(60.2, abs=0.1)
    assert world.said == [
        "worker (process 101) died: killed by SIGKILL; started again as process 102"
    ]


def test_a_part_that_keeps_dying_is_started_less_and_less_often(world: World) -> None:
    worker = part(world, "worker")
    made = crew(world, worker)
    worker.die()
    world.at(100, world.stop)

    with pytest.raises(Stopped):
        made.keep_up(worker.die)

    assert 20 < worker.starts < 30, "0.2 + 0.4 + 0.8 + 1.6 + 3.2, then every 5 seconds"
    assert world.said[-1].endswith("see worker.log")


def test_pauses_double_up_to_five_seconds_and_a_steady_life_forgives() -> None:
    backoff = Backoff()

    assert [backoff.delay_s(0.1) for _ in range(7)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5, 5]
    assert backoff.delay_s(lived_s=11) == 0.2


def test_parts_stop_one_after_the_other_and_workers_together(world: World) -> None:
    names = ["redis", "lore", "worker", "worker2", "api"]
    parts = [part(world, name, stops_in=1) for name in names]
    made = crew(world, *parts)

    made.take_down()

    assert [name for name, _ in world.sent] == ["api", "worker2", "worker", "lore", "redis"]
    assert {number for _, number in world.sent} == {"SIGTERM"}
    assert world.now == pytest.approx(4, abs=0.5), "four groups of a second each"


def test_who_does_not_stop_in_its_grace_is_killed(world: World) -> None:
    made = crew(world, part(world, "worker", grace_s=10, stops_in=None))

    made.take_down()

    assert world.sent == [("worker", "SIGTERM"), ("worker", "SIGKILL")]
    assert world.now == pytest.approx(10, abs=0.2)
    assert "worker to finish what runs" in world.said[0]


def test_a_second_stop_is_passed_on_and_leaves_three_seconds(world: World) -> None:
    made = crew(world, part(world, "redis"), part(world, "worker", stops_in=None))
    world.stop()
    world.at(2, world.stop)

    made.take_down()

    signals = [number for name, number in world.sent if name == "worker"]
    assert signals == ["SIGTERM", "SIGTERM", "SIGKILL"]
    assert world.now == pytest.approx(5, abs=0.3)
    assert world.sent[-1][0] == "redis", "also in a hurry the last"


def test_a_third_stop_kills(world: World) -> None:
    made = crew(world, part(world, "worker", stops_in=None))
    world.stop()
    world.at(1, world.stop)
    world.at(1.5, world.stop)

    made.take_down()

    assert world.now == pytest.approx(1.5, abs=0.2)


def test_in_a_hurry_parts_are_asked_twice_from_the_start(world: World) -> None:
    made = crew(world, part(world, "worker", stops_in=None))

    made.take_down(hurry=True)

    assert [number for _, number in world.sent] == ["SIGTERM", "SIGTERM", "SIGKILL"]
    assert world.now == pytest.approx(3, abs=0.2)


def test_what_has_stopped_is_not_stopped_again(world: World) -> None:
    made = crew(world, part(world, "api"))
    made.take_down()
    made.take_down(hurry=True)

    assert world.sent == [("api", "SIGTERM")]


def test_signals_interrupt_a_wait_and_are_counted() -> None:
    """Given signals that nobody ignores, as a shell's background would / I expect both counted."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.getsignal(signal.SIGTERM)
    with Signals() as signals:
        signals.wait(0)
        assert signals.stops == 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.raise_signal(number)
        signals.wait(60)
        assert signals.stops == 2

    assert signal.getsignal(signal.SIGTERM) is before
