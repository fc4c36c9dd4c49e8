"""Limits of pools and owners over HTTP: set, read, removed."""

from typing import Any

import pytest

from loresmith.jobs.store import keys
from tests.unit.api.harness import ApiHarness

POOL = "/limits/pools/openai/gpt-9"
OWNER = "/limits/owners/team/sea"
NONE = {"requests_per_minute": None, "tokens_per_minute": None, "concurrency": None}


def put(api: ApiHarness, path: str, **limits: Any) -> Any:
    response = api.client.put(path, json=limits)
    assert response.status_code == 200, response.text
    return response.json()


def test_a_pool_has_the_limits_that_were_set(api: ApiHarness) -> None:
    """Given limits of a pool / when others are set / I expect them instead, and the pool in the
    list.
    """
    put(api, POOL, requests_per_minute=60)

    pool = put(api, POOL, tokens_per_minute=1_200, concurrency=4)

    assert pool == api.get(POOL).json() == api.get("/limits").json()["pools"][0]
    limits = {"requests_per_minute": None, "tokens_per_minute": 1_200, "concurrency": 4}
    assert pool == {
        "pool": "openai/gpt-9", "set": limits, "file": NONE, "learnt": NONE, "effective": limits,
        "requests_left": None, "tokens_left": 100, "calls": 0, "closed_until": None,
        "closed_reason": None,
    }  # fmt: skip


def test_limits_that_were_set_stay(api: ApiHarness) -> None:
    """Given a pool that would be forgotten / I expect its limits to stay."""
    api.scripts.redis.hset(keys.pool("openai/gpt-9"), "learnt_requests", 60)
    api.scripts.redis.expire(keys.pool("openai/gpt-9"), 60)

    put(api, POOL, concurrency=4)

    assert api.scripts.redis.ttl(keys.pool("openai/gpt-9")) == -1


def test_what_was_set_precedes_the_file_and_what_was_learnt(api: ApiHarness) -> None:
    api.scripts.redis.sadd(keys.POOLS, "openai/gpt-9")
    fields = {"file_requests": 50, "learnt_requests": 59.4, "learnt_tokens": 900}
    closed = {"closed_until_ms": 1_800_000_000_000, "closed_reason": "rate_limit"}
    api.scripts.redis.hset(keys.pool("openai/gpt-9"), mapping=fields | closed)

    before, after = api.get(POOL).json(), put(api, POOL, requests_per_minute=7)

    assert before["effective"] == NONE | {"requests_per_minute": 50, "tokens_per_minute": 900}
    assert after["effective"] == NONE | {"requests_per_minute": 7, "tokens_per_minute": 900}
    assert after["learnt"]["requests_per_minute"] == 59.4
    assert after["closed_until"] == "2027-01-15T08:00:00.000Z"
    assert after["closed_reason"] == "rate_limit"
    assert api.client.delete(POOL).status_code == 204
    assert api.get(POOL).json()["effective"] == before["effective"]


def test_a_pool_that_has_opened_again_is_not_closed(api: ApiHarness) -> None:
    put(api, POOL, concurrency=4)
    closed = {"closed_until_ms": 1_700_000_000_000, "closed_reason": "rate_limit"}
    api.scripts.redis.hset(keys.pool("openai/gpt-9"), mapping=closed)

    pool = api.get(POOL).json()

    assert (pool["closed_until"], pool["closed_reason"]) == (None, None)


def test_a_pool_without_any_limit_is_forgotten(api: ApiHarness) -> None:
    put(api, POOL, concurrency=4)

    assert api.client.delete(POOL).status_code == 204

    assert api.get("/limits").json() == {"pools": [], "owners": []}
    assert api.keys == [keys.AUDIT_OUTBOX, keys.EPOCH]
    assert api.get(POOL).json()["code"] == "limits-not-found"
    assert api.client.delete(POOL).status_code == 404
    assert put(api, POOL)["effective"] == NONE


