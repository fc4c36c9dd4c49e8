"""The call ledger: one row for each model call, written before its request is sent.

Runs the scripts of jobs/store/lua/calls. Each may be sent twice, because a reply may be lost. The
fencing token of a request keeps a late settlement from touching a later request.
"""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Self

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from loresmith.jobs.core.text import valid_text
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import (
    CommandRefused,
    InvalidCommand,
    PipelineBatcher,
    StoreUnavailable,
)
from loresmith.jobs.store.scripts import flat, pairs

MAX_REAPED_AT_ONCE = 100
MAX_HEARTBEATS_AT_ONCE = 50
"""Calls in one script call: each may carry its whole text."""

CALL_ID = re.compile(r"([^/\s]{1,64})/([A-Za-z0-9_.-]{1,64}~?[a-z]*)/(0|[1-9]\d{0,8})")


class LedgerUnavailable(Exception):
    """Redis cannot be reached, or refuses a command."""


class RowRefused(LedgerUnavailable):
    """The row cannot be written for what it is, now or later."""


@dataclass(frozen=True)
class CallId:
    """The parts of a call_id: job / step / generation."""

    job_id: str
    step: str
    generation: int

    @classmethod
    def parse(cls, call_id: str) -> Self:
        """Raises ValueError."""
        match = CALL_ID.fullmatch(call_id)
        if match is None:
            raise ValueError(f"call_id {call_id!r} must be job/step/generation")
        return cls(match[1], match[2], int(match[3]))

    def __str__(self) -> str:
        return f"{self.job_id}/{self.step}/{self.generation}"

    @property
    def is_repair(self) -> bool:
        return self.step.endswith("~repair")

    def repair(self) -> "CallId":
        """Returns the id of the call that repairs an unusable response of this one."""
        return replace(self, step=f"{self.step}~repair")


@dataclass(frozen=True)
class PoolWait:
    """How long a pool has no room for a request."""

    ms: int
    """Until it is worth asking again."""
    reason: str
    """closed | concurrency | requests | tokens"""
    phase: str = ""
    """Of a closed pool: rate_limited | waiting_provider."""
    asked_ms: int = 0
    """How long the provider asks to wait."""


@dataclass(frozen=True)
class IntentReply:
    """The ledger's reply to an intent."""

    outcome: str
    """go | attach | done | unusable | unknown | cancelled | fenced | cancel | absent | refused |
    wait"""
    call_id: str = ""
    """The id of an earlier generation when its result is replayed."""
    row: Mapping[str, str] | None = None
    exceeded: str = ""
    """What a refused call exceeds: calls | price | limit."""
    wait: "PoolWait | None" = None
    """Why a call cannot be sent yet."""


@dataclass(frozen=True)
class Settlement:
    """The final state and fields of a ledger row."""

    call_id: str
    fencing_token: str
    state: str
    """done | unknown | released | cancelled"""
    fields: Mapping[str, str]

    def as_text(self) -> "Settlement":
        """Returns the same with fields that can be stored, whatever they held."""
        fields = {name: valid_text(str(value)) for name, value in self.fields.items()}
        return replace(self, fields=fields)


@dataclass(frozen=True)
class CachePolicy:
    """How long responses are cached, and how many."""

    ttl_s: float
    """0: no response is cached."""
    max_entries: int


