"""How many waiting jobs could start now if there were workers for them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from loresmith.jobs.core.settings.providers import LIST_SEPARATOR


def scope_of(scope: str, name: str | None = None) -> str:
    """Returns the name of a part of the queue in Redis."""
    return f"{scope}:{name}" if name else scope


def pauses_of(pool: str) -> set[str]:
    """Returns the scopes whose pause holds a pool, or a list of pools, as in Redis."""
    return {"all", *(scope_of("pool", name) for name in pool.split(LIST_SEPARATOR))}


@dataclass(frozen=True)
class Lane:
    """The waiting jobs of a type on a pool."""

    name: str
    type: str
    pool: str
    waiting: int


@dataclass(frozen=True)
class OwnerJobs:
    """The jobs of an owner: admitted or running ones, and waiting ones by lane."""

    owner: str
    running: int
    longest_wait_ms: int
    waiting: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.waiting.values())

    def held_back(self, concurrency: int | None, paused: Collection[str]) -> Counter[str]:
        """Counts by lane the waiting jobs that its limit or a pause keeps from starting."""
        is_paused = scope_of("owner", self.owner) in paused
        room = 0 if is_paused else concurrency and concurrency - self.running
        held: Counter[str] = Counter()
        for lane, waiting in self.waiting.items():
            started = waiting if room is None else max(0, min(waiting, room))
            room = None if room is None else room - started
            held[lane] = waiting - started
        return held


def startable(
    lanes: Iterable[Lane],
    rooms: Mapping[str, int | None],
    owners: Sequence[tuple[OwnerJobs, int | None]],
    paused: Collection[str],
) -> int:
    """Counts the waiting jobs that only a worker is missing for.

    `rooms`: how many jobs of a pool may start now; None: any number. `owners`: those that may be
    limited, each with its concurrency. `paused`: scopes, as in Redis.
    """
    held: Counter[str] = Counter()
    for owner, concurrency in owners:
        held += owner.held_back(concurrency, paused)
    by_pool: Counter[str] = Counter()
    for lane in lanes:
        scopes = pauses_of(lane.pool) | {scope_of("type", lane.type)}
        if scopes.isdisjoint(paused):
            by_pool[lane.pool] += max(0, lane.waiting - held[lane.name])
    limits = {pool: rooms.get(pool) for pool in by_pool}
    return sum(
        count if (room := limits[pool]) is None else min(count, room)
        for pool, count in by_pool.items()
    )
