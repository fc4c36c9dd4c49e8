"""The leak checker: every key that a test leaves behind is one of the catalogue's, and will go.

The catalogue of `jobs.store.keys` is the claim; this holds a database against it.
"""

import re
from typing import Any

from loresmith.jobs.core.status import ACTIVE
from loresmith.jobs.store import keys
from loresmith.jobs.store.key_catalogue import CATALOGUE, KeyInfo
from tests.store.database import in_one_trip

MONTH_MS = 30 * keys.DAY_MS
MAX_MS = keys.DAY_MS + 60_000
"""A day from the end of a job, and the time that its deletion may be late."""


def _expression(pattern: str) -> re.Pattern[str]:
    head, *rest = re.split(r"\{[\w ]+\.\.\.\}", pattern)
    parts = re.split(r"\{\w+\}", head)
    return re.compile("[^:/]*".join(map(re.escape, parts)) + (".+" if rest else ""), re.DOTALL)


PATTERNS = [(_expression(info.pattern), info) for info in CATALOGUE]


def info_of(key: str) -> KeyInfo | None:
    """The row of the catalogue that a key belongs to; None without the configured prefix."""
    if not key.startswith(keys.PREFIX):
        return None
    name = key.removeprefix(keys.PREFIX)
    return next((info for pattern, info in PATTERNS if pattern.fullmatch(name)), None)


def leaks(redis: Any) -> list[str]:
    """What is wrong with the keys of a database, a sentence each."""
    names = sorted(redis.scan_iter())
    types = in_one_trip(redis, [("TYPE", name) for name in names])
    ttls = in_one_trip(redis, [("PTTL", name) for name in names])
    looked = zip(names, types, ttls, strict=True)
    return [wrong for name, type_, ttl in looked if (wrong := _wrong(redis, name, type_, ttl))]


def _wrong(redis: Any, key: str, type_: str, ttl: int) -> str:
    info = info_of(key)
    if info is None and key.startswith("rq:"):
        return ""  # the placeholders of waiting jobs
    if info is None:
        return f"{key} is not in the catalogue"
    if type_ != info.type:
        return f"{key} is a {type_}, the catalogue says {info.type}"
    least, most = _allowed(redis, key, info)
    if (ttl == -1 and least != -1) or not (least <= ttl <= most):
        return f"{key} has a TTL of {ttl} ms, allowed are {least} to {most} (-1: for ever)"
    return ""


def _allowed(redis: Any, key: str, info: KeyInfo) -> tuple[int, int]:
    """The least and most ms that a key may have left; -1 is no end."""
    if info.lives == "for ever":
        return -1, -1
    if info.pattern.startswith("pool:"):
        return -1, keys.DAY_MS  # one with limits that were set has no end
    if info.type == "list":
        return 1, MONTH_MS
    if info.type == "hash" and info.lives == "on its own":
        return (-1, -1) if key.endswith(":total") else (1, 400 * keys.DAY_MS)
    status = redis.hget(keys.job(_job_of(redis, key, info)), "status")
    return (-1, -1) if status in ACTIVE else (1, MAX_MS)


def _job_of(redis: Any, key: str, info: KeyInfo) -> str:
    if info.type == "string":
        return str(redis.get(key)).split(" ")[0]
    return re.split("[:/]", key.removeprefix(keys.PREFIX))[1]
