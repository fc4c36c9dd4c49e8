"""Compares the job types of this api with those of live workers and lore_services."""

import asyncio

from pydantic_core import from_json

from loresmith.jobs.store import keys
from loresmith.jobs.store.parts import LivePart, differences
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.types.registry import REGISTRY, Registry

MAX_SHOWN = 5
"""Differences that a check names; the others are counted."""


class JobTypeAgreement:
    """Reads what the parts have announced."""

    def __init__(self, pipeline: PipelineBatcher, registry: Registry = REGISTRY) -> None:
        self._pipeline = pipeline
        self._registry = registry

    async def differences(self) -> list[str]:
        """Returns how parts differ from this api; empty when all agree. Raises StoreUnavailable."""
        parts = [each for each in await self._parts() if each.fingerprint != self._own]
        fingerprints = sorted({part.fingerprint for part in parts})
        texts = await asyncio.gather(
            *(self._pipeline.execute("GET", keys.job_types(each)) for each in fingerprints)
        )
        pairs = zip(fingerprints, texts, strict=True)
        known = {each: from_json(text or "{}") for each, text in pairs}
        return differences(
            self._registry.fingerprints, [(part, known[part.fingerprint]) for part in parts]
        )

    def describe(self, differences: list[str]) -> str:
        """Returns one line for people."""
        own = f"{len(self._registry.job_types)} types, fingerprint {self._own}"
        if not differences:
            return own
        more = len(differences) - MAX_SHOWN
        shown = [*differences[:MAX_SHOWN], *([f"{more} more"] if more > 0 else [])]
        return f"this api has {own}; {'; '.join(shown)}"

    @property
    def _own(self) -> str:
        return self._registry.fingerprint

    async def _parts(self) -> list[LivePart]:
        """Returns the live parts, by the clock of Redis."""
        seconds, micros = await self._pipeline.execute("TIME")
        now_ms = int(seconds) * 1000 + int(micros) // 1000
        members = await self._pipeline.execute("ZRANGEBYSCORE", keys.PARTS, f"({now_ms}", "+inf")
        return [LivePart.parse(member) for member in sorted(members) if member.count("|") == 2]
