"""Checks of this process, of Redis, and of the whole system."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from grpc import StatusCode, aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from redis.exceptions import AuthenticationError

from loresmith.api.services.job_type_agreement import JobTypeAgreement
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher, StoreUnavailable
from loresmith.jobs.store.primary import REFUSED_PASSWORD, PrimaryRefused
from loresmith.jobs.store.queue import SUSPENDED, listens
from loresmith.jobs.store.server_check import SETTINGS, judge, parse_info, parse_settings
from loresmith.protos.connection import LoreServiceConnection

PROBE_TIMEOUT_S = 1.0
Check = Callable[[], Awaitable["HealthCheck"]]


@dataclass(frozen=True)
class HealthCheck:
    """The outcome of one check."""

    ok: bool
    detail: str


class BackgroundPart(Protocol):
    """What this process must keep running."""

    @property
    def alive(self) -> bool: ...


class MaintenanceLoop(BackgroundPart, Protocol):
    """The loop that looks after jobs that are due."""

    @property
    def fault(self) -> str:
        """Why it does not do its work; '' when it does."""


class LoreServiceProbe:
    """Checks the lore service by gRPC's standard health service."""

    def __init__(self, connection: LoreServiceConnection) -> None:
        self._connection = connection
        self._channel: aio.Channel | None = None

    async def check(self) -> HealthCheck:
        if self._channel is None:
            self._channel = self._connection.open()
        health = health_pb2_grpc.HealthStub(self._channel)
        request = health_pb2.HealthCheckRequest(service="")
        try:
            reply = await health.Check(
                request, timeout=PROBE_TIMEOUT_S, metadata=self._connection.metadata
            )
        except aio.AioRpcError as error:
            return HealthCheck(False, self._fault(error.code()))
        serving = reply.status == health_pb2.HealthCheckResponse.SERVING
        return HealthCheck(serving, "serving" if serving else "not serving")

    def _fault(self, code: StatusCode) -> str:
        address = self._connection.address
        if code is StatusCode.UNAUTHENTICATED:
            return f"{address} refuses our LORESMITH_LORE_SERVICE_TOKEN; set the same one for all"
        tls = "; check LORESMITH_LORE_SERVICE_TLS_*" if self._connection.tls else ""
        return f"no response from {address}: {code.name}{tls}"

    async def close(self) -> None:
        if self._channel is not None:
            await self._channel.close()


