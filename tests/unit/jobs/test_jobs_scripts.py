"""The Lua files as scripts: found, named, and sent by their SHA."""

import pytest
from fakeredis import FakeRedis, FakeServer

from loresmith.jobs.store.scripts import flat, names, pairs, script


def test_every_file_is_a_script_but_the_common_part() -> None:
    assert {"jobs/submit", "jobs/claim", "jobs/heartbeat", "jobs/reconcile", "calls/intent"} <= set(
        names()
    )
    assert not [name for name in names() if name.startswith("lib/")]
    assert names() == sorted(names())


@pytest.mark.parametrize("name", names())
def test_the_sha_is_the_one_the_server_knows(name: str) -> None:
    """Given a script / when the server loads it / I expect it under the SHA that we will send."""
    redis = FakeRedis(server=FakeServer())

    assert redis.script_load(script(name).source) == script(name).sha


def test_a_script_is_read_once() -> None:
    assert script("jobs/claim") is script("jobs/claim")


def test_an_unknown_script_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        script("no_such_script")


def test_fields_become_a_flat_list_without_what_is_none() -> None:
    assert flat({"a": 1, "b": None, "c": ""}) == ["a", 1, "c", ""]


def test_a_whole_number_has_no_decimal_point() -> None:
    assert list(map(str, flat({"a": 90.0, "b": 12.5}))) == ["a", "90", "b", "12.5"]


def test_a_flat_reply_becomes_fields() -> None:
    assert pairs(["a", "1", "b", ""]) == {"a": "1", "b": ""}


def test_half_a_field_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        pairs(["a", "1", "b"])


def test_a_script_has_the_definitions_that_it_uses_and_no_others() -> None:
    finish, heartbeat = script("jobs/finish").source, script("calls/heartbeat").source

    assert "local function gate_admit(" in finish
    assert "local function pool_take(" in finish, "gate_admit uses it"
    assert "local function gate_admit(" not in heartbeat
    assert "local function has_type(" in heartbeat
