"""What a job is expected to take: its kind's and model's own history, once there is any."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from loresmith.api.services.run_statistics import RunStatistics
from loresmith.jobs.statistics.token_usage import TokenUsageModel
from loresmith.jobs.store import keys


class Runs:
    """A batch that knows nothing but durations, and counts how often it is asked."""

    def __init__(self, **runs: list[str]) -> None:
        self.runs = runs
        self.asked: list[str] = []

    async def execute(self, command: str, key: str, *_: Any) -> list[str]:
        self.asked.append(key)
        name = key.rpartition(":")[2] or "any"
        return self.runs.get(f"{name}_lengths" if key.startswith("token-usage") else name, [])


def ask(
    runs: Runs, act: Callable[[RunStatistics], Awaitable[Any]], clock: Any = lambda: 0.0
) -> Any:
    async def asking() -> Any:
        return await act(RunStatistics(runs, clock))  # type: ignore[arg-type]

    return asyncio.run(asking())


def expected(kind: str = "generate_characters", model: str | None = "m") -> Any:
    async def act(history: RunStatistics) -> float:
        return (await history.duration(kind, model)).p50

    return act


def test_a_kind_without_history_takes_what_it_says() -> None:
    assert ask(Runs(), expected()) == 30.0


@pytest.mark.parametrize(
    ("runs", "seconds"),
    [
        (["1"] * 4, 30.0),
        (["1"] * 5, 1.0),
        (["10", "11.5", "12", "90", "9"], 11.5),
        (["10", "11", "12", "13", "14", "15"], 12.5),
    ],
)
def test_five_runs_are_enough_and_their_median_counts(runs: list[str], seconds: float) -> None:
    assert ask(Runs(m=runs), expected()) == seconds


def test_each_kind_and_model_has_its_own_history() -> None:
    runs = Runs(small=["5"] * 5, large=["50"] * 5, any=["20"] * 5)

    assert ask(runs, expected(model="small")) == 5
    assert ask(runs, expected(model="large")) == 50
    assert runs.asked == [
        keys.durations("generate_characters", "small"),
        keys.token_usage("generate_characters", "small"),
        keys.durations("generate_characters", "large"),
        keys.token_usage("generate_characters", "large"),
    ]


@pytest.mark.parametrize(("runs", "share"), [(4, 0.5), (5, 0.9)])
def test_how_long_answers_were_is_how_long_they_will_be(runs: int, share: float) -> None:
    """Given runs that filled nine tenths of their bound / I expect that of five or more, else the
    half.
    """
    reply = Runs(m_lengths=["1000 900 0 0"] * runs)

    token_usage: TokenUsageModel = ask(
        reply, lambda history: history.token_usage("generate_characters", "m")
    )
    assert token_usage.share(1000) == share


def test_it_is_asked_for_once_in_a_while_only() -> None:
    """Given many creates / I expect one question in five seconds, and change after them."""
    now = [0.0]
    runs = Runs(m=["5"] * 5)

    async def act(history: RunStatistics) -> list[float]:
        matches = [(await history.duration("generate_characters", "m")).p50 for _ in range(100)]
        runs.runs["m"] = ["7"] * 5
        now[0] = 4.9
        matches.append((await history.duration("generate_characters", "m")).p50)
        now[0] = 5.1
        matches.append((await history.duration("generate_characters", "m")).p50)
        return matches

    assert ask(runs, act, lambda: now[0]) == [5.0] * 101 + [7.0]
    assert len(runs.asked) == 4, "two lists, twice"


def test_what_clients_call_models_does_not_fill_the_memory() -> None:
    async def act(history: RunStatistics) -> int:
        for number in range(2_500):
            await history.duration("generate_characters", f"m{number}")
        return len(history._entries)

    assert ask(Runs(), act) <= 1_000
