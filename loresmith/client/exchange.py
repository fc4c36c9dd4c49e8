"""Carries out the actions of an operation with a driver."""

from collections.abc import AsyncIterator
from typing import Final, TypeVar

import httpx2

from loresmith.client.driver import REQUEST_TIMEOUT_S, Driver
from loresmith.client.protocol import (
    Exchange,
    HttpRequest,
    HttpResponse,
    NoResponse,
    Outcome,
    Pause,
    ReadEvent,
    StreamEvent,
    parse_event,
)

T = TypeVar("T")

HTTP_OK: Final = 200


async def run(driver: Driver, exchange: Exchange[T]) -> T:
    """Runs an operation to its end, and returns its value."""
    outcome: Outcome = None
    events = _EventReader(driver)
    try:
        while True:
            try:
                action = exchange.send(outcome)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            if isinstance(action, ReadEvent):
                outcome = await events.read(action)
            else:
                await events.close()
                outcome = await _do(driver, action)
    finally:
        await events.close()


async def _do(driver: Driver, action: HttpRequest | Pause) -> HttpResponse | NoResponse | None:
    if isinstance(action, Pause):
        await driver.sleep(action.seconds)
        return None
    request = driver.http.build_request(
        action.method, action.path, headers=action.headers, content=action.body
    )
    try:
        response = await driver.send(request)
    except httpx2.RequestError as error:
        return NoResponse(str(error) or type(error).__name__)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpResponse(response.status_code, headers, response.content)


class _EventReader:
    """The event stream of one operation, opened at the first read."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._response: httpx2.Response | None = None
        self._lines: AsyncIterator[str]

    async def read(self, action: ReadEvent) -> StreamEvent | None:
        """Returns the next event; None when the stream has ended or cannot be opened."""
        try:
            if self._response is None:
                await self._open(action)
            if self._response and self._response.status_code == HTTP_OK:
                async for line in self._lines:
                    if event := parse_event(line):
                        return event
        except (httpx2.RequestError, httpx2.StreamError):
            pass
        await self.close()
        return None

    async def close(self) -> None:
        if self._response:
            await self._driver.end(self._response)
            self._response = None

    async def _open(self, action: ReadEvent) -> None:
        timeout = httpx2.Timeout(REQUEST_TIMEOUT_S, read=action.silence_timeout_s)
        request = self._driver.http.build_request("GET", action.path, timeout=timeout)
        self._response = await self._driver.send(request, stream=True)
        self._lines = self._driver.lines(self._response)
