"""POST /v1/chat/completions: a completion as one JSON object or as a stream of chunks."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Scope, Send

from loresmith.offline_model.server.billing import ABORTED, CLIENT_LEFT, DELIVERED
from loresmith.offline_model.server.client_connection import ClientConnection
from loresmith.offline_model.server.completion import LABEL
from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.request_handler import AcceptedRequest, RequestHandler


@dataclass
class DeliveryProgress:
    """What is billed in the end."""

    text: str = ""
    outcome: str = CLIENT_LEFT


class ChatCompletions:
    """The endpoint, as an ASGI application."""

    def __init__(self, handler: RequestHandler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = ClientConnection(scope, receive, send)
        accepted = await self._handler.accept(CompletionRequest.from_chat, connection)
        send_completion = _send_stream if accepted.request.stream else _send_whole
        progress = DeliveryProgress()
        try:
            with connection.watch_disconnect():
                await send_completion(accepted, connection, progress)
        finally:
            self._handler.finish(accepted, progress.text, progress.outcome)


async def _send_whole(
    accepted: AcceptedRequest, connection: ClientConnection, progress: DeliveryProgress
) -> None:
    """Sends the completion as one JSON object after its duration."""
    if not await connection.stays_open(None if accepted.hangs else accepted.duration_s):
        return
    body = _completion_json(accepted)
    progress.text = accepted.completion.text
    if accepted.breaks_off:
        progress.outcome = ABORTED
        await connection.send_truncated_json(body)
    progress.outcome = DELIVERED
    await connection.send_json(body)


async def _send_stream(
    accepted: AcceptedRequest, connection: ClientConnection, progress: DeliveryProgress
) -> None:
    """Sends the chunks as server-sent events, with a pause before each."""
    encoder = _EventEncoder(accepted)
    await connection.start_event_stream()
    if accepted.hangs:
        await connection.stays_open(None)
        return
    await connection.send_chunk(encoder.delta('{"role":"assistant","content":""}'))
    for chunk in accepted.chunks[: accepted.chunks_sent]:
        if accepted.pause_s:
            await asyncio.sleep(accepted.pause_s)
        if connection.is_closed:
            return
        progress.text += chunk
        content = json.dumps(chunk, ensure_ascii=False)
        await connection.send_chunk(encoder.delta(f'{{"content":{content}}}'))
    if accepted.breaks_off:
        progress.outcome = ABORTED
        await connection.end_broken_stream(accepted.fault)
    else:
        progress.outcome = DELIVERED
        await connection.end(encoder.last_events())


class _EventEncoder:
    """Encodes the events of a stream; encodes their common fields once."""

    def __init__(self, accepted: AcceptedRequest) -> None:
        self._accepted = accepted
        head = json.dumps(_head(accepted, "chat.completion.chunk"), ensure_ascii=False)
        self._head = head[:-1] + ", "

    def delta(self, delta: str, finish_reason: str = "null") -> bytes:
        choice = f'{{"index":0,"delta":{delta},"finish_reason":{finish_reason}}}'
        return f'data: {self._head}"choices":[{choice}]}}\n\n'.encode()

    def last_events(self) -> bytes:
        completion = self._accepted.completion
        refusal = f'{{"refusal":{json.dumps(completion.refusal)}}}'
        events = self.delta(refusal) if completion.refusal else b""
        events += self.delta("{}", f'"{completion.finish_reason}"')
        if self._accepted.request.include_usage:
            usage = json.dumps(_usage(self._accepted))
            events += f'data: {self._head}"choices":[],"usage":{usage}}}\n\n'.encode()
        return events + b"data: [DONE]\n\n"


def _completion_json(accepted: AcceptedRequest) -> dict[str, Any]:
    completion = accepted.completion
    message = {
        "role": "assistant",
        "content": None if completion.refusal else completion.text,
        "refusal": completion.refusal or None,
    }
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": completion.finish_reason,
    }
    return {**_head(accepted, "chat.completion"), "choices": [choice], "usage": _usage(accepted)}


def _head(accepted: AcceptedRequest, object_type: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{accepted.completion.digest[:24]}",
        "object": object_type,
        "created": int(time.time()),
        "model": accepted.request.model,
        "system_fingerprint": LABEL,
    }


def _usage(accepted: AcceptedRequest) -> dict[str, Any]:
    input_tokens = accepted.completion.input_tokens
    output_tokens = accepted.completion.output_tokens
    return {
        "prompt_tokens": input_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }
