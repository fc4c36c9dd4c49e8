"""A lore_service for the worker's tests: real gRPC, no ledger in Redis, no provider.

Like the real one it starts each call_id once; later requests join the call or get its result.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, TypeVar

import grpc.aio

from loresmith.jobs.types.registry import MODEL_CALLS
from loresmith.lore_service.token_check import TokenCheck
from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.protos.lore.v1 import lore_pb2_grpc

T = TypeVar("T")


@dataclass
class CallFailure:
    """How calls fail: with a LoreError, or with a bare status when there is no code."""

    code: str = ""
    status: grpc.StatusCode = grpc.StatusCode.ABORTED
    message: str = "failed by the test"
    text: str = ""
    retryable: bool = False
    may_be_bought: bool = True
    times: int = 1_000_000


@dataclass
class FakeLoreService(lore_pb2_grpc.LoreServiceServicer):
    """Tests may change its behaviour at any time, for calls that start later."""

    call_s: float = 0.0
    """Duration of a call."""
    failures: dict[str, CallFailure] = field(default_factory=dict)
    """By spec, or "*"."""
    blocked_steps: set[str] = field(default_factory=set)
    """Steps whose calls end only with Cancel."""
    started: Counter[str] = field(default_factory=Counter)
    """How often each call_id started: what a provider would bill."""
    requests: Counter[str] = field(default_factory=Counter)
    cancelled: set[str] = field(default_factory=set)
    running: dict[str, "asyncio.Task[str]"] = field(default_factory=dict)

    async def Generate(self, request: Any, context: Any) -> AsyncIterator[pb.GenerateResponse]:
        call_id = request.call_id
        self.requests[call_id] += 1
        await self._fail(request, context)
        how = pb.Accepted.HOW_ATTACHED
        if call_id not in self.running:
            how = pb.Accepted.HOW_STARTED
            self.started[call_id] += 1
            self.running[call_id] = asyncio.create_task(self._answer(request))
        yield pb.GenerateResponse(accepted=pb.Accepted(how=how, call_id=call_id, model="fake-1"))
        yield pb.GenerateResponse(delta=pb.Delta(offset=0, text="Once"))
        yield pb.GenerateResponse(item=pb.Item(index=0, item_json='{"name": "first"}'))
        try:
            output = await asyncio.shield(self.running[call_id])
        except asyncio.CancelledError:
            if call_id in self.cancelled:
                await self._refuse(context, CallFailure("cancelled", text="Once upon"))
            raise
        yield pb.GenerateResponse(usage=pb.Usage(input_tokens=10, output_tokens=20, requests=1))
        yield pb.GenerateResponse(result=pb.Result(output_json=output, model="fake-1"))

    async def Cancel(self, request: Any, context: Any) -> pb.CancelResponse:
        self.cancelled.add(request.call_id)
        if task := self.running.get(request.call_id):
            task.cancel()
        return pb.CancelResponse(state=pb.CALL_STATE_CANCELLED)

    async def Lookup(self, request: Any, context: Any) -> pb.LookupResponse:
        usage = pb.Usage(input_tokens=10, output_tokens=5, requests=1)
        return pb.LookupResponse(state=pb.CALL_STATE_CANCELLED, text="Once upon", usage=usage)

    async def _answer(self, request: Any) -> str:
        step = request.call_id.split("/")[1]
        while step in self.blocked_steps:
            await asyncio.sleep(0.01)
        if self.call_s:
            await asyncio.sleep(self.call_s)
        return sample_output(request.model_call)

    async def _fail(self, request: Any, context: Any) -> None:
        failure = self.failures.get(request.model_call) or self.failures.get("*")
        if failure and failure.times:
            failure.times -= 1
            await self._refuse(context, failure)

    async def _refuse(self, context: Any, failure: CallFailure) -> None:
        error = pb.LoreError(
            code=failure.code,
            message=failure.message,
            retryable=failure.retryable,
            may_be_bought=failure.may_be_bought,
            text=failure.text,
        )
        metadata = (("lore-error-bin", error.SerializeToString()),) if failure.code else ()
        await context.abort(failure.status, failure.message, metadata)


def sample_output(spec: str) -> str:
    """Returns a JSON text that matches the spec's output."""
    schema = MODEL_CALLS[spec].output.model_json_schema()
    return json.dumps(_sample(schema, schema.get("$defs", {})))


def _sample(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _sample(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    match schema.get("type"):
        case "object":
            return {name: _sample(part, definitions) for name, part in schema["properties"].items()}
        case "array":
            return [_sample(schema["items"], definitions)] * max(1, schema.get("minItems", 1))
        case "integer":
            return int(schema.get("minimum", 1))
    return schema["enum"][0] if "enum" in schema else "text"


class LoreServer:
    """Serves the fake on a port, on an event loop in a thread."""

    def __init__(self, port: int) -> None:
        self.token = ""
        """What it demands from its next start."""
        self.service = FakeLoreService()
        self.address = f"127.0.0.1:{port}"
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._server: Any = None

    def start(self) -> None:
        """Listens; after `stop` it continues with its calls."""
        if not self._thread.is_alive():
            self._thread.start()
        self._do(self._start())

    def stop(self) -> None:
        """Stops listening at once; running calls continue."""
        self._do(self._server.stop(0))

    def close(self) -> None:
        self.stop()
        self._do(self._end_calls())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> None:
        interceptors = [TokenCheck(self.token)] if self.token else []
        self._server = grpc.aio.server(interceptors=interceptors)
        lore_pb2_grpc.add_LoreServiceServicer_to_server(self.service, self._server)
        self._server.add_insecure_port(self.address)
        await self._server.start()

    async def _end_calls(self) -> None:
        for task in self.service.running.values():
            task.cancel()
        await asyncio.gather(*self.service.running.values(), return_exceptions=True)

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)
