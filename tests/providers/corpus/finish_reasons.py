"""Finish reasons and refusals."""

from tests.providers.answer import GOOD, HALF, STOP, Answer, delta, stream

LENGTH = (
    "length",
    "MAX_TOKENS",
    "max_tokens",
    "maxTokens",
    "FINISH_REASON_MAX_TOKENS",
    "Max Output Tokens",
)
FILTER = (
    "content_filter",
    "SAFETY",
    "refusal",
    "RECITATION",
    "PROHIBITED_CONTENT",
    "contentFilter",
)
FAILED = ("error", "ERROR", "MALFORMED_FUNCTION_CALL", "network_error")
FINE = (
    "STOP",
    "end_turn",
    "Stop",
    "eos",
    "tool_calls",
    "COMPLETED",
    "something_new",
    {"type": "stop"},
    True,
    7,
    ["stop"],
)
UNUSABLE = {"state": "done", "text": HALF}
REASONS = [
    *(
        Answer(
            f"finish reason {reason}",
            stream(HALF, reason),
            code="output_schema",
            says="cut off",
            **UNUSABLE,
        )
        for reason in LENGTH
    ),
    *(
        Answer(f"finish reason {reason}", stream(HALF, reason), code="llm_refused", **UNUSABLE)
        for reason in FILTER
    ),
    *(
        Answer(
            f"finish reason {reason}",
            stream(HALF, reason),
            code="llm_error",
            says="ended the answer with an error",
            **UNUSABLE,
        )
        for reason in FAILED
    ),
    *(Answer(f"finish reason {reason}", stream(GOOD, reason)) for reason in FINE),
    *(Answer(f"a whole text with {reason}", stream(GOOD, reason)) for reason in (*LENGTH, *FAILED)),
    Answer(
        "a refusal",
        delta({"refusal": "I ca"}) + delta({"refusal": "nnot."}) + STOP,
        code="llm_refused",
        says="The model refused: I cannot.",
        text="",
    ),
    Answer(
        "a refusal with half an emoji",
        delta({"refusal": "No \ud83d"}) + STOP,
        code="llm_refused",
        says="No \ufffd",
        text="",
    ),
]
