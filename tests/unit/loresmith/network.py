"""A network that plays a script: it answers conversations, and its clock runs on their pauses."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from loresmith.operations import Operations
from loresmith.patience import Trouble
from loresmith.wire import Ask, Lost, Reply, Talk

T = TypeVar("T")
Answer = Reply | Lost | Callable[[Ask], Reply | Lost]

START = 1_763_900_000.0
"""What the calendar says when a test begins, in seconds since 1970."""


@dataclass
class Network:
    """Answers from `script`, in order; the last answer is given for ever."""

    script: list[Answer]
    seconds: float = 0.0
    """How long the conversation has paused so far."""
    asks: list[Ask] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    troubles: list[Trouble | None] = field(default_factory=list)

    def operations(self, *, luck: float = 1.0, **options: Any) -> Operations:
        """Operations on this network's clock; `luck` is what their dice show, 0 to 1."""
        return Operations(
            on_trouble=self.troubles.append,
            clock=lambda: self.seconds,
            now=lambda: START + self.seconds,
            random=lambda: luck,
            **options,
        )

    def hold(self, talk: Talk[T]) -> T:
        """Drives a conversation to its end."""
        came: Reply | Lost | None = None
        while True:
            try:
                wanted = talk.send(came)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            if isinstance(wanted, Ask):
                came = self._answer(wanted)
            else:
                self.pauses.append(wanted.seconds)
                self.seconds += wanted.seconds
                came = None

    def _answer(self, ask: Ask) -> Reply | Lost:
        self.asks.append(ask)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return answer(ask) if callable(answer) else answer


def reply(status: int, body: Any = None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, b"" if body is None else json.dumps(body).encode())


def job(status: str = "processing", version: int = 1, **fields: Any) -> dict[str, Any]:
    """The body of a job."""
    made = {"id": "j1", "type": "generate_characters", "status": status, "progress": 20}
    return made | {"message": "Generating characters...", "version": version, "attempt": 1} | fields


def refusal(status: int, code: str, headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
    body = {"code": code, "detail": f"about {code}", "status": status, "retryable": False, **more}
    return Reply(status, headers or {}, json.dumps(body).encode())


LOST = Lost("connection refused")
