"""A damaged record in Redis: left out of lists and logged once; read alone it is a problem."""

from collections.abc import Callable
from typing import Any

import pytest

from loresmith.jobs.core import damaged_record
from loresmith.jobs.store import keys
from tests.unit.api.harness import ApiHarness

JOB_ID = "00000000-0000-7000-8000-000000000000"
LATEST = 9_999_999_999_999


@pytest.fixture(autouse=True)
def nothing_reported() -> None:
    damaged_record._reported.clear()


def by_hand(api: ApiHarness) -> None:
    """Two fields, as in a half restored dump."""
    api.scripts.redis.hset(keys.job(JOB_ID), mapping={"status": "pending", "type": "no_such"})


def without(field: str) -> Callable[[ApiHarness], None]:
    def damage(api: ApiHarness) -> None:
        api.scripts.submit(JOB_ID, type="generate_relics", payload='{"theme": "salt"}')
        api.scripts.redis.hdel(keys.job(JOB_ID), field)

    return damage


def with_value(field: str, value: str) -> Callable[[ApiHarness], None]:
    def damage(api: ApiHarness) -> None:
        api.scripts.submit(JOB_ID, type="generate_relics", payload='{"theme": "salt"}')
        api.scripts.redis.hset(keys.job(JOB_ID), field, value)

    return damage


def another_type(api: ApiHarness) -> None:
    api.scripts.redis.set(keys.job(JOB_ID), "text")


DAMAGES: dict[str, Callable[[ApiHarness], None]] = {
    "two fields": by_hand,
    "no version": without("version"),
    "no payload": without("payload"),
    "no lease holder": without("lease_holder"),
    "progress": with_value("progress", "many"),
    "a time": with_value("created_ms", "99999999999999999999"),
    "a number": with_value("p90_s", "nan"),
    "tags": with_value("tags", "{"),
    "error detail": with_value("error_detail", "nothing"),
    "status": with_value("status", "odd"),
    "a string": another_type,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_a_damaged_record_is_left_out_of_lists(
    api: ApiHarness, damage: Any, log_lines: Callable[[], list[str]]
) -> None:
    intact = [api.create(), api.create_ended()]
    damage(api)
    api.scripts.redis.zadd(keys.ALL, {JOB_ID: LATEST})
    api.scripts.redis.zadd(keys.ENDED, {JOB_ID: LATEST})

    for path in ("/jobs?limit=5", "/jobs?limit=5&include=payload,result", "/jobs?q=0000"):
        answer = api.get(path)
        assert answer.status_code == 200, answer.text
        assert {job["id"] for job in answer.json()["jobs"]} <= set(intact)
    assert api.get("/jobs/stats").status_code == 200
    assert api.post("/jobs/cleanup", {"dry_run": True}).status_code == 200


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_a_damaged_record_is_a_problem_when_it_is_read(api: ApiHarness, damage: Any) -> None:
    damage(api)

    for path in ("", "/result", "?include=payload"):
        answer = api.get(f"/jobs/{JOB_ID}{path}")
        assert answer.status_code in (404, 409, 410), (path, answer.text)
    assert api.get(f"/jobs/{JOB_ID}").json()["code"] == "damaged-record"
    for method, path in (("POST", "/retry?dry_run=1"), ("POST", "/cancel"), ("DELETE", "")):
        answer = api.client.request(method, f"/jobs/{JOB_ID}{path}")
        assert answer.status_code in (200, 202, 204, 404, 409, 410), (path, answer.text)


def test_it_is_logged_once(api: ApiHarness, caplog: pytest.LogCaptureFixture) -> None:
    by_hand(api)
    api.scripts.redis.zadd(keys.ALL, {JOB_ID: LATEST})

    for _ in range(3):
        assert api.get("/jobs").status_code == 200

    lines = [line for line in caplog.messages if "damaged" in line]
    assert lines == [
        f'left out a damaged record error="DamagedRecord: job {JOB_ID}: id is missing"'
    ]


def test_a_damaged_call_is_left_out(api: ApiHarness) -> None:
    job_id = api.create()
    api.scripts.claim(job_id)
    call_id = api.scripts.intent(job_id).call_id
    api.scripts.redis.sadd(keys.calls(job_id), "odd/s/0", "text/s/0")
    api.scripts.redis.hset(keys.call("odd/s/0"), mapping={"state": "done", "attempt": "x"})
    api.scripts.redis.set(keys.call("text/s/0"), "x")

    answer = api.get(f"/jobs/{job_id}/calls")

    assert answer.status_code == 200, answer.text
    assert [call["call_id"] for call in answer.json()["calls"]] == [call_id]


def test_a_damaged_budget_is_left_out(api: ApiHarness) -> None:
    api.client.put("/budgets/team/ink", json={"limit": 1})
    api.client.put("/budgets/team/odd", json={"limit": 1})
    api.scripts.redis.hset(keys.budget("team:odd"), "soft", "{")

    answer = api.get("/budgets")

    assert answer.status_code == 200, answer.text
    assert [budget["id"] for budget in answer.json()["budgets"]] == ["ink"]
    assert api.get("/budgets/team/odd").json()["code"] == "damaged-record"
