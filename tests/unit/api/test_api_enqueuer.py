"""Enqueueing accepted jobs in batches."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from loresmith.api.background.enqueuer import BATCH_WINDOW_S, Enqueuer
from loresmith.jobs.core.logs import REQUEST_ID
from loresmith.jobs.store.pipeline import StoreUnavailable
from loresmith.jobs.store.queue import JobMessage


class FakePipeline:
    """Records enqueued batches, after it has raised the given failures."""

    def __init__(self, *failures: Exception) -> None:
        self.batches: list[list[str]] = []
        self.failures = list(failures)

    async def script(self, name: str, keys: list[str], *arguments: Any) -> None:
        assert (name, keys) == ("jobs/enqueue", ["rq:queue:lore", "rq:queues"])
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        entries = arguments[4 + arguments[3] :]
        self.batches.append(list(entries[::2]))

    @property
    def entries(self) -> list[str]:
        return [entry for batch in self.batches for entry in batch]


def with_enqueuer(pipeline: FakePipeline, act: Callable[[Enqueuer], Awaitable[Any]]) -> None:
    async def run() -> None:
        enqueuer = Enqueuer(pipeline, "lore")  # type: ignore[arg-type]
        await act(enqueuer)
        await enqueuer.flush()

    asyncio.run(run())


async def after_the_window() -> None:
    await asyncio.sleep(2 * BATCH_WINDOW_S)


def test_a_single_job_is_enqueued_at_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "loresmith.api.background.enqueuer")
    pipeline = FakePipeline()

    async def act(enqueuer: Enqueuer) -> None:
        enqueuer.notify([JobMessage("a", 1)])
        for _ in range(5):
            await asyncio.sleep(0)
        assert pipeline.entries == ["a_1"]

    with_enqueuer(pipeline, act)
    assert "queued job_id=a attempt=1" in caplog.messages


def test_a_burst_is_enqueued_in_few_batches_and_in_order() -> None:
    """Given a thousand requests at once / I expect all of them enqueued, in few calls."""
    pipeline = FakePipeline()

    async def act(enqueuer: Enqueuer) -> None:
        for number in range(1_000):
            enqueuer.notify([JobMessage("j", number)])
            if number % 100 == 0:
                await asyncio.sleep(0)
        await after_the_window()

    with_enqueuer(pipeline, act)
    assert pipeline.entries == [f"j_{number}" for number in range(1_000)]
    assert len(pipeline.batches) <= 5


@pytest.mark.parametrize("failure", [StoreUnavailable("away"), RuntimeError("a bug")])
def test_a_failed_batch_does_not_stop_the_next_one(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Given that Redis fails once / I expect that message to be lost, and the next one sent.

    An outage is logged by the pipeline, anything else by the enqueuer.
    """
    pipeline = FakePipeline(failure)

    async def act(enqueuer: Enqueuer) -> None:
        enqueuer.notify([JobMessage("lost", 1)])
        await after_the_window()
        enqueuer.notify([JobMessage("next", 1)])
        await after_the_window()

    with_enqueuer(pipeline, act)
    assert pipeline.entries == ["next_1"]
    is_outage = isinstance(failure, StoreUnavailable)
    assert ("the reconciler will" in caplog.text) is not is_outage


def test_a_flush_enqueues_what_is_noted() -> None:
    pipeline = FakePipeline()

    async def act(enqueuer: Enqueuer) -> None:
        for number in range(50):
            enqueuer.notify([JobMessage("j", number)])

    with_enqueuer(pipeline, act)
    assert len(pipeline.entries) == 50


def test_each_job_has_a_line_with_the_id_of_its_request(
    log_lines: Callable[[], list[str]],
) -> None:
    """Given three requests whose jobs are enqueued together / I expect three lines, each with the
    id of its own request; and none when nothing is noted.
    """

    async def request(enqueuer: Enqueuer, number: int) -> None:
        REQUEST_ID.set(f"request-{number}")
        enqueuer.notify([JobMessage(f"j{number}", 1)])

    async def act(enqueuer: Enqueuer) -> None:
        await asyncio.gather(*(request(enqueuer, number) for number in range(3)))
        await enqueuer.flush()
        await enqueuer.flush()

    with_enqueuer(FakePipeline(), act)
    assert log_lines() == [
        f"queued job_id=j{number} attempt=1 request_id=request-{number}" for number in range(3)
    ]
