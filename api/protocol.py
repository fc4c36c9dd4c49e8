"""uvicorn's HTTP protocol with the two limits that it lacks: on time and on headers.

Without them a client that sends half a request, byte by byte or never, holds its connection for
ever, and one that sends endless headers fills the memory.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_S = 10.0
"""Seconds in which a request must have arrived whole, counted from its first byte."""
LAST_REQUEST_S = 1.0
MOST_HEADER_BYTES = 65_536
"""For a head that comes in pieces; one that comes in a single read may have the size of that."""

SLOW = b"408 Request Timeout"
LONG = b"431 Request Header Fields Too Large"


class LimitedProtocol(HttpToolsProtocol):
    """One connection. The deadline runs while a request is on its way, not while it is answered."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._head_open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._head_open:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_open and self._head_bytes > MOST_HEADER_BYTES:
            self._refuse(LONG)

    def on_message_begin(self) -> None:
        self._head_open = True
        self._wait_for_request()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_open = False
        self._head_bytes = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def shutdown(self) -> None:
        """A request that is still on its way when the server stops has a little time left."""
        super().shutdown()
        if self._deadline is not None:
            self._stop_waiting()
            self._deadline = self.loop.call_later(LAST_REQUEST_S, self._refuse, SLOW)

    def _wait_for_request(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_S, self._refuse, SLOW)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: bytes) -> None:
        """Ends the connection; an answer that has begun is cut instead of mixed with another."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
        self.transport.close()