class HealthChecks:
    """Runs checks at once. Liveness and readiness are about this process and its Redis only."""

    def __init__(
        self,
        pipeline: PipelineBatcher,
        lore: LoreServiceProbe,
        event_reader: BackgroundPart,
        maintenance: MaintenanceLoop | None = None,
        *,
        queue: str = "",
        unsafe_redis: bool = False,
        ack_replicas: int = 0,
    ) -> None:
        self._pipeline = pipeline
        self._event_reader = event_reader
        self._agreement = JobTypeAgreement(pipeline)
        self._maintenance = maintenance
        self._queue = queue
        self._unsafe_redis = unsafe_redis
        self._ack_replicas = ack_replicas
        self._readiness: dict[str, Check] = {
            "redis": self._redis,
            "redis_settings": self._redis_settings,
            "queue": self._pauses,
            "job_types": self._named_job_types,
        }
        if maintenance:
            self._readiness["maintenance"] = self._maintenance_rounds
        self._system = self._readiness | {
            "job_types": self._job_types,
            "lore_service": lore.check,
            "workers": self._workers,
        }

    def dead_parts(self) -> list[str]:
        """Names what this process needs and has lost, so that only a restart helps."""
        alive = {
            "maintenance thread": self._maintenance is None or self._maintenance.alive,
            "event reader": self._event_reader.alive,
        }
        return [name for name, is_alive in alive.items() if not is_alive]

    async def readiness(self) -> dict[str, HealthCheck]:
        """Whether this process can accept jobs."""
        return await _run(self._readiness)

    async def system(self) -> dict[str, HealthCheck]:
        """Whether accepted jobs run, too."""
        return await _run(self._system)

    async def _redis(self) -> HealthCheck:
        """Checks that Redis accepts writes; this one changes nothing."""
        try:
            await self._pipeline.execute("SETRANGE", keys.EPOCH, 0, "")
        except StoreUnavailable as error:
            return HealthCheck(False, self._cause() or str(error))
        return HealthCheck(True, "accepts writes")

    async def _redis_settings(self) -> HealthCheck:
        """Checks that Redis is configured to lose nothing; says what to change."""
        info = settings = None
        try:
            info = parse_info(await self._pipeline.execute("INFO"))
            settings = parse_settings(await self._pipeline.execute("CONFIG", "GET", *SETTINGS))
        except StoreUnavailable:
            if self._pipeline.error:
                return HealthCheck(False, "unknown while Redis is unavailable")
        findings = judge(info, settings, self._ack_replicas)
        fatal = any(finding.fatal for finding in findings) and not self._unsafe_redis
        return HealthCheck(not fatal, "; ".join(map(str, findings)) or "correct")

    async def _maintenance_rounds(self) -> HealthCheck:
        fault = self._maintenance.fault if self._maintenance else ""
        return HealthCheck(not fault, fault or "runs")

    async def _pauses(self) -> HealthCheck:
        """Says whether the queue is paused, or `rq suspend` is in effect; jobs are accepted."""
        try:
            suspended = await self._pipeline.execute("EXISTS", SUSPENDED)
            paused = await self._pipeline.execute("HKEYS", keys.PAUSED)
        except StoreUnavailable:
            return HealthCheck(True, "unknown while Redis is unavailable")
        return HealthCheck(True, _pauses(bool(suspended), paused))

    async def _named_job_types(self) -> HealthCheck:
        """Names disagreements; jobs are accepted nevertheless, and those of such types wait."""
        return HealthCheck(True, (await self._job_types()).detail)

    async def _job_types(self) -> HealthCheck:
        """Checks that workers and lore_services have the job types of this api."""
        try:
            differences = await self._agreement.differences()
        except StoreUnavailable:
            return HealthCheck(False, "unknown while Redis is unavailable")
        return HealthCheck(not differences, self._agreement.describe(differences))

    async def _workers(self) -> HealthCheck:
        """Counts live workers of the queue, by the clock of Redis, which wrote their heartbeats."""
        try:
            seconds, micros = await self._pipeline.execute("TIME")
            now_ms = int(seconds) * 1000 + int(micros) // 1000
            workers = await self._pipeline.execute(
                "ZRANGEBYSCORE", keys.WORKERS, f"({now_ms}", "+inf"
            )
        except StoreUnavailable:
            return HealthCheck(False, "unknown while Redis is unavailable")
        alive = sum(listens(worker, self._queue) for worker in workers)
        return HealthCheck(alive > 0, f"{alive} alive")

    def _cause(self) -> str:
        """Says what an operator can mend; without addresses, because anybody may read it."""
        match self._pipeline.error:
            case PrimaryRefused() as error:
                return str(error)
            case AuthenticationError():
                return f"REDIS_URL: {REFUSED_PASSWORD}"
        return ""


def _pauses(suspended: bool, paused: Collection[str]) -> str:
    """Describes what keeps jobs from starting, without names, because anybody may read it."""
    if suspended:
        return "suspended: jobs wait until `rq resume`"
    if "all" in paused:
        return "paused: jobs wait until `loresmith queue resume`"
    return f"paused in part: {len(paused)}; see `loresmith queue`" if paused else "open"


async def _run(checks: dict[str, Check]) -> dict[str, HealthCheck]:
    outcomes = await asyncio.gather(*(check() for check in checks.values()))
    return dict(zip(checks, outcomes, strict=True))
