"""The job type `prompt`: what a client may send, and what the model is asked."""

from typing import Any

import pytest
from pydantic import ValidationError

from loresmith.jobs.types.builtin.prompt import PromptPayload, request_of, run
from loresmith.jobs.types.chat import CHAT, ChatAnswer, ChatRequest, ToolCall

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}


class Answering:
    """A context whose model gives one answer."""

    job_id = "a-job"

    def __init__(self, answer: ChatAnswer) -> None:
        self.answer = answer
        self.requests: list[ChatRequest] = []

    def call(self, step: str, spec: Any, input: Any) -> Any:
        assert (step, spec) == ("generate", CHAT)
        self.requests.append(input)
        return self.answer

    def save_world(self, **world: Any) -> str:
        raise AssertionError


@pytest.mark.parametrize(
    ("payload", "place", "reason"),
    [
        ({}, "", "exactly one of prompt and messages"),
        ({"prompt": "a", "messages": [{"role": "user", "content": "a"}]}, "", "exactly one"),
        ({"prompt": ""}, "prompt", "at least 1"),
        ({"prompt": "a\x1b[2J"}, "prompt", "control character"),
        ({"messages": []}, "messages", "at least 1"),
        ({"messages": [{"role": "wizard", "content": "a"}]}, "messages.0.role", "system"),
        ({"messages": [{"role": "user"}]}, "", "messages.0: content is required"),
        ({"messages": [{"role": "user", "content": "a", "mood": 1}]}, "messages.0.mood", "Extra"),
        ({"messages": [{"role": "tool", "content": "a"}]}, "", "messages.0: tool_call_id"),
        (
            {"messages": [{"role": "tool", "content": "a", "tool_call_id": "c2"}]},
            "",
            "messages.0: tool_call_id must name a tool call",
        ),
        (
            {"messages": [{"role": "user", "content": "a", "tool_calls": [CALL]}]},
            "",
            "only an assistant",
        ),
        (
            {"messages": [{"role": "user", "content": "a"}], "system": "b"},
            "",
            "system goes with prompt",
        ),
        ({"prompt": "Hi {{name}}", "variables": {"nam": "x"}}, "", "variables has no name"),
        ({"prompt": "Hi", "variables": {"name": "x"}}, "", "nothing uses the variables name"),
        ({"prompt": "Hi {{n}}", "variables": {"n": 1}}, "variables.n", "string"),
        ({"prompt": "a", "output_schema": {"type": "text"}}, "output_schema", "no JSON Schema"),
        ({"prompt": "a", "output_schema": "x"}, "output_schema", "dictionary"),
        ({"prompt": "a", "max_output_tokens": 0}, "max_output_tokens", "greater"),
        ({"prompt": "a", "max_output_tokens": 10**9}, "max_output_tokens", "less"),
        ({"prompt": "a", "temperature": 3}, "temperature", "less"),
        ({"prompt": "a", "temperature": "1"}, "temperature", "number"),
        ({"prompt": "a", "parameters": {"model": "b"}}, "parameters", "model cannot be set here"),
        ({"prompt": "a", "parameters": {"models": ["b"]}}, "parameters", "models cannot be set"),
        ({"prompt": "a", "parameters": {"best_of": 20}}, "parameters", "best_of cannot be set"),
        ({"prompt": "a", "parameters": {"service_tier": "priority"}}, "parameters", "must be one"),
        ({"prompt": "a", "parameters": {"tools": [1]}}, "parameters", "a list of functions"),
        ({"prompt": "a", "parameters": {"tools": "x"}}, "parameters", "a list of functions"),
        (
            {"prompt": "a", "parameters": {"tools": [{"type": "web_search"}]}},
            "parameters",
            "a list of functions",
        ),
        ({"prompt": "a", "parameters": {"stream": False}}, "parameters", "stream cannot be set"),
        ({"prompt": "a", "parameters": {"x": "y" * 65_000}}, "parameters", "bytes of JSON"),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": "file:///etc/x"}}],
                    }
                ]
            },
            "messages.0.content.parts.0.image_url.image_url.url",
            "pattern",
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_bad_input_is_refused_by_the_name_of_the_field(
    payload: dict[str, Any], place: str, reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason) as caught:
        PromptPayload.model_validate(payload)

    assert place in [".".join(map(str, each["loc"])) for each in caught.value.errors()]


def test_a_prompt_becomes_one_user_message_after_the_system_message() -> None:
    payload = PromptPayload(
        prompt=" Hi {{ who }} ", system="Be {{how}}.", variables={"who": "{{how}}", "how": "kind"}
    )

    assert request_of(payload).messages == (
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi {{how}}"},
    ), "the value of a variable is not read for variables"


def test_without_variables_braces_stay() -> None:
    request = request_of(PromptPayload(prompt="Explain {{x}} in Jinja"))

    assert request.messages[-1]["content"] == "Explain {{x}} in Jinja"


def test_messages_are_sent_as_they_came_with_variables_in_their_texts() -> None:
    image = {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64,aGk=", "detail": "low"},
    }
    messages: list[Any] = [
        {"role": "user", "content": [{"type": "text", "text": " See {{x}} "}, image]},
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "{{x}}"},
    ]

    request = request_of(PromptPayload(messages=messages, variables={"x": "this"}))

    assert request.messages == (
        {"role": "user", "content": [{"type": "text", "text": " See this "}, image]},
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "this"},
    )


def test_parameters_and_the_temperature_are_fields_of_the_request() -> None:
    payload = PromptPayload(
        prompt="a", temperature=0.5, parameters={"seed": 7}, output_schema=SCHEMA
    )
    request = request_of(payload)

    assert request.parameters == {"seed": 7, "temperature": 0.5}
    assert request.output_schema == SCHEMA
    assert not request.as_is


def test_the_result_is_text_or_json_or_tool_calls() -> None:
    text = ChatAnswer(text="It rains.", finish_reason="length")
    call = ToolCall(id="c", name="look", arguments="{}")

    assert run(PromptPayload(prompt="a"), Answering(text)) == {
        "text": "It rains.", "output": None, "finish_reason": "length", "tool_calls": [],
    }  # fmt: skip
    assert run(
        PromptPayload(prompt="a", output_schema=SCHEMA),
        Answering(ChatAnswer(text='{"n": 3}', finish_reason="stop")),
    ) == {"text": None, "output": {"n": 3}, "finish_reason": "stop", "tool_calls": []}
    assert run(
        PromptPayload(prompt="a", output_schema=SCHEMA),
        Answering(ChatAnswer(text="", finish_reason="tool_calls", tool_calls=(call,))),
    ) == {
        "text": "", "output": None, "finish_reason": "tool_calls",
        "tool_calls": [{"id": "c", "name": "look", "arguments": "{}"}],
    }  # fmt: skip
