"""The limits of pools (a provider's account and a model) and of owners, in Redis."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from loresmith.api.http.problems import Problem, truncated
from loresmith.api.schemas.limits import OwnerLimitsRequest, PoolLimitsRequest
from loresmith.api.schemas.representation import timestamp
from loresmith.jobs.core.damaged_record import intact, read_intact
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.store.scripts import flat, pairs

FIELDS = {
    "requests_per_minute": "requests",
    "tokens_per_minute": "tokens",
    "concurrency": "concurrency",
}
"""Names in requests and responses, and the ends of those in Redis."""
SOURCES = ("set", "file", "learnt")
"""The first that says a limit counts."""
MAX_POOLS = 1_000
"""Pools in a list: clients name models, so their number is not bounded."""
Reply = Sequence[Any]


class LimitService:
    """Reads and writes limits. The scripts that admit jobs and make calls hold them."""

    def __init__(self, pipeline: PipelineBatcher, queue: str) -> None:
        self._pipeline = pipeline
        self._queue = queue

    async def pools(self, *names: str) -> list[dict[str, Any]]:
        """Returns these pools, as far as they are known; all without names."""
        arguments = (MAX_POOLS, *names)
        replies = await self._pipeline.script("limits/pools", [keys.POOLS], *arguments)
        return intact(replies, represent_pool)

    async def pool(self, name: str) -> dict[str, Any]:
        """Raises Problem when the pool is not known."""
        for pool in await self.pools(name):
            return pool
        raise limits_not_found(f"pool {name}")

    async def set_pool(self, name: str, limits: PoolLimitsRequest) -> dict[str, Any]:
        """Replaces what was set, and returns the pool; the other sources stay."""
        fields = {f"set_{FIELDS[field]}": value for field, value in limits}
        await self._set(keys.pool(name), keys.POOLS, name, fields)
        pools = await self.pools(name)
        return pools[0] if pools else represent_pool((name, "", "", 0, ""))

    async def owners(self) -> list[dict[str, Any]]:
        """Returns all owners with limits."""
        names = await self._pipeline.execute("SMEMBERS", keys.LIMITED_OWNERS)
        return list(await asyncio.gather(*(self._owner(name) for name in sorted(names))))

    async def owner(self, name: str) -> dict[str, Any]:
        """Raises Problem when the owner has no limits."""
        if await self.owner_terms(name) is None:
            raise limits_not_found(f"owner {name}")
        return await self._owner(name)

    async def owner_terms(self, name: str) -> dict[str, Any] | None:
        """Returns the limits of an owner without its name; None when it has none."""
        if not await self._pipeline.execute("SISMEMBER", keys.LIMITED_OWNERS, name):
            return None
        owner = await self._owner(name)
        return {field: owner[field] for field in OwnerLimitsRequest.model_fields}

    async def set_owner(self, name: str, limits: OwnerLimitsRequest | None) -> dict[str, Any]:
        """Replaces the limits of an owner, and returns them; None removes them."""
        fields = vars(limits) if limits else dict.fromkeys(OwnerLimitsRequest.model_fields)
        await self._set(keys.owner_limits(name), keys.LIMITED_OWNERS, name, fields)
        await self._pipeline.script("queue/unpark", [], self._queue, name)
        return await self._owner(name)

    async def _owner(self, name: str) -> dict[str, Any]:
        fields = await self._pipeline.execute("HGETALL", keys.owner_limits(name))
        return read_intact(f"limits of {name}", lambda: represent_owner(name, fields))

    async def _set(self, key: str, index: str, name: str, fields: Mapping[str, Any]) -> None:
        texts = {field: "" if value is None else value for field, value in fields.items()}
        await self._pipeline.script("limits/set", [key, index], name, *flat(texts))


def limits_not_found(name: str) -> Problem:
    return Problem("limits-not-found", f"There are no limits of {truncated(name)}.")


def represent_pool(reply: Reply) -> dict[str, Any]:
    """Returns the JSON object of a pool, from the reply of limits/pools. Raises DamagedRecord."""
    return read_intact(f"pool {reply[0]}", lambda: _pool(reply))


def _pool(reply: Reply) -> dict[str, Any]:
    name, requests_left, tokens_left, calls, closed_until_ms, *rest = reply
    fields = pairs(rest)
    limits = {source: _limits(fields, source) for source in SOURCES}
    effective = {
        field: next((limits[each][field] for each in SOURCES if limits[each][field]), None)
        for field in FIELDS
    }
    return {
        "pool": name,
        **limits,
        "effective": effective,
        "requests_left": _number(requests_left),
        "tokens_left": _number(tokens_left),
        "calls": int(calls),
        "closed_until": timestamp(str(closed_until_ms)),
        "closed_reason": (closed_until_ms and fields.get("closed_reason")) or None,
    }


def _limits(fields: Mapping[str, str], source: str) -> dict[str, float | None]:
    return {field: _number(fields.get(f"{source}_{end}")) for field, end in FIELDS.items()}


def _number(text: str | None) -> float | None:
    if not text:
        return None
    number = round(float(text), 3)
    return int(number) if number.is_integer() else number


def represent_owner(name: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Returns the JSON object of an owner's limits, which may be none."""
    scope, _, id = name.partition(":")
    concurrency = fields.get("concurrency")
    return {
        "scope": scope,
        "id": id,
        "weight": _number(fields.get("weight", "1")),
        "concurrency": int(concurrency) if concurrency else None,
    }
