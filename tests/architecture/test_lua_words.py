"""Scripts compare and write the same statuses, states and keys as Python."""

import re
from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer

from loresmith.jobs.core.status import Status
from loresmith.jobs.store import keys
from loresmith.jobs.store.key_catalogue import CATALOGUE
from loresmith.jobs.store.scripts import with_prelude
from loresmith.protos.lore.v1 import lore_pb2
from tests.architecture.tree import BEFORE, SCRIPTS, LuaFile

STATUSES = set(Status)
STATES = {
    name.removeprefix("CALL_STATE_").lower()
    for name in lore_pb2.CallState.keys()  # noqa: SIM118  (an enum wrapper, not a dict)
} - {"unspecified", "absent"}
INDEXES = {info.pattern for info in CATALOGUE if ":" in info.pattern} | {"outbox"}
UNUSABLE = {"unusable"}
"""A state that is never written: a finished call with unusable text."""

everything = pytest.mark.parametrize("lua", [*BEFORE, *SCRIPTS], ids=lambda lua: lua.name)


def holders(code: str, field: str) -> set[str]:
    """Returns the expressions that hold a field: `seen[1]` after an HMGET, and locals."""
    matches = {field}
    for name, fields in re.findall(r"local (\w+) = .*?redis\.call\('HMGET', [^,]+,([^)]*)\)", code):
        read = re.findall(r"'(\w+)'", fields)
        matches |= {f"{name}[{place}]" for place, one in enumerate(read, start=1) if one == field}
    for names, values in re.findall(r"local ([\w, ]+) = ([^\n]+)", code):
        reply = zip(names.split(", "), values.split(", "), strict=False)
        matches |= {name for name, value in reply if value in matches}
    return matches


def compared(code: str, field: str) -> set[str]:
    """Returns the strings that a field is compared with."""
    alternatives = "|".join(re.escape(holder) for holder in holders(code, field))
    return set(re.findall(rf"(?<![\w.])(?:{alternatives}) [~=]= '(\w+)'", code))


def written(code: str, field: str) -> set[str]:
    """Returns the strings that a field is set to."""
    without_reads = re.sub(r"'H?M?GET', [^)]*\)", "", code)
    return set(re.findall(rf"'{field}', '(\w+)'", without_reads))


@everything
def test_statuses_are_of_the_closed_set(lua: LuaFile) -> None:
    ends = set(re.findall(r"finish_job\(id, now, '(\w+)'", lua.code))
    outcomes = set(re.findall(r"outcome [~=]= '(\w+)'|outcome = '(\w+)'", lua.code))
    words = ends | {first or second for first, second in outcomes} | written(lua.code, "status")

    if "'status'" in lua.code:
        words |= compared(lua.code, "status")
    assert words <= STATUSES


@everything
def test_call_states_are_of_the_protocol(lua: LuaFile) -> None:
    words = written(lua.code, "state")
    if "'state'" in lua.code:
        words |= compared(lua.code, "state") - UNUSABLE

    assert words <= STATES


def test_the_search_finds_words() -> None:
    """Guards the two tests above against an empty search."""
    code = {lua.name: lua.code for lua in SCRIPTS}

    assert compared(code["jobs/claim"], "status") == {"pending", "processing"}
    assert written(code["jobs/claim"], "status") == {"processing"}
    assert compared(code["calls/settle"], "state") >= {"done"}
    assert written(code["calls/intent"], "state") == {"intent", "done"}


@everything
def test_no_script_spells_a_key(lua: LuaFile) -> None:
    """Given each text of a script / I expect none to begin like a key: Python's constants do."""
    names = {re.split("[:{]", info.pattern)[0] for info in CATALOGUE}
    spelled = [
        text
        for text in re.findall(r"'([^']*)'", lua.code)
        if text in INDEXES or re.match(rf"(?:{'|'.join(names)}):", text)
    ]

    assert spelled == []


def common(expression: str, *arguments: str) -> Any:
    """Evaluates an expression after the shared part of the scripts."""
    redis = FakeRedis(server=FakeServer(), decode_responses=True)
    return redis.eval(with_prelude(f"return {expression}"), 0, *arguments)


def test_lua_and_python_derive_the_same_keys_of_a_job() -> None:
    values = "(function(k) return { k.job, k.updates, k.steps, k.calls, k.shared } end)"
    reply = common(f"{values}(job_keys(ARGV[1]))", "7")

    makers = (keys.job, keys.updates, keys.steps, keys.calls, keys.shared)
    assert reply == [make("7") for make in makers]


def test_lua_and_python_have_the_same_day() -> None:
    assert common("DAY_MS") == keys.DAY_MS
