"""Configuration: read once, each field with its variable, held against the others."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from loresmith.jobs.core.settings import Settings, SettingsError

VARIABLES = {name: Settings.variable(name) for name in Settings.model_fields}


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()
    assert Settings.from_env({"LORESMITH_LEASE_S": ""}) == Settings()


def test_the_defaults_fit_together() -> None:
    Settings().check()


@pytest.mark.parametrize("name", VARIABLES)
def test_every_setting_can_be_set_and_says_what_it_means(name: str) -> None:
    """Given a value in a field's variable / I expect it in the field, as the field's type."""
    type_ = type(Settings.model_fields[name].default)
    value = {str: "something", int: "100", float: "100.5"}[type_]
    fitting = {
        "idempotency": "required", "auth": "required", "team_jobs": "team",
        "log_level": "DEBUG", "log_format": "json",
        "base_url": "http://h/v1", "root_path": "/lore", "memory_watermark": "0.5",
        "oidc_issuer": "https://login.example.com/realms/acme",
        "lore_service_token": "0123456789abcdef", "redis_url": "redis://h:1/0",
    }  # fmt: skip
    value = fitting.get(name, value)
    beside = {
        "heartbeat_interval_s": {"LORESMITH_LEASE_S": "1000"},
        "reconcile_interval_s": {"LORESMITH_LEASE_S": "1000"},
        "oidc_issuer": {"LORESMITH_OIDC_AUDIENCE": "lore-api"},
        "lore_service_tls_cert": {"LORESMITH_LORE_SERVICE_TLS_KEY": "key.pem"},
        "lore_service_tls_key": {"LORESMITH_LORE_SERVICE_TLS_CERT": "cert.pem"},
    }.get(name, {})

    config = Settings.from_env(beside | {VARIABLES[name]: value})

    assert getattr(config, name) == type_(value)
    assert Settings.model_fields[name].description


def test_variables_are_named_once() -> None:
    assert len(set(VARIABLES.values())) == len(VARIABLES)


def test_the_providers_key_is_not_here() -> None:
    """Only the lore_service reads it."""
    assert "OPENAI_API_KEY" not in VARIABLES.values()


def test_a_word_that_is_not_one_of_two_is_named() -> None:
    with pytest.raises(
        SettingsError, match="LORESMITH_IDEMPOTENCY='always' must be 'optional' or 'required'"
    ):
        Settings.from_env({"LORESMITH_IDEMPOTENCY": "always"})


@pytest.mark.parametrize(
    "url",
    [
        *("redis://:hidden#1@h/0", "redis://:12#hidden@h/0", "redis://:12/hidden@h/0"),
        *("http://u:hidden@h", "hidden:6379", "redis://h:hidden/0"),
    ],
)
def test_an_address_of_redis_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL cannot be read") as error:
        Settings.from_env({"REDIS_URL": url})

    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    "url", ["redis://u:p%23%2F@h:1/2", "rediss://h?ssl_ca_certs=/x", "unix:///s"]
)
def test_an_address_of_redis(url: str) -> None:
    assert Settings.from_env({"REDIS_URL": url}).redis_url == url


@pytest.mark.parametrize("variable", Settings.secrets())
def test_a_secret_may_be_in_a_file(variable: str, tmp_path: Path) -> None:
    """Given a file with a line break at its end, as editors write it / I expect its text."""
    secret = "redis://u:p@h/0" if variable == "REDIS_URL" else "postgresql://u:p@h/db"
    (tmp_path / "secret").write_text(f"{secret}\n")

    config = Settings.from_env({f"{variable}_FILE": str(tmp_path / "secret")})

    assert secret in dict(config).values()
    assert "u:p" not in repr(config)


@pytest.mark.parametrize(
    ("content", "fault"),
    [(None, "cannot be read: No such file"), (b" \n", "is empty"), (b"\xff\xfe", "is not a text")],
)
def test_a_file_without_a_secret_is_named(
    content: bytes | None, fault: str, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingsError, match=f"REDIS_URL_FILE={path} {fault}"):
        Settings.from_env({"REDIS_URL_FILE": str(path)})


def test_a_secret_and_its_file_exclude_each_other() -> None:
    with pytest.raises(SettingsError, match="REDIS_URL and REDIS_URL_FILE are both set"):
        Settings.from_env({"REDIS_URL": "redis://h", "REDIS_URL_FILE": "x"})


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("ftp://host/v1", "must begin with http"),
        ("host:8000/v1", "must begin with http"),
        ("http://", "must be an address such as"),
        ("http://host:99999/v1", "must be an address such as"),
        ("http://user:sk-secret@host/v1", "has a user name or password in it; remove them"),
        ("http://sk-secret@host/v1", "has a user name or password in it; remove them"),
        ("https://host/v1?key=sk-secret", "has a query or a fragment; remove it"),
        ('"http://host/v1"', "has a quote as its character 1"),
        ("http://ho\u200bst/v1", r"has U\+200B \(zero width space\) as its character 10"),
        ("http://host/v1\nsk-secret", r"has U\+000A"),
    ],
)
def test_an_address_that_does_not_fit_is_not_repeated(address: str, fault: str) -> None:
    """Given an address that may hold a secret / I expect the fault and the remedy without it."""
    with pytest.raises(SettingsError, match=f"^OPENAI_BASE_URL {fault}") as caught:
        Settings.from_env({"OPENAI_BASE_URL": address})

    assert "sk-secret" not in str(caught.value)


def test_space_around_an_address_is_dropped() -> None:
    config = Settings.from_env({"OPENAI_BASE_URL": " http://h/v1 \n", "LORESMITH_MODEL": "m\t"})

    assert (config.base_url, config.model) == ("http://h/v1", "m")


def test_what_is_no_number_is_named() -> None:
    with pytest.raises(SettingsError, match="LORESMITH_CONCURRENCY='many' must be a valid integer"):
        Settings.from_env({"LORESMITH_CONCURRENCY": "many"})


@pytest.mark.parametrize("lease", ["0.1", "0.2", "0.29"])
def test_a_lease_is_longer_than_three_beats(lease: str) -> None:
    """Or one slow beat takes every job from a live worker."""
    value = {
        "LORESMITH_LEASE_S": lease,
        "LORESMITH_HEARTBEAT_INTERVAL_S": "0.1",
        "LORESMITH_RECONCILE_INTERVAL_S": "0.01",
    }
    with pytest.raises(SettingsError, match="LORESMITH_HEARTBEAT_INTERVAL_S"):
        Settings.from_env(value)


def test_a_lease_is_longer_than_three_reconciles() -> None:
    """Or the reconciler takes each of its own pauses for an absence, and never takes a job over."""
    with pytest.raises(SettingsError, match="LORESMITH_RECONCILE_INTERVAL_S"):
        Settings.from_env({"LORESMITH_LEASE_S": "15", "LORESMITH_RECONCILE_INTERVAL_S": "8"})


@pytest.mark.parametrize("prefix", ["a b", "a*", "a'b", "ä:", "a\n"])
def test_a_prefix_that_no_key_may_have_is_named(prefix: str) -> None:
    """Given characters that patterns, lists of keys or Lua read otherwise / I expect a refusal."""
    with pytest.raises(SettingsError, match=r"LORESMITH_PREFIX=.* must be text like"):
        Settings.from_env({"LORESMITH_PREFIX": prefix})


@pytest.mark.parametrize("endless", ["nan", "inf", "-inf"])
def test_what_is_endless_is_named(endless: str) -> None:
    with pytest.raises(SettingsError, match="LORESMITH_LEASE_S"):
        Settings.from_env({"LORESMITH_LEASE_S": endless})


@pytest.mark.parametrize(
    "variable",
    [
        "LORESMITH_CONCURRENCY",
        "LORESMITH_RECONCILE_INTERVAL_S",
        "LORESMITH_HEARTBEAT_INTERVAL_S",
        "LORESMITH_MAX_WORKER_LOSSES",
    ],
)
def test_what_must_be_above_zero_is_named(variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_env({variable: "0"})


def test_configuration_does_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().lease_s = 1.0  # type: ignore[misc]


def test_an_issuer_needs_an_audience() -> None:
    with pytest.raises(SettingsError, match="without LORESMITH_OIDC_AUDIENCE; set the audience"):
        Settings.from_env({"LORESMITH_OIDC_ISSUER": "https://login.example.com"})


def test_an_issuer_is_reached_by_https() -> None:
    with pytest.raises(SettingsError, match="LORESMITH_OIDC_ISSUER must begin with https://"):
        Settings.from_env({"LORESMITH_OIDC_ISSUER": "http://login.example.com"})


def test_a_short_token_is_refused() -> None:
    with pytest.raises(SettingsError, match="LORESMITH_LORE_SERVICE_TOKEN has fewer than 16"):
        Settings.from_env({"LORESMITH_LORE_SERVICE_TOKEN": "short"})
