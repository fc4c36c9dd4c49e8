"""Fields of other types, and usages."""

from tests.providers.answer import (
    DONE,
    GOOD,
    STOP,
    USAGE,
    Answer,
    chunk,
    event,
    stream,
    text,
    usage,
)

FIELDS = [
    Answer(f"{name} is {value!r}", chunk(GOOD, **{name: value}) + STOP)
    for name in ("model", "id", "system_fingerprint", "created", "object")
    for value in ({"name": "x"}, True, 7, 1.5, ["x"], "x" * 5_000, "a\nb")
    if (name, value) != ("object", "error")
]

USAGES = [
    *(
        Answer(f"usage {name}", stream(counts=value), usage=counted)
        for name, value, counted in [
            ("in floats", {"prompt_tokens": 1000.0, "completion_tokens": 200.0}, (1000, 200)),
            ("in texts", {"prompt_tokens": "1000", "completion_tokens": "200"}, (1000, 200)),
            (
                "in texts of floats",
                {"prompt_tokens": "1000.0", "completion_tokens": " 200 "},
                (1000, 200),
            ),
            ("with a fraction", {"prompt_tokens": 10.5, "completion_tokens": 2}, None),
            ("as a list", [1, 2], None),
            ("as a text", "1000", None),
            ("as a number", 7, None),
            ("true", True, None),
            ("of booleans", {"prompt_tokens": True, "completion_tokens": True}, None),
            ("of objects", {"prompt_tokens": {}, "completion_tokens": []}, None),
            ("null", None, None),
            ("empty", {}, None),
            ("negative", {"prompt_tokens": -1000, "completion_tokens": 200}, None),
            ("negative output", {"prompt_tokens": 1000, "completion_tokens": -200}, None),
            ("infinite", {"prompt_tokens": float("inf"), "completion_tokens": 2}, None),
            ("not a number", {"prompt_tokens": float("nan"), "completion_tokens": 2}, None),
            ("above 2^64", {"prompt_tokens": 2**70, "completion_tokens": 2}, None),
            ("zero", {"prompt_tokens": 0, "completion_tokens": 0}, None),
            ("zero output", {"prompt_tokens": 1000, "completion_tokens": 0}, None),
            ("total only", {"total_tokens": 1200}, None),
            (
                "total too small",
                {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 3},
                None,
            ),
            ("reasoning in the total only", {**USAGE, "total_tokens": 1500}, (1000, 500)),
            (
                "details as a list",
                {**USAGE, "prompt_tokens_details": [], "completion_tokens_details": [3]},
                (1000, 200),
            ),
            ("details null", {**USAGE, "prompt_tokens_details": None}, (1000, 200)),
            (
                "cached above input",
                {**USAGE, "prompt_tokens_details": {"cached_tokens": 9000}},
                None,
            ),
            ("cached negative", {**USAGE, "prompt_tokens_details": {"cached_tokens": -9000}}, None),
            (
                "reasoning above output",
                {
                    "prompt_tokens": 1000,
                    "completion_tokens": 200,
                    "completion_tokens_details": {"reasoning_tokens": 900},
                },
                None,
            ),
            ("with other names", {"input_tokens": 1000, "output_tokens": 200}, (1000, 200)),
        ]
    ),
    Answer(
        "zeros after the usage",
        text()
        + chunk(None, "stop")
        + usage()
        + usage({"prompt_tokens": 0, "completion_tokens": 0})
        + DONE,
    ),
    Answer(
        "zeros before the usage", usage({"prompt_tokens": 0, "completion_tokens": 0}) + stream()
    ),
    Answer(
        "bad after good",
        text() + chunk(None, "stop") + usage() + usage({"prompt_tokens": -1}) + DONE,
    ),
    Answer(
        "usage beside the choice, as Groq sends it",
        text()
        + event({"choices": [{"index": 0, "finish_reason": "stop"}], "x_groq": {"usage": USAGE}}),
    ),
    Answer(
        "more tokens than any model has",
        stream(counts={"prompt_tokens": 10**12, "completion_tokens": 10**12}),
        usage=None,
    ),
    Answer("growing usage", usage({"prompt_tokens": 1000, "completion_tokens": 1}) + stream()),
    Answer(
        "usage in the choice",
        text()
        + event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": USAGE}]})
        + DONE,
    ),
]
