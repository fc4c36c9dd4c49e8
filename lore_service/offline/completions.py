"""POST /v1/chat/completions: one answer, whole or streamed, with the faults that were asked for."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from lore_service.offline.billing import Billing
from lore_service.offline.faults import Faults, Rule
from lore_service.offline.writer import Facts, Writer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LABEL = "offline model, not an LLM"
DEFAULT_MODEL = "offline-lore-1"


class Broken(Exception):
    """The connection is to break without a proper end."""


@dataclass(frozen=True)
class Answer:
    """What will be said to one request, before any fault."""

    id: str
    model: str
    text: str
    finish_reason: str
    input_tokens: int
    output_tokens: int

    def usage(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self.input_tokens,
            "completion_tokens": self.output_tokens,
            "total_tokens": self.input_tokens + self.output_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        }


def tokens(text: str) -> int:
    """A deterministic estimate, cheap and in the right region: four characters a token."""
    return (len(text) + 3) // 4


def compose(body: bytes, request: dict[str, Any], fault: Rule | None) -> Answer:
    """The answer to a request: the same request, the same answer."""
    messages = request.get("messages") or []
    prompt = "\n".join(str(message.get("content", "")) for message in messages)
    writer = Writer(body, Facts.of(prompt))
    given = (request.get("response_format") or {}).get("json_schema")
    if given:
        sort = str(given.get("name", "")).replace(".", "_").rsplit("_", 1)[-1].capitalize()
        text = json.dumps(writer.write(given.get("schema") or {}, sort), ensure_ascii=False)
    else:
        text = writer.prose()
    return _bounded(body, request, prompt, _spoilt(text, fault))


def _spoilt(text: str, fault: Rule | None) -> str:
    match fault and fault.fault:
        case "badjson":
            return "Here is your lore:\n" + text[: len(text) // 2]
        case "badschema":
            return '{"unexpected": true}'
        case "empty":
            return ""
        case _:
            return text


def _bounded(body: bytes, request: dict[str, Any], prompt: str, text: str) -> Answer:
    cap = request.get("max_completion_tokens") or request.get("max_tokens")
    reason = "stop"
    if cap and tokens(text) > cap:
        text, reason = text[: cap * 4], "length"
    name = "chatcmpl-" + hashlib.sha256(body).hexdigest()[:24]
    model = str(request.get("model") or DEFAULT_MODEL)
    return Answer(name, model, text, reason, tokens(prompt), tokens(text))


class Completions:
    """The endpoint as a raw ASGI app: a benchmark runs thousands of these at once."""

    def __init__(
        self, billing: Billing, faults: Faults, seconds: float, chunks: int | None
    ) -> None:
        self._billing, self._faults = billing, faults
        self._seconds, self._chunks = seconds, chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        body = await read_body(receive)
        try:
            request = json.loads(body)
            prompt = "\n".join(str(message.get("content", "")) for message in request["messages"])
        except (ValueError, KeyError, TypeError, AttributeError):
            await reply(send, 400, error("messages must be a list of messages", "invalid_request"))
            return
        call_id = headers.get("x-call-id", "")
        self._billing.request(call_id)
        fault = self._faults.strike(
            prompt, str(request.get("model")), headers.get("x-offline-fault")
        )
        if fault and await self._refused(send, fault):
            return
        answer = compose(body, request, fault)
        self._billing.bill(call_id, answer.input_tokens)
        if fault and fault.fault == "status":
            await reply(send, fault.status, error("the server had an error", "server_error"))
            return
        await self._deliver(
            call_id, request, answer, fault, self._pace(headers, fault), receive, send
        )

    async def _refused(self, send: Send, fault: Rule) -> bool:
        """Answers a fault that comes before any work, and is not billed."""
        retry = {"retry-after": f"{fault.retry_after_s:g}"}
        if fault.fault == "rate":
            await reply(send, 429, error("Rate limit reached", "rate_limit_exceeded"), retry)
        elif fault.fault == "quota":
            await reply(send, 429, error("You exceeded your quota", "insufficient_quota"))
        elif fault.fault == "status" and (fault.status < 500 or fault.status == 503):
            await reply(send, fault.status, error("the server says no", "injected"), retry)
        else:
            return False
        return True

    def _pace(self, headers: dict[str, str], fault: Rule | None) -> float:
        seconds = float(headers.get("x-offline-seconds", self._seconds))
        return seconds * 10 if fault and fault.fault == "slow" else seconds

    async def _deliver(
        self, call_id: str, request: dict[str, Any], answer: Answer, fault: Rule | None,
        seconds: float, receive: Receive, send: Send,
    ) -> None:  # fmt: skip
        """Writes the answer unless the asker goes away; either way it is on the bill."""
        writing = asyncio.ensure_future(self._write(request, answer, fault, seconds, send))
        leaving = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait([writing, leaving], return_when=asyncio.FIRST_COMPLETED)
            outcome = "delivered" if writing.done() else "asker left"
        finally:
            leaving.cancel()
            writing.cancel()
        self._billing.written(call_id, answer.output_tokens, outcome)
        if writing.done() and not writing.cancelled() and writing.exception():
            raise Broken from writing.exception()

    async def _write(
        self,
        request: dict[str, Any],
        answer: Answer,
        fault: Rule | None,
        seconds: float,
        send: Send,
    ) -> None:
        kind = fault.fault if fault else ""
        if kind == "hang":
            await asyncio.sleep(3600)
        if not request.get("stream"):
            await asyncio.sleep(seconds)
            await reply(send, 200, _whole(answer, kind))
            return
        await _start(send, 200, {"content-type": "text/event-stream", "cache-control": "no-cache"})
        with_usage = bool((request.get("stream_options") or {}).get("include_usage"))
        await _stream(send, answer, kind, seconds, self._pieces(answer.text, seconds), with_usage)

    def _pieces(self, text: str, seconds: float) -> list[str]:
        """The text in even pieces: about two a second, and not below eight when it is paced."""
        count = self._chunks or (max(8, min(120, round(seconds * 2))) if seconds else 4)
        size = max(1, -(-len(text) // count))
        return [text[at : at + size] for at in range(0, len(text), size)]


async def _stream(
    send: Send, answer: Answer, kind: str, seconds: float, pieces: list[str], with_usage: bool
) -> None:
    head = (
        f'{{"id":"{answer.id}","object":"chat.completion.chunk","created":0,'
        f'"model":{json.dumps(answer.model)},"system_fingerprint":"{LABEL}",'
    )

    def event(delta: str, reason: str | None = None) -> bytes:
        ending = "null" if reason is None else f'"{reason}"'
        choice = f'"choices":[{{"index":0,"delta":{delta},"finish_reason":{ending}}}]'
        return f"data: {head}{choice}}}\n\n".encode()

    await _body(send, event('{"role":"assistant","content":""}'))
    if kind == "refusal":
        await _body(send, event('{"refusal":"I cannot write that."}'))
        pieces = []
    if kind in ("cut", "truncate", "length", "content_filter", "badchunk"):
        pieces = pieces[: max(1, len(pieces) // 2)]
    pause = seconds / max(1, len(pieces))
    for piece in pieces:
        if pause:
            await asyncio.sleep(pause)
        await _body(send, event('{"content":' + json.dumps(piece, ensure_ascii=False) + "}"))
    if kind == "cut":
        raise Broken
    if kind == "badchunk":
        await _body(send, b"data: {not json\n\n")
    if kind != "truncate":
        reason = kind if kind in ("length", "content_filter") else answer.finish_reason
        last = event("{}", reason)
        if with_usage:
            last += f'data: {head}"choices":[],"usage":{json.dumps(answer.usage())}}}\n\n'.encode()
        await _body(send, last + b"data: [DONE]\n\n")
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _whole(answer: Answer, kind: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None}
    if kind == "refusal":
        message |= {"content": None, "refusal": "I cannot write that."}
    reason = kind if kind in ("length", "content_filter") else answer.finish_reason
    return {
        "id": answer.id,
        "object": "chat.completion",
        "created": 0,
        "model": answer.model,
        "system_fingerprint": LABEL,
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": answer.usage(),
    }


def error(message: str, code: str) -> dict[str, Any]:
    """An error body as OpenAI shapes it."""
    return {"error": {"message": message, "type": code, "code": code, "param": None}}


async def reply(send: Send, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
    """One JSON answer."""
    data = json.dumps(value, ensure_ascii=False).encode()
    size = {"content-type": "application/json", "content-length": str(len(data))}
    await _start(send, status, size | (headers or {}))
    await send({"type": "http.response.body", "body": data})


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start(send: Send, status: int, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def _body(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})
