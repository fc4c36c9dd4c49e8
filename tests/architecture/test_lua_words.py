"""The words that scripts compare and write are those of Python: statuses, states, keys."""

import re
from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer

from jobs import keys
from jobs.states import Status
from protos.lore.v1 import lore_pb2
from tests.architecture.tree import BEFORE, PRELUDE_TEXT, SCRIPTS, LuaFile

STATUSES = set(Status)
STATES = {
    name.removeprefix("CALL_STATE_").lower()
    for name in lore_pb2.CallState.keys()  # noqa: SIM118  (an enum wrapper, not a dict)
} - {"unspecified", "absent"}
OURS = {keys.DUE, keys.UPDATES, keys.ALL, keys.ENDED, keys.INDEXED, keys.job(""), keys.call("")} | {
    keys.answer(""), keys.COST, keys.LASTED,
    keys.by("status", "pending"), keys.RESERVED, keys.OUTBOX, keys.budget(""),
}  # fmt: skip
UNUSABLE = {"unusable"}
"""A state that is never written: a finished call whose text is of no use."""

everything = pytest.mark.parametrize("lua", [*BEFORE, *SCRIPTS], ids=lambda lua: lua.name)


def holders(code: str, field: str) -> set[str]:
    """The expressions that hold a field: `seen[1]` after an HMGET of it, and locals of its name."""
    found = {field}
    for name, fields in re.findall(r"local (\w+) = .*?redis\.call\('HMGET', [^,]+,([^)]*)\)", code):
        read = re.findall(r"'(\w+)'", fields)
        found |= {f"{name}[{place}]" for place, one in enumerate(read, start=1) if one == field}
    for names, values in re.findall(r"local ([\w, ]+) = ([^\n]+)", code):
        told = zip(names.split(", "), values.split(", "), strict=False)
        found |= {name for name, value in told if value in found}
    return found


def compared(code: str, field: str) -> set[str]:
    """The words that a field is compared with."""
    alternatives = "|".join(re.escape(holder) for holder in holders(code, field))
    return set(re.findall(rf"(?<![\w.])(?:{alternatives}) [~=]= '(\w+)'", code))


def written(code: str, field: str) -> set[str]:
    """The words that a field is set to."""
    without_reads = re.sub(r"'H?M?GET', [^)]*\)", "", code)
    return set(re.findall(rf"'{field}', '(\w+)'", without_reads))


@everything
def test_only_statuses_of_the_closed_set(lua: LuaFile) -> None:
    ends = set(re.findall(r"close\(id, now, '(\w+)'", lua.code))
    outcomes = set(re.findall(r"outcome [~=]= '(\w+)'|outcome = '(\w+)'", lua.code))
    words = ends | {first or second for first, second in outcomes} | written(lua.code, "status")

    if "'status'" in lua.code:
        words |= compared(lua.code, "status")
    assert words <= STATUSES


@everything
def test_only_states_that_the_wire_knows(lua: LuaFile) -> None:
    words = written(lua.code, "state")
    if "'state'" in lua.code:
        words |= compared(lua.code, "state") - UNUSABLE

    assert words <= STATES


def test_the_words_are_found_at_all() -> None:
    """So that the two tests above cannot be empty."""
    code = {lua.name: lua.code for lua in SCRIPTS}

    assert compared(code["claim"], "status") == {"pending", "processing"}
    assert written(code["claim"], "status") == {"processing"}
    assert compared(code["call_settle"], "state") >= {"done"}
    assert written(code["call_intent"], "state") == {"intent", "done"}


@everything
def test_keys_are_spelled_as_in_python(lua: LuaFile) -> None:
    """Given each literal key of a redis.call
    / I expect an index of ours or the start of a pattern.
    """
    spelled = set(re.findall(r"redis\.call\('\w+', '([^']+)'", lua.code))
    spelled |= set(re.findall(r"(?:expect|fits)\('([^']+)'", lua.code))

    assert spelled <= OURS


def common(expression: str, *arguments: str) -> Any:
    """What an expression yields after the common part."""
    redis = FakeRedis(server=FakeServer(), decode_responses=True)
    return redis.eval(f"{PRELUDE_TEXT}\nreturn {expression}", 0, *arguments)


def test_lua_derives_the_satellites_of_a_job_as_python_does() -> None:
    told = common(
        "(function(k) return { k.job, k.updates, k.steps, k.calls } end)(job_keys(ARGV[1]))", "7"
    )

    assert told == [keys.job("7"), keys.updates("7"), keys.steps("7"), keys.calls("7")]


def test_lua_keeps_things_as_long_as_python_says() -> None:
    assert common("RETENTION_MS") == keys.RETENTION_MS
