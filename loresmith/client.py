"""The two clients: thin drivers of one set of operations.

    with Client() as client:
        job = client.submit("generate_characters", {"theme": "fantasy", "count": 3})
        job = client.wait(job.id, on_update=lambda job: print(job.progress, job.message))
        print(job.result)

AsyncClient is the same with `await` and `async with`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar, get_args

import httpx2

from loresmith.address import is_loopback, server
from loresmith.operations import Operations
from loresmith.patience import Trouble
from loresmith.wire import Ask, Heard, Listen, Lost, Pause, Reply, Talk, heard

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C", bound=Callable[..., Any])

HTTP_OK: Final = 200
REQUEST_TIMEOUT_S: Final = 10.0
"""Seconds that a connection, or a silence within a request, may last."""


def blocking(
    operation: Callable[Concatenate[Operations, P], Talk[T]],
) -> "Callable[Concatenate[Client, P], T]":
    """An operation as a method of Client."""

    @wraps(operation)
    def method(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._hold(operation(self._operations, *args, **kwargs))

    return _described(method, operation)


def awaited(
    operation: Callable[Concatenate[Operations, P], Talk[T]],
) -> "Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]":
    """An operation as a coroutine method of AsyncClient."""

    @wraps(operation)
    async def method(self: "AsyncClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._hold(operation(self._operations, *args, **kwargs))

    return _described(method, operation)


def _described(method: C, operation: Callable[..., Any]) -> C:
    """The method with the signature that help() shows: it answers what the operation returns."""
    shown = signature(operation)
    result = get_args(shown.return_annotation)[2]
    method.__signature__ = shown.replace(return_annotation=result)  # type: ignore[attr-defined]
    return method


class Client:
    """A client of a Loresmith server, for one thread at a time.

    `url` is the server's; LORESMITH_URL, else http://127.0.0.1:8080, when it is not given.
    `patience_s`: for how long a request is sent again while nobody answers. A job that is waited
    for is followed by its stream; where there is none, `poll_s` is the seconds between two looks.
    `on_trouble` is told of requests that must be sent again, and with None that the server answers
    again. `transport` is for tests and for special networks. Use it in a `with` block, or close it.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        patience_s: float = 30.0,
        poll_s: float | None = None,
        on_trouble: Callable[[Trouble | None], None] = lambda trouble: None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.url = server(url)
        streams = transport is None
        self._operations = Operations(patience_s, on_trouble, poll_s=poll_s, streams=streams)
        self._http = httpx2.Client(
            base_url=self.url,
            timeout=REQUEST_TIMEOUT_S,
            transport=transport,
            trust_env=not is_loopback(self.url),
        )
        self._stream: httpx2.Response | None = None
        self._lines: Iterator[str] = iter(())

    submit = blocking(Operations.submit)
    get = blocking(Operations.get)
    wait = blocking(Operations.wait)
    result = blocking(Operations.result)
    cancel = blocking(Operations.cancel)
    retry = blocking(Operations.retry)
    delete = blocking(Operations.delete)
    jobs = blocking(Operations.jobs)
    estimate = blocking(Operations.estimate)
    calls = blocking(Operations.calls)
    retry_plan = blocking(Operations.retry_plan)
    budgets = blocking(Operations.budgets)
    set_budget = blocking(Operations.set_budget)
    drop_budget = blocking(Operations.drop_budget)
    usage = blocking(Operations.usage)
    seen = blocking(Operations.seen)
    types = blocking(Operations.types)
    world = blocking(Operations.world)
    worlds = blocking(Operations.worlds)

    def close(self) -> None:
        """Closes the connections. Jobs go on."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _hold(self, talk: Talk[T]) -> T:
        came: Reply | Lost | Heard | None = None
        try:
            while True:
                try:
                    wanted = talk.send(came)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]
                came = self._listen(wanted) if isinstance(wanted, Listen) else self._do(wanted)
        finally:
            self._hang_up()

    def _listen(self, wanted: Listen) -> Heard | None:
        try:
            if self._stream is None:
                request = self._http.build_request("GET", wanted.path, timeout=_silence(wanted))
                self._stream = self._http.send(request, stream=True)
                self._lines = self._stream.iter_lines()
            if self._stream.status_code == HTTP_OK:
                for line in self._lines:
                    if told := heard(line):
                        return told
        except (httpx2.RequestError, httpx2.StreamError):
            pass
        self._hang_up()
        return None

    def _hang_up(self) -> None:
        if self._stream:
            self._stream.close()
            self._stream = None

    def _do(self, wanted: Ask | Pause) -> Reply | Lost | None:
        self._hang_up()
        if isinstance(wanted, Pause):
            time.sleep(wanted.seconds)
            return None
        try:
            return _reply(self._http.request(**_arguments(wanted)))
        except httpx2.RequestError as error:
            return _lost(error)


class AsyncClient:
    """Client for asyncio: the same operations as coroutines, and several at once if you like."""

    def __init__(
        self,
        url: str | None = None,
        *,
        patience_s: float = 30.0,
        poll_s: float | None = None,
        on_trouble: Callable[[Trouble | None], None] = lambda trouble: None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = server(url)
        streams = transport is None
        self._operations = Operations(patience_s, on_trouble, poll_s=poll_s, streams=streams)
        self._http = httpx2.AsyncClient(
            base_url=self.url,
            timeout=REQUEST_TIMEOUT_S,
            transport=transport,
            trust_env=not is_loopback(self.url),
        )

    submit = awaited(Operations.submit)
    get = awaited(Operations.get)
    wait = awaited(Operations.wait)
    result = awaited(Operations.result)
    cancel = awaited(Operations.cancel)
    retry = awaited(Operations.retry)
    delete = awaited(Operations.delete)
    jobs = awaited(Operations.jobs)
    estimate = awaited(Operations.estimate)
    calls = awaited(Operations.calls)
    retry_plan = awaited(Operations.retry_plan)
    budgets = awaited(Operations.budgets)
    set_budget = awaited(Operations.set_budget)
    drop_budget = awaited(Operations.drop_budget)
    usage = awaited(Operations.usage)
    seen = awaited(Operations.seen)
    types = awaited(Operations.types)
    world = awaited(Operations.world)
    worlds = awaited(Operations.worlds)

    async def close(self) -> None:
        """Closes the connections. Jobs go on."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def _hold(self, talk: Talk[T]) -> T:
        came: Reply | Lost | Heard | None = None
        call = _AsyncCall(self._http)
        try:
            while True:
                try:
                    wanted = talk.send(came)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]
                if isinstance(wanted, Listen):
                    came = await call.listen(wanted)
                else:
                    await call.hang_up()
                    came = await self._do(wanted)
        finally:
            await call.hang_up()

    async def _do(self, wanted: Ask | Pause) -> Reply | Lost | None:
        if isinstance(wanted, Pause):
            await asyncio.sleep(wanted.seconds)
            return None
        try:
            return _reply(await self._http.request(**_arguments(wanted)))
        except httpx2.RequestError as error:
            return _lost(error)


