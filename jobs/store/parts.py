"""What workers and lore_services say of themselves: which job types they have.

Each announces itself now and then; an api compares them with its own (docs/adding-a-job-type.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from loresmith.jobs.core.job_record import json_text
from loresmith.jobs.store import keys
from loresmith.jobs.store.scripts import ScriptCall

ANNOUNCE_INTERVAL_S = 5.0
LEASE_MS = 15_000
"""After this time without an announcement a part counts as gone."""


@dataclass(frozen=True)
class LivePart:
    """A process, and the fingerprint of its job types."""

    kind: Literal["worker", "lore_service"]
    name: str
    fingerprint: str

    @classmethod
    def parse(cls, member: str) -> Self:
        """Reads a member of `keys.PARTS`. Raises ValueError."""
        kind, name, fingerprint = member.split("|")
        return cls(kind, name, fingerprint)  # type: ignore[arg-type]

    @property
    def member(self) -> str:
        return f"{self.kind}|{self.name}|{self.fingerprint}"

    def announcement(self, job_types: Mapping[str, str]) -> ScriptCall:
        """Returns the script that announces the part; `job_types` are fingerprints by name."""
        names = [keys.PARTS, keys.job_types(self.fingerprint)]
        return ScriptCall("parts/announce", names, [self.member, LEASE_MS, json_text(job_types)])

    @property
    def withdrawal(self) -> tuple[str, str, str]:
        """The command that removes the part when it stops."""
        return "ZREM", keys.PARTS, self.member


def differences(
    own: Mapping[str, str], others: Sequence[tuple[LivePart, Mapping[str, Any]]]
) -> list[str]:
    """Describes how the job types of each part differ from the own ones of an api."""
    return [
        f"{part.kind} {part.name} {text}" for part, theirs in others if (text := _text(own, theirs))
    ]


def _text(own: Mapping[str, str], theirs: Mapping[str, Any]) -> str:
    missing = sorted(own.keys() - theirs.keys())
    more = sorted(theirs.keys() - own.keys())
    changed = sorted(name for name in own.keys() & theirs.keys() if own[name] != theirs[name])
    parts = {"lacks": missing, "has another": changed, "has also": more}
    return ", ".join(f"{verb} {', '.join(names)}" for verb, names in parts.items() if names)
