"""A kept-alive connection that speaks raw HTTP/1.1, because it costs little."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from bench.load import read_response


class Browser:
    """One client, one request at a time."""

    def __init__(
        self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._host, self._reader, self._writer = host, reader, writer

    async def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        data = b"" if body is None else json.dumps(body).encode()
        typed = "Content-Type: application/json\r\n" if data else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\n{typed}"
        self._writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        status, answer = await read_response(self._reader)
        return status, json.loads(answer)

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def browser(url: str) -> AsyncIterator[Browser]:
    """A connection for the length of a with block."""
    parts = urlsplit(url)
    made = Browser(parts.netloc, *await asyncio.open_connection(parts.hostname, parts.port))
    try:
        yield made
    finally:
        made.close()
