"""A Redis Cluster works when all keys of an installation share a slot."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from loresmith import Client
from tests.servers import RedisServer, free_port
from tests.stack import Stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

ONE_SLOT = {"LORESMITH_PREFIX": "{lore}:", "RQ_KEY_PREFIX": "{lore}:rq"}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RedisServer]:
    """A cluster of one node, which refuses commands and scripts across slots like any other."""
    server = RedisServer(free_port(), tmp_path)
    server.start("--cluster-enabled", "yes")
    with Redis(port=server.port) as redis:
        redis.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        wait_until(lambda: redis.cluster("INFO")["cluster_state"] == "ok", "the cluster is up")
    try:
        yield server
    finally:
        server.stop()


def test_a_whole_life_in_one_slot(node: RedisServer, tmp_path: Path) -> None:
    """Given a cluster and a prefix with a hash tag / when jobs are submitted, cancelled, retried,
    listed, deleted and paid from a budget / I expect no command across slots.
    """
    system = Stack(tmp_path / "stack", env=ONE_SLOT, redis_server=node)
    try:
        system.start()
        with Client(system.url) as client:
            client.set_budget("team", "sea", limit=1, window="day")
            jobs = [client.submit("generate_relics", {"theme": "salt"}, team_id="sea")]
            jobs += [client.submit("create_world", {"theme": "salt", "user_id": "mira"})]
            for job in jobs:
                assert system.wait_for(job.id)["status"] == "completed"
            assert {job.id for job in client.jobs().jobs} >= {job.id for job in jobs}
            assert client.get(jobs[0].id).raw["cost"]["state"] == "final"
            system["worker"].stop()
            waiting = client.submit("generate_relics", {"theme": "sand"})
            assert client.get(waiting.id).raw["waiting"]["reason"] == "no_worker"
            assert client.cancel(waiting.id)
            system["worker"].start()
            assert client.retry(waiting.id)
            assert system.wait_for(waiting.id)["status"] == "completed"
            assert system.get("/jobs/stats")[0] == 200
        assert {key.split(":")[0] for key in system.redis.scan_iter()} == {"{lore}"}
        logs = "".join(part.log.read_text(errors="replace") for part in system.parts.values())
        assert "CROSSSLOT" not in logs
        assert "non local key" not in logs
        assert "same slot" not in logs
    finally:
        for part in reversed(system.parts.values()):
            part.stop()
