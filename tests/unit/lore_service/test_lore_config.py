"""What may be set, and what is refused before anything starts."""

import pytest

from jobs.config import ConfigError
from lore_service.config import LoreConfig

KEY = {"OPENAI_API_KEY": "sk-secret"}


def test_the_key_is_never_shown() -> None:
    config = LoreConfig.from_env(KEY)

    assert config.api_key == "sk-secret"
    assert "sk-secret" not in repr(config)


def test_a_server_that_needs_no_key() -> None:
    assert LoreConfig.from_env({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}).api_key == ""


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({}, "OPENAI_API_KEY"),
        (KEY | {"LORE_ADDRESS": "0.0.0.0:50051"}, "LORE_ALLOW_REMOTE"),
        (KEY | {"LORE_ADDRESS": "[::]:50051"}, "LORE_ALLOW_REMOTE"),
        (KEY | {"LORE_ADDRESS": "lore.example:50051"}, "LORE_ALLOW_REMOTE"),
        (KEY | {"LORE_ADDRESS": "127.0.0.1"}, "host:port"),
        (KEY | {"LORE_CAP_PARAMETER": "n_predict"}, "LORE_CAP_PARAMETER"),
        (KEY | {"LORESMITH_CALL_BEAT_S": "10"}, "LORESMITH_CALL_LEASE_S"),
        (KEY | {"LORE_READ_TIMEOUT_S": "0"}, "LORE_READ_TIMEOUT_S"),
    ],
)
def test_what_does_not_fit_is_named(env: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        LoreConfig.from_env(env)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "localhost:1", "[::1]:1", "127.8.8.8:1"])
def test_loopback_needs_no_leave(address: str) -> None:
    LoreConfig.from_env(KEY | {"LORE_ADDRESS": address})


def test_other_addresses_by_leave() -> None:
    LoreConfig.from_env(KEY | {"LORE_ADDRESS": "0.0.0.0:50051", "LORE_ALLOW_REMOTE": "1"})
