"""What can be set, read once from the environment by each process' `__main__`.

Every field names its variable, its unit and its default in one place; `docs/configuration.md` is
held to this table by a test. The provider's key is not here: only the lore_service reads it.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Any, Self


class ConfigError(ValueError):
    """A setting does not fit; the message names the variable and the cure."""


ABOVE_ZERO = (
    "concurrency", "lease_s", "beat_s", "sweep_s", "ring_again_s", "start_within_s", "max_lost",
    "max_body", "job_cap",
)  # fmt: skip


def _setting(variable: str, default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"variable": variable, "meaning": meaning})


@dataclass(frozen=True)
class Config:
    """The settings that more than one process shares. Frozen; pass it on, never re-read it."""

    redis_url: str = _setting(
        "REDIS_URL", "redis://127.0.0.1:6379/0", "the Redis-compatible server"
    )
    database_url: str = _setting(
        "DATABASE_URL", "sqlite:///loresmith.db", "worlds: an SQLite file or PostgreSQL"
    )
    lore_address: str = _setting("LORE_ADDRESS", "127.0.0.1:50051", "host:port of the lore_service")
    queue: str = _setting("LORESMITH_QUEUE", "lore", "name of the RQ queue")
    concurrency: int = _setting(
        "LORESMITH_CONCURRENCY", 200, "jobs that one worker process runs at once"
    )
    lease_s: float = _setting(
        "LORESMITH_LEASE_S", 15.0, "seconds of silence after which a job is taken from its worker"
    )
    beat_s: float = _setting(
        "LORESMITH_BEAT_S", 0.5, "seconds between two rounds of the worker's side thread"
    )
    sweep_s: float = _setting(
        "LORESMITH_SWEEP_S", 1.0, "seconds between two looks at the due index"
    )
    ring_again_s: float = _setting(
        "LORESMITH_RING_AGAIN_S", 5.0, "seconds until an unclaimed job is rung for again"
    )
    grace_s: float = _setting(
        "LORESMITH_GRACE_S", 30.0, "seconds that a stopping worker lets its jobs run on"
    )
    start_within_s: float = _setting(
        "LORESMITH_START_WITHIN_S", 86_400.0, "seconds until an unstarted job fails"
    )
    max_lost: int = _setting("LORESMITH_MAX_LOST", 3, "workers that a job may lose before it fails")
    unsafe_redis: int = _setting(
        "LORESMITH_UNSAFE_REDIS", 0, "1: start on a Redis that may throw accepted jobs away"
    )
    idempotency: str = _setting(
        "IDEMPOTENCY", "optional", "optional or required: whether a POST /jobs must carry a key"
    )
    max_body: int = _setting("LORESMITH_MAX_BODY", 1_048_576, "largest request body in bytes")
    base_url: str = _setting(
        "OPENAI_BASE_URL", "", "address of an OpenAI-compatible server; empty: OpenAI"
    )
    model: str = _setting("LORE_MODEL", "gpt-5-mini", "language model, unless a job names another")
    prices: str = _setting(
        "LORE_PRICES", "", "JSON file with prices of own or local models; see docs/money.md"
    )
    job_cap: float = _setting(
        "LORE_JOB_CAP", 2.0, "dollars that a job may cost at most, as far as its price is known"
    )
    confirm_above: float = _setting(
        "LORE_CONFIRM_ABOVE",
        0.5,
        "dollars above which a job must be confirmed with options.confirm_cost",
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """The settings of this environment (`os.environ` unless given). Raises ConfigError."""
        environ = os.environ if environ is None else environ
        given = {
            setting.name: _cast(setting.type, setting.metadata["variable"], raw)
            for setting in fields(cls)
            if (raw := environ.get(setting.metadata["variable"], "")) != ""
        }
        config = cls(**given)
        config.check()
        return config

    def check(self) -> None:
        """Holds the settings against each other. Raises ConfigError."""
        if self.beat_s * 3 > self.lease_s:
            raise ConfigError(
                f"LORESMITH_LEASE_S={self.lease_s:g} must be at least three times "
                f"LORESMITH_BEAT_S={self.beat_s:g}, or every job is taken from a live worker"
            )
        if self.sweep_s * 3 > self.lease_s:
            raise ConfigError(
                f"LORESMITH_LEASE_S={self.lease_s:g} must be at least three times "
                f"LORESMITH_SWEEP_S={self.sweep_s:g}, or each look seems to follow a long absence, "
                "and no job is ever taken from a dead worker"
            )
        if self.idempotency not in ("optional", "required"):
            raise ConfigError(f"IDEMPOTENCY={self.idempotency!r} must be optional or required")
        for name in ABOVE_ZERO:
            if getattr(self, name) <= 0:
                variable = self.__dataclass_fields__[name].metadata["variable"]
                raise ConfigError(f"{variable} must be above 0")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _cast(kind: Any, variable: str, raw: str) -> Any:
    if kind is str:
        return raw
    try:
        value = kind(raw)
    except ValueError:
        raise ConfigError(f"{variable}={raw!r} is not a number") from None
    if not isfinite(value):
        raise ConfigError(f"{variable}={raw!r} is not a finite number")
    return value
