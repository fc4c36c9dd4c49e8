"""The pools in Redis, whose rate limits all lore_services share.

Runs the scripts of jobs/store/lua/pools. Room is taken by `Ledger.intent` and given back by
`Ledger.settle`.
"""

from collections.abc import Iterable
from typing import Any

from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.core.settings.providers import RateLimits
from loresmith.jobs.store.pipeline import (
    CommandRefused,
    InvalidCommand,
    PipelineBatcher,
    StoreUnavailable,
)

log = get_logger(__name__)


class Pools:
    """Writes what is known of the limits. No coroutine raises: limits are learnt again."""

    def __init__(self, batch: PipelineBatcher) -> None:
        self._batch = batch

    async def note_refusal(
        self, pool: str, phase: str, kind: str, age_ms: int, asked_ms: int, unanswered: int
    ) -> None:
        """Closes a pool after a refusal.

        `kind`: what the provider counts; `age_ms`: since the request left; `unanswered`: requests
        of this process, that one included, that were neither refused nor accepted.
        """
        await self._run("note_refusal", pool, phase, kind, age_ms, asked_ms, unanswered)

    async def note_limits(self, pool: str, limits: Iterable[tuple[str, int, int, int]]) -> None:
        """Notes limits that the headers of an answer say: kind, size, what is left, ms to reset."""
        await self._run("note_limits", pool, *(part for limit in limits for part in limit))

    async def configure(self, pool: str, limits: RateLimits) -> None:
        """Notes the limits of the providers file."""
        values = (limits.requests_per_minute, limits.tokens_per_minute, limits.concurrency)
        await self._run("configure", pool, *("" if value is None else value for value in values))

    async def _run(self, name: str, *arguments: Any) -> None:
        try:
            await self._batch.script(f"pools/{name}", [], *arguments)
        except (CommandRefused, InvalidCommand, StoreUnavailable) as error:
            log.warning("the limits of a pool were not noted", error=safe(error))
