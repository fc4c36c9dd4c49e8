"""A whole lore_service: its parts put together, started, and stopped without losing a result."""

import logging
import os
import socket
from pathlib import Path
from uuid import uuid4

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from jobs.config import ConfigError
from jobs.prices import Prices
from lore_service.background import BackgroundProvider
from lore_service.calls import Calls
from lore_service.config import LoreConfig
from lore_service.journal import Journal
from lore_service.ledger import Keep, Ledger, LedgerAway
from lore_service.pricing import Pricing
from lore_service.provider import Provider
from lore_service.service import LoreServicer
from lore_service.settler import Settler
from lore_service.upkeep import Upkeep
from protos.lore.v1 import lore_pb2, lore_pb2_grpc

log = logging.getLogger(__name__)

SERVICE = lore_pb2.DESCRIPTOR.services_by_name["LoreService"].full_name
HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
MOST_BYTES = 16 * 1024 * 1024
MOST_CALLS = 100_000
OPTIONS = (
    ("grpc.so_reuseport", 0),  # a second process on the port must fail, not take half of the calls
    # By default a burst of more than 1,000 calls is thinned out at random.
    ("grpc.server.max_pending_requests", MOST_CALLS),
    ("grpc.server.max_pending_requests_hard_limit", MOST_CALLS),
    ("grpc.max_receive_message_length", MOST_BYTES),
    ("grpc.max_send_message_length", MOST_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)
ANSWERS_S = 2.0
"""How long streams may go on once all calls have ended."""


class LoreServer:
    """One process' lore_service. Make, start and stop it in one event loop."""

    def __init__(self, config: LoreConfig) -> None:
        """Raises ConfigError when the data folder cannot be used."""
        owner = f"{socket.gethostname()}.{os.getpid()}.{uuid4().hex[:8]}"
        self._config = config
        keep = Keep(config.cache_ttl_s, config.cache_most)
        self._journal = _journal(config, owner)
        self._ledger = Ledger(config.redis_url, owner, config.call_lease_s, keep)
        self._settler = Settler(self._ledger, self._journal)
        self.provider = BackgroundProvider(config) if config.background else Provider(config)
        self._calls = Calls(
            self._ledger,
            self._settler,
            self.provider,
            Pricing(Prices.of(config)),
            config.call_timeout_s,
        )
        self._upkeep = Upkeep(
            self._ledger, self._settler, self._calls, config.call_beat_s, config.call_lease_s
        )
        self._health = health.aio.HealthServicer()
        self._server = grpc.aio.server(options=OPTIONS)

    async def start(self) -> int:
        """Listens; answers the port. Raises ConfigError when the address is taken."""
        lore_pb2_grpc.add_LoreServiceServicer_to_server(
            LoreServicer(self._calls, self._config.model), self._server
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (SERVICE, HEALTH, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        try:
            port = self._server.add_insecure_port(self._config.lore_address)
        except RuntimeError as error:
            raise ConfigError(f"LORE_ADDRESS={self._config.lore_address}: {error}") from None
        await self._server.start()
        self._upkeep.start()
        await self._tell_health(health_pb2.HealthCheckResponse.SERVING)
        return port

    async def stop(self, grace_s: float) -> None:
        """Takes no more calls, lets the running ones end, settles the rest as unknown."""
        await self._tell_health(health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._calls.drain(grace_s)
        await self._server.stop(ANSWERS_S)
        await self._upkeep.stop()
        try:
            await self._settler.flush()
        except LedgerAway:
            log.warning("results wait in the journal for the next start")
        self._journal.close()
        await self._ledger.close()
        await self.provider.close()

    def hurry(self) -> None:
        """Ends the grace period of a `stop` that is under way."""
        self._calls.hurry()

    async def _tell_health(self, status: "health_pb2.HealthCheckResponse.ServingStatus") -> None:
        for name in ("", SERVICE):
            await self._health.set(name, status)


def _journal(config: LoreConfig, owner: str) -> Journal:
    try:
        return Journal(Path(config.data_dir) / "calls", owner)
    except OSError as error:
        raise ConfigError(f"LORESMITH_DATA_DIR={config.data_dir} cannot be used: {error}") from None
