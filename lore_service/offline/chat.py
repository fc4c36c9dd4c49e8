"""POST /v1/chat/completions: one answer, whole or streamed, with the fault that it was to have."""

import asyncio
import json
import time
from typing import Any

from lore_service.offline.answer import LABEL
from lore_service.offline.asgi import (
    Asker,
    Broken,
    Receive,
    Scope,
    Send,
    end,
    piece,
    reply,
    reply_half,
    start_stream,
)
from lore_service.offline.desk import BREAKS_OFF, BROKEN, DELIVERED, LEFT, Desk, Order
from lore_service.offline.question import Question


class Chat:
    """The endpoint."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        order = await self._desk.admit(Question.of_chat, scope, receive, send)
        if order is None:
            return
        telling = (_Stream if order.question.stream else _Whole)(order, Asker(receive), send)
        try:
            await telling.tell()
        finally:
            telling.asker.dismiss()
            self._desk.settle(order, telling.written, telling.outcome)


class _Telling:
    """One answer on its way; `written` and `outcome` say how far it came."""

    def __init__(self, order: Order, asker: Asker, send: Send) -> None:
        self.order, self.asker, self.send = order, asker, send
        self.written, self.outcome = "", LEFT

    async def tell(self) -> None:
        raise NotImplementedError

    async def hangs(self) -> bool:
        """Whether this is an order that is never answered; if so, returns when the asker leaves."""
        if self.order.fault == "hang":
            await self.asker.waits(None)
        return self.order.fault == "hang"


class _Whole(_Telling):
    """An answer in one piece, after all its time."""

    async def tell(self) -> None:
        if await self.hangs() or not await self.asker.waits(self.order.seconds):
            return
        self.written = self.order.answer.text
        if self.order.fault in BREAKS_OFF:
            self.outcome = BROKEN
            await reply_half(self.send, _completion(self.order))
        self.outcome = DELIVERED
        await reply(self.send, 200, _completion(self.order))


class _Stream(_Telling):
    """An answer in pieces, one after each pause."""

    def __init__(self, order: Order, asker: Asker, send: Send) -> None:
        super().__init__(order, asker, send)
        head = json.dumps(_head(order, "chat.completion.chunk"), ensure_ascii=False)
        self._head = head[:-1] + ", "

    async def tell(self) -> None:
        await start_stream(self.send)
        if await self.hangs():
            return
        await self._say('{"role":"assistant","content":""}')
        pause = self.order.pause
        for text in self.order.pieces[: self.order.told]:
            if pause:
                await asyncio.sleep(pause)
            if self.asker.gone:
                return
            self.written += text
            await self._say(f'{{"content":{json.dumps(text, ensure_ascii=False)}}}')
        await self._finish()

    async def _finish(self) -> None:
        self.outcome = BROKEN
        match self.order.fault:
            case "cut":
                raise Broken
            case "badchunk":
                await end(self.send, b"data: {not json\n\n")
            case "truncate":
                await end(self.send)
            case _:
                self.outcome = DELIVERED
                await end(self.send, self._last_events())

    def _last_events(self) -> bytes:
        answer = self.order.answer
        refusal = f'{{"refusal":{json.dumps(answer.refusal)}}}' if answer.refusal else ""
        events = self._event(refusal) if refusal else b""
        events += self._event("{}", f'"{answer.finish_reason}"')
        if self.order.question.with_usage:
            usage = json.dumps(_usage(self.order))
            events += f'data: {self._head}"choices":[],"usage":{usage}}}\n\n'.encode()
        return events + b"data: [DONE]\n\n"

    async def _say(self, delta: str) -> None:
        await piece(self.send, self._event(delta))

    def _event(self, delta: str, reason: str = "null") -> bytes:
        choice = f'{{"index":0,"delta":{delta},"finish_reason":{reason}}}'
        return f'data: {self._head}"choices":[{choice}]}}\n\n'.encode()


def _completion(order: Order) -> dict[str, Any]:
    answer = order.answer
    message = {
        "role": "assistant",
        "content": None if answer.refusal else answer.text,
        "refusal": answer.refusal or None,
    }
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": answer.finish_reason,
    }
    return {**_head(order, "chat.completion"), "choices": [choice], "usage": _usage(order)}


def _head(order: Order, sort: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{order.answer.digest[:24]}",
        "object": sort,
        "created": int(time.time()),
        "model": order.question.model,
        "system_fingerprint": LABEL,
    }


def _usage(order: Order) -> dict[str, Any]:
    asked, said = order.answer.input_tokens, order.answer.output_tokens
    return {
        "prompt_tokens": asked,
        "completion_tokens": said,
        "total_tokens": asked + said,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }
