"""instructor: answers as pydantic models."""

import instructor
from features import MODEL, QUESTION, run
from openai import OpenAI
from pydantic import BaseModel

ASK = {"model": MODEL, "messages": [{"role": "user", "content": QUESTION}]}


class Rivers(BaseModel):
    names: list[str]


def _ask(mode: instructor.Mode) -> None:
    client = instructor.from_openai(OpenAI(), mode=mode)
    assert isinstance(client.chat.completions.create(**ASK, response_model=Rivers), Rivers)


def response_model_by_tool() -> None:
    _ask(instructor.Mode.TOOLS)


def response_model_by_schema() -> None:
    _ask(instructor.Mode.JSON_SCHEMA)


def partial() -> None:
    client = instructor.from_openai(OpenAI(), mode=instructor.Mode.TOOLS)
    *_, last = client.chat.completions.create_partial(**ASK, response_model=Rivers)
    assert last.names


run(response_model_by_tool, response_model_by_schema, partial)
