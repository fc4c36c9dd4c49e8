"""POST /v1/chat/completions: a completion as one JSON object or as a stream of chunks."""

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Scope, Send

from loresmith.offline_model.server.billing import ABORTED, CLIENT_LEFT, DELIVERED
from loresmith.offline_model.server.chat.chunks import (
    ChunkEncoder,
    call_head,
    head,
    token_logprobs,
    usage,
)
from loresmith.offline_model.server.client_connection import ClientConnection
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
    encoder = ChunkEncoder(accepted)
    await connection.start_event_stream()
    if accepted.hangs:
        await connection.stays_open(None)
        return
    await connection.send_chunk(encoder.first_event())
    for chunk in accepted.chunks[: accepted.chunks_sent]:
        if accepted.pause_s:
            await asyncio.sleep(accepted.pause_s)
        if connection.is_closed:
            return
        position = len(progress.text)
        progress.text += chunk
        await connection.send_chunk(encoder.text_event(chunk, position))
    if accepted.breaks_off:
        progress.outcome = ABORTED
        await connection.end_broken_stream(accepted.fault)
    else:
        progress.outcome = DELIVERED
        await connection.end(encoder.last_events())


def _completion_json(accepted: AcceptedRequest) -> dict[str, Any]:
    completion = accepted.completion
    has_text = not (completion.refusal or completion.tool_calls)
    message: dict[str, Any] = {
        "role": "assistant",
        "content": completion.text if has_text else None,
        "refusal": completion.refusal or None,
        "annotations": [],
    }
    if completion.tool_calls:
        message["tool_calls"] = [
            {
                **call_head(call),
                "function": {"name": call.name, "arguments": completion.arguments(call)},
            }
            for call in completion.tool_calls
        ]
    choice = {
        "index": 0,
        "message": message,
        "logprobs": token_logprobs(accepted.request, completion.text) if has_text else None,
        "finish_reason": completion.finish_reason,
    }
    return {**head(accepted, "chat.completion"), "choices": [choice], "usage": usage(accepted)}
