"""Runs the features of a program one after the other, and prints a line of JSON for each."""

import json
import sys
import traceback
from collections.abc import Callable
from typing import TypeVar

E = TypeVar("E", bound=Exception)
MODEL = "gpt-5-mini"
QUESTION = "Name three rivers of a drowned valley."
WEATHER_QUESTION = "What is the weather in Paris? Call get_weather."
WEATHER_PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def error_of(kind: type[E], call: Callable[[], object]) -> E:
    """Returns the error that a call raises."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def run(*features: Callable[[], None]) -> None:
    """Exits with 1 if one fails."""
    failed = 0
    for feature in features:
        error = ""
        try:
            feature()
        except Exception:
            failed += 1
            error = traceback.format_exc()
        print(json.dumps({"feature": feature.__name__, "error": error}), flush=True)
    sys.exit(bool(failed))
