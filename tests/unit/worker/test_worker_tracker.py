"""The progress ladder of one step and of several, and the message of a late job."""

from typing import Any

import pytest

from loresmith.jobs.core.status import Phase, ProgressSource
from loresmith.jobs.types.base import Step
from loresmith.worker.progress.event_buffer import MeasuredProgress
from loresmith.worker.progress.tracker import ProgressTracker

ONE = (Step("generate", "Generating characters...", 30),)
THREE = (Step("a", "A...", 10), Step("b", "B...", 20), Step("c", "C...", 30))


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def tracker(
    clock: Clock, steps: tuple[Step, ...] = ONE, expected_s: float = 30, p90_s: float = 1e9
) -> ProgressTracker:
    return ProgressTracker(steps, expected_s, "Working...", clock, p90_s)


def test_progress_of_30_s_steps_each_half_second_up_to_79(clock: Clock) -> None:
    """Given a job that usually takes 30 s / I expect one step each 0.5 s."""
    progress, start = tracker(clock), clock.now

    seen = []
    for tick in range(90):
        clock.now = start + tick * 0.5
        seen.append(progress.snapshot().progress)

    assert seen == [*range(20, 80), *[79] * 30]


@pytest.mark.parametrize("expected_s", [2, 7.5, 45, 120])
def test_the_curve_stretches_with_the_expected_time(clock: Clock, expected_s: float) -> None:
    progress, start = tracker(clock, expected_s=expected_s), clock.now

    clock.now = start + expected_s / 2

    assert progress.snapshot().progress == 50


@pytest.mark.parametrize("expected_s", [0, -5])
def test_a_job_without_expected_time_is_at_79(clock: Clock, expected_s: float) -> None:
    progress = tracker(clock, expected_s=expected_s)

    clock.now += 1

    assert progress.snapshot().progress == 79


def test_a_clock_that_goes_back_keeps_the_start(clock: Clock) -> None:
    progress = tracker(clock)

    clock.now -= 60

    assert progress.snapshot().progress == 20


def run_for(progress: ProgressTracker, clock: Clock, seconds: float, **look: Any) -> list[int]:
    """Returns the progress at each look of the next `seconds`."""
    seen = []
    for _ in range(int(seconds * 2)):
        clock.now += 0.5
        seen.append(progress.snapshot(**look).progress)
    return seen


def test_progress_moves_before_the_first_call(clock: Clock) -> None:
    progress = tracker(clock)

    clock.now += 5

    assert progress.snapshot().progress == 30


def test_steps_share_the_ladder_by_expected_time(clock: Clock) -> None:
    """Given steps of 10, 20 and 30 s that are on time / I expect them to start at 20, 30 and 50,
    and no progress to be skipped.
    """
    progress = tracker(clock, THREE, 60)

    starts, seen = [], [20]
    for step in THREE:
        progress.begin(step.name)
        starts.append(progress.snapshot().progress)
        seen += run_for(progress, clock, step.expected_s)
        progress.end(step.name)

    assert starts == [20, 30, 50]
    assert sorted({*seen}) == [*range(20, 80)]


def test_a_late_step_does_not_stand_still(clock: Clock) -> None:
    """Given a step of 10 s that takes 40 s / I expect the ladder to rise beyond its end, slower."""
    progress = tracker(clock, THREE, 60)
    progress.begin("a")

    seen = run_for(progress, clock, 40)

    assert seen[19] == 30
    assert 40 <= seen[-1] < 60


def test_a_step_that_ends_early_does_not_jump(clock: Clock) -> None:
    """Given a step of 20 s that ends after 1 s / I expect the ladder to rise faster in the next."""
    progress = tracker(clock, THREE, 60)
    progress.begin("b")
    run_for(progress, clock, 1)
    progress.end("b")
    progress.begin("c")

    seen = run_for(progress, clock, 10)

    assert (seen[0], seen[-1]) == (22, 41)


def test_reused_steps_are_done_at_once(clock: Clock) -> None:
    """Given a retry that reuses two of three steps / I expect it at the start of the third, whose
    progress takes its own time, and `steps` as the source.
    """
    progress = tracker(clock, THREE, 60)
    for step in THREE[:2]:
        progress.begin(step.name)
        progress.end(step.name, reused=True)
    progress.begin("c")
    edge = progress.snapshot()

    assert (edge.progress, edge.source) == (50, ProgressSource.STEPS)
    assert run_for(progress, clock, 15)[-1] == 65


def test_kept_entities_are_done_at_once(clock: Clock) -> None:
    """Given a retry that keeps two of three entities / I expect the third to take its own 10 s."""
    progress = tracker(clock)
    progress.begin("generate")
    progress.keep("generate", 2 / 3)
    measured = MeasuredProgress(2 / 3, "2 of 3")

    assert progress.snapshot(measured).progress == 60
    assert progress.snapshot(measured).progress == 60
    assert run_for(progress, clock, 9)[-1] == 78


