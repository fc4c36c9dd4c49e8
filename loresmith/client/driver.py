"""Does the input and output of the clients: one driver blocks, the other awaits.

Both have the same coroutines. Those of BlockingDriver never suspend, so that `completed` runs them
without an event loop, and everything above the drivers is written once.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final, TypeAlias, TypeVar

import httpx2

from loresmith.client.address import is_loopback

T = TypeVar("T")

REQUEST_TIMEOUT_S: Final = 10.0
"""The longest wait for a connection, and the longest silence within a request."""


def http_options(url: str, api_key: str) -> dict[str, Any]:
    """Returns the settings of the HTTP client; never uses a proxy for this machine."""
    return {
        "base_url": url,
        "timeout": REQUEST_TIMEOUT_S,
        "trust_env": not is_loopback(url),
        "headers": {"Authorization": f"Bearer {api_key}"} if api_key else {},
    }


class BlockingDriver:
    """Blocks the thread."""

    def __init__(self, url: str, transport: httpx2.BaseTransport | None, api_key: str = "") -> None:
        self.http = httpx2.Client(transport=transport, **http_options(url, api_key))

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def send(self, request: httpx2.Request, *, stream: bool = False) -> httpx2.Response:
        return self.http.send(request, stream=stream)

    async def lines(self, response: httpx2.Response) -> AsyncIterator[str]:
        for line in response.iter_lines():
            yield line

    async def end(self, response: httpx2.Response) -> None:
        response.close()

    async def close(self) -> None:
        self.http.close()


class AsyncDriver:
    """Awaits, in an event loop of asyncio."""

    def __init__(
        self, url: str, transport: httpx2.AsyncBaseTransport | None, api_key: str = ""
    ) -> None:
        self.http = httpx2.AsyncClient(transport=transport, **http_options(url, api_key))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def send(self, request: httpx2.Request, *, stream: bool = False) -> httpx2.Response:
        return await self.http.send(request, stream=stream)

    def lines(self, response: httpx2.Response) -> AsyncIterator[str]:
        return response.aiter_lines()

    async def end(self, response: httpx2.Response) -> None:
        await response.aclose()

    async def close(self) -> None:
        await self.http.aclose()


Driver: TypeAlias = BlockingDriver | AsyncDriver


def completed(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never suspends, and returns its value."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise RuntimeError("the coroutine of a blocking client was suspended")
