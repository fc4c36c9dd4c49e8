"""A worker with slots, jobs of two owners, and what holds of the gate after each test of it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from loresmith.jobs.store import keys
from tests.store.driver import QUEUE, Store

GATE = keys.gate(QUEUE)
PLACEHOLDERS = f"rq:queue:{QUEUE}-waiting"
BUSY: dict[str, Any] = {"user_id": "busy"}
QUIET: dict[str, Any] = {"user_id": "quiet"}


class Slots:
    """A worker whose free slots the test sets."""

    def __init__(self, store: Store, owner: str = "w") -> None:
        self.store, self.owner = store, owner
        store.heartbeat(owner=owner)
        self.admit(0, 0)

    def admit(self, free: int, most: int | None = None) -> list[str]:
        """Has this many free slots, and returns the jobs that it gets for them."""
        most = free if most is None else most
        worker = self.store.worker(self.owner, requeue_after_s=60)
        return [message.job_id for message in worker.admit(free, most, [QUEUE])]

    def run(self, jobs: int, used_tokens: Callable[[str], int] = lambda _: 1000) -> list[str]:
        """Runs jobs one after the other; returns their ids."""
        done: list[str] = []
        while len(done) < jobs and (ids := self.admit(1)):
            attempt = int(self.store.record(ids[0])["attempt"])
            self.store.claim(ids[0], attempt, self.owner)
            self.store.finish(ids[0], attempt, self.owner, used_tokens=used_tokens(ids[0]))
            done += ids
        return done


def assert_whole(store: Store) -> None:
    """Checks the counts and the placeholders of the gate."""
    waiting = int(store.redis.hget(GATE, "waiting") or 0)
    jobs = sum(store.redis.zcard(key) for key in store.redis.scan_iter(f"{GATE}:jobs:*"))
    assert (waiting, store.redis.llen(PLACEHOLDERS)) == (jobs, jobs)
    lanes = {name: int(number) for name, number in store.redis.hgetall(GATE).items() if ":" in name}
    assert sum(lanes.values()) == jobs
    assert 0 not in lanes.values(), "an empty lane is still counted"
    for job_id in store.redis.zrange(f"{GATE}:admitted", 0, -1):
        assert store.record(job_id)["lease_holder"] == "", "a job that runs takes up room"


def submit(store: Store, prefix: str, number: int, **fields: Any) -> list[str]:
    names = [f"{prefix}{i}" for i in range(number)]
    for name in names:
        store.submit(name, **fields)
    return names


def owners(ids: list[str]) -> Counter[str]:
    return Counter(job_id.rstrip("0123456789") for job_id in ids)
