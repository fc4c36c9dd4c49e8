"""The worker's side of the wire, and its only user of gRPC.

All calls of the process live on one event loop in a thread of its own, and each job's thread waits
for its own: a thousand parked streams cost nothing there, while the synchronous stub wakes every
waiting thread ten times a second.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from threading import Lock, Thread
from typing import Any, TypeVar

import grpc.aio
import uvloop

from jobs.errors import JobError, JobLost, JobStopped, ServiceUnavailable, TimedOut
from protos.lore.v1 import lore_pb2 as pb
from protos.lore.v1 import lore_pb2_grpc
from worker.faults import (
    fault_of,
    is_connection_lost,
    lore_error_of,
    may_ask_again,
    seconds_asked_for,
)
from worker.received import Received

log = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE_S = 30.0
"""How long a call waits for a lore_service that is away, or that could not buy it now. Asking again
for the same call_id never buys twice: the ledger attaches or replays."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
LAST_WORDS_S = 4.0
"""How long a call that was stopped may take to end by itself, with what it has and what it used."""
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


class Call:
    """One call in flight. `wait` is its job's; `stop` is for any thread."""

    def __init__(
        self, received: Received, ending: "Future[None]", cancel: Callable[[str], None]
    ) -> None:
        self.received = received
        self._ending = ending
        self._cancel = cancel

    def wait(self, timeout_s: float) -> Received:
        """Returns when the result is there. Raises JobError; TimedOut when it takes too long, and
        then the call is stopped at its provider; JobLost when nobody listens any more.
        """
        try:
            self._end(timeout_s)
        except TimeoutError:
            self._cancel("over its time")
            try:
                self._end(None)
            except (JobError, JobStopped):
                raise TimedOut from None
        return self.received

    def stop(self, why: JobStopped) -> None:
        """Ends the wait. When another worker has the job, that one goes on with the call; else it
        is stopped at its provider.
        """
        if isinstance(why, JobLost):
            self._ending.cancel()
        else:
            self._cancel("its job was cancelled")

    def _end(self, timeout_s: float | None) -> None:
        try:
            self._ending.result(timeout_s)
        except CancelledError:
            raise JobLost from None


class LoreClient:
    """The lore_service, for all threads of this process."""

    def __init__(self, address: str, patience_s: float = PATIENCE_S) -> None:
        self._address = address
        self._patience_s = patience_s
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._channel: grpc.aio.Channel | None = None
        self._stub: Any = None

    def generate(self, request: pb.GenerateRequest, timeout_s: float) -> Call:
        """Starts a call, or joins it; `timeout_s` is what its job has left for it."""
        received = Received()
        ending = self._submit(self._generate(request, timeout_s, received))

        def cancel(reason: str) -> None:
            self._submit(self._cancel(request.call_id, reason, ending))

        return Call(received, ending, cancel)

    def close(self) -> None:
        """Ends the connection and the thread. Calls in flight go on in the lore_service."""
        if self._loop:
            self._submit(self._close()).result(LAST_WORDS_S)
            self._loop.call_soon_threadsafe(self._loop.stop)

    def _submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        with self._lock:
            if self._loop is None:
                self._loop = uvloop.new_event_loop()
                Thread(target=self._loop.run_forever, name="lore-calls", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _connected(self) -> Any:
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(self._address, options=OPTIONS)
            self._stub = lore_pb2_grpc.LoreServiceStub(self._channel)
        return self._stub

    async def _generate(
        self, request: pb.GenerateRequest, timeout_s: float, received: Received
    ) -> None:
        clock = asyncio.get_running_loop().time
        end, patient_until, pause = clock() + timeout_s, 0.0, FIRST_PAUSE_S
        while True:
            asked_at = clock()
            try:
                return await self._stream(request, end - asked_at + LAST_WORDS_S, received)
            except grpc.aio.AioRpcError as error:
                if clock() - asked_at > LONGEST_PAUSE_S:  # it had been there; its absence is new
                    patient_until, pause = 0.0, FIRST_PAUSE_S
                patient_until = patient_until or min(clock() + self._patience_s, end)
                pause = max(pause, seconds_asked_for(error))
                if not may_ask_again(error) or clock() + pause > patient_until:
                    raise self._fault(error, received) from None
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _stream(
        self, request: pb.GenerateRequest, timeout_s: float, received: Received
    ) -> None:
        # The call must stay referenced: grpc.aio cancels one that is collected.
        call = self._connected().Generate(request, timeout=max(timeout_s, 0.001))
        async for message in call:
            received.take(message)
        if received.result is None:
            raise self._away(received)

    async def _cancel(self, call_id: str, reason: str, ending: "Future[None]") -> None:
        """Stops a call at the provider, hears its last words, and then hangs up."""
        request = pb.CancelRequest(call_id=call_id, reason=reason)
        try:
            await self._connected().Cancel(request, timeout=LAST_WORDS_S / 2)
        except grpc.aio.AioRpcError as error:
            log.warning("call %s: not stopped: %s %s", call_id, error.code().name, error.details())
        listening = asyncio.wrap_future(ending)
        listening.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        await asyncio.wait([listening], timeout=LAST_WORDS_S / 2)
        ending.cancel()

    async def _close(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._channel:
            await self._channel.close()

    def _fault(self, error: grpc.aio.AioRpcError, received: Received) -> Exception:
        if told := lore_error_of(error):
            received.take_rest(told)
        if is_connection_lost(error):
            return self._away(received)
        return fault_of(error)

    def _away(self, received: Received) -> ServiceUnavailable:
        if received.accepted is None:
            return ServiceUnavailable(
                f"The lore service at {self._address} cannot be reached; nothing was bought."
            )
        return ServiceUnavailable(
            f"The lore service at {self._address} went away in the middle of a call; "
            "a retry gets its answer if there is one.",
            may_be_bought=True,
        )
