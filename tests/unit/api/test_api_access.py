"""Routes: which need a credential, and which scope."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.api.auth.failure_limit import MAX_FAILURES
from loresmith.api.auth.key_format import id_of, new_key, new_key_id
from loresmith.api.auth.refusals import RefusalAudit
from loresmith.api.http.scopes import ROLES, SCOPES
from loresmith.jobs.store import keys
from tests.unit.api.credentials import bearer
from tests.unit.api.harness import BODY, ApiHarness, api_harness

METHODS = ("get", "post", "put", "delete")


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[ApiHarness]:
    """An api that demands credentials."""
    with api_harness(tmp_path, auth="required") as harness:
        yield harness


def operations(api: ApiHarness) -> Iterator[tuple[str, str, list[dict[str, list[str]]]]]:
    for path, methods in api.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation["security"]


def test_every_route_has_a_scope_or_is_public(closed: ApiHarness) -> None:
    """Given each route of OpenAPI / I expect what it says: a scope of the table, or 401 never."""
    for method, path, security in operations(closed):
        scopes = {scope for scheme in security for names in scheme.values() for scope in names}
        reply = closed.client.request(method, path.replace("{scope}", "user"))

        assert len(scopes) <= 1
        assert scopes <= SCOPES.keys(), (method, path)
        assert (reply.status_code == 401) == bool(scopes), (method, path)


def test_only_these_routes_are_public(closed: ApiHarness) -> None:
    public = {path for _, path, security in operations(closed) if not security}

    assert public == {
        "/", "/docs", "/healthz", "/openapi.json", "/problems/{code}", "/readyz",
        "/session", "/session/oidc",
        "/session/oidc/callback", "/static/{path}", "/system",
    }  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_its_scopes(closed: ApiHarness, role: str) -> None:
    """Given a key of a role / when it asks every route
    / I expect 403 exactly where the scope needs a higher role.
    """
    headers = bearer(closed.new_key(role=role, user_id="{id}"))  # as the paths name it

    for method, path, security in operations(closed):
        if not security:
            continue
        scope = security[0]["bearer"][0]
        reply = closed.client.request(method, path.replace("{scope}", "user"), headers=headers)
        too_low = ROLES.index(SCOPES[scope].role) > ROLES.index(role)  # type: ignore[index, arg-type]
        assert (reply.status_code == 403) == too_low, (method, path, reply.text)
        assert reply.status_code != 401


def test_scopes_narrow_a_role(closed: ApiHarness) -> None:
    headers = bearer(closed.new_key(role="admin", scopes=["jobs:read"]))

    reply = closed.client.post("/jobs", json=BODY, headers=headers)

    assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")
    assert "jobs:write" in reply.json()["detail"]
    assert closed.client.get("/jobs", headers=headers).status_code == 200


def test_a_key_comes_in_either_header(closed: ApiHarness) -> None:
    key = closed.new_key()

    assert closed.client.get("/jobs", headers={"Authorization": f"bearer {key}"}).is_success
    assert closed.client.get("/jobs", headers={"X-API-Key": key}).is_success
    basic = {"Authorization": "Basic dTpw", "X-API-Key": key}
    assert closed.client.get("/jobs", headers=basic).is_success
    assert closed.client.get(f"/jobs?token={key}").status_code == 401


def test_the_first_key_closes_a_server_on_loopback(api: ApiHarness) -> None:
    """Also when it is revoked: a server never opens again."""
    api.new_key()
    assert api.get("/jobs").status_code == 401


def test_a_request_is_rejected_before_its_body_is_read(closed: ApiHarness) -> None:
    reply = closed.client.post("/jobs", content=b"{" * 2_000_000)

    assert reply.status_code == 401


def test_many_failures_of_an_address_are_429(closed: ApiHarness) -> None:
    """Requests without any credential do not count, and a valid one always passes."""
    for _ in range(MAX_FAILURES + 5):
        assert closed.get("/jobs").status_code == 401
    for _ in range(MAX_FAILURES):
        wrong = bearer(new_key(new_key_id()))
        assert closed.client.get("/jobs", headers=wrong).status_code == 401

    reply = closed.client.get("/jobs", headers=wrong)

    assert (reply.status_code, reply.json()["code"]) == (429, "rate-limited")
    assert 0 < int(reply.headers["retry-after"]) <= 60
    assert closed.client.get("/jobs", headers=bearer(closed.new_key())).is_success


def test_no_key_is_in_an_answer_or_in_the_log(closed: ApiHarness, caplog: object) -> None:
    key = new_key(new_key_id())

    reply = closed.client.get("/jobs", headers=bearer(key))

    assert key not in reply.text
    assert (id_of(key) or "") not in reply.text


def test_refusals_are_in_the_audit_once_a_minute(closed: ApiHarness) -> None:
    """Given many refused requests of one member / I expect a row for each route, not for each."""
    member, other = bearer(closed.new_key()), bearer(closed.new_key())
    for number in range(5):
        for headers in (member, other):
            assert closed.client.get(f"/keys/{number}", headers=headers).status_code == 403
    closed.client.get("/keys", headers=member)

    entries = [fields for _, fields in closed.scripts.redis.xrange(keys.AUDIT_OUTBOX)]

    assert [entry["action"] for entry in entries] == ["access.refused"] * 3
    assert [entry["object"] for entry in entries] == ["GET /keys/0", "GET /keys/0", "GET /keys"]


def refusals_in_the_audit(api: ApiHarness) -> list[int]:
    entries = api.scripts.redis.xrange(keys.AUDIT_OUTBOX)
    return [json.loads(fields["after"])["refusals"] for _, fields in entries]


def test_the_last_refusals_are_in_the_audit_when_the_api_has_stopped(tmp_path: Path) -> None:
    """Given an attacker who gives up within a minute / I expect all refusals counted."""
    with api_harness(tmp_path, auth="required") as api:
        member = bearer(api.new_key())
        for _ in range(5):
            api.client.get("/keys", headers=member)
        assert refusals_in_the_audit(api) == [1]

    assert refusals_in_the_audit(api) == [1, 4]


def test_refusals_of_a_minute_are_recorded_after_it() -> None:
    """Given refusals of two actors, who give up / I expect those after the first in one entry at
    the end of their minute, and nothing twice.
    """
    now, recorded = 100.0, list[tuple[str, str, int]]()

    class FakeAuditLog:
        async def append(self, entry: dict[str, str]) -> None:
            count = json.loads(entry["after"])["refusals"]
            recorded.append((entry["actor"], entry["object"], count))

    async def act() -> None:
        nonlocal now
        refusals = RefusalAudit(FakeAuditLog(), lambda: now)  # type: ignore[arg-type]
        for actor in ("ann", "ann", "ann", "bob"):
            await refusals.refused("a route", {"actor": actor, "object": f"GET /{now:.0f}"})
            now += 1
        now = 160.0
        await refusals.flush()
        await refusals.flush()
        await refusals.refused("a route", {"actor": "ann", "object": "GET /new"})

    asyncio.run(act())

    assert recorded == [
        ("ann", "GET /100", 1), ("bob", "GET /103", 1), ("ann", "GET /102", 2),
        ("ann", "GET /new", 1),
    ]  # fmt: skip
