"""LiteLLM as a library."""

import litellm
from features import MODEL, QUESTION, WEATHER_PARAMETERS, WEATHER_QUESTION, run

MODEL = f"openai/{MODEL}"
WEATHER = {"name": "get_weather", "parameters": WEATHER_PARAMETERS}


def _ask(question: str, **options: object) -> object:
    messages = [{"role": "user", "content": question}]
    return litellm.completion(model=MODEL, messages=messages, **options)


def completion() -> None:
    answer = _ask(QUESTION)
    assert answer.choices[0].message.content
    assert answer.usage.completion_tokens > 5


def stream() -> None:
    texts = [chunk.choices[0].delta.content for chunk in _ask(QUESTION, stream=True)]
    assert len([text for text in texts if text]) > 2, texts


def tools() -> None:
    answer = _ask(WEATHER_QUESTION, tools=[{"type": "function", "function": WEATHER}])
    assert answer.choices[0].message.tool_calls[0].function.name == "get_weather"


def responses() -> None:
    assert litellm.responses(model=MODEL, input=QUESTION).output[-1].content[0].text


run(completion, stream, tools, responses)
