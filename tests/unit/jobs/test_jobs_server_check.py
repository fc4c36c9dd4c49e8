"""What is wrong with a server's settings, and the command that puts it right."""

import pytest

from jobs.server_check import judge

RIGHT = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


def test_a_server_that_is_set_right_has_no_findings() -> None:
    assert judge(RIGHT, "7.0.15") == []


@pytest.mark.parametrize(
    ("setting", "found", "wanted", "fatal"),
    [
        ("appendonly", "no", "yes", False),
        ("appendfsync", "everysec", "always", False),
        ("maxmemory-policy", "allkeys-lru", "noeviction", True),
    ],
)
def test_a_wrong_setting_is_named_with_its_cure(
    setting: str, found: str, wanted: str, fatal: bool
) -> None:
    (finding,) = judge(RIGHT | {setting: found}, "7.0.15")

    assert f"{setting} {found}" in finding.what
    assert finding.cure == f"redis-cli CONFIG SET {setting} {wanted}"
    assert finding.fatal is fatal


@pytest.mark.parametrize("settings", [None, {}])
def test_a_server_that_hides_its_settings_cannot_be_checked(settings: None) -> None:
    (finding,) = judge(settings, "7.2.4")

    assert "cannot be checked" in finding.what
    assert "appendfsync is always" in finding.cure
    assert not finding.fatal


def test_a_server_that_is_too_old_is_fatal() -> None:
    (finding,) = judge(RIGHT, "6.0.16")

    assert "6.0.16" in finding.what
    assert finding.fatal


@pytest.mark.parametrize("version", ["7.0.0", "7.2.4", "9.1.0", "10.0", "", "unstable"])
def test_newer_and_unknown_versions_pass(version: str) -> None:
    assert judge(RIGHT, version) == []
