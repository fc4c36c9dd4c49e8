"""What may be set, and what is refused before anything starts."""

from pathlib import Path

import pytest

from loresmith.jobs.core.settings import SettingsError
from loresmith.lore_service.settings import LoreServiceSettings

KEY = {"OPENAI_API_KEY": "sk-secret"}


def test_the_key_is_never_shown() -> None:
    config = LoreServiceSettings.from_env(KEY)

    assert config.api_key == "sk-secret"
    assert "sk-secret" not in repr(config)


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("sk-secret\u200b", r"U\+200B \(zero width space\) as its character 10"),
        ("\ufeffsk-secret", r"U\+FEFF"),
        ("sk-\nsecret", r"U\+000A"),
        ("sk-secret\u00a0", r"U\+00A0"),
        ("sk secret", r"U\+0020"),
        ("sk-s\u0435cret", r"U\+0435 \(cyrillic small letter ie\)"),
        ("sk-secret\x00", r"U\+0000"),
        ('"sk-secret"', "a quote as its character 1; write it without quotes"),
        ("\u2018sk-secret\u2019", "a quote as its character 1"),
    ],
)
def test_a_key_that_cannot_be_sent_is_refused_unseen(key: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=f"^OPENAI_API_KEY has {fault}") as caught:
        LoreServiceSettings.from_env({"OPENAI_API_KEY": key})

    assert "secret" not in str(caught.value)


def test_space_around_a_key_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-secret\n")

    assert LoreServiceSettings.from_env({"OPENAI_API_KEY": " sk-secret\r\n"}).api_key == "sk-secret"
    in_a_file = LoreServiceSettings.from_env({"OPENAI_API_KEY_FILE": str(tmp_path / "key")})
    assert in_a_file.api_key == "sk-secret"


def test_a_server_that_needs_no_key() -> None:
    assert LoreServiceSettings.from_env({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}).api_key == ""


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({}, "OPENAI_API_KEY"),
        (KEY | {"LORESMITH_LORE_SERVICE_ADDRESS": "0.0.0.0:50051"}, "LORESMITH_ALLOW_REMOTE"),
        (KEY | {"LORESMITH_LORE_SERVICE_ADDRESS": "[::]:50051"}, "LORESMITH_ALLOW_REMOTE"),
        (KEY | {"LORESMITH_LORE_SERVICE_ADDRESS": "lore.example:50051"}, "LORESMITH_ALLOW_REMOTE"),
        (KEY | {"LORESMITH_LORE_SERVICE_ADDRESS": "127.0.0.1"}, "host:port"),
        (KEY | {"LORESMITH_MAX_TOKENS_PARAMETER": "n_predict"}, "LORESMITH_MAX_TOKENS_PARAMETER"),
        (KEY | {"LORESMITH_CALL_HEARTBEAT_INTERVAL_S": "10"}, "LORESMITH_CALL_LEASE_S"),
        (
            KEY | {"LORESMITH_SCHEMA_MODE": "tool", "LORESMITH_BACKGROUND_RESPONSES": "1"},
            "LORESMITH_SCHEMA_MODE=tool needs LORESMITH_BACKGROUND_RESPONSES=0",
        ),
        (KEY | {"LORESMITH_READ_TIMEOUT_S": "0"}, "LORESMITH_READ_TIMEOUT_S"),
        (KEY | {"LORESMITH_LORE_SERVICE_GRACE_S": "30"}, "LORESMITH_CALL_TIMEOUT_S=90"),
        (KEY | {"LORESMITH_CALL_TIMEOUT_S": "600"}, "LORESMITH_LORE_SERVICE_GRACE_S=120"),
    ],
)
def test_what_does_not_fit_is_named(env: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        LoreServiceSettings.from_env(env)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "localhost:1", "[::1]:1", "127.8.8.8:1"])
def test_loopback_needs_no_leave(address: str) -> None:
    LoreServiceSettings.from_env(KEY | {"LORESMITH_LORE_SERVICE_ADDRESS": address})


def test_other_addresses_by_leave() -> None:
    LoreServiceSettings.from_env(
        KEY | {"LORESMITH_LORE_SERVICE_ADDRESS": "0.0.0.0:50051", "LORESMITH_ALLOW_REMOTE": "1"}
    )
