"""A whole database as a value, to say that nothing was written, or nothing that matters."""

from typing import Any

from tests.store.database import in_one_trip

READERS: dict[str, Any] = {
    "hash": lambda pipeline, key: pipeline.hgetall(key),
    "stream": lambda pipeline, key: pipeline.xrange(key),
    "set": lambda pipeline, key: pipeline.smembers(key),
    "zset": lambda pipeline, key: pipeline.zrange(key, 0, -1, withscores=True),
    "list": lambda pipeline, key: pipeline.lrange(key, 0, -1),
    "string": lambda pipeline, key: pipeline.get(key),
}


def exact(redis: Any) -> dict[str, Any]:
    """Every key with its value, and whether it will expire."""
    names = sorted(redis.scan_iter())
    types = in_one_trip(redis, [("TYPE", name) for name in names])
    ttls = in_one_trip(redis, [("PTTL", name) for name in names])
    pipeline = redis.pipeline(transaction=False)
    for name, type_ in zip(names, types, strict=True):
        READERS[type_](pipeline, name)
    values = pipeline.execute()
    return {name: (value, ttl > 0) for name, value, ttl in zip(names, values, ttls, strict=True)}


def timeless(redis: Any) -> dict[str, Any]:
    """The same without what only says when: `*_ms` fields and the scores of the indexes."""
    return {key: (_without_time(value), ends) for key, (value, ends) in exact(redis).items()}


def _without_time(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: part for name, part in value.items() if not name.endswith("_ms")}
    if isinstance(value, list) and value and isinstance(value[0], (tuple, list)):
        return sorted(str(part[0]) for part in value)
    return value
