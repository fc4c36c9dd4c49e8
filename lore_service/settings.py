"""Settings of the lore_service: the shared ones, and those that no other process reads."""

from typing import Literal

from loresmith.jobs.core.settings import Settings, SettingsError, is_loopback, setting
from loresmith.jobs.core.settings.connection import TLS
from loresmith.jobs.core.settings.providers import (
    CHAT_ONLY,
    MaxTokensParameter,
    ProviderConfig,
    SchemaMode,
    Text,
)


class LoreServiceSettings(Settings):
    """The settings of one lore_service process. Its repr does not show the key."""

    api_key: Text = setting("OPENAI_API_KEY", "", "key of the provider's account", repr=False)
    organization: Text = setting("OPENAI_ORG_ID", "", "organization that the provider bills")
    project: Text = setting("OPENAI_PROJECT_ID", "", "project that the provider bills")
    schema_mode: Literal[SchemaMode, "probe"] = setting(
        "LORESMITH_SCHEMA_MODE",
        "probe",
        "how to ask for JSON: json_schema, tool, guided_json, json_object, prompt, or probe",
    )
    max_tokens_parameter: Literal[MaxTokensParameter, "probe"] = setting(
        "LORESMITH_MAX_TOKENS_PARAMETER",
        "probe",
        "the parameter for the output limit: max_completion_tokens, max_tokens, or probe",
    )
    background: int = setting(
        "LORESMITH_BACKGROUND_RESPONSES",
        0,
        "1: use OpenAI background responses, which survive a restart of this process",
    )
    connect_timeout_s: float = setting(
        "LORESMITH_CONNECT_TIMEOUT_S", 10.0, "seconds to reach the provider", gt=0
    )
    read_timeout_s: float = setting(
        "LORESMITH_READ_TIMEOUT_S", 60.0, "seconds to wait for the provider's next byte", gt=0
    )
    call_timeout_s: float = setting(
        "LORESMITH_CALL_TIMEOUT_S", 90.0, "seconds that one model call may take", gt=0
    )
    call_lease_s: float = setting(
        "LORESMITH_CALL_LEASE_S",
        15.0,
        "seconds without a heartbeat after which the calls of a lore_service become unknown",
    )
    call_heartbeat_interval_s: float = setting(
        "LORESMITH_CALL_HEARTBEAT_INTERVAL_S",
        1.0,
        "seconds between two lease renewals of the calls in flight",
        gt=0,
    )
    cancelled_call_cost: Literal["upper_bound", "likely"] = setting(
        "LORESMITH_CANCELLED_CALL_COST",
        "upper_bound",
        "upper_bound or likely: what budgets hold of a cancelled call without reported usage",
    )
    cache_ttl_s: float = setting(
        "LORESMITH_CACHE_TTL_S",
        86_400.0,
        "seconds that a response is cached for identical requests; 0: no cache",
        ge=0,
    )
    cache_max_entries: int = setting(
        "LORESMITH_CACHE_MAX_ENTRIES", 1_000, "maximum number of cached responses", ge=1
    )
    reflection: int = setting(
        "LORESMITH_GRPC_REFLECTION",
        0,
        "1: tell gRPC tools such as grpcurl which methods the lore_service has",
    )

    ai_log: str = setting(
        "LORESMITH_AI_LOG",
        "",
        "file for the line of each model call, as JSON; empty: the log; see docs/logging.md",
    )
    ai_log_key: Text = setting(
        "LORESMITH_AI_LOG_KEY",
        "",
        "key of the prompt fingerprints; empty: random for each process",
        repr=False,
    )

    def check(self) -> None:
        super().check()
        if not (self.api_key or self.base_url or self.providers_file):
            raise SettingsError(
                "Set OPENAI_API_KEY, or OPENAI_BASE_URL to a server that needs no key "
                "(the offline model: python -m loresmith.offline_model), or LORESMITH_PROVIDERS"
            )
        if self.background and self.schema_mode in CHAT_ONLY:
            raise SettingsError(
                f"LORESMITH_SCHEMA_MODE={self.schema_mode} needs LORESMITH_BACKGROUND_RESPONSES=0; "
                "background responses take json_schema, json_object or prompt"
            )
        self.require_lease("call_lease_s", "call_heartbeat_interval_s", "live calls become unknown")
        if not self.background and self.lore_service_grace_s < self.call_timeout_s:
            raise SettingsError(
                f"LORESMITH_LORE_SERVICE_GRACE_S={self.lore_service_grace_s:g} must be at least "
                f"LORESMITH_CALL_TIMEOUT_S={self.call_timeout_s:g}; otherwise a stop throws away "
                "responses that are being paid for. Give what stops this process (systemd, "
                "Kubernetes) more time than that, too"
            )
        self._check_address()

    def environment_provider(self) -> ProviderConfig:
        return (
            super()
            .environment_provider()
            .model_copy(
                update={
                    "organization": self.organization or None,
                    "project": self.project or None,
                    "api": "responses" if self.background else "chat",
                    "schema_mode": self.schema_mode,
                    "max_tokens_parameter": self.max_tokens_parameter,
                }
            )
        )

    def _check_address(self) -> None:
        host, separator, port = self.lore_service_address.rpartition(":")
        if not (host and separator and port.isdigit()):
            raise SettingsError(
                f"LORESMITH_LORE_SERVICE_ADDRESS={self.lore_service_address!r} must be host:port"
            )
        demands_certificate = self.lore_service_tls_cert and self.lore_service_tls_ca
        if not (is_loopback(host) or self.lore_service_token or demands_certificate):
            raise SettingsError(
                f"LORESMITH_LORE_SERVICE_ADDRESS={self.lore_service_address} accepts other "
                "machines, and each of them could spend your money; set "
                "LORESMITH_LORE_SERVICE_TOKEN for this process, the workers and the apis (make "
                f"one: openssl rand -hex 32), or {TLS}_CERT, {TLS}_KEY and {TLS}_CA, so that "
                "clients must show a certificate"
            )
