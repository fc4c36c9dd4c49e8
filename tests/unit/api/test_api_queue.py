"""The queue over HTTP: what waits and why, pausing it, and how many workers it takes."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.jobs.store import keys
from tests.unit.api.harness import BODY, ApiHarness, api_harness

EMPTY = {
    "paused": [], "waiting": 0, "admitted": 0, "running": 0, "workers": [], "wanted_workers": 0,
    "pools": [], "more_pools": False, "owners": [], "more_owners": False, "types": [],
}  # fmt: skip


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiHarness]:
    """An api of workers with 20 slots each."""
    with api_harness(tmp_path, concurrency=20) as harness:
        yield harness


def worker(
    api: ApiHarness, name: str = "w1.cafe0123@lore", free: int = 0, running: int = 0
) -> None:
    """Registers a live worker."""
    redis = api.scripts.redis
    redis.zadd(keys.WORKERS, {name: (time.time() + 60) * 1000})
    redis.hset(keys.WORKER_SLOTS, name, free)
    redis.hset(keys.WORKER_JOBS, name, running)


def submit(api: ApiHarness, user: str = "mira", count: int = 1, **options: Any) -> list[str]:
    """Submits jobs of a user; returns their ids."""
    body = BODY | {"on_behalf_of": {"user_id": user}, "options": options}
    return [api.submit(body).json()["id"] for _ in range(count)]


def queue(api: ApiHarness) -> dict[str, Any]:
    response = api.get("/queue")
    assert response.status_code == 200, response.text
    return dict(response.json())


def pause(api: ApiHarness, scope: str, name: str | None = None) -> list[dict[str, Any]]:
    response = api.post("/queue/pause", {"scope": scope, "name": name, "reason": "moving"})
    assert response.status_code == 200, response.text
    return list(response.json()["paused"])


def waiting_reason(api: ApiHarness, job_id: str) -> Any:
    return api.get(f"/jobs/{job_id}").json()["waiting"]["reason"]


def test_an_empty_queue(api: ApiHarness) -> None:
    assert queue(api) == EMPTY


def test_what_waits_is_counted_by_pool_owner_and_type(api: ApiHarness) -> None:
    """Given a worker without a free slot and jobs of two users on two models / I expect counts of
    each, the longest wait first, and workers for all of them.
    """
    worker(api, running=3)
    submit(api, "mira", 2, model="large", priority="batch")
    submit(api, "ovid", 1, model="small")

    status = queue(api)

    assert [status[name] for name in ("waiting", "admitted", "running")] == [3, 0, 3]
    assert status["workers"] == [{"name": "w1", "slots": 3, "free": 0, "queues": ["lore"]}]
    assert {pool["pool"]: (pool["waiting"], pool["reason"]) for pool in status["pools"]} == {
        "large": (2, None),
        "small": (1, None),
    }
    assert [(owner["owner"], owner["waiting"]) for owner in status["owners"]] == [
        ("user:mira", 2),
        ("user:ovid", 1),
    ]
    assert status["owners"][0]["longest_wait_s"] >= status["owners"][1]["longest_wait_s"]
    assert status["types"] == [{"type": "generate_characters", "waiting": 3}]
    assert status["wanted_workers"] == 1


def test_jobs_without_a_worker_want_workers(api: ApiHarness) -> None:
    """Given 41 jobs, no worker and 20 slots a worker / I expect 3 workers wanted."""
    submit(api, count=41)

    status = queue(api)

    assert status["waiting"] + status["admitted"] == 41
    assert (status["workers"], status["wanted_workers"]) == ([], 3)


@pytest.mark.parametrize(
    ("limits", "workers"),
    [
        ({"concurrency": 25}, 2),
        ({"requests_per_minute": 12}, 1),
        ({"requests_per_minute": 300}, 2),
        ({"requests_per_minute": 12_000}, 3),
    ],
)
def test_jobs_that_a_pool_holds_back_want_no_workers(
    api: ApiHarness, limits: dict[str, int], workers: int
) -> None:
    """Given 60 jobs of a limited pool / I expect workers for those that it lets start now."""
    worker(api)
    api.client.put("/limits/pools/large", json=limits)
    submit(api, count=60, model="large")

    assert queue(api)["wanted_workers"] == workers


def test_a_closed_pool_says_until_when(api: ApiHarness) -> None:
    worker(api)
    until = int((time.time() + 60) * 1000)
    closed = {"closed_until_ms": until, "closed_reason": "rate_limit"}
    api.scripts.redis.hset(keys.pool("large"), mapping=closed)
    submit(api, count=30, model="large")

    (pool,) = queue(api)["pools"]

    assert (pool["reason"], pool["closed_reason"]) == ("closed", "rate_limit")
    assert pool["closed_until"].endswith("Z")
    assert queue(api)["wanted_workers"] == 0


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("all", None),
        ("pool", "large"),
        ("type", "generate_characters"),
        ("owner", "user:mira"),
    ],
)
def test_paused_jobs_wait(api: ApiHarness, scope: str, name: str | None) -> None:
    """Given a paused part of the queue / I expect its jobs accepted and waiting, no worker wanted
    for them, and them to start once it is resumed.
    """
    worker(api, free=5)
    (paused,) = pause(api, scope, name)
    (job_id,) = submit(api, "mira", model="large")

    status = queue(api)

    assert (paused["scope"], paused["name"], paused["reason"]) == (scope, name, "moving")
    assert (paused["by"], status["paused"]) == ("local", [paused])
    assert (status["waiting"], status["admitted"], status["wanted_workers"]) == (1, 0, 0)
    assert waiting_reason(api, job_id) == "paused"
    assert api.post("/queue/resume", {"scope": scope, "name": name}).json() == {"paused": []}
    assert queue(api)["wanted_workers"] == 1


def test_a_resumed_owner_starts_its_jobs(api: ApiHarness) -> None:
    """Given a paused owner that was passed over / when it is resumed and any job is admitted
    / I expect its job to be admitted too.
    """
    worker(api, free=5)
    pause(api, "owner", "user:mira")
    submit(api, "mira")
    assert queue(api)["waiting"] == 1

    api.post("/queue/resume", {"scope": "owner", "name": "user:mira"})
    submit(api, "ovid")

    assert (queue(api)["waiting"], queue(api)["admitted"]) == (0, 2)


def test_others_are_not_paused(api: ApiHarness) -> None:
    worker(api, free=5)
    pause(api, "owner", "user:mira")
    pause(api, "pool", "small")

    submit(api, "ovid", model="large")

    assert queue(api)["admitted"] == 1
    assert [each["scope"] for each in queue(api)["paused"]] == ["owner", "pool"]


def test_the_jobs_of_an_owner_at_its_limit_want_no_workers(api: ApiHarness) -> None:
    """Given an owner with 60 jobs that may run 2 at once / I expect one worker to be enough."""
    worker(api)
    api.client.put("/limits/owners/user/mira", json={"weight": 3.0, "concurrency": 2})
    submit(api, "mira", 60)

    status = queue(api)

    assert status["wanted_workers"] == 1
    (owner,) = status["owners"]
    assert (owner["waiting"], owner["weight"], owner["concurrency"]) == (60, 3, 2)


def test_parked_owners_are_listed(api: ApiHarness) -> None:
    """Given an owner that may start nothing / I expect it in the list, and free once its limit
    is removed.
    """
    worker(api, free=5)
    api.client.put("/limits/owners/user/mira", json={"concurrency": 1})
    submit(api, "mira", 3)

    (owner,) = queue(api)["owners"]

    assert (owner["waiting"], owner["running"]) == (2, 1)
    assert api.client.delete("/limits/owners/user/mira").status_code == 204
    submit(api, "ovid")
    assert queue(api)["waiting"] == 0


def test_a_list_of_owners_has_a_most(api: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loresmith.api.services.queue_status.MAX_OWNERS", 2)
    worker(api)
    for user in "abc":
        submit(api, user)

    status = queue(api)

    assert (len(status["owners"]), status["more_owners"]) == (2, True)


def test_readiness_mentions_a_pause(api: ApiHarness) -> None:
    """Given pauses / I expect the probe to say so without names, and to stay ready."""

    def detail() -> str:
        response = api.get("/readyz")
        assert response.status_code == 200
        return str(response.json()["checks"]["queue"]["detail"])

    pause(api, "owner", "user:mira")
    assert detail() == "paused in part: 1; see `loresmith queue`"
    pause(api, "all")
    assert detail() == "paused: jobs wait until `loresmith queue resume`"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "/scope"),
        ({"scope": "queue"}, "/scope"),
        ({"scope": "pool"}, "/name"),
        ({"scope": "all", "name": "x"}, "/name"),
        ({"scope": "type", "name": "generate_taxes"}, "/name"),
        ({"scope": "owner", "name": "mira"}, "/name"),
        ({"scope": "all", "reason": "x" * 501}, "/reason"),
        ({"scope": "all", "until": 5}, "/until"),
    ],
)
def test_what_cannot_be_paused_names_the_field(
    api: ApiHarness, body: dict[str, Any], named: str
) -> None:
    response = api.post("/queue/pause", body)

    assert response.status_code == 400
    assert named in [error["pointer"] for error in response.json()["errors"]]
    assert queue(api)["paused"] == []


def test_pauses_are_audited(api: ApiHarness) -> None:
    """Given a pause that is ended twice / I expect two entries: the second changed nothing."""
    pause(api, "pool", "large")
    for _ in range(2):
        api.post("/queue/resume", {"scope": "pool", "name": "large"})

    entries = [entry for _, entry in api.scripts.redis.xrange(keys.AUDIT_OUTBOX)]

    assert [(entry["action"], entry["object"]) for entry in entries] == [
        ("queue.pause", "queue pool:large"),
        ("queue.resume", "queue pool:large"),
    ]
    assert entries[0]["after"] == '{"reason":"moving"}'
