"""A whole database as a value, to say that nothing was written, or nothing that matters."""

from typing import Any

READERS: dict[str, Any] = {
    "hash": lambda redis, key: redis.hgetall(key),
    "stream": lambda redis, key: redis.xrange(key),
    "set": lambda redis, key: sorted(redis.smembers(key)),
    "zset": lambda redis, key: redis.zrange(key, 0, -1, withscores=True),
    "list": lambda redis, key: redis.lrange(key, 0, -1),
    "string": lambda redis, key: redis.get(key),
}


def exact(redis: Any) -> dict[str, Any]:
    """Every key with its value, and whether it will expire."""
    return {key: (_value(redis, key), redis.pttl(key) > 0) for key in redis.scan_iter()}


def timeless(redis: Any) -> dict[str, Any]:
    """The same without what only says when: `*_ms` fields and the scores of the indexes."""
    return {key: (_without_time(value), ends) for key, (value, ends) in exact(redis).items()}


def _value(redis: Any, key: str) -> Any:
    return READERS[redis.type(key)](redis, key)


def _without_time(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: part for name, part in value.items() if not name.endswith("_ms")}
    if isinstance(value, list) and value and isinstance(value[0], (tuple, list)):
        return sorted(str(part[0]) for part in value)
    return value
