"""What the handlers work with, made once for a process."""

from dataclasses import dataclass
from typing import Self

from starlette.concurrency import run_in_threadpool

from api.batching import Batch, connect
from api.dispatch import Bell, Ringer, Sweeping
from api.history import History
from api.readiness import LoreProbe
from api.store import Store
from api.tail import Tail
from archive import Archive, open_archive
from jobs.config import Config


@dataclass(frozen=True)
class Parts:
    """The parts of an api. Tests put in others."""

    config: Config
    batch: Batch
    store: Store
    bell: Bell
    archive: Archive
    lore: LoreProbe
    tail: Tail
    sweeping: Sweeping | None = None
    """None for an api that leaves due jobs to others."""

    @classmethod
    def of(cls, config: Config) -> Self:
        """The real ones; none connects before it is used. Raises ConfigError, ArchiveError."""
        batch = Batch(connect(config.redis_url))
        archive = open_archive(config.database_url, create=False)
        return cls(
            config=config,
            batch=batch,
            store=Store(batch, History(batch), config.ring_again_s),
            bell=Ringer(batch, config.queue),
            archive=archive,
            lore=LoreProbe(config.lore_address),
            tail=Tail(connect(config.redis_url)),
            sweeping=Sweeping.of(config, archive),
        )

    def start(self) -> None:
        """Begins what runs beside the requests."""
        self.tail.start()
        if self.sweeping:
            self.sweeping.start()

    async def close(self) -> None:
        """Rings for what is noted, and closes all connections."""
        await self.tail.close()
        await self.bell.finish()
        if self.sweeping:
            await run_in_threadpool(self.sweeping.stop)
        await self.batch.close()
        await self.lore.close()
        self.archive.close()
