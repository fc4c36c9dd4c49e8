"""Provider faults and the call state that each leads to."""

import json
import time
from typing import Any

import grpc
import pytest

from tests.integration.lore_service_harness import (
    SLOW_THEME,
    LoreHarness,
    receive,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

READ_TIMEOUT_S = 1
LORE_SERVICE_ENV = {"LORESMITH_READ_TIMEOUT_S": str(READ_TIMEOUT_S)}


# --- not bought: released, and may be sent again


@pytest.mark.parametrize(
    ("fault", "code", "retryable"),
    [("rate", "llm_unavailable", True), ("quota", "llm_quota", False)],
)
def test_a_rejection_before_any_work_is_released(
    harness: LoreHarness, fault: str, code: str, retryable: bool
) -> None:
    call = harness.job()

    error = harness.service.failure(call, theme=f"fault:{fault}", model=f"m-{fault}").error

    assert (error.code, error.retryable, error.may_be_bought) == (code, retryable, False)
    assert (harness.state(call), harness.billed(call)) == ("released", 0)


def test_retry_after_is_passed_on(harness: LoreHarness) -> None:
    call = harness.job()
    harness.set_fault("rate", match="salt and time", retry_after_s=3, times=1)

    error = harness.service.failure(call, theme="salt and time", model="m-paused").error

    assert error.retry_after_ms == 3000


def test_a_released_call_is_sent_again(harness: LoreHarness) -> None:
    """Given a rejected call / when it is requested again / I expect it bought once."""
    call = harness.job()
    error = harness.service.failure(call, theme="fault:rate", model="m-again").error
    assert (error.may_be_bought, harness.state(call)) == (False, "released")

    received = harness.service.generate(call, model="m-again")

    assert received.how == ["STARTED"]
    assert (harness.provider_record(call)["requests"], harness.billed(call)) == (2, 1)
    assert "error" not in harness.row(call)


@pytest.mark.parametrize("status", [400, 401, 404, 422, 503])
def test_unbilled_statuses_are_released(harness: LoreHarness, status: int) -> None:
    call, theme = harness.job(), f"unbilled {status}"
    harness.set_fault("status", status=status, match=theme)

    error = harness.service.failure(call, theme=theme, model=f"m-{status}").error

    assert error.may_be_bought is False
    assert str(status) in error.message
    assert harness.state(call) == "released"


# --- unknown: never sent again under this call_id


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_statuses_after_which_the_text_may_be_finished_are_unknown(
    harness: LoreHarness, status: int
) -> None:
    call, theme = harness.job(), f"billed {status}"
    harness.set_fault("status", status=status, match=theme)

    error = harness.service.failure(call, theme=theme)

    assert (error.code, error.error.may_be_bought) == ("llm_outcome_unknown", True)
    assert harness.state(call) == "unknown"
    assert harness.service.failure(call).code == "llm_outcome_unknown"
    assert harness.provider_record(call)["requests"] == 1


@pytest.mark.parametrize("fault", ["cut", "truncate", "badchunk"])
def test_a_broken_stream_is_unknown(harness: LoreHarness, fault: str) -> None:
    """Given a stream that breaks / I expect its text in the row and the error, and no other
    request.
    """
    call = harness.job()

    error = harness.service.failure(call, theme=f"fault:{fault}")

    assert (error.status, error.code) == (grpc.StatusCode.DATA_LOSS, "llm_outcome_unknown")
    assert len(error.error.text) > 50
    assert harness.row(call)["text"] == error.error.text
    assert harness.state(call) == "unknown"
    assert harness.service.failure(call).error == error.error
    assert (harness.provider_record(call)["requests"], harness.billed(call)) == (1, 1)


def test_a_long_text_of_a_broken_stream(harness: LoreHarness) -> None:
    """Given more text than the metadata of an error can carry / I expect its start there, and all
    of it as deltas; also when the call is replayed from the ledger.
    """
    call = harness.job()
    fields: dict[str, Any] = {"theme": "fault:cut", "count": 10}

    errors = [harness.service.failure(call, **fields) for _ in range(2)]

    for error in errors:
        assert error.code == "llm_outcome_unknown"
        assert 1_000 < len(error.error.text) < 2_000
        assert error.received.text.startswith(error.error.text.rstrip("…"))
        assert error.received.text == harness.row(call)["text"]
    assert len(errors[0].received.text) > 3_000


def test_a_silent_provider_is_unknown(harness: LoreHarness) -> None:
    call = harness.job()

    assert harness.service.failure(call, theme="fault:hang").code == "llm_outcome_unknown"
    assert (harness.state(call), harness.billed(call)) == ("unknown", 1)


def test_a_pause_is_no_silence(harness: LoreHarness) -> None:
    """Given a lore_service that is paused for longer than the read timeout / when it goes on
    / I expect what has arrived meanwhile read, and the call done.
    """
    call = harness.job()
    stream = harness.streaming(call)
    harness.service.part.pause()
    over = time.monotonic() + 2 * READ_TIMEOUT_S + 0.5
    wait_until(
        lambda: time.monotonic() > over and harness.provider_record(call).get("outcome"),
        "the provider has finished, and the read timeout is over",
    )

    harness.service.part.resume()

    assert receive(stream).result
    assert (harness.state(call), harness.billed(call)) == ("done", 1)


def test_a_call_is_stopped_at_its_time_limit(harness: LoreHarness) -> None:
    """Given text that arrives steadily for too long / I expect the provider stopped at the limit,
    and the text so far stored.
    """
    call = harness.job()
    impatient = harness.add(LORESMITH_CALL_TIMEOUT_S="1")

    error = impatient.failure(call, theme=SLOW_THEME)

    assert error.code == "timeout"
    assert error.error.text
    assert harness.state(call) == "cancelled"
    wait_until(
        lambda: harness.provider_record(call).get("outcome") == "left", "the provider was stopped"
    )


# --- bought, but unusable


@pytest.mark.parametrize("fault", ["badjson", "badschema", "empty"])
def test_an_unusable_response_is_repaired_once(harness: LoreHarness, fault: str) -> None:
    """Given unusable responses / I expect one repair, then a failure with the text; and the same
    failure when the call is replayed from the ledger.
    """
    call = harness.job()
    repair = call.replace("generate", "generate~repair")

    error = harness.service.failure(call, theme=f"fault:{fault}")

    assert (error.code, harness.billed(call), harness.billed(repair)) == ("output_schema", 1, 1)
    assert error.error.usage.requests == 2
    assert (error.error.text == "") is (fault == "empty")
    assert harness.row(call)["usable"] == harness.row(repair)["usable"] == "0"
    assert harness.service.failure(call, theme=f"fault:{fault}").error == error.error
    assert (harness.billed(call), harness.billed(repair)) == (1, 1)


def test_a_usable_repair_is_the_result(harness: LoreHarness) -> None:
    """Given one unusable response / I expect its repair as the result, as a call of its own, and
    the usage of both; also when it is replayed.
    """
    call = harness.job()
    harness.set_fault("badjson", match="once only", times=1)

    received = harness.service.generate(call, theme="once only")

    assert received.how == ["STARTED", "STARTED"]
    assert received.result
    assert json.loads(received.text) == json.loads(received.result.output_json)
    assert received.usage
    assert received.usage.requests == 2
    again = harness.service.generate(call, theme="once only")
    assert again.how == ["REPLAYED", "REPLAYED"]
    assert (again.result, again.usage) == (received.result, received.usage)
    assert harness.billed(call) == 1


def test_a_response_cut_off_at_its_maximum_is_not_repaired(harness: LoreHarness) -> None:
    """Given a response longer than its maximum / I expect no repair, which would be cut off too,
    and the maximum in the message.
    """
    call = harness.job()

    error = harness.service.failure(call, max_output_tokens=20).error

    assert error.code == "output_schema"
    assert "20 tokens" in error.message
    assert harness.state(call.replace("generate", "generate~repair")) == "absent"


@pytest.mark.parametrize("fault", ["content_filter", "refusal"])
def test_a_refusal_is_not_repaired(harness: LoreHarness, fault: str) -> None:
    call = harness.job()

    error = harness.service.failure(call, theme=f"fault:{fault}")

    assert (error.code, harness.billed(call)) == ("llm_refused", 1)
    assert error.error.retryable is False
    assert harness.state(call.replace("generate", "generate~repair")) == "absent"


# --- the provider cannot be reached


def test_an_unreachable_provider_is_released(harness: LoreHarness) -> None:
    """Given no server at the provider's address / I expect the call released, and no key logged."""
    call = harness.job()
    unreachable = harness.add(OPENAI_BASE_URL="http://127.0.0.1:9/v1", OPENAI_API_KEY="sk-secret")

    error = unreachable.failure(call)

    assert (error.status, error.code) == (grpc.StatusCode.UNAVAILABLE, "llm_unavailable")
    assert error.error.may_be_bought is False
    assert "cannot be reached" in error.error.message
    assert harness.state(call) == "released"
    assert harness.service.generate(call).how == ["STARTED"]
    assert "sk-secret" not in unreachable.part.log.read_text()
