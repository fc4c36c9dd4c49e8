"""Responses that end oddly, or not at all."""

from tests.providers.answer import (
    DONE,
    GOOD,
    HALF,
    Answer,
    chunk,
    delta,
    event,
    stream,
    text,
    usage,
)

LOST = {"state": "unknown", "code": "llm_outcome_unknown", "usage": None}
ENDS = [
    Answer("DONE without a finish reason", text() + usage() + DONE),
    Answer("end without a finish reason", text(), usage=None),
    Answer("break without a finish reason", text(), usage=None, breaks_off=True),
    Answer(
        "error after the whole text", text() + event({"error": {"message": "late"}}), usage=None
    ),
    Answer("half, then DONE", text(HALF) + DONE, text=HALF, **LOST),
    Answer("half, then the end", text(HALF), text=HALF, **LOST),
    Answer("half, then a break", text(HALF), text=HALF, breaks_off=True, **LOST),
    Answer(
        "half, then an error",
        text(HALF) + event({"error": {"message": "overloaded"}}),
        text=HALF,
        says="overloaded",
        **LOST,
    ),
    Answer("nothing", b"", text="", **LOST),
    Answer("only comments", b": ping\n\n: ping\n\n", text="", **LOST),
    Answer("only a role", delta({"role": "assistant"}), text="", **LOST),
    Answer("kept open after usage", stream().removesuffix(DONE), stays_open=True),
    Answer("kept open after DONE", stream(), stays_open=True),
    Answer(
        "kept open after the finish reason",
        text() + chunk(None, "stop"),
        stays_open=True,
        usage=None,
    ),
    Answer(
        "usage before the finish reason, kept open",
        text() + usage() + chunk(None, "stop"),
        stays_open=True,
    ),
    Answer(
        "comments after the end, kept open",
        text() + chunk(None, "stop") + usage() + b": p\n\n" * 9,
        stays_open=True,
    ),
    Answer(
        "a finish reason in every chunk",
        b"".join(chunk(GOOD[i : i + 40], "stop") for i in range(0, len(GOOD), 40)) + usage() + DONE,
    ),
    Answer(
        "a break after the finish reason", text() + chunk(None, "stop"), breaks_off=True, usage=None
    ),
]
