"""Whether this process lives, and whether the system can do its work."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from starlette.requests import Request
from starlette.responses import Response

from api.answers import JSON
from api.batching import Batch, StoreAway
from api.operation import Answer, operation
from jobs import keys
from jobs.server_check import SETTINGS, judge

PATIENCE_S = 1.0
VERSION = re.compile(r"redis_version:(\S+)")


@dataclass(frozen=True)
class Check:
    """What one look at one thing found."""

    ok: bool
    detail: str


class LoreProbe:
    """Asks the lore_service how it is, by the standard health service of gRPC."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._channel: aio.Channel | None = None

    async def check(self) -> Check:
        if self._channel is None:
            self._channel = aio.insecure_channel(self._address)
        health = health_pb2_grpc.HealthStub(self._channel)
        asked = health_pb2.HealthCheckRequest(service="")
        try:
            answer = await health.Check(asked, timeout=PATIENCE_S)
        except aio.AioRpcError as error:
            return Check(False, f"does not answer at {self._address}: {error.code().name}")
        serving = answer.status == health_pb2.HealthCheckResponse.SERVING
        return Check(serving, "serving" if serving else "not serving")

    async def close(self) -> None:
        if self._channel is not None:
            await self._channel.close()


class Readiness:
    """The two routes that load balancers and `loresmith up` ask."""

    def __init__(self, batch: Batch, lore: LoreProbe, *, unsafe_redis: bool = False) -> None:
        self._batch = batch
        self._unsafe_redis = unsafe_redis
        self._checks: dict[str, Callable[[], Awaitable[Check]]] = {
            "redis": self._redis,
            "redis_settings": self._settings,
            "lore_service": lore.check,
            "workers": self._workers,
        }

    @operation("Does it live?", {200: Answer("This process answers.", "Health")})
    async def healthz(self, request: Request) -> Response:
        """Says nothing about Redis or the workers; see /readyz."""
        return JSON({"status": "ok"})

    @operation(
        "Can it work?",
        {
            200: Answer("A job that is sent now will be run.", "Readiness"),
            503: Answer("Something is away; jobs may be accepted and wait.", "Readiness"),
        },
    )
    async def readyz(self, request: Request) -> Response:
        """Named checks: Redis answers and keeps what it is given, the lore_service serves, at least
        one worker lives.
        """
        found = await asyncio.gather(*(check() for check in self._checks.values()))
        ready = all(check.ok for check in found)
        told: dict[str, Any] = {
            name: {"ok": check.ok, "detail": check.detail}
            for name, check in zip(self._checks, found, strict=True)
        }
        body = {"status": "ready" if ready else "not ready", "checks": told}
        return JSON(body, 200 if ready else 503, {} if ready else {"Retry-After": "2"})

    async def _redis(self) -> Check:
        try:
            await self._batch.execute("PING")
        except StoreAway as error:
            return Check(False, str(error))
        return Check(True, "answers")

    async def _settings(self) -> Check:
        """Whether Redis is set up so that nothing accepted is lost; says what to change."""
        try:
            info = await self._batch.execute("INFO", "server")
            told = await self._batch.execute("CONFIG", "GET", *SETTINGS)
        except StoreAway:
            told, info = None, ""
        version = VERSION.search(info)
        findings = judge(_mapping(told), version[1] if version else "")
        fatal = any(finding.fatal for finding in findings) and not self._unsafe_redis
        return Check(not fatal, "; ".join(map(str, findings)) or "as they must be")

    async def _workers(self) -> Check:
        """By Redis' own clock, the one that the workers' words are written by."""
        try:
            seconds, micros = await self._batch.execute("TIME")
            now_ms = int(seconds) * 1000 + int(micros) // 1000
            alive = await self._batch.execute("ZCOUNT", keys.WORKERS, f"({now_ms}", "+inf")
        except StoreAway:
            return Check(False, "unknown while Redis is away")
        return Check(alive > 0, f"{alive} alive")


def _mapping(told: Any) -> dict[str, str] | None:
    """The answer to CONFIG GET, which is a list or a mapping by the protocol's version."""
    return dict(zip(told[::2], told[1::2], strict=True)) if isinstance(told, list) else told
