"""uvicorn's HTTP protocol with limits on request time and header size.

Without them a client that never completes its request occupies a connection forever, and one that
sends endless headers exhausts the memory.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from loresmith.jobs.core.logs import get_logger

REQUEST_TIMEOUT_S = 10.0
"""Seconds from the first byte of a request to its last."""
SHUTDOWN_REQUEST_TIMEOUT_S = 1.0
MAX_HEADER_BYTES = 65_536
"""Applies to headers that arrive in several reads; a single read may exceed it."""

REFUSAL_LOG_INTERVAL_S = 60.0
"""Seconds between two lines in the log about refused connections."""

UNAVAILABLE = b"503 Service Unavailable\r\nretry-after: 10"
REQUEST_TIMEOUT = b"408 Request Timeout"
HEADERS_TOO_LARGE = b"431 Request Header Fields Too Large"


log = get_logger(__name__)


class TimeoutLimitedProtocol(HttpToolsProtocol):
    """One connection. The timeout covers receiving a request, not responding to it."""

    max_connections: ClassVar[int] = 1_000_000
    """One more is refused: without a free descriptor the process cannot reach Redis either."""
    next_refusal_log: ClassVar[float] = 0.0

    @classmethod
    def limited(cls, max_connections: int) -> "type[TimeoutLimitedProtocol]":
        """Returns the protocol with another maximum number of connections."""
        return type(cls.__name__, (cls,), {"max_connections": max_connections})

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._head_open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._start_deadline()
        if len(self.connections) > self.max_connections:
            self._log_refusal()
            self._reject(UNAVAILABLE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._head_open:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_open and self._head_bytes > MAX_HEADER_BYTES:
            self._reject(HEADERS_TOO_LARGE)

    def on_message_begin(self) -> None:
        self._head_open = True
        self._start_deadline()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_open = False
        self._head_bytes = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._cancel_deadline()
        super().on_message_complete()

    def shutdown(self) -> None:
        """Shortens the timeout of a request that is incomplete when the server stops."""
        super().shutdown()
        if self._deadline is not None:
            self._cancel_deadline()
            self._deadline = self.loop.call_later(
                SHUTDOWN_REQUEST_TIMEOUT_S, self._reject, REQUEST_TIMEOUT
            )

    def _log_refusal(self) -> None:
        if (now := self.loop.time()) >= type(self).next_refusal_log:
            type(self).next_refusal_log = now + REFUSAL_LOG_INTERVAL_S
            log.warning(
                "new connections are refused: as many are open as the limit of open files "
                "(ulimit -n) allows",
                limit=self.max_connections,
            )

    def _start_deadline(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_TIMEOUT_S, self._reject, REQUEST_TIMEOUT)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _reject(self, status: bytes) -> None:
        """Closes the connection; a started response is cut off rather than mixed with another."""
        self._cancel_deadline()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
        self.transport.close()
