"""What may be set, and what is refused before anything starts."""

from pathlib import Path

import pytest

from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.lore_service.settings import LoreServiceSettings
from tests.certificates import CertificateAuthority

KEY = {"OPENAI_API_KEY": "sk-secret"}
ADDRESS = "LORESMITH_LORE_SERVICE_ADDRESS"
TOKEN = "LORESMITH_LORE_SERVICE_TOKEN"
TLS = "LORESMITH_LORE_SERVICE_TLS"


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
        (KEY | {ADDRESS: "0.0.0.0:50051"}, TOKEN),
        (KEY | {ADDRESS: "[::]:50051"}, TOKEN),
        (KEY | {ADDRESS: "lore.example:50051"}, TOKEN),
        (KEY | {TOKEN: "short"}, f"{TOKEN} has fewer than 16 characters"),
        (KEY | {f"{TLS}_CERT": "cert.pem"}, f"{TLS}_KEY"),
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


@pytest.mark.parametrize(
    "env",
    [
        {TOKEN: "0123456789abcdef"},
        {f"{TLS}_CERT": "a", f"{TLS}_KEY": "b", f"{TLS}_CA": "c"},
    ],
)
def test_other_machines_with_a_token_or_certificates(env: dict[str, str]) -> None:
    LoreServiceSettings.from_env(KEY | {ADDRESS: "0.0.0.0:50051"} | env)


def test_tls_without_certificates_of_clients_lets_everybody_in() -> None:
    env = {f"{TLS}_CERT": "a", f"{TLS}_KEY": "b"}

    with pytest.raises(SettingsError, match=f"{TLS}_CA, so that clients must show"):
        LoreServiceSettings.from_env(KEY | {ADDRESS: "0.0.0.0:50051"} | env)


def test_the_token_is_never_shown() -> None:
    config = LoreServiceSettings.from_env(KEY | {TOKEN: "0123456789abcdef"})

    assert "0123456789abcdef" not in repr(config)


def test_files_of_tls_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    """Given files that are missing, no PEM or of two pairs / I expect setting and remedy."""
    ca = CertificateAuthority(tmp_path)
    one, other = ca.issue("one"), ca.issue("other")

    def fault(cert: Path, key: Path, authority: Path = ca.certificate) -> str:
        files = {f"{TLS}_CERT": str(cert), f"{TLS}_KEY": str(key), f"{TLS}_CA": str(authority)}
        with pytest.raises(SettingsError) as caught:
            LoreServiceSettings.from_env(KEY | files).server_tls()
        return str(caught.value)

    (tmp_path / "text").write_text("no PEM")
    assert f"{TLS}_KEY={tmp_path}/none cannot be read" in fault(one.certificate, tmp_path / "none")
    assert "key values mismatch" in fault(one.certificate, other.key)
    assert "cannot be used" in fault(tmp_path / "text", one.key)
    assert f"{TLS}_CA={tmp_path}/text" in fault(one.certificate, one.key, tmp_path / "text")


def test_a_client_with_a_certificate_needs_a_ca_to_check_the_server() -> None:
    settings = Settings.from_env({f"{TLS}_CERT": "a", f"{TLS}_KEY": "b"})

    with pytest.raises(SettingsError, match=f"{TLS}_CA"):
        settings.client_tls()
