"""Whether the Redis server is set up so that our promises hold: nothing accepted is lost.

Asks nothing itself: the worker and the api each ask with their own client, for SETTINGS by CONFIG
GET and for the version by INFO, and hand the answers to `judge`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SETTINGS = ("appendonly", "appendfsync", "maxmemory-policy")
OLDEST = (7, 0)
WANTED = {
    "appendonly": ("yes", "a restart of the server loses every job"),
    "appendfsync": ("always", "a power cut loses jobs that were accepted in the last seconds"),
    "maxmemory-policy": ("noeviction", "a full server throws accepted jobs away"),
}


@dataclass(frozen=True)
class Finding:
    """Something about the server that breaks a promise."""

    what: str
    """What is wrong and what comes of it."""
    cure: str
    """The command, or the step, that puts it right."""
    fatal: bool = False
    """Whether a process must not start on it unless LORESMITH_UNSAFE_REDIS=1."""

    def __str__(self) -> str:
        return f"{self.what}. Cure: {self.cure}"


def judge(settings: Mapping[str, str] | None, version: str = "") -> list[Finding]:
    """What is wrong with a server; `settings` is None when it does not tell, as managed ones do."""
    findings = _of_version(version)
    if not settings:
        hidden = Finding(
            "The server's settings cannot be checked: it does not answer CONFIG GET",
            "see in its console that "
            + ", ".join(f"{name} is {wanted}" for name, (wanted, _) in WANTED.items()),
        )
        return [*findings, hidden]
    return findings + [
        _of_setting(name, settings[name])
        for name, (wanted, _) in WANTED.items()
        if settings.get(name, wanted) != wanted
    ]


def _of_setting(name: str, found: str) -> Finding:
    wanted, danger = WANTED[name]
    return Finding(
        f"The server has {name} {found}: {danger}",
        f"redis-cli CONFIG SET {name} {wanted}",
        fatal=name == "maxmemory-policy",
    )


def _of_version(version: str) -> list[Finding]:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if not numbers or numbers >= OLDEST:
        return []
    oldest = ".".join(map(str, OLDEST))
    return [
        Finding(
            f"The server speaks Redis {version}, and {oldest} is needed",
            f"use Redis {oldest} or newer, or any Valkey",
            fatal=True,
        )
    ]
