"""Assembles, starts and stops a lore_service."""

import asyncio
import os
import socket
from pathlib import Path
from uuid import uuid4

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from loresmith.jobs.core.liveness import LivenessFile
from loresmith.jobs.core.logs import get_logger, own_text
from loresmith.jobs.core.settings import SettingsError, is_loopback
from loresmith.jobs.core.settings.connection import TLS
from loresmith.jobs.costs.prices import Prices
from loresmith.jobs.store.primary import PrimaryGuard, check_at_start
from loresmith.lore_service.calls.ai_call_log import AiCallLog, log_calls_to
from loresmith.lore_service.calls.call_registry import CallRegistry
from loresmith.lore_service.calls.maintenance import LeaseMaintainer
from loresmith.lore_service.calls.pool_queue import PoolQueues
from loresmith.lore_service.calls.provider_call import CallServices
from loresmith.lore_service.ledger.connection import connect
from loresmith.lore_service.ledger.journal import Journal
from loresmith.lore_service.ledger.ledger import CachePolicy, Ledger, LedgerUnavailable
from loresmith.lore_service.ledger.part_announcement import LoreServiceAnnouncement
from loresmith.lore_service.ledger.pools import Pools
from loresmith.lore_service.ledger.settlement import CallSettlement
from loresmith.lore_service.providers.pricing import Pricing
from loresmith.lore_service.providers.provider_factory import make_providers
from loresmith.lore_service.servicer import LoreServicer
from loresmith.lore_service.settings import LoreServiceSettings
from loresmith.lore_service.token_check import TokenCheck
from loresmith.protos.lore.v1 import lore_pb2, lore_pb2_grpc

log = get_logger(__name__)

SERVICE_NAME = lore_pb2.DESCRIPTOR.services_by_name["LoreService"].full_name
HEALTH_NAME = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
MAX_PENDING_CALLS = 100_000
OPTIONS = (
    ("grpc.so_reuseport", 0),  # a second process on the port must fail, not take half of the calls
    # By default gRPC rejects calls at random when more than 1,000 arrive at once.
    ("grpc.server.max_pending_requests", MAX_PENDING_CALLS),
    ("grpc.server.max_pending_requests_hard_limit", MAX_PENDING_CALLS),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)
STREAM_TIMEOUT_S = 2.0
"""How long streams may continue once all calls have ended."""
CLOSE_TIMEOUT_S = 5.0
"""How long each step after the last call may take, so that a stop does not hang."""


