"""One answer of a provider as bytes, and the outcome of a call that gets it."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.unit.lore_service.harness import VALID_TEXT

GOOD = VALID_TEXT
USAGE = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}
COUNTED = (1000, 200)
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Answer:
    """What the server sends, and what must come of it."""

    name: str
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream"})
    stays_open: bool = False
    """The server keeps the connection open after the body."""
    breaks_off: bool = False
    """The server announces more than it sends."""
    # What is expected:
    state: str = "done"
    code: str = ""
    says: str = ""
    """A part of the failure's message."""
    text: str | None = GOOD
    """None: not compared."""
    usage: tuple[int, int] | None = COUNTED
    repaired: str = ""
    requests: int = 1
    retryable: bool | None = None

    def __repr__(self) -> str:
        return self.name


def event(body: Any) -> bytes:
    """Encodes a value as the data of an event; \\ud83d stays an escape."""
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def chunk(content: Any = None, reason: Any = None, **fields: Any) -> bytes:
    return delta({"content": content}, reason, **fields)


def delta(delta: Any, reason: Any = None, index: Any = 0, **fields: Any) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": reason}
    return event({"id": "c1", "model": "m-1", "choices": [choice], **fields})


def usage(value: Any = USAGE) -> bytes:
    return event({"id": "c1", "choices": [], "usage": value})


def text(content: str = GOOD, pieces: int = 3) -> bytes:
    """The content in pieces, without its end."""
    size = -(-len(content) // pieces)
    return b"".join(chunk(content[i : i + size]) for i in range(0, len(content), size))


def stream(content: str = GOOD, reason: Any = "stop", counts: Any = USAGE) -> bytes:
    """A whole stream, as OpenAI sends it."""
    start = delta({"role": "assistant", "content": ""})
    return start + text(content) + chunk(None, reason) + usage(counts) + DONE


def whole(message: Any, reason: Any = "stop", **fields: Any) -> bytes:
    """A completion as one JSON document."""
    choice = {"index": 0, "message": message, "finish_reason": reason}
    return json.dumps(
        {"id": "c1", "model": "m-1", "choices": [choice], "usage": USAGE, **fields}
    ).encode()


JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}
PLAIN = {"content-type": "text/plain"}


HALF = GOOD[: len(GOOD) // 2]
STOP = chunk(None, "stop") + usage() + DONE
"""A finish reason, usage and the end."""
