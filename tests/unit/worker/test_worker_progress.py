"""The bar: the seed's ladder, several steps in one band, and what is said when it takes long."""

import pytest

from jobs.kind import Step
from jobs.states import Phase, ProgressSource
from worker.live import Measured
from worker.progress import Meter

ONE = (Step("generate", "Generating characters...", 30),)
THREE = (Step("a", "A...", 10), Step("b", "B...", 20), Step("c", "C...", 30))


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def meter(
    clock: Clock, steps: tuple[Step, ...] = ONE, expected_s: float = 30, usual_s: float = 1e9
) -> Meter:
    return Meter(steps, expected_s, "Working...", clock, usual_s)


def test_one_more_each_half_second_of_thirty_and_no_further_than_79(clock: Clock) -> None:
    """Given a job that usually takes 30 s / I expect the seed's ladder, looked at every 0.5 s."""
    bar, start = meter(clock), clock.now

    seen = []
    for tick in range(90):
        clock.now = start + tick * 0.5
        seen.append(bar.read().progress)

    assert seen == [*range(20, 80), *[79] * 30]


@pytest.mark.parametrize("expected_s", [2, 7.5, 45, 120])
def test_the_ladder_stretches_with_the_expected_time(clock: Clock, expected_s: float) -> None:
    bar, start = meter(clock, expected_s=expected_s), clock.now

    clock.now = start + expected_s / 2

    assert bar.read().progress == 50


@pytest.mark.parametrize("expected_s", [0, -5])
def test_a_job_that_is_expected_to_take_no_time_stands_at_79(
    clock: Clock, expected_s: float
) -> None:
    bar = meter(clock, expected_s=expected_s)

    clock.now += 1

    assert bar.read().progress == 79


def test_a_clock_that_goes_back_does_not_take_the_bar_below_its_start(clock: Clock) -> None:
    bar = meter(clock)

    clock.now -= 60

    assert bar.read().progress == 20


def test_the_call_s_clock_starts_with_the_call(clock: Clock) -> None:
    bar = meter(clock)
    clock.now += 10

    bar.begin("generate")

    assert bar.read().progress == 20


def test_a_job_that_was_just_claimed_moves_before_its_first_call(clock: Clock) -> None:
    bar = meter(clock)

    clock.now += 5

    assert bar.read().progress == 30


def test_steps_share_the_band_by_their_expected_time(clock: Clock) -> None:
    """Given steps of 10, 20 and 30 s / I expect them to start at 20, 30 and 50."""
    bar = meter(clock, THREE, 60)

    starts = []
    for step in THREE:
        bar.begin(step.name)
        starts.append(bar.read().progress)
        bar.end(step.name)

    assert starts == [20, 30, 50]


def test_a_step_that_takes_too_long_stops_before_the_next_one_s_place(clock: Clock) -> None:
    bar = meter(clock, THREE, 60)
    bar.begin("a")

    clock.now += 1_000

    assert bar.read().progress == 29


def test_a_finished_step_says_so_itself(clock: Clock) -> None:
    """Given two of three steps / I expect steps as the source at the edges, time in between."""
    bar = meter(clock, THREE, 60)

    bar.begin("a")
    bar.end("a")
    edge = bar.read()
    bar.begin("b")
    clock.now += 10
    between = bar.read()

    assert (edge.progress, edge.source) == (30, ProgressSource.STEPS)
    assert (between.progress, between.source) == (40, ProgressSource.SIMULATED)


def test_the_last_step_leaves_the_bar_at_79(clock: Clock) -> None:
    bar = meter(clock, THREE, 60)

    for step in THREE:
        bar.begin(step.name)
        bar.end(step.name)

    assert bar.read().progress == 79


def test_steps_follow_the_expected_time_of_the_job(clock: Clock) -> None:
    """Given a kind of 60 s whose jobs take 120 s of late / I expect steps twice as long."""
    bar = meter(clock, THREE, 120)
    bar.begin("c")

    clock.now += 30

    assert bar.read().progress == 65


def test_each_step_has_its_message(clock: Clock) -> None:
    bar = meter(clock, THREE, 60)

    bar.begin("b")

    assert bar.read().message == "B..."


def test_a_step_nobody_declared_takes_no_share(clock: Clock) -> None:
    bar = meter(clock, THREE, 60)
    bar.begin("a")

    bar.begin("surprise")
    bar.end("surprise")

    assert (bar.read().progress, bar.read().message) == (20, "A...")


def test_past_the_time_that_nine_of_ten_take_it_says_so(clock: Clock) -> None:
    bar, start = meter(clock, usual_s=20.4), clock.now

    clock.now = start + 20.3
    before = bar.read().message
    clock.now = start + 20.5

    assert before == "Generating characters..."
    words = "Generating characters... Taking longer than usual (usually under 21 s)"
    assert bar.read().message == words


def test_what_is_measured_takes_the_place_of_the_guess(clock: Clock) -> None:
    """Given a bar that time has moved / when entities are counted / I expect their share of the
    same band, said so, and never less than was shown.
    """
    bar, start = meter(clock), clock.now
    clock.now = start + 15
    guessed = bar.read()

    third, all_but = bar.read(Measured(1 / 3, "1 of 3")), bar.read(Measured(0.9, "2 of 3"))

    assert (guessed.progress, guessed.source) == (50, ProgressSource.SIMULATED)
    assert (third.progress, third.source) == (50, ProgressSource.ITEMS)
    assert (all_but.progress, all_but.message) == (74, "Generating characters... (2 of 3)")
    assert bar.read(Measured(1.0, "3 of 3")).progress == 79


def test_after_the_calls_it_is_finalizing_at_90(clock: Clock) -> None:
    bar = meter(clock)

    bar.finalize("Finalizing characters...")

    reading = bar.read()
    assert (reading.progress, reading.phase) == (90, Phase.FINALIZING)
    assert reading.message == "Finalizing characters..."
