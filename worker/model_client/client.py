"""Sends model calls to the lore_service over gRPC.

All calls of the process share one event loop on its own thread, and each job's thread waits for its
own call: there, a thousand waiting streams cost nothing, while the synchronous stub wakes every
waiting thread ten times a second.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from threading import Lock, Thread
from typing import Any, TypeVar

import grpc.aio
import uvloop

from loresmith.jobs.core.backoff import Backoff
from loresmith.jobs.core.errors import JobError, JobLost, JobStopped, ServiceUnavailable, TimedOut
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.outage_log import SERVICE_OUTAGE
from loresmith.protos.connection import LoreServiceConnection
from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.protos.lore.v1 import lore_pb2_grpc
from loresmith.worker.model_client.grpc_errors import (
    is_connection_lost,
    lore_error_of,
    to_job_error,
)
from loresmith.worker.model_client.response_accumulator import ResponseAccumulator

log = get_logger(__name__)

T = TypeVar("T")

UNAVAILABLE_TIMEOUT_S = 5.0
"""How long a call waits for an unavailable lore_service, for example during its restart; then its
job waits without a thread. Repeating a call_id never buys twice: the ledger attaches or replays."""
NOT_ACCEPTED = "The lore service did not accept the call in time; nothing was bought."
MIN_RETRY_INTERVAL_S, MAX_RETRY_INTERVAL_S = 0.1, 2.0
STOP_TIMEOUT_S = 4.0
"""How long a stopped call may take to end by itself, with its text and usage."""
OPTIONS = (
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 30_000),  # no more often than the lore_service allows
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)


class GenerateCall:
    """A running call. Only its job's thread calls `wait`; any thread may call `stop`."""

    def __init__(
        self, response: ResponseAccumulator, stream: "Future[None]", cancel: Callable[[str], None]
    ) -> None:
        self.response = response
        self._stream = stream
        self._cancel = cancel

    def wait(self, timeout_s: float) -> ResponseAccumulator:
        """Returns the complete response.

        Raises JobError; TimedOut after `timeout_s`, when the call is stopped at its provider too;
        ServiceUnavailable instead if it was not accepted by then;
        JobLost when the connection was dropped on purpose.
        """
        try:
            self._wait_for_end(timeout_s)
        except TimeoutError:
            self._cancel("job timed out")
            try:
                self._wait_for_end(None)
            except (JobError, JobStopped):
                if self.response.accepted is None:
                    raise ServiceUnavailable(NOT_ACCEPTED) from None
                raise TimedOut from None
        return self.response

    def stop(self, reason: JobStopped) -> None:
        """Ends the wait, and the call too unless another worker continues the job."""
        if isinstance(reason, JobLost):
            self._stream.cancel()
        else:
            self._cancel("job cancelled")

    def _wait_for_end(self, timeout_s: float | None) -> None:
        try:
            self._stream.result(timeout_s)
        except CancelledError:
            raise JobLost from None


class LoreClient:
    """The client of the lore_service that all threads of this process share."""

    def __init__(
        self,
        connection: LoreServiceConnection,
        unavailable_timeout_s: float = UNAVAILABLE_TIMEOUT_S,
    ) -> None:
        self._connection = connection
        self._address = connection.address
        self._unavailable_timeout_s = unavailable_timeout_s
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._channel: grpc.aio.Channel | None = None
        self._stub: Any = None

    def generate(
        self, request: pb.GenerateRequest, timeout_s: float, response: ResponseAccumulator
    ) -> GenerateCall:
        """Starts or joins a call, which fills `response`; `timeout_s`: what is left of its job."""
        stream = self._submit(self._generate(request, timeout_s, response))

        def cancel(reason: str) -> None:
            self._submit(self._cancel(request.call_id, reason, stream))

        return GenerateCall(response, stream, cancel)

    def close(self) -> None:
        """Closes the connection and stops the thread; calls continue in the lore_service."""
        if self._loop:
            self._submit(self._close()).result(STOP_TIMEOUT_S)
            self._loop.call_soon_threadsafe(self._loop.stop)

    def _submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        with self._lock:
            if self._loop is None:
                self._loop = uvloop.new_event_loop()
                Thread(target=self._loop.run_forever, name="model-client", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _connect(self) -> Any:
        if self._channel is None:
            self._channel = self._connection.open(OPTIONS)
            self._stub = lore_pb2_grpc.LoreServiceStub(self._channel)
        return self._stub

    async def _generate(
        self, request: pb.GenerateRequest, timeout_s: float, response: ResponseAccumulator
    ) -> None:
        clock = asyncio.get_running_loop().time
        deadline, give_up_at = clock() + timeout_s, 0.0
        backoff = Backoff(MIN_RETRY_INTERVAL_S, MAX_RETRY_INTERVAL_S)
        while True:
            sent_at = clock()
            try:
                return await self._stream(request, deadline - sent_at + STOP_TIMEOUT_S, response)
            except grpc.aio.AioRpcError as error:
                if is_connection_lost(error):
                    SERVICE_OUTAGE.failed(error)
                if clock() - sent_at > MAX_RETRY_INTERVAL_S:  # a new outage
                    give_up_at = 0.0
                    backoff.reset()
                give_up_at = give_up_at or clock() + self._unavailable_timeout_s
                pause = backoff.next_s()
                if not is_connection_lost(error) or clock() + pause > give_up_at:
                    raise self._job_error(error, response) from None
            response.is_refused = True
            await asyncio.sleep(pause)

    async def _stream(
        self, request: pb.GenerateRequest, timeout_s: float, response: ResponseAccumulator
    ) -> None:
        # The call must stay referenced: grpc.aio cancels a collected one.
        call = self._connect().Generate(
            request, timeout=max(timeout_s, 0.001), metadata=self._connection.metadata
        )
        async for message in call:
            SERVICE_OUTAGE.succeeded()
            response.add(message)
        if response.result is None:
            raise self._unavailable(response)

    async def _cancel(self, call_id: str, reason: str, stream: "Future[None]") -> None:
        """Stops a call at the provider, waits for its last messages, then drops the connection."""
        request = pb.CancelRequest(call_id=call_id, reason=reason)
        try:
            await self._connect().Cancel(
                request, timeout=STOP_TIMEOUT_S / 2, metadata=self._connection.metadata
            )
        except grpc.aio.AioRpcError as error:
            if is_connection_lost(error):
                SERVICE_OUTAGE.failed(error)
            else:
                log.warning("could not cancel a call", call_id=call_id, code=error.code().name)
        end = asyncio.wrap_future(stream)
        end.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        await asyncio.wait([end], timeout=STOP_TIMEOUT_S / 2)
        stream.cancel()

    async def _close(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._channel:
            await self._channel.close()

    def _job_error(
        self, error: grpc.aio.AioRpcError, response: ResponseAccumulator
    ) -> JobError | JobStopped:
        if lore_error := lore_error_of(error):
            response.add_error(lore_error)
        if is_connection_lost(error):
            return self._unavailable(response)
        return to_job_error(error)

    def _unavailable(self, response: ResponseAccumulator) -> ServiceUnavailable:
        if response.accepted is None:
            return ServiceUnavailable(
                f"The lore service at {self._address} cannot be reached; nothing was bought."
            )
        return ServiceUnavailable(
            f"The lore service at {self._address} disappeared during a call; "
            "a retry gets the response if there is one.",
            may_be_bought=True,
        )
