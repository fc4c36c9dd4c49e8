"""Checks whether the Redis server can lose jobs."""

import time

from redis import Redis
from redis.exceptions import ResponseError

from loresmith.jobs.core.logs import get_logger, own_text
from loresmith.jobs.store.primary import PrimaryGuard, PrimaryRefused
from loresmith.jobs.store.server_check import (
    SETTINGS,
    ServerFinding,
    judge,
    parse_info,
    parse_settings,
)

log = get_logger(__name__)


class ServerCheck:
    """Logs what is wrong with the server, once for each change."""

    def __init__(self, redis: Redis, guard: PrimaryGuard, ack_replicas: int) -> None:
        self._redis = redis
        self._guard = guard
        self._ack_replicas = ack_replicas
        self._last_findings: list[ServerFinding] = []
        self.checked_at = 0.0

    def refusal(self) -> str:
        """Checks the server; returns why it must not be used, or ''. Raises RedisError."""
        try:
            self.findings()
        except PrimaryRefused as error:
            return str(error)
        return ""

    def findings(self) -> list[ServerFinding]:
        """Checks the server and returns what is wrong. Raises RedisError."""
        findings = judge(self._info(), self._settings(), self._ack_replicas)
        for finding in findings:
            if finding not in self._last_findings:
                log.error("the Redis server breaks a promise", reason=own_text(finding))
        if self._last_findings and not findings:
            log.info("The Redis server's settings are correct now")
        self._last_findings, self.checked_at = findings, time.monotonic()
        return findings

    def watch_epoch(self) -> None:
        """Remembers how much work the server has accepted. Raises RedisError."""
        self._guard.watch(self._redis)

    def _info(self) -> dict[str, str] | None:
        try:
            return parse_info(self._redis.info())
        except ResponseError:
            return None

    def _settings(self) -> dict[str, str] | None:
        try:
            return parse_settings(self._redis.config_get(*SETTINGS))
        except ResponseError:
            return None
