"""A lore_service as workers use it: gRPC, Redis, the openai SDK and the offline model."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from loresmith.jobs.types.registry import MODEL_CALLS
from tests.integration.lore_service_harness import (
    ANSWER_S,
    SLOW_THEME,
    LoreHarness,
    RpcFailed,
    receive,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


# --- bought, attached, replayed


def test_a_call_is_bought(harness: LoreHarness) -> None:
    """Given a job / when its worker calls / I expect text, entities, and a result that fits."""
    call = harness.job()

    received = harness.service.generate(call)

    assert received.how == ["STARTED"]
    assert received.result
    created = json.loads(received.result.output_json)
    assert json.loads(received.text) == created
    assert [json.loads(item) for item in received.items] == created["characters"]
    assert len(received.items) == 2
    assert received.usage
    assert (received.usage.requests, received.usage.cost_micros) == (1, 0)
    assert received.usage.output_tokens > 0
    assert received.result.fingerprint == MODEL_CALLS["generate_characters"].fingerprint
    assert harness.billed(call) == 1


def test_the_row_of_a_finished_call(harness: LoreHarness) -> None:
    """Given a call that is over / I expect all of it in the ledger, and no lease left."""
    call = harness.job()
    received = harness.service.generate(call)

    row = harness.row(call)

    assert (row["state"], row["text"]) == ("done", received.text)
    assert (row["model_call"], row["finish_reason"]) == ("generate_characters", "stop")
    assert json.loads(row["usage"])["requests"] == 1
    assert harness.redis.zrange("calls:deadlines", 0, -1) == []


def test_a_finished_call_is_replayed(harness: LoreHarness) -> None:
    """Given a call that was bought / when it is requested again / I expect the same result."""
    call = harness.job()
    first = harness.service.generate(call)

    again = harness.service.generate(call)

    assert (again.how, again.text) == (["REPLAYED"], "")
    assert (again.items, again.result, again.usage) == (first.items, first.result, first.usage)
    assert harness.billed(call) == 1


def test_concurrent_callers_share_a_call(harness: LoreHarness) -> None:
    """Given twenty callers of one call / I expect one request, and the whole call for each."""
    call = harness.job()

    with ThreadPoolExecutor(20) as pool:
        received = list(
            pool.map(lambda _: harness.service.generate(call, theme=SLOW_THEME), range(20))
        )

    assert sorted(each.how[0] for each in received) == ["ATTACHED"] * 19 + ["STARTED"]
    assert {each.text for each in received} == {harness.row(call)["text"]}
    assert all(each.result == received[0].result for each in received)
    assert harness.billed(call) == 1


def test_a_disconnected_client_does_not_stop_the_call(harness: LoreHarness) -> None:
    """Given a client that disconnects / when another one calls / I expect it to join
    the same call, from its start.
    """
    call = harness.job()
    first = harness.service.stream(call, theme=SLOW_THEME)
    next(first)
    next(first)
    first.cancel()

    received = harness.service.generate(call, theme=SLOW_THEME)

    assert received.how == ["ATTACHED"]
    assert received.text == harness.row(call)["text"]
    assert harness.provider_record(call) | {
        "outcome": "delivered",
        "billed": 1,
    } == harness.provider_record(call)


def test_a_call_without_a_client_is_stored(harness: LoreHarness) -> None:
    """Given a client whose deadline passes / I expect the call to go on and be stored."""
    call = harness.job()
    with pytest.raises(grpc.RpcError) as caught:
        list(harness.service.stream(call, theme=SLOW_THEME, timeout=0.5))
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED

    wait_until(lambda: harness.state(call) == "done", "the call is stored")

    received = harness.service.generate(call, theme=SLOW_THEME)
    # The ledger says done a moment before the service lets go of the call.
    assert received.how in (["REPLAYED"], ["ATTACHED"])
    assert json.loads(received.result.output_json) == json.loads(harness.row(call)["text"])
    assert harness.billed(call) == 1


def test_a_retry_replays_an_earlier_generation(harness: LoreHarness) -> None:
    """Given a paid call of an earlier generation / when the job is retried / I expect its text."""
    call = harness.job()
    harness.service.generate(call)
    job = call.split("/")[0]
    harness.store.finish(job, outcome="failed")
    harness.store.retry(job)
    harness.store.claim(job, attempt=2)

    received = harness.service.generate(f"{job}/generate/1", attempt=2)

    assert received.how == ["REPLAYED"]
    assert harness.billed(f"{job}/generate/1") == 0


# --- rejected requests


def test_a_stale_attempt_is_rejected(harness: LoreHarness) -> None:
    """Given a worker that lost its job / when it asks / I expect it rejected, nothing bought."""
    call = harness.job()

    failure = harness.service.failure(call, attempt=2)

    assert (failure.status, failure.code) == (grpc.StatusCode.FAILED_PRECONDITION, "fenced")
    assert harness.provider_record(call)["requests"] == 0


def test_a_cancelled_job_buys_nothing(harness: LoreHarness) -> None:
    """Given a job that is being cancelled / when its worker calls / I expect no call to start."""
    call = harness.job()
    harness.store.cancel(call.split("/")[0])

    failure = harness.service.failure(call)

    assert (failure.status, failure.code) == (grpc.StatusCode.ABORTED, "cancelled")
    assert failure.error.may_be_bought is False
    assert harness.provider_record(call)["requests"] == 0


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ({"model_call": "homework"}, grpc.StatusCode.FAILED_PRECONDITION),
        ({"input_json": "[]"}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"fingerprint": "older"}, grpc.StatusCode.FAILED_PRECONDITION),
    ],
)
def test_invalid_requests_are_rejected(
    harness: LoreHarness, reply: dict[str, Any], status: grpc.StatusCode
) -> None:
    call = harness.job()

    failure = harness.service.failure(call, **reply)

    assert failure.status is status
    assert harness.state(call) == "absent"


# --- cancel and lookup


def test_cancel_stops_the_provider(harness: LoreHarness) -> None:
    """Given a call in flight / when it is cancelled / I expect the provider stopped, its
    text so far stored, and the caller informed.
    """
    call = harness.job()
    stream = harness.service.stream(call, theme=SLOW_THEME)
    next(stream)
    wait_until(lambda: harness.row(call).get("text"), "the ledger has text")

    assert harness.service.cancel(call) == "CANCELLED"

    wait_until(
        lambda: harness.provider_record(call).get("outcome") == "left", "the provider was stopped"
    )
    with pytest.raises(RpcFailed) as caught:
        receive(stream)
    failure = caught.value
    assert (failure.status, failure.code) == (grpc.StatusCode.ABORTED, "cancelled")
    state, reply = harness.service.lookup(call)
    assert state == "CANCELLED"
    assert len(reply.text) > 50
    assert reply.text.startswith(failure.error.text.rstrip("…"))


def test_a_cancelled_call_stays_cancelled(harness: LoreHarness) -> None:
    """Given a cancelled call / when it is requested or cancelled again / I expect the same."""
    call = harness.job()
    harness.streaming(call)
    harness.service.cancel(call)

    assert harness.service.cancel(call) == "CANCELLED"
    assert harness.service.failure(call, theme=SLOW_THEME).code == "cancelled"
    assert harness.provider_record(call)["requests"] == 1


def test_cancelling_a_finished_or_absent_call(harness: LoreHarness) -> None:
    call = harness.job()
    assert harness.service.cancel(call) == "ABSENT"
    harness.service.generate(call)

    assert harness.service.cancel(call) == "DONE"
    assert harness.service.generate(call).how == ["REPLAYED"]


def test_cancelling_a_job_without_a_worker_stops_its_call(harness: LoreHarness) -> None:
    """Given a call in flight, and no worker to say so / when its job is cancelled / I expect
    the heartbeat to notice, and the provider stopped.
    """
    call = harness.job()
    next(harness.service.stream(call, theme=SLOW_THEME))

    harness.store.cancel(call.split("/")[0])

    wait_until(lambda: harness.state(call) == "cancelled", "the call is cancelled")
    wait_until(
        lambda: harness.provider_record(call).get("outcome") == "left", "the provider was stopped"
    )


def test_lookup(harness: LoreHarness) -> None:
    """Given a call / I expect its state and its text, buying nothing."""
    call = harness.job()
    assert harness.service.lookup(call)[0] == "ABSENT"
    stream = harness.service.stream(call, theme=SLOW_THEME)
    next(stream)
    wait_until(lambda: harness.service.lookup(call)[1].text, "there is text")
    assert harness.service.lookup(call)[0] == "INTENT"

    received = receive(stream)

    state, reply = harness.service.lookup(call)
    assert (state, reply.text, reply.usage) == ("DONE", received.text, received.usage)


def test_deltas_are_few(harness: LoreHarness) -> None:
    """Given a text in many pieces / I expect it passed on in a few messages."""
    stream = harness.service.stream(harness.job(), theme=SLOW_THEME)

    pieces = [message for message in stream if message.HasField("delta")]

    assert 2 <= len(pieces) <= 10 * ANSWER_S / 0.1 + 1