class Ledger:
    """Reads and writes the rows. Every coroutine but `close` raises LedgerUnavailable."""

    def __init__(
        self,
        redis: Redis,
        batch: PipelineBatcher,
        lease_holder: str,
        lease_s: float,
        cache: CachePolicy,
    ) -> None:
        self._redis = redis
        self._batch = batch
        self._lease_holder = lease_holder
        self._lease_ms = int(lease_s * 1000)
        self._cache = cache
        self._token_numbers = count(1)

    def new_fencing_token(self) -> str:
        """Returns a token that no other request has."""
        return f"{self._lease_holder}.{next(self._token_numbers)}"

    async def close(self) -> None:
        await self._redis.aclose()

    async def intent(
        self, call_id: CallId, attempt: int, fencing_token: str, fields: Mapping[str, str]
    ) -> IntentReply:
        """Records that a call is about to be sent, or replies what is known of it.

        `fields` go into its row; `request` and `cache` among them select a cached
        response.
        """
        names = [
            keys.job(call_id.job_id),
            keys.call(str(call_id)),
            keys.calls(call_id.job_id),
            keys.CALL_DEADLINES,
        ]
        reply = await self._run(
            "calls/intent",
            names,
            *(call_id.job_id, attempt, call_id.step, call_id.generation),
            *(self._lease_holder, self._lease_ms),
            *flat({"fencing_token": fencing_token, **fields}),
        )
        match reply:
            case ["go", known_id, epoch]:
                self._batch.guard.saw(int(epoch))
                return IntentReply("go", known_id)
            case ["go" | "attach" as outcome, known_id, *_]:
                return IntentReply(outcome, known_id)
            case ["wait", ms, reason, phase, asked_ms]:
                wait = PoolWait(int(ms), reason, phase, int(asked_ms))
                return IntentReply("wait", wait=wait)
            case ["refused", exceeded]:
                return IntentReply("refused", exceeded=exceeded)
            case [outcome, known_id, *row]:
                return IntentReply(outcome, known_id, pairs(row))
        return IntentReply(reply[0])

    async def settle(self, settlement: Settlement) -> str:
        """Writes the end of a call: 'ok', 'settled' before, or 'gone' when the row has expired."""
        call_id, fields = settlement.call_id, settlement.fields
        names = [
            keys.call(call_id),
            keys.CALL_DEADLINES,
            keys.job(CallId.parse(call_id).job_id),
        ]
        reply = await self._run(
            "calls/settle",
            names,
            call_id,
            settlement.state,
            *flat({"fencing_token": settlement.fencing_token, **fields}),
        )
        return str(reply[0])

    async def note_response_id(self, call_id: str, fencing_token: str, response_id: str) -> None:
        """Stores the provider's id of a call in flight."""
        await self._run("calls/note_response_id", [keys.call(call_id)], fencing_token, response_id)

    async def mark_unusable(self, call_id: str, error: str) -> None:
        """Marks the response of a finished call as unusable. `error` is a CallFailure as JSON."""
        await self._run("calls/mark_unusable", [keys.call(call_id)], error)

    async def cache_response(
        self, job_id: str, fingerprint: str, fields: Mapping[str, str]
    ) -> None:
        """Stores a usable response for identical requests of the job's owner."""
        if self._cache.ttl_s <= 0:
            return
        await self._run(
            "calls/cache_response",
            [keys.job(job_id), keys.CACHED_RESPONSES],
            *(fingerprint, int(self._cache.ttl_s * 1000), self._cache.max_entries),
            *flat(dict(fields)),
        )

    async def heartbeat(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Renews leases and stores texts, unless empty. Returns ok | cancel | lost by call_id."""
        replies: dict[str, str] = {}
        call_ids = list(texts)
        for start in range(0, len(call_ids), MAX_HEARTBEATS_AT_ONCE):
            page = call_ids[start : start + MAX_HEARTBEATS_AT_ONCE]
            reply = await self._run(
                "calls/heartbeat",
                [keys.CALL_DEADLINES],
                *(self._lease_holder, self._lease_ms),
                *flat({call_id: texts[call_id] for call_id in page}),
            )
            replies |= zip(page, reply, strict=True)
        return replies

    async def cancel(self, call_id: str) -> str:
        """Asks the lease holder of a call to stop it. Returns the call's state or 'absent'."""
        reply = await self._run("calls/cancel", [keys.call(call_id)])
        return str(reply[0])

    async def reap(self) -> list[tuple[str, str]]:
        """Gives up calls whose lease has expired. Returns (call_id, 'unknown' | 'resume')."""
        reply = await self._run(
            "calls/reap",
            [keys.CALL_DEADLINES],
            *(MAX_REAPED_AT_ONCE, self._lease_holder, self._lease_ms),
        )
        return list(pairs(reply).items())

    async def row(self, call_id: str) -> dict[str, str]:
        """Reads the row of a call; empty when there is none."""
        with _unavailable():
            fields = await self._redis.hgetall(keys.call(call_id))
        return {str(name): str(value) for name, value in fields.items()}

    async def job_values(self, job_id: str, names: list[str]) -> list[str]:
        """Reads fields of a job; empty where there is none."""
        with _unavailable():
            return [str(each or "") for each in await self._redis.hmget(keys.job(job_id), names)]

    async def watch_epoch(self) -> None:
        """Notices a database that was emptied. Raises LedgerUnavailable."""
        guard = self._batch.guard
        before = guard.epoch
        with _unavailable():
            guard.noticed(before, int(await self._redis.get(keys.EPOCH) or 0))

    async def server_uptime_s(self) -> float:
        with _unavailable():
            try:
                return float((await self._redis.info("server"))["uptime_in_seconds"])
            except ResponseError:  # INFO is refused, which LORESMITH_UNSAFE_REDIS=1 accepts
                return math.inf

    async def _run(self, name: str, names: list[str], *arguments: Any) -> Any:
        try:
            return await self._batch.script(name, names, *arguments)
        except (CommandRefused, InvalidCommand) as error:
            raise RowRefused(str(error)) from error
        except StoreUnavailable as error:
            raise LedgerUnavailable(str(error)) from error


@contextmanager
def _unavailable() -> Iterator[None]:
    """Raises errors of Redis as LedgerUnavailable."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise LedgerUnavailable(str(error)) from error
