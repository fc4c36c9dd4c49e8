"""Kills the primary of a replicated Redis again and again; counts what is lost or bought twice.

    python -m chaos.failover --kills 20 [--ack-replicas 1] [--sever]

Jobs are submitted all the time; a request that fails is sent again with its key. At each kill the
replicas lag behind, as over a slow network. Processes that refuse the new primary, because it has
forgotten accepted work, are restarted: that is how an operator accepts the loss.
"""

import argparse
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from chaos.redis_nodes import RedisNodes
from loresmith.jobs.store import keys
from tests.stack import Stack, stack
from tests.waiting import wait_until

LAG_S = 0.3
"""For how long the replicas lag before each kill."""
BODY = {"type": "generate_relics", "payload": {"theme": "salt", "count": 1}}
PROCESSES = ("api", "lore", "worker")
MIN_INTERVAL_S = 0.05


@dataclass
class Outcome:
    """The figures of a run."""

    kills: int = 0
    accepted: int = 0
    lost: int = 0
    """Accepted jobs that the last primary does not know."""
    noticed: int = 0
    """Failovers after which a process refused the new primary, because it had forgotten work."""
    bought_twice: int = 0
    unfinished: int = 0
    longest_s: float = 0.0
    """From a kill to the next primary."""


class Client(threading.Thread):
    """Submits jobs until it is stopped."""

    def __init__(self, running: Stack) -> None:
        super().__init__(daemon=True)
        self.accepted: list[str] = []
        self.stopped = threading.Event()
        self._running = running

    def run(self) -> None:
        while not self.stopped.wait(MIN_INTERVAL_S):
            key = str(uuid.uuid4())
            while not self.stopped.is_set():
                status, job = self._running.post("/jobs", BODY, **{"Idempotency-Key": key})
                if status in (200, 202):  # 200: an earlier request had created it
                    self.accepted.append(str(job["id"]))
                    break
                self.stopped.wait(MIN_INTERVAL_S)


def fail_over(directory: Path, kills: int, ack_replicas: int, *, sever: bool = False) -> Outcome:
    """Runs the whole story on a stack of its own."""
    outcome = Outcome(kills=kills)
    env = {"LORESMITH_ACK_REPLICAS": str(ack_replicas), "LORESMITH_CONCURRENCY": "50"}
    nodes = RedisNodes(directory)
    with stack(directory, seconds=1.0, env=env, redis_server=nodes) as running:
        client = Client(running)
        client.start()
        for _ in range(kills):
            before = len(client.accepted)
            wait_until(lambda: len(client.accepted) > before + 5, "jobs are accepted", timeout=60)  # noqa: B023
            outcome.longest_s = max(outcome.longest_s, nodes.fail_over(LAG_S, sever=sever))
            outcome.noticed += restarted(running)
        client.stopped.set()
        client.join()
        outcome.accepted = len(client.accepted)
        outcome.unfinished = unfinished(running, nodes)
        with running.redis as redis:
            outcome.lost = sum(not redis.exists(keys.job(job_id)) for job_id in client.accepted)
        outcome.bought_twice = sum(count > 1 for count in running.bills().values())
    return outcome


def restarted(running: Stack) -> bool:
    """Waits until the api is ready; restarts all processes when it refuses the new primary."""
    began = time.monotonic()
    while True:
        status, body = running.get("/readyz")
        if status == 200:
            return False
        refused = "forgotten" in str(body) or any(
            "has forgotten accepted work" in running[name].tail(200) for name in PROCESSES
        )
        if refused or time.monotonic() - began > 30:
            break
        time.sleep(MIN_INTERVAL_S)
    for name in PROCESSES:
        running[name].kill()
        running[name].log.write_text("")
        running[name].start()
    wait_until(lambda: running.get("/readyz")[0] == 200, "the api is ready", timeout=60)
    return True


def unfinished(running: Stack, nodes: RedisNodes) -> int:
    """Counts the jobs that have not ended two minutes after the last kill."""

    def count() -> int:
        with running.redis as redis:
            return int(redis.zcard(keys.DEADLINES))

    try:
        wait_until(lambda: count() == 0, "all jobs have ended", timeout=120, every=0.5)
    except AssertionError:
        return count()
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--ack-replicas", type=int, default=1)
    parser.add_argument("--sever", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        print(
            fail_over(folder, options.kills, options.ack_replicas, sever=options.sever), flush=True
        )


if __name__ == "__main__":
    main()