class LoreServer:
    """One lore_service. Create, start and stop it in the same event loop."""

    def __init__(self, config: LoreServiceSettings) -> None:
        """Raises SettingsError when the Redis server or the data folder cannot be used."""
        lease_holder = f"{socket.gethostname()}.{os.getpid()}.{uuid4().hex[:8]}"
        cache = CachePolicy(config.cache_ttl_s, config.cache_max_entries)
        guard = PrimaryGuard.of(config)
        check_at_start(config, guard)
        redis, batch = connect(config.redis_url, guard, config.ack_replicas)
        ledger = Ledger(redis, batch, lease_holder, config.call_lease_s, cache)
        self._config = config
        self._journal = _open_journal(config, lease_holder)
        self._liveness = LivenessFile(Path(config.data_dir), "lore_service")
        self._services = CallServices(
            ledger,
            CallSettlement(ledger, self._journal),
            make_providers(config),
            Pricing(Prices.of(config), books_likely=config.cancelled_call_cost == "likely"),
            PoolQueues(Pools(batch)),
            ai_log=_open_ai_log(config),
        )
        self._announcement = LoreServiceAnnouncement(batch, lease_holder)
        self._calls = CallRegistry(self._services, config.call_timeout_s)
        self._maintainer = LeaseMaintainer(
            self._services,
            self._calls,
            config.call_heartbeat_interval_s,
            config.call_lease_s,
            self._liveness.touch,
            self._announcement.announce,
        )
        self._health = health.aio.HealthServicer()
        token = config.lore_service_token
        self._server = grpc.aio.server(
            options=OPTIONS, interceptors=[TokenCheck(token)] if token else []
        )

    @property
    def provider_addresses(self) -> str:
        """The addresses of all providers, for people."""
        return ", ".join(each.address for each in self._services.providers.values())

    async def start(self) -> int:
        """Listens and returns the port. Raises SettingsError when the address is taken."""
        lore_pb2_grpc.add_LoreServiceServicer_to_server(
            LoreServicer(self._calls, self._config.providers), self._server
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if self._config.reflection:
            names = (SERVICE_NAME, HEALTH_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)
        port = self._listen()
        await self._server.start()
        self._maintainer.start()
        await self._set_health(health_pb2.HealthCheckResponse.SERVING)
        return port

    async def stop(self, grace_s: float) -> None:
        """Frees the port, lets the running calls end, and settles the rest as unknown.

        A new lore_service may take the port at once: clients connect to it for new calls, while
        their streams of running calls stay here.
        """
        await self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        closing = asyncio.create_task(self._server.stop(grace_s + STREAM_TIMEOUT_S))
        await self._calls.drain(grace_s)
        await self._end_streams(closing)
        await self._maintainer.stop()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._services.settlement.flush()
                await self._announcement.withdraw()
        except (LedgerUnavailable, TimeoutError):
            log.warning("settlements stay in the journal until the next start")
        self._journal.close()
        self._liveness.close()
        await self._close_connections()

    async def _end_streams(self, closing: "asyncio.Task[None]") -> None:
        try:
            async with asyncio.timeout(STREAM_TIMEOUT_S + CLOSE_TIMEOUT_S):
                await self._server.stop(STREAM_TIMEOUT_S)
                await closing
        except TimeoutError:
            log.warning("gRPC does not stop; this process stops without that")

    async def _close_connections(self) -> None:
        """Everything is stored by now: a connection that does not close may keep no process."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._services.ledger.close()
                for provider in self._services.providers.values():
                    await provider.close()
        except TimeoutError:
            log.warning("a connection does not close; this process stops without that")

    def abort_all(self) -> None:
        """Ends the grace period of a running `stop`."""
        self._calls.abort_all()

    def _listen(self) -> int:
        """Returns the port. Raises SettingsError."""
        address, tls = self._config.lore_service_address, self._config.server_tls()
        if not (tls or is_loopback(address.rpartition(":")[0])):
            log.warning(
                "other machines send the token and all texts unencrypted",
                reason=own_text(f"see {TLS}_CERT"),
            )
        try:
            if tls is None:
                return int(self._server.add_insecure_port(address))
            credentials = grpc.ssl_server_credentials(
                [(tls.key or b"", tls.certificate or b"")],
                tls.ca,
                require_client_auth=tls.ca is not None,
            )
            return int(self._server.add_secure_port(address, credentials))
        except RuntimeError as error:
            raise SettingsError(f"LORESMITH_LORE_SERVICE_ADDRESS={address}: {error}") from None

    async def _set_health(self, status: "health_pb2.HealthCheckResponse.ServingStatus") -> None:
        for name in ("", SERVICE_NAME):
            await self._health.set(name, status)


def _open_ai_log(config: LoreServiceSettings) -> AiCallLog:
    """Raises SettingsError when the file cannot be written."""
    if config.ai_log:
        try:
            log_calls_to(Path(config.ai_log))
        except OSError as error:
            raise SettingsError(
                f"LORESMITH_AI_LOG={config.ai_log} cannot be written: {error.strerror}"
            ) from None
    return AiCallLog(config.ai_log_key)


def _open_journal(config: LoreServiceSettings, lease_holder: str) -> Journal:
    try:
        return Journal(Path(config.data_dir) / "calls", lease_holder)
    except OSError as error:
        raise SettingsError(
            f"LORESMITH_DATA_DIR={config.data_dir} cannot be used: {error}"
        ) from None
