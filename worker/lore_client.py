"""The worker's side of the wire, and its only user of gRPC.

All calls of the process live on one event loop in a thread of its own, and each job's thread waits
for its own: a thousand parked streams cost nothing there, while the synchronous stub wakes every
waiting thread ten times a second.
"""

import asyncio
import logging
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from threading import Lock, Thread
from typing import Any, TypeVar

import grpc.aio

from jobs.errors import JobStopped, ServiceUnavailable
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
CONTROL_S = 3.0
"""Time limit of Cancel and Lookup."""
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
    """One call in flight. `wait` is its job's; `cancel` is for any thread."""

    def __init__(self, received: Received, ending: "Future[None]") -> None:
        self.received = received
        self._ending = ending

    def wait(self) -> Received:
        """Returns when the result is there. Raises JobError, or JobStopped after `cancel`."""
        try:
            self._ending.result()
        except CancelledError:
            raise JobStopped from None
        return self.received

    def cancel(self) -> None:
        """Stops listening. What the lore_service does with the call is another matter."""
        self._ending.cancel()


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
        """Starts a call, or joins it; over `timeout_s` it ends with TimedOut."""
        received = Received()
        return Call(received, self._submit(self._generate(request, timeout_s, received)))

    def stop(self, call_id: str, reason: str, received: Received) -> None:
        """Stops a call at the provider and takes over what the ledger has of it. Never raises."""
        try:
            self._submit(self._stop(call_id, reason, received)).result()
        except Exception as error:
            log.warning("call %s could not be stopped: %s", call_id, _words(error))

    def close(self) -> None:
        """Ends the connection and the thread. Calls in flight go on in the lore_service."""
        if self._loop:
            self._submit(self._close()).result(CONTROL_S)
            self._loop.call_soon_threadsafe(self._loop.stop)

    def _submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
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
                return await self._stream(request, end - asked_at, received)
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

    async def _stop(self, call_id: str, reason: str, received: Received) -> None:
        stub = self._connected()
        await stub.Cancel(pb.CancelRequest(call_id=call_id, reason=reason), timeout=CONTROL_S)
        known = await stub.Lookup(pb.LookupRequest(call_id=call_id), timeout=CONTROL_S)
        received.take_rest(known)

    async def _close(self) -> None:
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


def _words(error: Exception) -> str:
    if isinstance(error, grpc.aio.AioRpcError):
        return f"{error.code().name} {error.details()}"
    return repr(error)
