"""The header of a script is its contract: keys, arguments, returns and events."""

import re

import pytest

from tests.architecture.tree import BEFORE, SCRIPTS, LuaFile

TYPES = {"hash", "stream", "set", "zset", "string", "list"}

scripts = pytest.mark.parametrize("lua", SCRIPTS, ids=[lua.name for lua in SCRIPTS])


def listed(text: str, array: str) -> set[str]:
    """Returns the indexes of KEYS or ARGV in a text; '7...' is the seventh and all after it."""
    return set(re.findall(rf"{array}\[(\d+(?:\.\.\.)?)\]", text))


def rest(code: str) -> set[str]:
    """Returns '7...' where the code reads all arguments from the seventh on."""
    starts = re.findall(r"unpack\(ARGV, (\d+)\)|= (\d+), #ARGV", code)
    return {f"{first or second}..." for first, second in starts}


@scripts
def test_the_header_names_the_keys_that_are_used(lua: LuaFile) -> None:
    assert listed(lua.header, "KEYS") == listed(lua.code, "KEYS")


@scripts
def test_the_header_names_the_arguments_that_are_used(lua: LuaFile) -> None:
    assert listed(lua.header, "ARGV") == listed(lua.code, "ARGV") | rest(lua.code)


@scripts
def test_the_header_names_the_type_of_each_key(lua: LuaFile) -> None:
    lines = re.findall(r"^-- KEYS\[\d+\] (\w+) +\S", lua.header, re.MULTILINE)

    assert len(lines) == len(listed(lua.header, "KEYS"))
    assert set(lines) <= TYPES


@scripts
def test_the_header_has_its_parts_in_order(lua: LuaFile) -> None:
    """Expects purpose, KEYS, ARGV, Returns, then Updates if any."""
    parts = re.findall(r"^-- (KEYS|ARGV|Returns|Updates:)", lua.header, re.MULTILINE)
    order = [part for i, part in enumerate(parts) if i == 0 or parts[i - 1] != part]

    assert lua.header.startswith("-- ")
    assert not re.match(r"-- (KEYS|ARGV|Returns|Updates)", lua.header), "the purpose comes first"
    assert order in (
        ["KEYS", "ARGV", "Returns"],
        ["KEYS", "ARGV", "Returns", "Updates:"],
        ["KEYS", "Returns"],
        ["ARGV", "Returns"],
        ["ARGV", "Returns", "Updates:"],
    )


@scripts
def test_the_header_names_the_updates_that_are_made(lua: LuaFile) -> None:
    """`record_event` makes the given update, `record_cost` cost, `finish_job` done, `release_lease`
    'status'.
    """
    line = re.search(r"^-- Updates: (.*)", lua.header, re.MULTILINE)
    reply = set(re.findall(r"\b(created|status|progress|cost|done)\b", line[1])) if line else set()

    created = set(re.findall(r"record_event\(id, now, '(\w+)'", lua.code))
    created |= {"cost"} if "record_cost(" in lua.code else set()
    created |= {"done"} if "finish_job(" in lua.code else set()
    created |= {"status"} if "release_lease(" in lua.code else set()

    assert reply == created


@pytest.mark.parametrize("lua", [*BEFORE, *SCRIPTS], ids=lambda lua: lua.name)
def test_json_is_opaque_to_lua(lua: LuaFile) -> None:
    """cjson turns {"a":[]} into {"a":{}} on a real server, and not on fakeredis."""
    assert "cjson" not in lua.code
    assert "cmsgpack" not in lua.code


@pytest.mark.parametrize("lua", [*BEFORE, *SCRIPTS], ids=lambda lua: lua.name)
def test_the_only_clock_is_the_one_of_redis(lua: LuaFile) -> None:
    assert "os." not in lua.code
    assert ("'TIME'" in lua.code) == (lua is BEFORE[0])
