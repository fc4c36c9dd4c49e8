"""A month's bill through all the real processes: it survives the api's death and Redis' loss."""

from pathlib import Path
from typing import Any

import pytest

from jobs import keys
from loresmith import Client
from tests.stack import request, stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


def test_a_bill_survives_an_api_that_was_away_and_a_redis_that_was_lost(tmp_path: Path) -> None:
    """Given a job that is accepted, and an api that is killed / when the job ends meanwhile, the
    api comes back, and then all of Redis is lost / I expect the job on the bill, with its tokens.
    """
    with stack(tmp_path, seconds=1) as system, Client(system.url) as client:
        client.set_budget("team", "sea", limit=1, window="day")
        job = client.submit("generate_relics", {"theme": "salt"}, team_id="sea")
        system["api"].kill()
        wait_until(lambda: system.redis.xlen(keys.OUTBOX) == 1, "the job has ended", timeout=30)
        system["api"].start()
        wait_until(lambda: bill(client)["total"]["jobs"] == 1, "it is on the bill", timeout=30)
        assert client.get(job.id).raw["cost"]["state"] == "final"
        assert client.budgets()[0]["reserved"] == 0
        system.redis.flushall()

        (row,) = bill(client)["rows"]

        assert row["key"] == "sea"
        assert row["calls"] == 1
        assert row["tokens"]["output"] > 0
        assert request("GET", f"{system.url}/jobs/{job.id}")[0] == 404
        assert client.budgets() == []


def bill(client: Client) -> dict[str, Any]:
    return client.usage("team")
