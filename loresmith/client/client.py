"""The two clients: the same methods, blocking on Client and as coroutines on AsyncClient.

with Client() as client:
    job = client.submit("generate_characters", {"theme": "fantasy", "count": 3})
    job = client.wait(job.id, on_update=lambda job: print(job.progress, job.message))
    print(job.result)
"""

from collections.abc import Callable, Coroutine
from functools import cache, wraps
from inspect import Parameter, signature
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, Self, TypeVar, get_args, overload

import httpx2

from loresmith.client import (
    catalogue_operations,
    cost_operations,
    data_operations,
    job_operations,
    key_operations,
    queue_operations,
    waiting,
)
from loresmith.client.address import api_key_of, server_url
from loresmith.client.driver import AsyncDriver, BlockingDriver, Driver, completed
from loresmith.client.exchange import run
from loresmith.client.protocol import Exchange
from loresmith.client.retry import Sender, Trouble

P = ParamSpec("P")
T = TypeVar("T")
Transport = TypeVar("Transport", httpx2.BaseTransport, httpx2.AsyncBaseTransport)


class Method(Generic[P, T]):
    """An operation as a method of both clients."""

    def __init__(self, operation: Callable[Concatenate[Sender, P], Exchange[T]]) -> None:
        self._operation = operation

    @overload
    def __get__(self, client: "Client", owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, client: "AsyncClient", owner: type
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, client: None, owner: type) -> Callable[..., Any]: ...
    def __get__(self, client: Any, owner: Any) -> Any:
        return _method(owner, self._operation).__get__(client, owner)


@cache
def _method(owner: type["BaseClient[Any]"], operation: Callable[..., Any]) -> Any:
    """Returns the operation as a function of a client, with the signature that help() shows."""
    method: Any = wraps(operation)(owner._to_method(operation))
    shown = signature(operation)
    _, *parameters = shown.parameters.values()
    method.__signature__ = shown.replace(
        parameters=[Parameter("self", Parameter.POSITIONAL_ONLY), *parameters],
        return_annotation=get_args(shown.return_annotation)[2],
    )
    return method


class BaseClient(Generic[Transport]):
    """What both clients share: their settings and their methods."""

    _new_driver: ClassVar[Callable[..., Driver]]

    @staticmethod
    def _to_method(operation: Callable[..., Exchange[Any]]) -> Callable[..., Any]:
        """Makes an operation a function of a client."""
        raise NotImplementedError

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        retry_timeout_s: float = 30.0,
        poll_interval_s: float | None = None,
        on_trouble: Callable[[Trouble | None], None] = lambda trouble: None,
        transport: Transport | None = None,
    ) -> None:
        self.url = server_url(url)
        self._sender = Sender(
            retry_timeout_s, on_trouble, poll_interval_s, streams=transport is None
        )
        self._driver = self._new_driver(self.url, transport, api_key_of(api_key))

    submit = Method(job_operations.submit)
    get = Method(job_operations.get)
    wait = Method(waiting.wait)
    result = Method(job_operations.result)
    cancel = Method(job_operations.cancel)
    retry = Method(job_operations.retry)
    delete = Method(job_operations.delete)
    jobs = Method(job_operations.jobs)
    seen = Method(job_operations.seen)
    stats = Method(job_operations.stats)
    cleanup = Method(job_operations.cleanup)
    estimate = Method(cost_operations.estimate)
    calls = Method(cost_operations.calls)
    retry_plan = Method(cost_operations.retry_plan)
    budgets = Method(cost_operations.budgets)
    set_budget = Method(cost_operations.set_budget)
    delete_budget = Method(cost_operations.delete_budget)
    usage = Method(cost_operations.usage)
    types = Method(catalogue_operations.types)
    world = Method(catalogue_operations.world)
    worlds = Method(catalogue_operations.worlds)
    keys = Method(key_operations.keys)
    create_key = Method(key_operations.create_key)
    rotate_key = Method(key_operations.rotate_key)
    revoke_key = Method(key_operations.revoke_key)
    queue = Method(queue_operations.queue)
    pause_queue = Method(queue_operations.pause_queue)
    resume_queue = Method(queue_operations.resume_queue)
    limits = Method(queue_operations.limits)
    set_pool_limits = Method(queue_operations.set_pool_limits)
    delete_pool_limits = Method(queue_operations.delete_pool_limits)
    set_owner_limits = Method(queue_operations.set_owner_limits)
    delete_owner_limits = Method(queue_operations.delete_owner_limits)
    workers = Method(queue_operations.workers)
    drain_worker = Method(queue_operations.drain_worker)
    audit = Method(data_operations.audit)
    audit_csv = Method(data_operations.audit_csv)
    check_audit = Method(data_operations.check_audit)
    erase_user = Method(data_operations.erase_user)


class Client(BaseClient[httpx2.BaseTransport]):
    """A client of a Loresmith server, for one thread at a time.

    `url` defaults to LORESMITH_URL, then to http://127.0.0.1:8080; `api_key` to LORESMITH_API_KEY,
    then to none. A request without a response is
    retried for `retry_timeout_s`; `on_trouble` is called before each retry, and with None when the
    server responds again. Waiting for a job follows its event stream; without one it polls every
    `poll_interval_s`. `transport` is for tests and special networks. Use it in a `with` block, or
    close it.
    """

    _new_driver = BlockingDriver

    @staticmethod
    def _to_method(operation: Callable[..., Exchange[Any]]) -> Callable[..., Any]:
        def method(self: "Client", /, *args: Any, **kwargs: Any) -> Any:
            return completed(run(self._driver, operation(self._sender, *args, **kwargs)))

        return method

    def close(self) -> None:
        """Closes the connections. Jobs keep running."""
        completed(self._driver.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class AsyncClient(BaseClient[httpx2.AsyncBaseTransport]):
    """The asyncio counterpart of Client; runs several operations at once."""

    _new_driver = AsyncDriver

    @staticmethod
    def _to_method(operation: Callable[..., Exchange[Any]]) -> Callable[..., Any]:
        async def method(self: "AsyncClient", /, *args: Any, **kwargs: Any) -> Any:
            return await run(self._driver, operation(self._sender, *args, **kwargs))

        return method

    async def close(self) -> None:
        """Closes the connections. Jobs keep running."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()
