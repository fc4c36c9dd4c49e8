"""The Lua scripts, loaded once from `jobs/store/lua` and called by path, for example "jobs/claim".

A script is sent by its SHA; a server that does not know it (after a restart) gets its source.
`run_script` and `run_scripts` do this for synchronous clients, `PipelineBatcher.script` for
asyncio. redis-py's `Script` needs its client when it is made, and does not work in a pipeline of
several scripts.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError
from rq import Queue
from rq.suspension import WORKERS_SUSPENDED

from loresmith.jobs.core.job_fields import ARCHIVED_FIELDS, INDEX_FIELDS
from loresmith.jobs.core.job_record import FINGERPRINT_LENGTH
from loresmith.jobs.core.status import WAITING_PHASES
from loresmith.jobs.store import keys

LUA = files("loresmith.jobs.store") / "lua"
PRELUDE = (
    "common", "indexes", "windows", "model_lists", "budgets", "costs", "partial_result", "content",
    "pool_fields", "pool_state", "pool_counts", "pools", "pool_rate", "pool_learning",
    "gate_places", "gate_lanes", "gate_limits", "gate", "gate_turns", "lifecycle", "retention",
)  # fmt: skip
"""Parts whose definitions precede the scripts that use them; a later one uses the earlier ones."""


KEYS = {
    "PREFIX": keys.PREFIX,
    "DEADLINES": keys.DEADLINES,
    "UPDATES": keys.UPDATES,
    "ALL": keys.ALL,
    "ENDED": keys.ENDED,
    "EXPIRY": keys.EXPIRY,
    "CONTENT": keys.CONTENT,
    "COST": keys.COST,
    "DURATION": keys.DURATION,
    "DURATIONS": keys.durations("", "").removesuffix(":"),
    "INDEXED": keys.INDEXED,
    "RESERVATIONS": keys.RESERVATIONS,
    "OUTBOX": keys.OUTBOX,
    "EPOCH": keys.EPOCH,
    "WORKERS": keys.WORKERS,
    "WORKER_SLOTS": keys.WORKER_SLOTS,
    "WORKER_JOBS": keys.WORKER_JOBS,
    "PAUSED": keys.PAUSED,
    "GATE": keys.gate(""),
    "RUNNING": keys.running(""),
    "OWNER_LIMITS": keys.owner_limits(""),
    "BY": keys.by("", "").removesuffix(":"),
    "JOB": keys.job(""),
    "CALL": keys.call(""),
    "BUDGET": keys.budget(""),
    "SPEND": keys.spend("", "").removesuffix(":"),
    "SESSION": keys.session(""),
    "POOLS": keys.POOLS,
    "POOL": keys.pool(""),
    "POOL_CALLS": keys.pool_calls(""),
    "POOL_TOKENS": keys.pool_tokens(""),
    "RESPONSE": keys.response("", None, "").removesuffix("user::"),
    "RQ_QUEUE": Queue.redis_queue_namespace_prefix,
    "RQ_QUEUES": Queue.redis_queues_keys,
    "RQ_SUSPENDED": WORKERS_SUSPENDED,
}
"""The keys that scripts derive, and the beginnings of those with a name."""
CONSTANTS = (
    f"local ARCHIVED_FIELDS = {{ {', '.join(map(repr, ARCHIVED_FIELDS))} }}\n",
    f"local INDEX_FIELDS = {{ {', '.join(map(repr, INDEX_FIELDS))} }}\n",
    f"local FINGERPRINT_LENGTH = {FINGERPRINT_LENGTH}\n",
    f"local WAITING_PHASES = {{ {', '.join(f'{phase} = true' for phase in WAITING_PHASES)} }}\n",
    *(f"local {name} = {key!r}\n" for name, key in KEYS.items()),
)
"""Constants of Python that scripts use, before the first part."""


@dataclass(frozen=True)
class Script:
    """One Lua file together with the parts it is built on."""

    name: str
    source: str
    sha: str


@dataclass(frozen=True)
class ScriptCall:
    """One call of a script: its name, KEYS and ARGV."""

    name: str
    keys: Sequence[str]
    arguments: Sequence[Any] = ()

    def by_sha(self) -> tuple[Any, ...]:
        """Returns the EVALSHA command."""
        return ("EVALSHA", script(self.name).sha, *self._rest())

    def by_source(self) -> tuple[Any, ...]:
        """Returns the EVAL command, for a server that does not know the script."""
        return ("EVAL", script(self.name).source, *self._rest())

    def _rest(self) -> tuple[Any, ...]:
        return (len(self.keys), *self.keys, *self.arguments)


def with_prelude(body: str) -> str:
    """Returns the text of a script with the constants and definitions that it uses directly or
    through others.

    Each run makes its functions again: all of them take 60 µs, more than most scripts. And Lua
    allows 200 local names.
    """
    texts = [(LUA / "lib" / f"{part}.lua").read_text(encoding="utf-8") for part in PRELUDE]
    definitions = [*CONSTANTS, *re.split(r"^(?=local )", "".join(texts), flags=re.MULTILINE)]
    used, parts = _names(body), [body]
    for definition in reversed(definitions):
        defined = re.match(r"local (?:function )?([\w, ]+)", definition)
        if defined and used & _names(defined[1]):
            used |= _names(definition)
            parts.append(definition)
    return "".join(reversed(parts))


def _names(lua: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", re.sub(r"--[^\n]*", "", lua)))


@cache
def script(name: str) -> Script:
    """Returns the script of `jobs/store/lua/{name}.lua`."""
    source = with_prelude((LUA / f"{name}.lua").read_text(encoding="utf-8"))
    digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
    return Script(name, source, digest)


def names() -> list[str]:
    """Names of all scripts, sorted."""
    folders = [folder for folder in LUA.iterdir() if folder.is_dir() and folder.name != "lib"]
    return sorted(
        f"{folder.name}/{file.name.removesuffix('.lua')}"
        for folder in folders
        for file in folder.iterdir()
        if file.name.endswith(".lua")
    )


def run_script(redis: Redis, name: str, keys: Sequence[str], *arguments: Any) -> Any:
    """Runs one script. Raises RedisError."""
    call = ScriptCall(name, keys, arguments)
    try:
        return redis.execute_command(*call.by_sha())  # type: ignore[no-untyped-call]
    except NoScriptError:
        return redis.execute_command(*call.by_source())  # type: ignore[no-untyped-call]


def run_scripts(redis: Redis, calls: Sequence[ScriptCall]) -> list[Any]:
    """Runs several scripts in one pipeline; returns replies or errors, in order."""
    replies = _pipeline(redis, [call.by_sha() for call in calls])
    unknown = [i for i, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
    again = _pipeline(redis, [calls[i].by_source() for i in unknown])
    for i, reply in zip(unknown, again, strict=True):
        replies[i] = reply
    return replies


def _pipeline(redis: Redis, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
    if not commands:
        return []
    with redis.pipeline(transaction=False) as pipeline:
        for command in commands:
            pipeline.execute_command(*command)  # type: ignore[no-untyped-call]
        return pipeline.execute(raise_on_error=False)


def flat(fields: dict[str, Any]) -> list[Any]:
    """Flattens a mapping to the names and values that scripts take. None is left out, and a whole
    number is written without a decimal point.
    """
    return [
        part
        for name, value in fields.items()
        if value is not None
        for part in (name, int(value) if isinstance(value, float) and value.is_integer() else value)
    ]


def pairs(reply: list[str]) -> dict[str, str]:
    """Makes a mapping of a flat reply of names and values."""
    return dict(zip(reply[::2], reply[1::2], strict=True))
