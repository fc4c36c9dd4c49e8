"""Whether the Redis server keeps our promises: nothing accepted is lost, no call is bought twice.

Asks nothing itself: callers hand the replies to INFO and CONFIG GET to `judge`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loresmith.jobs.store import keys

SETTINGS = ("appendonly", "appendfsync", "maxmemory-policy", "min-replicas-to-write")
"""What to ask for by CONFIG GET."""
OLDEST = (7, 0)
EXPECTED = {
    "appendonly": ("yes", "a restart of the server loses every job"),
    "appendfsync": ("always", "a power cut loses jobs that were accepted in the last seconds"),
    "maxmemory-policy": ("noeviction", "a full server throws accepted jobs away"),
}
FATAL_SETTINGS = ("appendonly", "maxmemory-policy")
OVERRIDE = "LORESMITH_UNSAFE_REDIS=1 overrides this check"


@dataclass(frozen=True)
class ServerFinding:
    """Something about the server that breaks a promise."""

    what: str
    """What is wrong and what comes of it."""
    remedy: str
    """The command, or the step, that puts it right."""
    fatal: bool = False
    """Whether a process must not use it unless LORESMITH_UNSAFE_REDIS=1."""

    def __str__(self) -> str:
        return f"{self.what}. Remedy: {self.remedy}"


REFUSED_INFO = ServerFinding(
    "The server refuses INFO, so nothing about it can be checked",
    "allow it: redis-cli ACL SETUSER <user> +info",
    fatal=True,
)
CLUSTER = ServerFinding(
    "The server is a node of a Redis Cluster, and our scripts change keys of several slots at once",
    "use a server with cluster mode disabled (docs/high-availability.md), or keep all keys in one "
    "slot: LORESMITH_PREFIX={lore}: and RQ_KEY_PREFIX={lore}:rq (docs/queue.md)",
    fatal=True,
)
REPLICA = ServerFinding(
    "The server is a replica: it accepts no jobs, and forgets what is written to it",
    "set REDIS_URL to its primary, or to a proxy that finds it (docs/high-availability.md)",
    fatal=True,
)
STALE_PRIMARY = ServerFinding(
    "The server has replicas and min-replicas-to-write 0: after a failover the old primary may "
    "accept jobs that are then lost",
    "redis-cli CONFIG SET min-replicas-to-write 1",
)
UNACKNOWLEDGED = ServerFinding(
    "The server has replicas, and a job is accepted before one has it: a failover may forget it",
    "set LORESMITH_ACK_REPLICAS=1",
)


def parse_info(reply: Any) -> dict[str, str]:
    """Parses the reply to INFO: text, bytes, or what redis-py has made of it."""
    if isinstance(reply, Mapping):
        return {str(name): str(value) for name, value in reply.items()}
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name: value for name, _, value in pairs}


def parse_settings(reply: Any) -> dict[str, str]:
    """Parses the reply to CONFIG GET: a list or a mapping, by the protocol version."""
    pairs = zip(reply[::2], reply[1::2], strict=True) if isinstance(reply, list) else reply.items()
    return {_text(name): _text(value) for name, value in pairs}


def judge(
    info: Mapping[str, str] | None, settings: Mapping[str, str] | None, ack_replicas: int = 0
) -> list[ServerFinding]:
    """Returns what is wrong with a server. None: it refuses INFO, or CONFIG GET as managed ones do.

    Without CONFIG GET, INFO still tells about persistence and eviction.
    """
    if info is None:
        return [REFUSED_INFO]
    findings = _of_version(info.get("redis_version", ""))
    is_cluster = info.get("redis_mode") == "cluster" or info.get("cluster_enabled") == "1"
    if is_cluster and "{" not in keys.PREFIX:
        findings.append(CLUSTER)
    if info.get("role", "master") != "master":
        findings.append(REPLICA)
    known = _settings_of(info) | dict(settings or {})
    findings += [
        _of_setting(name, known[name])
        for name, (expected, _) in EXPECTED.items()
        if known.get(name, expected) != expected
    ]
    if int(info.get("connected_slaves", 0)):
        if known.get("min-replicas-to-write", "1") == "0":
            findings.append(STALE_PRIMARY)
        if not ack_replicas:
            findings.append(UNACKNOWLEDGED)
    unknown = [f"{name} is {value}" for name, (value, _) in EXPECTED.items() if name not in known]
    if unknown:
        findings.append(
            ServerFinding(
                "Some settings cannot be checked: the server does not answer CONFIG GET",
                f"see in its console that {', '.join(unknown)}",
            )
        )
    return findings


def fatal_findings(findings: list[ServerFinding]) -> str:
    """Returns the fatal findings as one text; '' when there are none."""
    fatal = "; ".join(str(finding) for finding in findings if finding.fatal)
    return f"{fatal}. {OVERRIDE}" if fatal else ""


def _settings_of(info: Mapping[str, str]) -> dict[str, str]:
    known = {}
    if "aof_enabled" in info:
        known["appendonly"] = "yes" if info["aof_enabled"] == "1" else "no"
    if "maxmemory_policy" in info:
        known["maxmemory-policy"] = info["maxmemory_policy"]
    return known


def _of_setting(name: str, value: str) -> ServerFinding:
    expected, danger = EXPECTED[name]
    return ServerFinding(
        f"The server has {name} {value}: {danger}",
        f"redis-cli CONFIG SET {name} {expected}",
        fatal=name in FATAL_SETTINGS,
    )


def _of_version(version: str) -> list[ServerFinding]:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if not numbers or numbers >= OLDEST:
        return []
    oldest = ".".join(map(str, OLDEST))
    return [
        ServerFinding(
            f"The server speaks Redis {version}, and {oldest} is needed",
            f"use Redis {oldest} or newer, or any Valkey",
            fatal=True,
        )
    ]


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
