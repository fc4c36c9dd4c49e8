"""Errors, with any status, and pauses that providers ask for."""

import json

from tests.providers.answer import DONE, HTML, JSON, PLAIN, Answer, delta, event

LOST = {"state": "unknown", "code": "llm_outcome_unknown", "usage": None}
FREE = {"state": "released", "usage": None, "text": ""}
ERROR = {"code": "llm_error", **FREE}
BUSY = {"code": "llm_unavailable", **FREE}
OVERLOADED = {"message": "The engine is overloaded\nsecond line", "type": "overloaded_error"}
ERRORS = [
    Answer(
        "a JSON error",
        b'{"error": {"message": "No such model: x"}}',
        headers=JSON,
        says="reported an error: No such model: x.",
        **ERROR,
    ),
    Answer(
        "a JSON error as events",
        b'{"error": {"message": "No such model: x"}}',
        says="No such model",
        **ERROR,
    ),
    Answer(
        "a text as error",
        b'{"error": "model not loaded"}',
        headers=JSON,
        says="model not loaded.",
        **ERROR,
    ),
    Answer(
        "a list of errors",
        b'[{"error": {"code": 400, "message": "bad field"}}]',
        headers=JSON,
        says="bad field",
        **ERROR,
    ),
    Answer("a detail", b'{"detail": "Not allowed"}', headers=JSON, says="Not allowed.", **ERROR),
    Answer(
        "a list of details",
        b'{"detail": [{"loc": ["body"], "msg": "field required"}]}',
        headers=JSON,
        says="field required",
        **ERROR,
    ),
    Answer(
        "an object of vLLM",
        b'{"object": "error", "message": "max_tokens too large", "code": 400}',
        headers=JSON,
        says="max_tokens too large",
        **ERROR,
    ),
    Answer("an error in an event", event({"error": {"message": "nope"}}), says="nope", **ERROR),
    Answer(
        "an error event",
        b'event: error\ndata: {"error": {"message": "nope"}}\n\n',
        says="nope",
        **ERROR,
    ),
    Answer(
        "an error event of text",
        b"event: error\ndata: out of memory\n\n",
        says="out of memory",
        **ERROR,
    ),
    Answer(
        "an error event without an object",
        b'event: error\ndata: {"message": "gone away"}\n\n',
        says="gone away",
        **ERROR,
    ),
    Answer(
        "overloaded in an event",
        event({"error": OVERLOADED}),
        retryable=True,
        says="The engine is overloaded.",
        **BUSY,
    ),
    Answer(
        "a status in the error",
        event({"error": {"message": "slow down", "code": 429}}),
        says="slow down",
        retryable=True,
        **BUSY,
    ),
    Answer(
        "a quota in an event",
        event({"error": {"message": "pay", "code": "insufficient_quota"}}),
        code="llm_quota",
        says="pay",
        **FREE,
    ),
    Answer(
        "a web page",
        b"<!DOCTYPE html><html><head><title>Open\n WebUI</title></head></html>",
        headers=HTML,
        says="(Open WebUI). The address may lack /v1.",
        **ERROR,
    ),
    Answer("a web page as events", b"\n<html><body>Hi</body></html>", says="may lack /v1", **ERROR),
    Answer(
        "plain text",
        b"upstream is starting\nplease wait",
        headers=PLAIN,
        says="reported an error: upstream is starting.",
        **ERROR,
    ),
    Answer("another document", b'{"status": "ok"}', headers=JSON, says="not a completion", **ERROR),
    Answer(
        "400 as text",
        b"unknown field: seed",
        400,
        PLAIN,
        says="answered 400: unknown field: seed.",
        **ERROR,
    ),
    Answer("404 as text", b"404 page not found", 404, PLAIN, says="may lack /v1", **ERROR),
    Answer(
        "404 as a web page",
        b"<html><title>Not Found</title></html>",
        404,
        HTML,
        says="may lack /v1",
        **ERROR,
    ),
    Answer(
        "404 for a model",
        b'{"error": {"message": "no model x", "code": "model_not_found"}}',
        404,
        JSON,
        says="answered 404: no model x.",
        **ERROR,
    ),
    Answer(
        "401 with the key",
        b'{"error": "bad key sk-hostile-0123456789"}',
        401,
        JSON,
        says="bad key …",
        **ERROR,
    ),
    Answer("403 without a body", b"", 403, PLAIN, says="answered 403", **ERROR),
    Answer("402", b"{}", 402, JSON, code="llm_quota", **FREE),
    Answer("429 as text", b"slow down!", 429, PLAIN, says="slow down!", retryable=True, **BUSY),
    Answer(
        "429 that breaks off",
        b'{"error": {"mess',
        429,
        JSON,
        breaks_off=True,
        says="answered 429",
        retryable=True,
        **BUSY,
    ),
    Answer(
        "503 as a web page",
        b"<html><h1>503 Busy</h1></html>",
        503,
        HTML,
        says="503 Busy",
        retryable=True,
        **BUSY,
    ),
    *(
        Answer(f"{status}, whatever it says", b"busy", status, PLAIN, retryable=True, **BUSY)
        for status in (521, 523, 525, 526, 529, 530)
    ),
    *(
        Answer(
            f"{status} with a code of a busy provider",
            json.dumps({"error": {"message": "wait", "type": code}}).encode(),
            status,
            JSON,
            retryable=True,
            **BUSY,
        )
        for status, code in [
            (400, "rate_limit_exceeded"),
            (403, "RESOURCE_EXHAUSTED"),
            (409, "capacity_exceeded"),
            (500, "overloaded_error"),
        ]
    ),
    *(
        Answer(
            f"{status} for a request above the limit of tokens",
            b'{"error": {"message": "Request too large on tokens per min (TPM): Limit 6000, '
            b'Requested 9000", "type": "tokens", "code": "rate_limit_exceeded"}}',
            status,
            JSON,
            says="Request too large",
            retryable=False,
            **ERROR,
        )
        for status in (413, 429)
    ),
    Answer(
        "504 with a code of a busy provider",
        b'{"error": {"message": "late", "type": "overloaded_error"}}',
        504,
        JSON,
        text="",
        **LOST,
    ),
    Answer(
        "an empty start, then a rate limit",
        delta({"role": "assistant", "content": ""})
        + event({"error": {"message": "slow down", "code": 429}}),
        says="slow down",
        retryable=True,
        **BUSY,
    ),
    Answer(
        "an empty start, then another error",
        delta({"role": "assistant", "content": ""}) + event({"error": {"message": "broken"}}),
        text="",
        says="broken",
        **LOST,
    ),
    Answer(
        "a rate limit in a choice",
        event({"choices": [{"finish_reason": "error", "error": {"code": 429, "message": "rl"}}]})
        + DONE,
        says="rl",
        retryable=True,
        **BUSY,
    ),
    Answer("307", b"", 307, PLAIN | {"location": "/x"}, says="leads to another", **ERROR),
    Answer(
        "500 as text",
        b"Traceback\n  File x",
        500,
        PLAIN,
        text="",
        says="answered 500: Traceback.",
        **LOST,
    ),
    Answer(
        "502 as a web page",
        b"<html><title>Bad Gateway</title></html>",
        502,
        HTML,
        text="",
        says="answered 502: Bad Gateway.",
        **LOST,
    ),
    Answer(
        "500 with half an emoji",
        b'{"error": {"message": "x \\ud83d"}}',
        500,
        JSON,
        text="",
        says="x \ufffd",
        **LOST,
    ),
    Answer(
        "half an emoji in an error",
        b'{"error": {"message": "x \\ud83d"}}',
        400,
        JSON,
        says="x \ufffd",
        **ERROR,
    ),
]

LONG_PAUSE = {"code": "llm_unavailable", "retryable": False, **FREE}
PAUSES = [
    Answer(f"Retry-After {value}", b"{}", 429, JSON | {name: value}, says=says, **expected)
    for name, value, says, expected in [
        ("retry-after", "2", "answered 429", {"retryable": True, **BUSY}),
        ("retry-after", "99999999999999999999999999", "more than 100 years", LONG_PAUSE),
        ("retry-after-ms", "1e400", "more than 100 years", LONG_PAUSE),
        ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT", "more than 100 years", LONG_PAUSE),
        ("retry-after", "86400", "1 day", LONG_PAUSE),
        ("retry-after", "7300", "2 hours", LONG_PAUSE),
        ("retry-after", "4102444800", "years", LONG_PAUSE),
        ("retry-after", "4102444800000", "years", LONG_PAUSE),
        ("retry-after", "1000000000", "answered 429", {"retryable": True, **BUSY}),
        ("retry-after", "nan", "answered 429", {"retryable": True, **BUSY}),
        ("retry-after", "-5", "answered 429", {"retryable": True, **BUSY}),
        ("retry-after", "soon", "answered 429", {"retryable": True, **BUSY}),
    ]
]
