"""LangChain's ChatOpenAI, over chat completions and over responses."""

import sys

from features import MODEL, QUESTION, WEATHER_QUESTION, run
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

llm = ChatOpenAI(model=MODEL, use_responses_api="responses" in sys.argv)


class Rivers(BaseModel):
    """Rivers of a valley."""

    names: list[str]


@tool
def get_weather(city: str) -> str:
    """Returns the weather of a city."""
    return f"18 degrees in {city}"


def invoke() -> None:
    answer = llm.invoke(QUESTION)
    assert answer.text
    assert answer.usage_metadata["output_tokens"] > 5


def stream() -> None:
    texts = [chunk.text for chunk in llm.stream(QUESTION) if chunk.text]
    assert len(texts) > 2, texts


def batch() -> None:
    assert all(answer.text for answer in llm.batch([QUESTION, f"{QUESTION} Again."]))


def bind_tools() -> None:
    bound = llm.bind_tools([get_weather])
    messages = [HumanMessage(WEATHER_QUESTION)]
    messages.append(bound.invoke(messages))
    call = messages[-1].tool_calls[0]
    messages.append(ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"]))
    assert bound.invoke(messages).text


def with_structured_output() -> None:
    assert isinstance(llm.with_structured_output(Rivers).invoke(QUESTION), Rivers)
    by_tool = llm.with_structured_output(Rivers, method="function_calling")
    assert isinstance(by_tool.invoke(QUESTION), Rivers)


run(invoke, stream, batch, bind_tools, with_structured_output)