def test_an_owner_has_the_limits_that_were_set(api: ApiHarness) -> None:
    put(api, OWNER, weight=0.5, concurrency=3)

    owner = put(api, OWNER, weight=2.5)

    assert owner == {"scope": "team", "id": "sea", "weight": 2.5, "concurrency": None}
    assert owner == api.get(OWNER).json()
    assert api.get("/limits").json() == {"pools": [], "owners": [owner]}
    assert api.client.delete(OWNER).status_code == 204
    assert api.get("/limits").json()["owners"] == []
    assert api.get(OWNER).json()["code"] == "limits-not-found"
    assert api.client.delete(OWNER).status_code == 404


def test_changes_are_audited(api: ApiHarness) -> None:
    put(api, OWNER, weight=2.0)
    put(api, OWNER, weight=3.0)
    put(api, POOL, concurrency=3)
    api.client.delete(POOL)
    api.client.delete(OWNER)

    entries = [entry for _, entry in api.scripts.redis.xrange(keys.AUDIT_OUTBOX)]

    pool, owner = "pool openai/gpt-9", "owner team:sea"
    assert [(entry["action"], entry["object"]) for entry in entries] == [
        ("limits.put", owner), ("limits.put", owner), ("limits.put", pool),
        ("limits.delete", pool), ("limits.delete", owner),
    ]  # fmt: skip
    assert entries[1]["before"] == entries[0]["after"] == '{"weight":2,"concurrency":null}'
    assert entries[3]["before"] == entries[2]["after"]
    assert entries[4]["before"] == '{"weight":3,"concurrency":null}'


@pytest.mark.parametrize("name", ["gpt-9", "a b: ü", "openai/gpt-9:mini/x"])
def test_a_name_may_be_any_text(api: ApiHarness, name: str) -> None:
    assert put(api, f"/limits/pools/{name}", concurrency=1)["pool"] == name
    assert put(api, f"/limits/owners/user/{name}")["id"] == name
    assert api.client.delete(f"/limits/owners/user/{name}").status_code == 204


@pytest.mark.parametrize(
    ("path", "limits", "named"),
    [
        (f"/limits/pools/{'x' * 401}", {}, "pool"),
        ("/limits/pools/a%00b", {}, "pool"),
        ("/limits/owners/key/a", {}, "scope"),
        ("/limits/owners/user/a%0Ab", {}, "id"),
        (POOL, {"requests_per_minute": 0}, "/requests_per_minute"),
        (POOL, {"tokens_per_minute": 1.5}, "/tokens_per_minute"),
        (POOL, {"concurrency": "5"}, "/concurrency"),
        (POOL, {"rpm": 5}, "/rpm"),
        (OWNER, {"weight": 0}, "/weight"),
        (OWNER, {"weight": 1_001}, "/weight"),
        (OWNER, {"weight": None}, "/weight"),
        (OWNER, {"concurrency": 0}, "/concurrency"),
    ],
)
def test_what_does_not_fit_is_named(
    api: ApiHarness, path: str, limits: dict[str, Any], named: str
) -> None:
    response = api.client.put(path, json=limits)

    assert response.status_code == 400
    assert named in response.json()["errors"][0].values()
    assert api.get("/limits").json() == {"pools": [], "owners": []}


def test_a_list_has_a_most(api: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loresmith.api.services.limits.MAX_POOLS", 2)
    for name in "abc":
        put(api, f"/limits/pools/{name}", concurrency=1)

    assert [pool["pool"] for pool in api.get("/limits").json()["pools"]] == ["a", "b"]


def test_a_damaged_pool_is_left_out(api: ApiHarness) -> None:
    put(api, POOL, concurrency=4)
    put(api, "/limits/pools/broken", concurrency=4)
    api.scripts.redis.hset(keys.pool("broken"), "file_requests", "many")

    assert [pool["pool"] for pool in api.get("/limits").json()["pools"]] == ["openai/gpt-9"]
