"""Values that a job withholds: the provider and the ledger get placeholders, callers the values."""

import json
from typing import Any

import pytest

from loresmith.jobs.types.registry import MODEL_CALLS
from loresmith.lore_service.calls.stream_encoder import StreamEncoder
from loresmith.lore_service.ledger.ledger import IntentReply
from loresmith.lore_service.providers.errors import VersionMismatch
from tests.unit.lore_service.harness import CALL_ID, CHARACTER, CallHarness, call_request

pytestmark = pytest.mark.anyio

EMAIL, CARD = "ann@example.com", "4111 1111 1111 1111"
ANSWER = json.dumps({"characters": [CHARACTER | {"name": "[EMAIL_1]", "secret": "Has card_1!"}]})
ROW = {"state": "done", "text": ANSWER, "finish_reason": "stop"}
FINGERPRINT = MODEL_CALLS["generate_characters"].fingerprint


def fields(email: str = EMAIL, **changes: Any) -> dict[str, Any]:
    theme = f"{email} paid with {CARD}"
    withheld = {"input_json": json.dumps({"theme": theme, "count": 1}), "redact": ["email", "card"]}
    return withheld | changes


@pytest.fixture
def harness() -> CallHarness:
    return CallHarness()


async def received(harness: CallHarness, **changes: Any) -> tuple[str, str, dict[str, Any]]:
    """What a caller gets: the text, the last item, and the output."""
    call, started = await harness.calls.attach_or_start(call_request(**fields(**changes)))
    encoder, text, item = StreamEncoder("characters", started=started), "", ""
    async for entries in call.call_log.follow():
        for message in encoder.encode(entries):
            if message.HasField("delta"):
                assert message.delta.offset == len(text)
                text += message.delta.text
            item = message.item.item_json or item
    return text, item, json.loads((await call.task).output_json)["characters"][0]


async def test_the_provider_and_the_ledger_get_placeholders(harness: CallHarness) -> None:
    """Given an answer in pieces of three characters / I expect the values in its text, its item and
    the output, and in nothing that leaves the process or is stored.
    """
    harness.provider.texts, harness.provider.piece_length = [ANSWER], 3

    text, item, output = await received(harness)

    request = str(harness.provider.requests[0].messages)
    assert "[EMAIL_1] paid with [CARD_1]" in request
    assert harness.settlement.settled[0].fields["text"] == ANSWER
    assert [row["text"] for row in harness.ledger.cached.values()] == [ANSWER]
    assert EMAIL not in request
    assert CARD not in request
    assert (output["name"], output["secret"]) == (EMAIL, f"Has {CARD}!")
    assert json.loads(item) == json.loads(text)["characters"][0] == output


REPLIES = {
    "replayed": ([IntentReply("done", CALL_ID, ROW)], []),
    "cached": ([IntentReply("done", CALL_ID, ROW | {"cached": "1"})], []),
    "followed": (
        [IntentReply("attach", CALL_ID)],
        [{"state": "intent", "text": ANSWER[:end]} for end in (5, 30, 33)] + [ROW],
    ),
}


@pytest.mark.parametrize("reply", REPLIES)
async def test_an_answer_that_others_bought_gets_the_values_of_this_job(
    harness: CallHarness, monkeypatch: pytest.MonkeyPatch, reply: str
) -> None:
    monkeypatch.setattr("loresmith.lore_service.calls.model_call.POLL_INTERVAL_S", 0)
    harness.ledger.replies, harness.ledger.rows = map(list, REPLIES[reply])

    _, item, output = await received(harness, email="bo@example.org")

    assert (output["name"], json.loads(item)["name"]) == ("bo@example.org",) * 2
    assert harness.provider.requests == []


async def test_requests_that_differ_in_values_only_are_identical(harness: CallHarness) -> None:
    for email in (EMAIL, "bo@example.org"):
        await harness.generate(**fields(email))
    await harness.generate(**fields(redact=[]))

    assert len({request.fingerprint for request in harness.provider.requests}) == 2


async def test_a_repair_withholds_the_values_too(harness: CallHarness) -> None:
    """Given an answer whose problem quotes a value, as a job type's own checks may
    / I expect the answer as it came, and the problem without the value.
    """
    call = call_request(**fields())
    first = call.provider_request()

    request = call.repair_request(first, "To [EMAIL_1]", f"not for {EMAIL}, cc@example.com")

    answer, problem = (message["content"] for message in request.messages[2:])
    assert answer == "To [EMAIL_1]"
    assert "not for [EMAIL_1], [EMAIL_2]" in problem
    assert request.placeholders.restore(problem).count("@") == 2


async def test_the_text_of_a_failure_has_the_values(harness: CallHarness) -> None:
    harness.provider.texts = ["Dear [EMAIL_1]", "Dear [Email_1]!"]

    failure = await harness.failure(**fields())

    assert failure.text == f"Dear {EMAIL}!"
    assert [each.fields["text"] for each in harness.settlement.settled] == [
        "Dear [EMAIL_1]",
        "Dear [Email_1]!",
    ]


@pytest.mark.parametrize("changes", [{"fingerprint": FINGERPRINT}, {"redact": ["passport"]}])
def test_another_version_sends_nothing(changes: dict[str, Any]) -> None:
    """Given a worker that expects the values to be sent, or a kind that only it knows
    / I expect the call refused until both are of the same release.
    """
    with pytest.raises(VersionMismatch):
        call_request(**fields(**changes))

    assert call_request(**fields(fingerprint=f"{FINGERPRINT}:redact")).redact
