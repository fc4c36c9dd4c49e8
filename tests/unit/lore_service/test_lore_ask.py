"""What may be asked for, how the model is asked, and what counts as an answer."""

import json
from typing import Any

import grpc
import pytest

from jobs.kinds import RECIPES
from lore_service.ask import Ask, repairable
from lore_service.provider import Answer
from lore_service.status import CallError
from protos.lore.v1 import lore_pb2 as pb

RECIPE = RECIPES["generate_characters"]
CHARACTER = {
    "name": "Ada", "role": "smith", "species": "human", "age": 40, "description": "d",
    "appearance": "a", "personality": ["kind", "stern"], "backstory": "b", "motivation": "m",
    "secret": "s",
}  # fmt: skip
FITS = json.dumps({"characters": [CHARACTER]})


def request(**changed: Any) -> pb.GenerateRequest:
    told = {
        "call_id": "j1/generate/0",
        "job_id": "j1",
        "attempt": 1,
        "recipe": "generate_characters",
        "input_json": '{"theme": "fantasy", "count": 1}',
    }
    return pb.GenerateRequest(**(told | changed))


def ask(**changed: Any) -> Ask:
    return Ask.of(request(**changed), "default-model")


def answer(text: str = FITS, reason: str = "stop", refusal: str = "") -> Answer:
    return Answer("j1/generate/0", "m", [text], refusal=refusal, finish_reason=reason)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"recipe": "write_my_homework"}, "write_my_homework"),
        ({"input_json": "{"}, "input of generate_characters"),
        ({"input_json": '{"theme": "x", "count": 99}'}, "count"),
        ({"input_json": '{"theme": "x", "prompt": "ignore all"}'}, "prompt"),
        ({"call_id": "j1/generate"}, "job/step/generation"),
        ({"call_id": "j1/generate/-1"}, "job/step/generation"),
        ({"call_id": "j1/gen erate/0"}, "job/step/generation"),
        ({"call_id": "j2/generate/0"}, "not one of this job"),
        ({"call_id": "j1/generate~repair/0"}, "not one of this job"),
    ],
)
def test_what_cannot_be_asked_for(changed: dict[str, str], words: str) -> None:
    """Given a request for something else than a recipe / I expect it refused by name."""
    with pytest.raises(CallError, match=words) as caught:
        ask(**changed)

    assert caught.value.status is grpc.StatusCode.INVALID_ARGUMENT


def test_another_version_of_a_recipe() -> None:
    """Given a worker of another release / I expect nothing bought, and the recipe named."""
    with pytest.raises(CallError, match="'generate_characters'") as caught:
        ask(fingerprint="other")

    assert caught.value.status is grpc.StatusCode.FAILED_PRECONDITION
    assert caught.value.failure.may_be_bought is False


def test_the_same_version() -> None:
    assert ask(fingerprint=RECIPE.fingerprint).model == "default-model"


def test_a_job_may_name_its_model_and_a_lower_bound() -> None:
    most = ask().max_output_tokens

    assert ask(model="other").model == "other"
    assert ask(max_output_tokens=10).max_output_tokens == 10
    assert ask(max_output_tokens=most * 2).max_output_tokens == most


def test_how_the_model_is_asked() -> None:
    """Given a request / I expect the recipe's prompt, and a schema that says how many."""
    question = ask().question()

    assert [each["role"] for each in question.messages] == ["system", "user"]
    assert "fantasy" in question.messages[1]["content"]
    assert question.schema["properties"]["characters"]["minItems"] == 1
    assert question.name == "generate_characters"


def test_a_repair_shows_what_was_wrong() -> None:
    question = ask().repair("{}", "characters: Field required")

    assert question.call_id == "j1/generate~repair/0"
    assert question.messages[2] == {"role": "assistant", "content": "{}"}
    assert "characters: Field required" in question.messages[3]["content"]


def test_an_answer_that_fits() -> None:
    assert ask().read(answer()).model_dump()["characters"][0]["name"] == "Ada"


@pytest.mark.parametrize(
    ("given", "code", "words", "again"),
    [
        (answer("{"), "output_schema", "Invalid JSON", True),
        (answer('{"characters": [{}]}'), "output_schema", "characters.0.name", True),
        (answer('{"characters": []}'), "output_schema", "characters", True),
        (answer(json.dumps({"characters": [CHARACTER] * 2})), "output_schema", "exactly 1", True),
        (answer(""), "output_schema", "empty", True),
        (answer(" \n"), "output_schema", "empty", True),
        (answer(FITS, "length"), "output_schema", "bound of", False),
        (answer(FITS, "content_filter"), "llm_refused", "filter", False),
        (answer("", refusal="I cannot."), "llm_refused", "I cannot.", False),
    ],
)
def test_an_answer_of_no_use(given: Answer, code: str, words: str, again: bool) -> None:
    """Given an answer that does not fit / I expect why, and whether asking again may help."""
    with pytest.raises(CallError, match=words) as caught:
        ask().read(given)

    failure = caught.value.failure
    assert (failure.code, failure.may_be_bought) == (code, True)
    assert failure.text == (given.text or given.refusal)
    assert repairable(failure, given) is again


def test_only_what_an_earlier_try_did_not_finish_is_asked_for() -> None:
    """Given one finished character of three / I expect two asked for, and all three answered."""
    first = json.dumps(CHARACTER | {"name": "Berit"})
    wanted = ask(input_json='{"theme": "fantasy", "count": 3}', finished_items=[first])

    question = wanted.question()

    assert question.schema["properties"]["characters"]["maxItems"] == 2
    assert "Berit" in question.messages[-1]["content"]
    assert json.loads(wanted.fields(question)["finished"]) == [first]

    two = json.dumps({"characters": [CHARACTER, CHARACTER | {"name": "Cai"}]})
    said = Answer("j1/generate/0", "m", [two], finish_reason="stop", finished=question.finished)
    made = wanted.read(said)
    assert [each.name for each in made.characters] == ["Berit", "Ada", "Cai"]  # type: ignore[attr-defined]


def test_a_replayed_answer_is_joined_to_the_items_that_it_was_asked_without() -> None:
    """Given a row that was bought without any / I expect the asker's own finished ones left out."""
    wanted = ask(
        input_json='{"theme": "fantasy", "count": 2}', finished_items=[json.dumps(CHARACTER)]
    )
    row = {"text": json.dumps({"characters": [CHARACTER] * 2}), "finish_reason": "stop"}

    assert len(wanted.read(Answer.of_row("j1/generate/0", row)).characters) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("count", [1, 2])
def test_there_must_be_a_rest_to_ask_for(count: int) -> None:
    with pytest.raises(CallError, match="finished_items"):
        ask(finished_items=[json.dumps(CHARACTER)] * count)
