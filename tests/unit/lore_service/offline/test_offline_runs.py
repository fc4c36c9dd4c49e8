"""How far a run has come is a question of the clock; it is booked once, however it ends."""

import json

import pytest

from lore_service.offline.billing import Billing
from lore_service.offline.desk import DELIVERED, Desk, Order
from lore_service.offline.faults import Faults
from lore_service.offline.question import Question
from lore_service.offline.runs import OPENING, Run, Runs

pytestmark = pytest.mark.anyio


class Booked(Desk):
    """A desk that remembers what was settled."""

    def __init__(self) -> None:
        super().__init__(Billing(), Faults(), seconds=1_000, chunks=10)
        self.settled: list[tuple[str, str]] = []

    def settle(self, order: Order, written: str, outcome: str) -> None:
        self.settled.append((written, outcome))


@pytest.fixture
def desk() -> Booked:
    return Booked()


def begun(desk: Booked, runs: Runs, fault: str = "") -> Run:
    """A run of a thousand seconds, in ten pieces."""
    asked = Question.of_responses(json.dumps({"input": "theme: salt"}).encode(), {})
    return runs.begin(desk._order(asked, fault))


async def test_as_time_passes(desk: Booked) -> None:
    run = begun(desk, Runs(desk))
    whole = len(run.order.pieces)
    assert (run.written, run.status) == (0, "in_progress")

    run.began -= 500
    assert run.text == "".join(run.order.pieces[: whole // 2])

    run.began -= 501
    assert (run.text, run.status) == (run.order.answer.text, "completed")


async def test_when_an_event_is_due(desk: Booked) -> None:
    run = begun(desk, Runs(desk))
    pause = run.order.pause

    assert run.wait(OPENING - 1) == 0
    assert run.wait(OPENING) == pytest.approx(pause, abs=1)
    assert run.wait(run.events - 1) == pytest.approx(1_000, abs=1)


async def test_one_that_hangs_is_never_due(desk: Booked) -> None:
    run = begun(desk, Runs(desk), "hang")
    run.began -= 5_000

    assert (run.wait(OPENING), run.status, run.settling) == (None, "in_progress", None)


async def test_one_that_is_stopped_is_booked_once(desk: Booked) -> None:
    """Given a run stopped in its middle / I expect half of it booked, and no booking at its end."""
    runs = Runs(desk)
    run = begun(desk, runs)
    at_its_end = run.settling
    run.began -= 500

    runs.stop(run)
    runs.stop(run)

    assert desk.settled == [(run.text, "cancelled")]
    assert 0 < len(run.text) < len(run.order.answer.text)
    assert at_its_end is not None
    assert at_its_end.cancelled()


async def test_one_that_is_complete_stays_so(desk: Booked) -> None:
    runs = Runs(desk)
    run = begun(desk, runs)
    run.began -= 1_001

    runs.stop(run)

    assert run.status == "completed"
    assert desk.settled == []
    assert run.settling is not None
    run.settling.cancel()


async def test_memory_has_a_bound(desk: Booked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given more runs than are remembered / I expect the oldest stopped, booked and forgotten."""
    monkeypatch.setattr("lore_service.offline.runs.MOST_RUNS", 2)
    runs = Runs(desk)
    made = [begun(desk, runs) for _ in range(3)]

    assert [runs.get(run.id) is run for run in made] == [False, True, True]
    assert desk.settled == [("", "cancelled")]
    for run in made:
        runs.stop(run)
    assert DELIVERED not in {outcome for _, outcome in desk.settled}
