"""The call ledger: one row for each model call, written before its request leaves.

An async store over the `call_*` scripts. All of them may be sent twice, so a lost reply is answered
by asking again; the `ticket` of a purchase keeps a late word from touching a later purchase.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from jobs import keys
from jobs.scripts import flat, pairs
from lore_service.batch import Batch

REAP_PAGE = 100
BEAT_PAGE = 50
"""Calls in one script call: each may bring its whole text."""
SOCKET_TIMEOUT_S = 5.0

CALL_ID = re.compile(r"([^/\s]{1,64})/([A-Za-z0-9_.-]{1,64}~?[a-z]*)/(0|[1-9]\d{0,8})")


class LedgerAway(Exception):
    """Redis cannot be reached, or does not do what it was told."""


@dataclass(frozen=True)
class CallName:
    """What a call_id is made of: job / step / generation."""

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

    def repair(self) -> "CallName":
        """The call that asks again when the answer of this one does not fit; a call of its own."""
        return replace(self, step=f"{self.step}~repair")


@dataclass(frozen=True)
class Known:
    """What the ledger says to an intent."""

    word: str
    """go | attach | done | unusable | unknown | cancelled | fenced | cancel | absent"""
    call_id: str = ""
    """The call it speaks of; that of an earlier generation when its result is replayed."""
    row: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Ending:
    """How a purchase ended: what its row is to say."""

    call_id: str
    ticket: str
    state: str
    """done | unknown | released | cancelled"""
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Keep:
    """For how long answers are kept, and how many."""

    seconds: float
    """0: none is kept."""
    most: int


class Ledger:
    """The rows in Redis. Every coroutine but `close` raises LedgerAway."""

    def __init__(self, redis_url: str, owner: str, lease_s: float, keep: Keep) -> None:
        self.owner = owner
        self._keep = keep
        self._tickets = count(1)
        self._lease_ms = int(lease_s * 1000)
        # A stale connection after a restart of the server is worth one more try; see above.
        self._redis: Redis = Redis.from_url(
            redis_url,
            decode_responses=True,
            socket_timeout=SOCKET_TIMEOUT_S,
            socket_connect_timeout=SOCKET_TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),
        )
        self._batch = Batch(self._redis)

    def new_ticket(self) -> str:
        """A name for one purchase, unlike that of any other."""
        return f"{self.owner}.{next(self._tickets)}"

    async def close(self) -> None:
        await self._redis.aclose()

    async def intent(
        self, name: CallName, attempt: int, ticket: str, fields: Mapping[str, str]
    ) -> Known:
        """Records that `name` is about to be bought, or says what is known of it. `fields` are what
        its row says; `request` and `cache` among them decide whether a kept answer will do.
        """
        names = [
            keys.job(name.job_id),
            keys.call(str(name)),
            keys.calls(name.job_id),
            keys.CALLS_DUE,
            keys.answer(fields.get("request", "")),
        ]
        asked = [name.job_id, attempt, name.step, name.generation, self.owner, self._lease_ms]
        reply = await self._run("call_intent", names, *asked, *flat({"ticket": ticket, **fields}))
        match reply:
            case ["go" | "attach" as word, call_id, *_]:
                return Known(word, call_id)
            case [word, call_id, *row]:
                return Known(word, call_id, pairs(row))
        return Known(reply[0])

    async def settle(self, ending: Ending) -> str:
        """Writes an ending; 'ok', 'settled' when it was before, 'gone' when the row has expired."""
        job_id = CallName.parse(ending.call_id).job_id
        names = [keys.call(ending.call_id), keys.CALLS_DUE, keys.job(job_id)]
        fields = flat({"ticket": ending.ticket, **ending.fields})
        reply = await self._run("call_settle", names, ending.call_id, ending.state, *fields)
        return str(reply[0])

    async def note(self, call_id: str, ticket: str, response_id: str) -> None:
        """Keeps the id by which the provider can be asked for a call in flight."""
        await self._run("call_note", [keys.call(call_id)], ticket, response_id)

    async def judge(self, call_id: str, why: str) -> None:
        """Marks a finished call as of no use. `why` is a Failure as JSON."""
        await self._run("call_judge", [keys.call(call_id)], why)

    async def keep_answer(self, request: str, fields: Mapping[str, str]) -> None:
        """Keeps an answer that fits, for identical requests to come."""
        if self._keep.seconds > 0:
            names, ms = [keys.answer(request), keys.ANSWERS], int(self._keep.seconds * 1000)
            await self._run("answer_keep", names, request, ms, self._keep.most, *flat(dict(fields)))

    async def beat(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Renews leases, keeps texts ('': as it was); answers ok | cancel | lost by call_id."""
        told: dict[str, str] = {}
        calls = list(texts)
        for at in range(0, len(calls), BEAT_PAGE):
            page = calls[at : at + BEAT_PAGE]
            parts = flat({call: texts[call] for call in page})
            reply = await self._run(
                "call_beat", [keys.CALLS_DUE], self.owner, self._lease_ms, *parts
            )
            told |= zip(page, reply, strict=True)
        return told

    async def cancel(self, call_id: str) -> str:
        """Marks a call in flight to be stopped by its owner; the state it had, or 'absent'."""
        reply = await self._run("call_cancel", [keys.call(call_id)])
        return str(reply[0])

    async def reap(self) -> list[tuple[str, str]]:
        """Gives up calls that nobody renews: (call_id, 'unknown' | 'resume')."""
        reply = await self._run(
            "call_reap", [keys.CALLS_DUE], REAP_PAGE, self.owner, self._lease_ms
        )
        return [(reply[i], reply[i + 1]) for i in range(0, len(reply), 3)]

    async def row(self, call_id: str) -> dict[str, str]:
        """The row of a call; empty when there is none."""
        try:
            found = await self._redis.hgetall(keys.call(call_id))
            return {str(name): str(told) for name, told in found.items()}
        except (RedisError, OSError) as error:
            raise LedgerAway(str(error)) from error

    async def up_for_s(self) -> float:
        """How long the server has been up."""
        try:
            return float((await self._redis.info("server"))["uptime_in_seconds"])
        except (RedisError, OSError) as error:
            raise LedgerAway(str(error)) from error

    async def _run(self, name: str, names: list[str], *arguments: Any) -> Any:
        try:
            return await self._batch.run(name, names, *arguments)
        except (RedisError, OSError) as error:
            raise LedgerAway(str(error)) from error
