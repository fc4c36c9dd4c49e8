"""The usage report: complete after a crash of the api and the loss of Redis."""

from pathlib import Path
from typing import Any

import pytest

from loresmith import Client
from loresmith.jobs.store import keys
from tests.stack import request, stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


def test_usage_survives_a_killed_api_and_a_lost_redis(tmp_path: Path) -> None:
    """Given an accepted job, and an api that is killed / when the job ends, the api is restarted,
    and then Redis loses its data / I expect the job in the report, with its tokens.
    """
    with stack(tmp_path, seconds=1) as system, Client(system.url) as client:
        client.set_budget("team", "sea", limit=1, window="day")
        job = client.submit("generate_relics", {"theme": "salt"}, team_id="sea")
        system["api"].kill()
        wait_until(lambda: system.redis.xlen(keys.OUTBOX) == 1, "the job has ended", timeout=30)
        system["api"].start()
        wait_until(lambda: usage(client)["total"]["jobs"] == 1, "it is in the report", timeout=30)
        assert client.get(job.id).raw["cost"]["state"] == "final"
        assert client.budgets()[0]["reserved"] == 0
        system.redis.flushall()

        (row,) = usage(client)["rows"]

        assert row["key"] == "sea"
        assert row["calls"] == 1
        assert row["tokens"]["output"] > 0
        assert request("GET", f"{system.url}/jobs/{job.id}")[0] == 404
        assert client.budgets() == []


def usage(client: Client) -> dict[str, Any]:
    return client.usage("team")