class _AsyncCall:
    """The stream of one conversation; an AsyncClient holds several at once."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http
        self._stream: httpx2.Response | None = None
        self._lines: AsyncIterator[str] | None = None

    async def listen(self, wanted: Listen) -> Heard | None:
        try:
            if self._stream is None:
                request = self._http.build_request("GET", wanted.path, timeout=_silence(wanted))
                self._stream = await self._http.send(request, stream=True)
                self._lines = self._stream.aiter_lines()
            if self._stream.status_code == HTTP_OK and self._lines:
                async for line in self._lines:
                    if told := heard(line):
                        return told
        except (httpx2.RequestError, httpx2.StreamError):
            pass
        await self.hang_up()
        return None

    async def hang_up(self) -> None:
        if self._stream:
            await self._stream.aclose()
            self._stream = None


def _silence(wanted: Listen) -> httpx2.Timeout:
    return httpx2.Timeout(REQUEST_TIMEOUT_S, read=wanted.silence_s)


def _arguments(ask: Ask) -> dict[str, Any]:
    return {"method": ask.method, "url": ask.path, "headers": ask.headers, "content": ask.body}


def _reply(answer: httpx2.Response) -> Reply:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Reply(answer.status_code, headers, answer.content)


def _lost(error: httpx2.RequestError) -> Lost:
    return Lost(str(error) or type(error).__name__)
