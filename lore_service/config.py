"""What can be set for the lore_service: the shared settings, and those that only it may read."""

from dataclasses import dataclass, field
from typing import Any

from jobs.config import Config, ConfigError, is_loopback

CAPS = ("max_completion_tokens", "max_tokens")


def _setting(variable: str, default: Any, meaning: str, *, secret: bool = False) -> Any:
    told = {"variable": variable, "meaning": meaning}
    return field(default=default, repr=not secret, metadata=told)


@dataclass(frozen=True)
class LoreConfig(Config):
    """All that one lore_service process is told. Its repr does not show the key."""

    api_key: str = _setting("OPENAI_API_KEY", "", "key of the provider's account", secret=True)
    cap_parameter: str = _setting(
        "LORE_CAP_PARAMETER",
        CAPS[0],
        "what the provider calls the bound of an answer: max_completion_tokens or max_tokens",
    )
    background: int = _setting(
        "LORE_BACKGROUND",
        0,
        "1: OpenAI Responses in the background: calls survive this process, and are followed by id",
    )
    connect_timeout_s: float = _setting(
        "LORE_CONNECT_TIMEOUT_S", 10.0, "seconds to reach the provider"
    )
    read_timeout_s: float = _setting(
        "LORE_READ_TIMEOUT_S", 60.0, "longest silence of the provider in seconds"
    )
    call_timeout_s: float = _setting(
        "LORESMITH_CALL_TIMEOUT_S", 90.0, "longest time for one model call in seconds"
    )
    call_lease_s: float = _setting(
        "LORESMITH_CALL_LEASE_S",
        15.0,
        "seconds of silence after which the calls of a lore_service are given up as unknown",
    )
    call_beat_s: float = _setting(
        "LORESMITH_CALL_BEAT_S", 1.0, "seconds between two renewals of the calls in flight"
    )
    cache_ttl_s: float = _setting(
        "LORE_CACHE_TTL_S",
        86_400.0,
        "seconds for which an answer is kept for identical requests; 0: none is",
    )
    cache_most: int = _setting("LORE_CACHE_MOST", 1_000, "answers that are kept, at most")
    allow_remote: int = _setting(
        "LORE_ALLOW_REMOTE",
        0,
        "1: listen where other machines reach it; whoever reaches it can spend your money",
    )
    data_dir: str = _setting(
        "LORESMITH_DATA_DIR", ".loresmith", "folder for what must survive while Redis is away"
    )

    def check(self) -> None:
        super().check()
        if not (self.api_key or self.base_url):
            raise ConfigError(
                "Set OPENAI_API_KEY, or OPENAI_BASE_URL to a server that needs no key "
                "(the offline model: python -m lore_service.offline)"
            )
        if self.cap_parameter not in CAPS:
            raise ConfigError(f"LORE_CAP_PARAMETER must be one of {', '.join(CAPS)}")
        if self.call_beat_s * 3 > self.call_lease_s:
            raise ConfigError(
                f"LORESMITH_CALL_LEASE_S={self.call_lease_s:g} must be at least three times "
                f"LORESMITH_CALL_BEAT_S={self.call_beat_s:g}, or live calls are given up"
            )
        for name in ("connect_timeout_s", "read_timeout_s", "call_timeout_s", "call_beat_s"):
            if getattr(self, name) <= 0:
                variable = self.__dataclass_fields__[name].metadata["variable"]
                raise ConfigError(f"{variable} must be above 0")
        if self.cache_ttl_s < 0 or self.cache_most < 1:
            raise ConfigError("LORE_CACHE_TTL_S must be 0 or more, LORE_CACHE_MOST 1 or more")
        self._check_address()

    def _check_address(self) -> None:
        host, separator, port = self.lore_address.rpartition(":")
        if not (host and separator and port.isdigit()):
            raise ConfigError(f"LORE_ADDRESS={self.lore_address!r} must be host:port")
        if not (self.allow_remote or is_loopback(host)):
            raise ConfigError(
                f"LORE_ADDRESS={self.lore_address} can be reached from other machines, and whoever "
                "reaches it can spend your money; set LORE_ALLOW_REMOTE=1 if that is meant"
            )
