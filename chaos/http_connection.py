"""A kept-alive connection with raw HTTP/1.1, which costs little CPU."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from bench.load import read_response


class HttpConnection:
    """Sends one request at a time."""

    def __init__(
        self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._host, self._reader, self._writer = host, reader, writer

    async def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Returns the status and the JSON of the response."""
        data = b"" if body is None else json.dumps(body).encode()
        content_type = "Content-Type: application/json\r\n" if data else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\n{content_type}"
        self._writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        status, content = await read_response(self._reader)
        return status, json.loads(content)

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def http_connection(url: str) -> AsyncIterator[HttpConnection]:
    """Opens a connection for a with block."""
    parts = urlsplit(url)
    streams = await asyncio.open_connection(parts.hostname, parts.port)
    connection = HttpConnection(parts.netloc, *streams)
    try:
        yield connection
    finally:
        connection.close()
