"""Records what the processes write to Redis and to event streams while jobs run."""

import json
import pickle
import re
import zlib
from collections import defaultdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.architecture.snapshots import product

HOUR_MS = 3_600_000
NAMES = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"), "{job_id}"),
    (re.compile(r"\b[0-9a-f]{32,64}\b"), "{sha}"),
    (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "{day}"),
    (re.compile(r"\b20\d\d-\d\d\b"), "{month}"),
    (re.compile("chapter%2Frelated-7"), "{related}"),
    (re.compile(r"\b(\w+)-7\b"), r"{\1}"),
    (re.compile(r"^generate$"), "{step}"),
    (re.compile(r"\b(create_world|generate_characters)\b"), "{type}"),
    (re.compile(r"(?<=\})/\w+(~repair)?/\d+"), "/{step}/{generation}"),
    (re.compile(r"(?<=\})_\d+$"), "_{attempt}"),
)
"""What stands for a value that is not part of a name."""
FREE = {"payload", "result", "metadata", "partial_result", "text", "{step}"}
"""Fields whose JSON belongs to the client or to the job type."""


def general(name: str) -> str:
    """A name without the values in it."""
    for pattern, stands in NAMES:
        name = pattern.sub(stands, name)
    return name


class Recording:
    """Keys and events, as they were seen at several moments."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}
        self._lives: defaultdict[str, set[str]] = defaultdict(set)
        self._parts: defaultdict[str, set[str]] = defaultdict(set)
        self._events: dict[str, Any] = {}
        self.received: list[dict[str, Any]] = []
        """The events of all streams."""

    def look(self, redis: Any) -> None:
        """Notes all keys of a database."""
        for key in redis.scan_iter():
            kind = redis.type(key)
            name = general(key)
            self._types[name] = kind
            self._lives[name].add(_lifetime(redis.pttl(key)))
            self._parts[name] |= {
                line for part in _parts(redis, key, kind) for line in part.split("\n")
            }

    def take(self, stream: str) -> None:
        """Notes the events in the text of a stream."""
        for line in stream.splitlines():
            if line.startswith("data: "):
                event = json.loads(line.removeprefix("data: "))
                self.received.append(event)
                known = self._events.setdefault(event["type"], {})
                self._events[event["type"]] = _merged(known, _shape(event))

    def redis_text(self) -> str:
        """One paragraph for each key."""
        return "\n".join(
            "\n".join(
                [
                    f"{name}  {self._types[name]}, lives: {', '.join(sorted(self._lives[name]))}",
                    *(f"  {part}" for part in sorted(self._parts[name])),
                    "",
                ]
            )
            for name in sorted(self._types)
        )

    def events(self) -> dict[str, Any]:
        """Type → its fields."""
        return self._events


def _lifetime(ttl_ms: int) -> str:
    return "no end" if ttl_ms == -1 else f"{round(ttl_ms / HOUR_MS)} h"


def _parts(redis: Any, key: str, kind: str) -> list[str]:
    match kind:
        case "hash":
            return [_field(name, value) for name, value in redis.hgetall(key).items()]
        case "stream":
            return [_entry(fields) for _, fields in redis.xrange(key)]
        case "set":
            return [general(member) for member in redis.smembers(key)]
        case "zset":
            return [general(member) for member in redis.zrange(key, 0, -1)]
        case "list":
            return [re.sub(r"[\d.]+", "0", general(item)) for item in redis.lrange(key, 0, -1)]
    value = redis.get(key)
    return ["{number}" if value.isdigit() else general(value)]


def _field(name: str, value: str) -> str:
    name = general(name)
    if name == "data":
        return f"{name}: {general(str(pickle.loads(zlib.decompress(value.encode('latin-1')))))}"
    if name in FREE or not value.startswith("{"):
        return name
    return "\n".join([name, *(f"{name}.{each}" for each in json.loads(value))])


def _entry(fields: dict[str, str]) -> str:
    kind = fields.get("type", "")
    names = " ".join(fields)
    return f"{kind}: {names}" if "version" in fields else names


def _shape(value: Any) -> Any:
    """A value with its texts and numbers replaced by the names of their types."""
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_shape(each) for each in value[:1]]
    return "null" if value is None else type(value).__name__


def _merged(known: Any, shape: Any) -> Any:
    """Two shapes of the same; null only where neither has more."""
    if isinstance(known, dict) and isinstance(shape, dict):
        both = {name: _merged(known.get(name, "null"), shape[name]) for name in shape}
        return known | both
    return known if shape in ("null", [], {}) else shape


@cache
def recorded() -> Recording:
    """What is written while jobs run, fail, wait, are cancelled, retried and deleted."""
    recording = Recording()
    with TemporaryDirectory() as folder, product.system(Path(folder)) as system:
        _play(system, recording)
    return recording


NEW_JOB: dict[str, Any] = {
    "type": "generate_characters",
    "payload": {"theme": "fantasy", "count": 1},
    "session_id": "session-7",
    "team_id": "team-7",
    "related": {"type": "chapter", "id": "related-7"},
    "batch_key": "batch-7",
    "tags": ["tag-7"],
    "metadata": {"shelf": 4},
    "options": {"model": product.MODEL, "deadline_s": 3_600, "max_attempts": 2, "cache": "use"},
}
WORLD = {"type": "create_world", "payload": {"theme": "fantasy", "user_id": "user-7"}}


def _play(system: product.System, recording: Recording) -> None:
    for name, window in (("team/team-7", "month"), ("global/all", "day"), ("user/user-7", "total")):
        system.http("PUT", f"/budgets/{name}", {"limit": 9, "window": window, "per_job_cap": 5})
    for scene in (_completed, _failed, _cancelled, _waiting, _deleted):
        scene(system, recording)
        recording.look(system.redis)


def _new(system: product.System, key: str = "", **changed: Any) -> str:
    headers = {"Idempotency_Key": key} if key else {}
    return str(system.http("POST", "/jobs", NEW_JOB | changed, **headers)["id"])


def _completed(system: product.System, recording: Recording) -> None:
    """A job with everything that a client can say; watched while it runs and after its end."""
    job_id = _new(system, "first-key")
    recording.look(system.redis)
    recording.look(system.queue(job_id))
    run = system.claim(job_id)

    def meanwhile() -> None:
        system.beat(run)
        system.buy(job_id, cache=1)
        recording.look(system.redis)
        for last_id, ends in ((_first(system, job_id), _has_cost), ("1-1", _has_snapshot)):
            recording.take(system.stream(f"/jobs/{job_id}/events", last_id, ends))

    system.execute(run, meanwhile=meanwhile)
    recording.look(system.redis)
    for last_id in (_first(system, job_id), "1-1"):
        recording.take(system.stream(f"/jobs/{job_id}/events", last_id, _has_done))
    system.http("POST", f"/jobs/{job_id}/seen", {"recovered": True, "paused_ms": 5})


def _first(system: product.System, job_id: str) -> str:
    """The id of the first event of a job."""
    events = (fields for _, fields in system.redis.xrange("updates"))
    return next(str(event["entry"]) for event in events if event["job"] == job_id)


def _has_cost(text: str) -> bool:
    return '"type":"cost"' in text


def _has_snapshot(text: str) -> bool:
    return '"type":"snapshot"' in text


def _has_done(text: str) -> bool:
    return '"type":"done"' in text


def _failed(system: product.System, recording: Recording) -> None:
    """A call of unknown outcome fails its job, which is retried, handed back, and cancelled."""
    job_id = _new(system)

    def meanwhile() -> None:
        system.buy(job_id, product.provider_error())

    system.execute(system.claim(job_id), product.failure("llm_outcome_unknown"), meanwhile)
    recording.look(system.redis)
    system.http("POST", f"/jobs/{job_id}/retry", {"accept_duplicate_charge": True})
    system.release(system.claim(job_id, 2))
    system.execute(system.claim(job_id, 3), product.failure("llm_unavailable"))
    recording.look(system.redis)
    system.http("POST", f"/jobs/{job_id}/cancel", {"reason": "late"})


def _cancelled(system: product.System, recording: Recording) -> None:
    """A running job is marked; its call, taken from the cache, comes first."""
    job_id = _new(system)
    run = system.claim(job_id)

    def meanwhile() -> None:
        system.buy(job_id, cache=1)
        system.http("POST", f"/jobs/{job_id}/cancel?mode=after_current_call", {"reason": "late"})
        recording.look(system.redis)
        system.beat(run)

    system.execute(run, meanwhile=meanwhile)


def _waiting(system: product.System, recording: Recording) -> None:
    """A job of a user in the streams of all jobs."""
    system.http("POST", "/jobs", WORLD)
    system.reconcile()
    recording.take(system.stream("/events", "1-1", _has_snapshot))
    recording.take(system.counts("/events"))


def _deleted(system: product.System, recording: Recording) -> None:
    """A job is deleted after its end; its idempotency key remains."""
    job_id = _new(system, "second-key")
    system.http("POST", f"/jobs/{job_id}/cancel")
    system.http("DELETE", f"/jobs/{job_id}")