def test_another_worker_continues_where_the_last_one_was(clock: Clock) -> None:
    progress = ProgressTracker(ONE, 30, "Working...", clock, start=50)
    progress.begin("generate")

    assert progress.snapshot().progress == 50
    assert run_for(progress, clock, 10)[-1] == 70


def test_the_fields_for_a_later_attempt(clock: Clock) -> None:
    progress = tracker(clock, THREE, 60)

    assert progress.after("a") == {"work_message": "B...", "work_progress": 30}
    assert progress.after("c") == {"work_message": "C...", "work_progress": 79}
    assert progress.after("surprise") == {}


def test_a_later_attempt_starts_with_the_message_of_its_step(clock: Clock) -> None:
    assert ProgressTracker(THREE, 60, "B...", clock, start=30).snapshot().message == "B..."


def test_a_refused_call_stands_still(clock: Clock) -> None:
    """Given a provider that refuses for 20 s / I expect the progress to continue after it."""
    progress = tracker(clock)
    run_for(progress, clock, 5)

    assert set(run_for(progress, clock, 20, is_alive=False)) == {30}
    assert run_for(progress, clock, 5)[-1] == 40


def test_the_plain_ladder_ignores_steps_and_measurements(clock: Clock) -> None:
    """Given a job that shows the ladder / I expect each step by time, whatever is measured."""
    progress = ProgressTracker(THREE, 60, "A...", clock, by_time_only=True)
    progress.begin("c")

    seen = run_for(progress, clock, 60, measured=MeasuredProgress(0.9, "9 of 10"))

    assert sorted({*seen}) == [*range(20, 80)]
    assert seen[59] == 50
    assert progress.snapshot(MeasuredProgress(0.9)).source is ProgressSource.SIMULATED


def test_steps_scale_with_the_expected_time_of_the_job(clock: Clock) -> None:
    """Given a type of 60 s whose jobs now take 120 s / I expect steps twice as long."""
    progress = ProgressTracker(THREE, 120, "C...", clock, start=50)
    progress.begin("c")

    clock.now += 30

    assert progress.snapshot().progress == 65


def test_each_step_has_its_message(clock: Clock) -> None:
    progress = tracker(clock, THREE, 60)

    progress.begin("b")

    assert progress.snapshot().message == "B..."


def test_an_undeclared_step_changes_nothing(clock: Clock) -> None:
    progress = tracker(clock, THREE, 60)
    progress.begin("a")

    progress.begin("surprise")
    progress.end("surprise")

    assert (progress.snapshot().progress, progress.snapshot().message) == (20, "A...")


def test_a_late_job_says_so(clock: Clock) -> None:
    progress, start = tracker(clock, p90_s=20.4), clock.now

    clock.now = start + 20.3
    before = progress.snapshot().message
    clock.now = start + 20.5

    assert before == "Generating characters..."
    late = "Generating characters... Taking longer than usual (usually under 21 s)"
    assert progress.snapshot().message == late


def test_measured_progress_bends_the_pace(clock: Clock) -> None:
    """Given a call whose two of three entities arrive after 5 s / I expect the progress to rise
    faster from there, without a jump, and the measured source and message.
    """
    progress = tracker(clock)
    run_for(progress, clock, 5)

    seen = run_for(progress, clock, 5, measured=MeasuredProgress(2 / 3, "2 of 3"))

    assert 30 <= seen[0] <= 32
    assert seen[-1] > 42
    snapshot = progress.snapshot(MeasuredProgress(0.9, "2 of 3"))
    assert snapshot.message == "Generating characters... (2 of 3)"
    assert snapshot.source is ProgressSource.ITEMS


def test_finalizing_is_at_90(clock: Clock) -> None:
    progress = tracker(clock)

    progress.finalize("Finalizing characters...")

    snapshot = progress.snapshot()
    assert (snapshot.progress, snapshot.phase) == (90, Phase.FINALIZING)
    assert snapshot.message == "Finalizing characters..."


def test_a_job_that_waits_says_so_until_a_call_runs(clock: Clock) -> None:
    """Given a job at 40 % that waited for its provider / when its call is refused, then accepted
    / I expect its bar and message to stand until then, and to go on from there.
    """
    waiting = (Phase.RATE_LIMITED, "Rate limit reached.")
    progress = ProgressTracker(ONE, 30, "Working...", clock, start=40, waiting=waiting)

    clock.now += 5
    held = progress.snapshot(is_alive=False)
    progress.stop_waiting()
    accepted = progress.snapshot()

    assert (held.progress, held.phase, held.message) == (40, *waiting)
    assert (accepted.progress, accepted.phase) == (40, Phase.GENERATING)
    assert accepted.message == "Generating characters..."
