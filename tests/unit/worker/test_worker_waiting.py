"""Jobs wait for what is away, and name the limit when they do not."""

import json
from typing import Any

import pytest

from loresmith.jobs.core.errors import (
    ServiceUnavailable,
    TimedOut,
)
from loresmith.jobs.core.status import Status
from loresmith.jobs.types.builtin.generate_characters import JOB_TYPE
from tests.unit.worker.execution_harness import ExecutionHarness
from tests.worker_fakes import OUTPUT

HEARTBEAT_INTERVAL_S = 0.001


@pytest.mark.parametrize(
    ("record", "limit"),
    [
        ({}, "the 90 s that its job type allows"),
        ({"options": '{"timeout_s":1.5}', "timeout_s": 1.5}, "the 1.5 s that options.timeout_s"),
        ({"deadline_s": 20}, "its deadline of 20 s after its creation"),
        (
            {"deadline_s": 20, "created_ms": 0, "attempt_started_ms": 19_000, "timeout_s": 2},
            "its deadline of 20 s",
        ),
        (
            {
                "deadline_s": 20,
                "created_ms": 0,
                "retried_ms": 3_600_000,
                "attempt_started_ms": 3_601_000,
            },
            "its deadline of 20 s after its retry",
        ),
        (
            {
                "deadline_s": 20,
                "created_ms": 0,
                "retried_ms": 3_600_000,
                "attempt_started_ms": 3_601_000,
                "timeout_s": 15,
            },
            "the 15 s that its job type allows",
        ),
    ],
)
def test_a_timeout_names_the_limit_that_applied(record: dict[str, Any], limit: str) -> None:
    outcome = ExecutionHarness(TimedOut()).execute(**record)

    assert json.loads(outcome.fields["error_detail"])["code"] == "timeout"
    assert outcome.fields["error"].startswith(f"The job took longer than {limit}")


def test_a_timeout_of_the_lore_service_names_its_own_limit() -> None:
    outcome = ExecutionHarness(TimedOut("The model did not finish within 9 s.")).execute()

    assert outcome.fields["error"] == "The model did not finish within 9 s."


def test_an_unknown_job_type_is_waited_for_and_named() -> None:
    decision, message = ExecutionHarness().wait(type="generate_dragons")

    assert (decision.phase, decision.counts) == ("waiting_version", "wait")
    assert message == (
        "This worker does not know the job type 'generate_dragons'. Trying again soon..."
    )


def test_a_refused_call_is_waited_for_and_its_message_is_a_sentence() -> None:
    """Given a provider whose message has no full stop / I expect one before ours."""
    refusal = ServiceUnavailable("Rate limit reached", waiting_phase="rate_limited")

    decision, message = ExecutionHarness(refusal).wait(max_attempts=1)

    assert (decision.phase, decision.counts) == ("rate_limited", "wait")
    assert message == "Rate limit reached. Trying again soon..."


def test_a_failed_save_is_waited_for_with_its_steps_kept() -> None:
    """Given an archive that is locked / when the job runs again / I expect no second call."""
    harness = ExecutionHarness(OUTPUT)

    def run(payload: Any, context: Any) -> Any:
        context.call("generate", JOB_TYPE.specs[0], payload)
        return context.save_world(title="t", theme="f", world={"title": "t"})

    harness.archive.locked = True
    decision, message = harness.wait(run=run)
    harness.archive.locked = False
    outcome = harness.execute(run=run, attempt=2)

    assert (decision.phase, decision.counts) == ("waiting_archive", "wait")
    assert message == "The archive is locked. Trying again soon..."
    assert outcome.status is Status.COMPLETED
    assert len(harness.client.requests) == 1
    assert list(harness.archive.worlds.values()) == [{"title": "t"}]
