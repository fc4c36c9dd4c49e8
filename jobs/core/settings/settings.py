"""Settings that several processes share, read once from the environment by each `__main__`.

Each row has its variable, default, meaning and bounds; a test compares docs/configuration.md with
it. A row with `repr=False` is a secret, and `<variable>_FILE` names a file that holds it. The
provider's key is in the lore_service's settings, because no other process reads it.
"""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, ValidationError

from loresmith.jobs.core.duration import DAY_S, MAX_RETENTION_S, MIN_RETENTION_S, setting_seconds
from loresmith.jobs.core.settings.checks import SettingsError, redis_address, secret_in, web_address
from loresmith.jobs.core.settings.connection import ConnectionSettings
from loresmith.jobs.core.settings.env_file import load_env_file
from loresmith.jobs.core.settings.http_settings import HttpSettings
from loresmith.jobs.core.settings.job_type_settings import JobTypeSettings
from loresmith.jobs.core.settings.providers import (
    OPENAI_BASE_URL,
    ProviderConfig,
    ProviderTable,
    Text,
)
from loresmith.jobs.core.settings.providers_file import load_providers
from loresmith.jobs.core.settings.row import setting
from loresmith.jobs.core.settings.sign_in import SignInSettings


class Settings(JobTypeSettings, HttpSettings, SignInSettings, ConnectionSettings):
    """The settings that several processes share. Frozen; pass it on, never read it again."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, validate_by_name=True)

    redis_url: Annotated[str, AfterValidator(redis_address)] = setting(
        "REDIS_URL", "redis://127.0.0.1:6379/0", "the Redis-compatible server", repr=False
    )
    database_url: str = setting(
        "DATABASE_URL", "sqlite:///loresmith.db", "worlds: an SQLite file or PostgreSQL", repr=False
    )
    prefix: str = setting(
        "LORESMITH_PREFIX",
        "",
        "begins every Redis key, for example `lore:`; see docs/queue.md",
        pattern=r"^[A-Za-z0-9_.:{}-]*$",
    )
    queue: str = setting("LORESMITH_QUEUE", "lore", "name of the RQ queue")
    concurrency: int = setting(
        "LORESMITH_CONCURRENCY", 200, "jobs that one worker process runs at once", gt=0
    )
    lease_s: float = setting(
        "LORESMITH_LEASE_S",
        15.0,
        "seconds without a heartbeat after which another worker takes a job over",
        gt=0,
    )
    heartbeat_interval_s: float = setting(
        "LORESMITH_HEARTBEAT_INTERVAL_S",
        0.5,
        "seconds between two rounds of the worker's heartbeat thread",
        gt=0,
    )
    reconcile_interval_s: float = setting(
        "LORESMITH_RECONCILE_INTERVAL_S", 1.0, "seconds between two runs of the reconciler", gt=0
    )
    requeue_after_s: float = setting(
        "LORESMITH_REQUEUE_AFTER_S", 5.0, "seconds until an unclaimed job is enqueued again", gt=0
    )
    shutdown_grace_s: float = setting(
        "LORESMITH_SHUTDOWN_GRACE_S", 30.0, "seconds that running jobs have when a worker stops"
    )
    lore_service_grace_s: float = setting(
        "LORESMITH_LORE_SERVICE_GRACE_S",
        120.0,
        "seconds that model calls in flight have when a lore_service stops; "
        "at least LORESMITH_CALL_TIMEOUT_S",
    )
    data_dir: str = setting(
        "LORESMITH_DATA_DIR",
        ".loresmith",
        "folder for data that must survive a Redis outage, and for `loresmith probe`",
    )
    start_deadline_s: float = setting(
        "LORESMITH_START_DEADLINE_S", 86_400.0, "seconds until an unstarted job fails", gt=0
    )
    retention_s: Annotated[float, BeforeValidator(setting_seconds)] = setting(
        "LORESMITH_RETENTION",
        float(DAY_S),
        "seconds, or a text like `7d`, that ended jobs are kept unless a job says otherwise: "
        "1 minute to 30 days; see docs/data.md",
        ge=MIN_RETENTION_S,
        le=MAX_RETENTION_S,
    )
    max_worker_losses: int = setting(
        "LORESMITH_MAX_WORKER_LOSSES",
        3,
        "workers that a job may lose in a row, without finishing a step, before it fails",
        gt=0,
    )
    unsafe_redis: int = setting(
        "LORESMITH_UNSAFE_REDIS", 0, "1: start on a Redis that may lose accepted jobs"
    )
    ack_replicas: int = setting(
        "LORESMITH_ACK_REPLICAS",
        0,
        "replicas that must have a change before it is answered, and a call before it is bought",
        ge=0,
    )
    idempotency: Literal["optional", "required"] = setting(
        "LORESMITH_IDEMPOTENCY",
        "optional",
        "optional or required: whether a POST /jobs must carry a key",
    )
    auth: Literal["auto", "required", "proxy"] = setting(
        "LORESMITH_AUTH",
        "auto",
        "auto, required or proxy: when a server on loopback without API keys demands a "
        "credential; see docs/authentication.md",
    )
    team_jobs: Literal["own", "team"] = setting(
        "LORESMITH_TEAM_JOBS",
        "own",
        "own or team: whether members and viewers read only their own jobs, or those of their team",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting(
        "LORESMITH_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR: the least level of the log"
    )
    log_format: Literal["text", "json"] = setting(
        "LORESMITH_LOG_FORMAT", "text", "text or json: how a line of the log is written"
    )
    max_body_bytes: int = setting(
        "LORESMITH_MAX_BODY_BYTES", 1_048_576, "largest request body in bytes", gt=0
    )
    queue_max: int = setting(
        "LORESMITH_QUEUE_MAX", 100_000, "maximum number of unfinished jobs", gt=0
    )
    queue_max_per_user: int = setting(
        "LORESMITH_QUEUE_MAX_PER_USER", 10_000, "maximum number of unfinished jobs of a user", gt=0
    )
    max_streams: int = setting(
        "LORESMITH_MAX_STREAMS",
        10_000,
        "event streams and waits that one api process serves, if it may open as many files",
        gt=0,
    )
    max_streams_per_principal: int = setting(
        "LORESMITH_MAX_STREAMS_PER_PRINCIPAL", 1_000, "the same of one credential", gt=0
    )
    memory_watermark: float = setting(
        "LORESMITH_MEMORY_WATERMARK",
        0.85,
        "share of the maxmemory of Redis, or of its machine's memory, above which new jobs are "
        "refused",
        gt=0,
        le=1,
    )
    providers_file: str = setting(
        "LORESMITH_PROVIDERS",
        "",
        "TOML file with several providers, instead of OPENAI_*; see docs/providers.md",
    )
    base_url: Annotated[str, AfterValidator(web_address)] = setting(
        "OPENAI_BASE_URL", "", "address of an OpenAI-compatible server; empty: OpenAI"
    )
    model: Text = setting(
        "LORESMITH_MODEL", "gpt-5-mini", "language model, unless a job names another"
    )
    prices: str = setting(
        "LORESMITH_PRICES_FILE",
        "",
        "JSON file with prices of your own or local models; see docs/money.md",
    )
    max_job_cost: float = setting(
        "LORESMITH_MAX_JOB_COST",
        2.0,
        "maximum cost of a job in dollars, where its price is known",
        gt=0,
    )
    confirm_cost_above: float = setting(
        "LORESMITH_CONFIRM_COST_ABOVE",
        0.5,
        "dollars above which a job needs options.confirm_cost",
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Reads an environment; by default `os.environ`, to which it adds what is in `.env`.

        Raises SettingsError.
        """
        environ = load_env_file(os.environ) if environ is None else environ
        values = {name: raw for name, raw in environ.items() if raw}
        try:
            settings = cls.model_validate(values | cls._secrets_in_files(values))
        except ValidationError as error:
            raise SettingsError(_fault(error)) from None
        settings.check()
        return settings

    @property
    def world_retention_s(self) -> float | None:
        """Seconds that worlds are kept; for ever (None) unless LORESMITH_RETENTION is set."""
        return self.retention_s if "retention_s" in self.model_fields_set else None

    @cached_property
    def providers(self) -> ProviderTable:
        """The providers of LORESMITH_PROVIDERS, else that of the environment.

        Raises SettingsError.
        """
        if self.providers_file:
            return load_providers(Path(self.providers_file), self.model)
        return ProviderTable([self.environment_provider()], self.model)

    def environment_provider(self) -> ProviderConfig:
        """Returns the provider that OPENAI_* describe."""
        return ProviderConfig(base_url=self.base_url or OPENAI_BASE_URL)

    @property
    def rq_queue(self) -> str:
        """RQ's name of the queue. RQ's keys cannot carry our prefix, so the queue's name does:
        installations that share a Redis consume different queues.
        """
        return self.prefix + self.queue

    def check(self) -> None:
        """Compares settings that depend on each other. Raises SettingsError."""
        self.require_lease("lease_s", "heartbeat_interval_s", "live workers lose their jobs")
        self.require_lease(
            "lease_s", "reconcile_interval_s", "jobs of dead workers are never taken over"
        )
        self.check_sign_in()
        self.check_connection()

    def require_lease(self, lease: str, interval: str, otherwise: str) -> None:
        """Requires a lease of at least three intervals. Raises SettingsError."""
        lease_s, interval_s = getattr(self, lease), getattr(self, interval)
        if interval_s * 3 > lease_s:
            raise SettingsError(
                f"{self.variable(lease)}={lease_s:g} must be at least three times "
                f"{self.variable(interval)}={interval_s:g}; otherwise {otherwise}"
            )

    @classmethod
    def variable(cls, name: str) -> str:
        """Returns the environment variable of a setting."""
        return str(cls.model_fields[name].validation_alias)

    @classmethod
    def secrets(cls) -> list[str]:
        """Returns the environment variables of secrets."""
        return [cls.variable(name) for name, row in cls.model_fields.items() if not row.repr]

    @classmethod
    def _secrets_in_files(cls, values: Mapping[str, str]) -> dict[str, str]:
        """Reads the secrets of which only a file is named. Raises SettingsError."""
        secrets = {}
        for variable in cls.secrets():
            if not (path := values.get(f"{variable}_FILE")):
                continue
            if variable in values:
                raise SettingsError(f"{variable} and {variable}_FILE are both set; unset one")
            try:
                secrets[variable] = secret_in(Path(path))
            except ValueError as error:
                raise SettingsError(f"{variable}_FILE={path} {error}") from None
        return secrets


def _fault(error: ValidationError) -> str:
    """Describes the first invalid setting; the text of a checked one may be a secret."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "value_error":
        return f"{first['loc'][0]} {first['ctx']['error']}"
    fault = first["msg"].removeprefix("Input should be ")
    fault = fault.replace("String should match pattern", "text like")
    return f"{first['loc'][0]}={first['input']!r} must be {fault}"
