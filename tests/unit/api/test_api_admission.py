"""Which new jobs are refused to protect those that there are."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis

from loresmith.api.services.admission import MemoryWatermark
from loresmith.jobs.store.pipeline import StoreUnavailable
from tests.unit.api.harness import ApiHarness, FakePipeline, api_harness


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiHarness]:
    with api_harness(tmp_path, queue_max=3, queue_max_per_user=2) as harness:
        yield harness


def test_a_full_queue_is_a_429(api: ApiHarness) -> None:
    """Given a user at the limit / I expect a problem with the limit; his repeated request its job;
    after a cancel room again.
    """
    first = api.submit(Idempotency_Key="order-0001").json()["id"]
    api.create()
    answer = api.submit()

    assert (answer.status_code, answer.json()["code"]) == (429, "queue-full")
    assert (answer.json()["scope"], answer.json()["limit"]) == ("user", 2)
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["retryable"]
    again = api.submit(Idempotency_Key="order-0001")
    assert (again.status_code, again.json()["id"]) == (200, first)
    api.post(f"/jobs/{first}/cancel")
    assert api.submit().status_code == 202
    assert api.post(f"/jobs/{first}/retry").json()["code"] == "queue-full"


class Memory(FakePipeline):
    """A Redis that uses 90 of 100 bytes."""

    def __init__(self, **info: Any) -> None:
        super().__init__(FakeAsyncRedis())
        self.info = {"used_memory": "90", "maxmemory": "100", **info}


def is_exceeded(pipeline: FakePipeline, share: float) -> bool:
    return asyncio.run(MemoryWatermark(pipeline, share).is_exceeded())


@pytest.mark.parametrize(
    ("share", "info", "exceeded"),
    [
        (0.9, {}, True),
        (0.91, {}, False),
        (0.85, {"maxmemory": "0", "total_system_memory": "100"}, True),
        (0.85, {"maxmemory": "0", "total_system_memory": "200"}, False),
        (0.85, {"maxmemory": "0"}, False),
        (0.85, {"used_memory": ""}, False),
    ],
)
def test_the_watermark_is_a_share(share: float, info: dict[str, str], exceeded: bool) -> None:
    assert is_exceeded(Memory(**info), share) is exceeded


def test_a_redis_that_does_not_tell_is_below_it() -> None:
    class Silent(Memory):
        async def execute(self, *command: Any, acknowledged: bool = False) -> Any:
            raise StoreUnavailable("no permission")

    assert not is_exceeded(Silent(), 0.1)


def test_above_the_watermark_only_new_jobs_are_refused(
    api: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given little memory / I expect a 503 for a new job, and everything else as ever."""
    first = api.submit(Idempotency_Key="order-0001").json()["id"]

    async def exceeded(_: MemoryWatermark) -> bool:
        return True

    monkeypatch.setattr(MemoryWatermark, "is_exceeded", exceeded)
    answer = api.submit()

    assert (answer.status_code, answer.json()["code"]) == (503, "temporary-reduced-capacity")
    assert int(answer.headers["retry-after"]) > 0
    assert "memory" in answer.json()["detail"]
    assert api.submit(Idempotency_Key="order-0001").json()["id"] == first
    assert api.get(f"/jobs/{first}").status_code == 200
    assert api.post(f"/jobs/{first}/cancel").status_code == 200
