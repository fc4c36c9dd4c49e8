"""Completions of odd shape."""

import json

from tests.providers.answer import (
    DONE,
    GOOD,
    JSON,
    STOP,
    Answer,
    chunk,
    delta,
    event,
    text,
    usage,
    whole,
)

PARTS = [{"type": "text", "text": GOOD[:9]}, {"type": "text", "text": GOOD[9:]}]
SHAPES = [
    Answer("a whole completion", whole({"role": "assistant", "content": GOOD}), headers=JSON),
    Answer("a whole completion as events", whole({"content": GOOD})),
    Answer("a whole completion in an event", b"data: " + whole({"content": GOOD}) + b"\n\n"),
    Answer("a whole completion, kept open", whole({"content": GOOD}), stays_open=True),
    Answer(
        "a whole completion, indented",
        json.dumps(json.loads(whole({"content": GOOD})), indent=2).encode(),
        headers=JSON,
    ),
    Answer("a whole completion without a finish reason", whole({"content": GOOD}, None)),
    Answer(
        "a whole completion that breaks off",
        whole({"content": GOOD})[:-100],
        headers=JSON,
        breaks_off=True,
        usage=None,
    ),
    Answer(
        "half of a whole completion",
        whole({"content": GOOD})[: len(GOOD)],
        headers=JSON,
        breaks_off=True,
        state="unknown",
        code="llm_outcome_unknown",
        text=None,
        usage=None,
    ),
    Answer(
        "a list of chunks",
        b"["
        + b",".join(
            frame.removeprefix(b"data: ")
            for frame in (text() + chunk(None, "stop") + usage()).split(b"\n\n")
            if frame
        )
        + b"]",
        headers=JSON,
    ),
    Answer(
        "chunks in lines of JSON",
        (text() + chunk(None, "stop") + usage()).replace(b"data: ", b"").replace(b"\n\n", b"\n"),
    ),
    Answer("text parts", chunk(PARTS) + STOP),
    Answer("text parts, whole", whole({"content": PARTS}), headers=JSON),
    Answer(
        "text parts with a thought",
        chunk([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, *PARTS]) + STOP,
    ),
    Answer("one text part", chunk({"type": "text", "text": GOOD}) + STOP),
    Answer("text parts as texts", chunk([GOOD[:9], GOOD[9:]]) + STOP),
    Answer("text parts with a value", chunk([{"type": "text", "text": {"value": GOOD}}]) + STOP),
    Answer("a delta that is a text", delta(GOOD) + STOP),
    Answer("legacy text", event({"choices": [{"index": 0, "text": GOOD}]}) + STOP),
    Answer("a message in a chunk", event({"choices": [{"message": {"content": GOOD}}]}) + STOP),
    Answer(
        "delta and message",
        event({"choices": [{"delta": {"content": GOOD}, "message": {"content": GOOD}}]}) + STOP,
    ),
    Answer(
        "tool arguments",
        b"".join(
            delta({"tool_calls": [{"index": 0, "function": {"name": "x", "arguments": part}}]})
            for part in (GOOD[:20], GOOD[20:])
        )
        + chunk(None, "tool_calls")
        + usage()
        + DONE,
    ),
    Answer(
        "tool arguments, whole",
        whole(
            {
                "content": None,
                "tool_calls": [{"id": "t", "function": {"name": "x", "arguments": GOOD}}],
            },
            "tool_calls",
        ),
        headers=JSON,
    ),
    Answer(
        "tool arguments as an object",
        whole({"content": None, "tool_calls": [{"function": {"arguments": json.loads(GOOD)}}]}),
        headers=JSON,
    ),
    Answer(
        "tool arguments beside words",
        chunk("I call the tool.")
        + delta({"tool_calls": [{"index": 0, "function": {"arguments": GOOD}}]})
        + STOP,
        text="I call the tool.\n" + GOOD,
        repaired="local",
    ),
    Answer("a function call", delta({"function_call": {"arguments": GOOD}}) + STOP),
    Answer(
        "two tools, one fits",
        delta(
            {
                "tool_calls": [
                    {"index": 0, "function": {"arguments": '{"q": 1}'}},
                    {"index": 1, "function": {"arguments": GOOD}},
                ]
            }
        )
        + STOP,
        text='{"q": 1}\n' + GOOD,
        repaired="local",
    ),
    Answer(
        "two choices",
        b"".join(
            delta({"content": part}, index=0) + delta({"content": "NO"}, index=1)
            for part in (GOOD[:9], GOOD[9:])
        )
        + STOP,
    ),
    Answer("two choices, the second first", delta({"content": "NO"}, index=1) + text() + STOP),
    Answer(
        "two choices in a chunk",
        event(
            {
                "choices": [
                    {"index": 1, "delta": {"content": "NO"}},
                    {"index": 0, "delta": {"content": GOOD}},
                ]
            }
        )
        + STOP,
    ),
    Answer(
        "the only choice is 1",
        delta({"content": GOOD}, index=1) + delta({}, "stop", index=1) + usage() + DONE,
    ),
    Answer("index null", delta({"content": GOOD}, index=None) + STOP),
    Answer("index as text", delta({"content": GOOD}, index="0") + STOP),
    Answer(
        "the answer among the reasoning", delta({"content": None, "reasoning_content": GOOD}) + STOP
    ),
    Answer("reasoning beside the answer", delta({"reasoning_content": "Hm { hm"}) + text() + STOP),
]
