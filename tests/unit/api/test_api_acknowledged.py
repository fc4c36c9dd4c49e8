"""What a failover must not forget is counted, and confirmed by LORESMITH_ACK_REPLICAS replicas."""

import asyncio
from typing import Any

import pytest
from redis.exceptions import OutOfMemoryError

from loresmith.jobs.store.acknowledgement import ACKNOWLEDGED, COUNTED_BY_SCRIPT, UNACKNOWLEDGED
from loresmith.jobs.store.pipeline import PipelineBatcher, StoreUnavailable
from loresmith.jobs.store.primary import PrimaryGuard
from loresmith.jobs.store.scripts import names
from tests.unit.api.wire import Wire


def acknowledging(
    wire: Wire, *names: str, replicas: int = 1, guard: PrimaryGuard | None = None
) -> list[Any]:
    """The answers to scripts that go together, where replicas must confirm."""

    async def act() -> list[Any]:
        batch = PipelineBatcher(wire, guard=guard, ack_replicas=replicas)  # type: ignore[arg-type]
        calls = (batch.script(name, ["k"]) for name in names)
        return list(await asyncio.gather(*calls, return_exceptions=True))

    return asyncio.run(act())


def test_accepted_work_waits_for_a_replica() -> None:
    """Given a submit, and a read in the same pipeline / I expect a write and a WAIT after both."""
    wire = Wire(lambda number: {0: "created", 1: "read", 2: 17, 3: 1}[number])

    assert acknowledging(wire, "jobs/submit", "jobs/list") == ["created", "read"]
    assert wire.sizes == [4]


def test_accepted_work_that_no_replica_has_is_not_accepted() -> None:
    wire = Wire(lambda number: {0: "created", 1: "read", 2: 17, 3: 0}[number])

    submitted, read = acknowledging(wire, "jobs/submit", "jobs/list")

    assert isinstance(submitted, StoreUnavailable)
    assert "replicas" in str(submitted)
    assert read == "read"


def test_other_scripts_wait_for_nobody() -> None:
    wire = Wire(lambda number: number)

    assert acknowledging(wire, "jobs/heartbeat") == [0]
    assert wire.sizes == [1]


def test_every_script_is_one_that_a_failover_may_forget_or_not() -> None:
    assert sorted([*ACKNOWLEDGED, *UNACKNOWLEDGED]) == names()


@pytest.mark.parametrize("script", ACKNOWLEDGED)
def test_what_must_not_be_forgotten_waits_for_a_replica(script: str) -> None:
    """Given a revoked key, or another promise / I expect the epoch counted and a WAIT, and the new
    epoch known to this process only when a replica has it.
    """
    confirmed, refused = PrimaryGuard(acknowledged=True), PrimaryGuard(acknowledged=True)
    replies = ["ok", 17, 1, "ok", 18, 0]
    wire = Wire(lambda number: replies[number])

    assert acknowledging(wire, script, guard=confirmed) == ["ok"]
    assert isinstance(acknowledging(wire, script, guard=refused)[0], StoreUnavailable)

    assert wire.sizes == [3, 3]
    assert (confirmed.epoch, refused.epoch) == (17, 0)


@pytest.mark.parametrize("script", sorted(ACKNOWLEDGED.keys() - COUNTED_BY_SCRIPT))
def test_what_must_not_be_forgotten_counts_without_replicas_too(script: str) -> None:
    guard = PrimaryGuard()
    wire = Wire(lambda number: ["ok", 17][number])

    assert acknowledging(wire, script, replicas=0, guard=guard) == ["ok"]
    assert wire.sizes == [2]
    assert guard.epoch == 17


@pytest.mark.parametrize("script", COUNTED_BY_SCRIPT)
def test_a_script_that_counts_itself_costs_no_second_command(script: str) -> None:
    wire = Wire(lambda number: number)

    assert acknowledging(wire, script, replicas=0) == [0]
    assert wire.sizes == [1]


def test_an_epoch_that_cannot_be_counted_fails_no_deletion() -> None:
    """Given a Redis whose memory is full, where a DEL works and an INCR does not."""
    wire = Wire(lambda number: OutOfMemoryError("OOM") if number else ["ok"])

    assert acknowledging(wire, "jobs/delete", replicas=0) == [["ok"]]
