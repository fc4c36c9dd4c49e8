"""The leak checker: every key that a test leaves behind is one of the catalogue's, and will go.

The catalogue of `jobs.keys` is the claim; this holds a database against it.
"""

import re
from typing import Any

from jobs import keys
from jobs.states import ACTIVE

MONTH_MS = 30 * keys.RETENTION_MS


def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", pattern)
    return re.compile("[^:/]+".join(map(re.escape, parts)))


PATTERNS = [(_expression(info.pattern), info) for info in keys.CATALOGUE]


def info_of(key: str) -> keys.KeyInfo | None:
    """The row of the catalogue that a key belongs to."""
    return next((info for pattern, info in PATTERNS if pattern.fullmatch(key)), None)


def leaks(redis: Any) -> list[str]:
    """What is wrong with the keys of a database, a sentence each."""
    return [wrong for key in sorted(redis.scan_iter()) if (wrong := _wrong(redis, key))]


def _wrong(redis: Any, key: str) -> str:
    info = info_of(key)
    if info is None:
        return f"{key} is not in the catalogue"
    if (found := redis.type(key)) != info.type:
        return f"{key} is a {found}, the catalogue says {info.type}"
    ttl = redis.pttl(key)
    least, most = _allowed(redis, key, info)
    if (ttl == -1 and least != -1) or not (least <= ttl <= most):
        return f"{key} has a TTL of {ttl} ms, allowed are {least} to {most} (-1: for ever)"
    return ""


def _allowed(redis: Any, key: str, info: keys.KeyInfo) -> tuple[int, int]:
    """The least and most ms that a key may have left; -1 is no end."""
    if info.lives == "for ever":
        return -1, -1
    if info.type == "list":
        return 1, MONTH_MS
    if info.type == "hash" and info.lives == "on its own":
        return (-1, -1) if key.endswith(":total") else (1, 400 * keys.RETENTION_MS)
    status = redis.hget(keys.job(_job_of(redis, key, info)), "status")
    return (-1, -1) if status in ACTIVE else (1, keys.RETENTION_MS)


def _job_of(redis: Any, key: str, info: keys.KeyInfo) -> str:
    if info.type == "string":
        return str(redis.get(key)).split(" ")[0]
    return re.split("[:/]", key)[1]
