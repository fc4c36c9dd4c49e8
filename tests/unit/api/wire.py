"""A connection to Redis that a test answers for."""

import asyncio
import re
from collections.abc import Callable
from typing import Any


class Wire:
    """A connection that answers each command with its number, or as the test says."""

    def __init__(self, answer: Callable[[int], Any]) -> None:
        self.sizes: list[int] = []
        self.disconnected = 0
        self.dropped = 0
        self.released = 0
        self._answer = answer
        self._answered = 0

    async def get_connection(self) -> "Wire":
        return self

    async def send_packed_command(self, packed: bytes) -> None:
        self.sizes.append(len(re.findall(rb"\*\d+\r\n", packed)))

    async def read_response(self) -> Any:
        await asyncio.sleep(0)
        matches = self._answer(self._answered)
        self._answered += 1
        if isinstance(matches, Exception):
            raise matches
        return await matches if asyncio.iscoroutine(matches) else matches

    def should_reconnect(self) -> bool:
        return False

    async def disconnect(self, nowait: bool = False, inuse_connections: bool = True) -> None:
        if inuse_connections:
            self.disconnected += 1
        else:
            self.dropped += 1

    async def release(self, connection: "Wire") -> None:
        self.released += 1

    @property
    def connection_pool(self) -> "Wire":
        return self
