"""A scripted server: answers the requests of an operation; its clock advances with the pauses."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from loresmith.client.protocol import (
    Exchange,
    HttpRequest,
    HttpResponse,
    NoResponse,
    Outcome,
    Pause,
    ReadEvent,
    StreamEvent,
)
from loresmith.client.retry import Sender, Trouble

T = TypeVar("T")
Scripted = HttpResponse | NoResponse | Callable[[HttpRequest], HttpResponse | NoResponse]

START = 1_763_900_000.0
"""The wall clock at the start of a test, in seconds since 1970."""
UNREACHABLE = NoResponse("connection refused")


@dataclass
class Network:
    """Responds from `script` in order, with its last entry for ever; each connection to a stream
    yields the events of one of `streams`.
    """

    script: list[Scripted]
    streams: list[list[dict[str, Any]]] = field(default_factory=list)
    seconds: float = 0.0
    """The sum of all pauses."""
    requests: list[HttpRequest] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    troubles: list[Trouble | None] = field(default_factory=list)
    _open: list[dict[str, Any]] | None = None

    def run(
        self,
        operation: Callable[..., Exchange[T]],
        *args: Any,
        sender: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> T:
        """Runs an operation to its end; `sender` overrides settings of the Sender."""
        settings: dict[str, Any] = {"random": lambda: 1.0, **(sender or {})}
        exchange = operation(
            Sender(
                on_trouble=self.troubles.append,
                clock=lambda: self.seconds,
                now=lambda: START + self.seconds,
                **settings,
            ),
            *args,
            **kwargs,
        )
        outcome: Outcome = None
        while True:
            try:
                action = exchange.send(outcome)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            outcome = self._do(action)

    def _do(self, action: HttpRequest | Pause | ReadEvent) -> Outcome:
        if isinstance(action, ReadEvent):
            return self._read()
        self._open = None
        if isinstance(action, HttpRequest):
            return self._respond(action)
        self.pauses.append(action.seconds)
        self.seconds += action.seconds
        return None

    def _respond(self, request: HttpRequest) -> HttpResponse | NoResponse:
        self.requests.append(request)
        scripted = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return scripted(request) if callable(scripted) else scripted

    def _read(self) -> StreamEvent | None:
        if self._open is None:
            self._open = self.streams.pop(0) if self.streams else None
        return StreamEvent(self._open.pop(0)) if self._open else None


def response(status: int, body: Any = None, **headers: str) -> HttpResponse:
    """Builds a response; header names are spelled with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status, named, b"" if body is None else json.dumps(body).encode())


def problem(
    status: int, code: str, headers: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    """Builds a problem response."""
    body = {"code": code, "detail": f"about {code}", "status": status, "retryable": False, **more}
    return HttpResponse(status, headers or {}, json.dumps(body).encode())


def job(status: str = "processing", version: int = 1, **fields: Any) -> dict[str, Any]:
    """Builds the JSON of a job."""
    body = {"id": "j1", "type": "generate_characters", "status": status, "progress": 20}
    return body | {"message": "Generating characters...", "version": version, "attempt": 1} | fields
