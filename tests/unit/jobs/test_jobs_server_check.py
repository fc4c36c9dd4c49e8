"""What is wrong with a server, and the command that puts it right."""

from typing import Any

import pytest

from loresmith.jobs.store.server_check import fatal_findings, judge, parse_info, parse_settings

RIGHT = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
PRIMARY = {
    "redis_version": "7.0.15",
    "redis_mode": "standalone",
    "role": "master",
    "connected_slaves": "0",
    "aof_enabled": "1",
    "maxmemory_policy": "noeviction",
}


def test_a_server_that_is_set_right_has_no_findings() -> None:
    assert judge(PRIMARY, RIGHT) == []


@pytest.mark.parametrize(
    ("setting", "matches", "expected", "fatal"),
    [
        ("appendonly", "no", "yes", True),
        ("appendfsync", "everysec", "always", False),
        ("maxmemory-policy", "allkeys-lru", "noeviction", True),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(
    setting: str, matches: str, expected: str, fatal: bool
) -> None:
    (finding,) = judge(PRIMARY, RIGHT | {setting: matches})

    assert f"{setting} {matches}" in finding.what
    assert finding.remedy == f"redis-cli CONFIG SET {setting} {expected}"
    assert finding.fatal is fatal


@pytest.mark.parametrize(
    ("changed", "named", "remedy"),
    [
        ({"redis_mode": "cluster"}, "Redis Cluster", "cluster mode disabled"),
        ({"cluster_enabled": "1"}, "Redis Cluster", "cluster mode disabled"),
        ({"role": "slave"}, "is a replica", "set REDIS_URL to its primary"),
        ({"redis_version": "6.0.16"}, "6.0.16", "use Redis 7.0 or newer"),
        ({"aof_enabled": "0"}, "appendonly no", "CONFIG SET appendonly yes"),
        ({"maxmemory_policy": "volatile-ttl"}, "volatile-ttl", "noeviction"),
    ],
)
@pytest.mark.parametrize("settings", [None, {}], ids=["CONFIG refused", "CONFIG empty"])
def test_info_alone_tells_what_is_fatal(
    changed: dict[str, str], named: str, remedy: str, settings: Any
) -> None:
    reason = fatal_findings(judge(PRIMARY | changed, settings))

    assert named in reason
    assert remedy in reason
    assert "LORESMITH_UNSAFE_REDIS=1" in reason


def test_a_server_that_refuses_info_is_fatal() -> None:
    assert "ACL SETUSER" in fatal_findings(judge(None, RIGHT))


@pytest.mark.parametrize("settings", [None, {}])
def test_a_server_that_hides_its_settings_cannot_be_checked(settings: Any) -> None:
    (finding,) = judge(PRIMARY, settings)

    assert "cannot be checked" in finding.what
    assert "appendfsync is always" in finding.remedy
    assert not finding.fatal


def test_a_primary_with_replicas_is_told_what_a_failover_needs() -> None:
    info = PRIMARY | {"connected_slaves": "1"}
    unset, without_wait = judge(info, RIGHT | {"min-replicas-to-write": "0"})

    assert "CONFIG SET min-replicas-to-write 1" in unset.remedy
    assert "LORESMITH_ACK_REPLICAS=1" in without_wait.remedy
    assert judge(info, RIGHT | {"min-replicas-to-write": "1"}, ack_replicas=1) == []


@pytest.mark.parametrize("version", ["7.0.0", "7.2.4", "9.1.0", "10.0", "", "unstable"])
def test_newer_and_unknown_versions_pass(version: str) -> None:
    assert judge(PRIMARY | {"redis_version": version}, RIGHT) == []


@pytest.mark.parametrize(
    "reply", ["# Server\r\nrole:slave\r\n", b"role:slave\r\n", {"role": "slave"}]
)
def test_info_is_read_in_every_form(reply: Any) -> None:
    assert parse_info(reply)["role"] == "slave"


@pytest.mark.parametrize("reply", [["a", "1"], [b"a", b"1"], {"a": "1"}])
def test_settings_are_read_in_every_form(reply: Any) -> None:
    assert parse_settings(reply) == {"a": "1"}
