"""What may be requested, what the provider is asked, and which responses are usable."""

import json

import pytest

from loresmith.jobs.types.registry import MODEL_CALLS
from loresmith.lore_service.calls.call_request import is_repairable
from loresmith.lore_service.providers.errors import CallError, VersionMismatch
from loresmith.lore_service.providers.response import ProviderResponse
from tests.unit.lore_service.harness import (
    CALL_ID,
    CHARACTER,
    REPAIR_ID,
    VALID_TEXT,
    call_request,
)

SPEC = MODEL_CALLS["generate_characters"]


def response(text: str = VALID_TEXT, reason: str = "stop", refusal: str = "") -> ProviderResponse:
    return ProviderResponse(CALL_ID, "m", [text], refusal=refusal, finish_reason=reason)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_json": "{"}, "input of generate_characters"),
        ({"input_json": '{"theme": "x", "count": 99}'}, "count"),
        ({"input_json": '{"theme": "x", "prompt": "ignore all"}'}, "prompt"),
        ({"call_id": "j1/generate"}, "job/step/generation"),
        ({"call_id": "j1/generate/-1"}, "job/step/generation"),
        ({"call_id": "j1/gen erate/0"}, "job/step/generation"),
        ({"call_id": "j2/generate/0"}, "not one of this job"),
        ({"call_id": REPAIR_ID}, "not one of this job"),
    ],
)
def test_invalid_requests_are_rejected(changes: dict[str, str], message: str) -> None:
    """Given anything but a declared model call / I expect it rejected by name."""
    with pytest.raises(CallError, match=message) as caught:
        call_request(**changes)

    assert caught.value.failure.code == "validation"


@pytest.mark.parametrize(
    "changes", [{"fingerprint": "other"}, {"model_call": "generate_songs", "input_json": "{}"}]
)
def test_another_version_is_waited_for(changes: dict[str, str]) -> None:
    """Given a worker of another release / I expect nothing bought, and the model call named."""
    name = changes.get("model_call", "generate_characters")
    with pytest.raises(VersionMismatch, match=f"'{name}'") as caught:
        call_request(**changes)

    assert caught.value.failure.waiting_phase == "waiting_version"

    assert caught.value.failure.may_be_bought is False


def test_the_same_version_is_accepted() -> None:
    assert call_request(fingerprint=SPEC.fingerprint).model.name == "default-model"


def test_model_and_lower_maximum_can_be_chosen() -> None:
    limit = call_request().max_output_tokens

    assert call_request(model="other").model.name == "other"
    assert call_request(max_output_tokens=10).max_output_tokens == 10
    assert call_request(max_output_tokens=limit * 2).max_output_tokens == limit


def test_the_provider_gets_prompt_and_schema() -> None:
    """Given a request / I expect the spec's prompt, and a schema with the number of items."""
    request = call_request().provider_request()

    assert [each["role"] for each in request.messages] == ["system", "user"]
    assert "fantasy" in request.messages[1]["content"]
    assert request.schema["properties"]["characters"]["minItems"] == 1
    assert request.schema_name == "generate_characters"


def test_a_repair_shows_the_problem() -> None:
    call = call_request()
    request = call.repair_request(call.provider_request(), "{}", "characters: Field required")

    assert request.call_id == REPAIR_ID
    assert request.messages[2] == {"role": "assistant", "content": "{}"}
    assert "characters: Field required" in request.messages[3]["content"]


def test_a_usable_response() -> None:
    output = call_request().parse_output(response())

    assert output.model_dump()["characters"][0]["name"] == "Ada"


@pytest.mark.parametrize(
    ("unusable", "code", "message", "repairable"),
    [
        (response("{"), "output_schema", "no whole JSON", True),
        (response('{"characters": [{}]}'), "output_schema", "characters.0.name", True),
        (response('{"characters": []}'), "output_schema", "characters", True),
        (response(json.dumps({"characters": [CHARACTER] * 2})), "output_schema", "exactly 1", True),
        (response(""), "output_schema", "empty", True),
        (response(" \n"), "output_schema", "empty", True),
        (response(VALID_TEXT[:-9], "length"), "output_schema", "maximum of", False),
        (response(VALID_TEXT, "content_filter"), "llm_refused", "filter", False),
        (response("", refusal="I cannot."), "llm_refused", "I cannot.", False),
    ],
)
def test_unusable_responses(
    unusable: ProviderResponse, code: str, message: str, repairable: bool
) -> None:
    """Given an unusable response / I expect the reason, and whether a repair may help."""
    with pytest.raises(CallError, match=message) as caught:
        call_request().parse_output(unusable)

    failure = caught.value.failure
    assert (failure.code, failure.may_be_bought) == (code, True)
    assert failure.text == (unusable.text or unusable.refusal)
    assert is_repairable(failure, unusable) is repairable


def test_a_whole_text_is_the_answer_at_the_maximum_too() -> None:
    cut_off_behind = response(VALID_TEXT + " ", "length")

    assert call_request().parse_output(cut_off_behind)


def test_only_missing_items_are_requested() -> None:
    """Given one finished character of three / I expect two requested, and three in the output."""
    first = json.dumps(CHARACTER | {"name": "Berit"})
    call = call_request(input_json='{"theme": "fantasy", "count": 3}', finished_items=[first])

    request = call.provider_request()

    assert request.schema["properties"]["characters"]["maxItems"] == 2
    assert "Berit" in request.messages[-1]["content"]
    assert json.loads(call.row_fields(request)["finished"]) == [first]

    others = response(json.dumps({"characters": [CHARACTER, CHARACTER | {"name": "Cai"}]}))
    others.finished_items = request.finished_items
    names = [each["name"] for each in call.parse_output(others).model_dump()["characters"]]
    assert names == ["Berit", "Ada", "Cai"]


def test_a_replayed_response_uses_the_finished_items_of_its_row() -> None:
    """Given a row that was requested in full / I expect the caller's finished items left out."""
    call = call_request(
        input_json='{"theme": "fantasy", "count": 2}', finished_items=[json.dumps(CHARACTER)]
    )
    row = {"text": json.dumps({"characters": [CHARACTER] * 2}), "finish_reason": "stop"}

    output = call.parse_output(ProviderResponse.of_row(CALL_ID, row))

    assert len(output.model_dump()["characters"]) == 2


@pytest.mark.parametrize("count", [1, 2])
def test_some_items_must_be_missing(count: int) -> None:
    with pytest.raises(CallError, match="finished_items"):
        call_request(finished_items=[json.dumps(CHARACTER)] * count)
