"""Configuration: read once, each field with its variable, held against the others."""

from dataclasses import FrozenInstanceError, fields

import pytest

from jobs.config import Config, ConfigError

SETTINGS = fields(Config)


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Config.from_env({}) == Config()
    assert Config.from_env({"LORESMITH_LEASE_S": ""}) == Config()


def test_the_defaults_fit_together() -> None:
    Config().check()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_can_be_set_and_says_what_it_means(setting: object) -> None:
    """Given a value in a field's variable / I expect it in the field, as the field's type."""
    metadata, kind, name = setting.metadata, setting.type, setting.name  # type: ignore[attr-defined]
    given = {str: "something", int: "100", float: "100.5"}[kind]
    given = "required" if name == "idempotency" else given
    beside = {"LORESMITH_LEASE_S": "1000"} if name in ("beat_s", "sweep_s") else {}

    config = Config.from_env(beside | {metadata["variable"]: given})

    assert getattr(config, name) == kind(given)
    assert metadata["meaning"]


def test_variables_are_named_once() -> None:
    assert len({setting.metadata["variable"] for setting in SETTINGS}) == len(SETTINGS)


def test_the_providers_key_is_not_here() -> None:
    """Only the lore_service reads it."""
    assert not [s for s in SETTINGS if "KEY" in s.metadata["variable"] or "key" in s.name]


def test_a_word_that_is_not_one_of_two_is_named() -> None:
    with pytest.raises(ConfigError, match="IDEMPOTENCY='always' must be optional or required"):
        Config.from_env({"IDEMPOTENCY": "always"})


def test_what_is_no_number_is_named() -> None:
    with pytest.raises(ConfigError, match="LORESMITH_CONCURRENCY='many' is not a number"):
        Config.from_env({"LORESMITH_CONCURRENCY": "many"})


@pytest.mark.parametrize("lease", ["0.1", "0.2", "0.29"])
def test_a_lease_is_longer_than_three_beats(lease: str) -> None:
    """Or one slow beat takes every job from a live worker."""
    given = {"LORESMITH_LEASE_S": lease, "LORESMITH_BEAT_S": "0.1", "LORESMITH_SWEEP_S": "0.01"}
    with pytest.raises(ConfigError, match="LORESMITH_BEAT_S"):
        Config.from_env(given)


def test_a_lease_is_longer_than_three_sweeps() -> None:
    """Or the sweeper takes each of its own pauses for an absence, and never takes a job over."""
    with pytest.raises(ConfigError, match="LORESMITH_SWEEP_S"):
        Config.from_env({"LORESMITH_LEASE_S": "15", "LORESMITH_SWEEP_S": "8"})


@pytest.mark.parametrize("endless", ["nan", "inf", "-inf"])
def test_what_is_endless_is_named(endless: str) -> None:
    with pytest.raises(ConfigError, match="LORESMITH_LEASE_S"):
        Config.from_env({"LORESMITH_LEASE_S": endless})


@pytest.mark.parametrize(
    "variable",
    ["LORESMITH_CONCURRENCY", "LORESMITH_SWEEP_S", "LORESMITH_BEAT_S", "LORESMITH_MAX_LOST"],
)
def test_what_must_be_above_zero_is_named(variable: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        Config.from_env({variable: "0"})


def test_configuration_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Config().lease_s = 1.0  # type: ignore[misc]
