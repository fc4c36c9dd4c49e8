"""Job tokens: one job, to read or to cancel, for minutes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loresmith.api.auth.key_format import id_of
from loresmith.api.http.query_token import take_token
from loresmith.jobs.core.principal import Principal
from tests.unit.api.access_rules import RULES
from tests.unit.api.credentials import bearer
from tests.unit.api.harness import ApiHarness, api_harness
from tests.unit.api.users import User

ALLOWED = {
    "GET /jobs/{id}",
    "GET /jobs/{id}/result",
    "GET /jobs/{id}/events",
    "POST /jobs/{id}/cancel",
}


def token_of(user: User, job_id: str, *actions: str, **terms: Any) -> str:
    body = {"actions": list(actions)} | terms if actions else None
    reply = user.ask("POST", f"/jobs/{job_id}/token", body)
    assert reply.status_code == 201, reply.text
    assert reply.json()["actions"] == (sorted(actions, reverse=True) or ["read"])
    return str(reply.json()["token"])


def test_a_token_reads_its_job(ann: User) -> None:
    """As a header, and in the query for an EventSource."""
    job_id = ann.end()
    token = token_of(ann, job_id)
    ask = ann.api.client.get

    assert token.startswith("jt_")
    for path in (f"/jobs/{job_id}", f"/jobs/{job_id}/result"):
        assert ask(path, headers=bearer(token)).status_code == 200
        assert ask(f"{path}?token={token}").status_code == 200
    assert ask(f"/jobs/{job_id}?fields=status&token={token}").json() == {"status": "completed"}


def test_a_token_goes_nowhere_else(ann: User) -> None:
    """Given every route of the api, and a token for all actions / I expect it on four routes, and
    401 on all others, also on the one that makes tokens.
    """
    job_id = ann.create()
    headers = bearer(token_of(ann, job_id, "read", "cancel"))
    for route, rule in RULES.items():
        if rule.role is None or route in ALLOWED:
            continue
        method, path = route.split(" ")
        path = path.replace("{id}", job_id).replace("{scope}", "user")
        reply = ann.api.client.request(method, path, json=rule.body, headers=headers)
        assert reply.status_code == 401, (route, reply.text)


def test_another_job_does_not_exist_for_it(ann: User, bob: User) -> None:
    """Also where it is one of the same user, or its token's maker is an admin."""
    own, other, foreign = ann.create(), ann.create(), bob.create()
    admin = User(ann.api, "root", role="admin")
    for maker in (ann, admin):
        headers = bearer(token_of(maker, own, "read", "cancel"))
        for job_id in (other, foreign):
            for method, path in (("GET", ""), ("GET", "/result"), ("POST", "/cancel")):
                reply = ann.api.client.request(method, f"/jobs/{job_id}{path}", headers=headers)
                assert (reply.status_code, reply.json()["code"]) == (404, "job-not-found")
            assert ann.api.scripts.record(job_id)["status"] == "pending"


def test_a_token_cancels_if_it_says_so(ann: User) -> None:
    job_id = ann.create()
    cancel = f"/jobs/{job_id}/cancel"
    reading, cancelling = token_of(ann, job_id), token_of(ann, job_id, "cancel")

    assert ann.api.client.post(cancel, headers=bearer(reading)).status_code == 401
    assert ann.api.client.get(f"/jobs/{job_id}", headers=bearer(cancelling)).status_code == 401
    assert ann.api.client.post(f"{cancel}?token={cancelling}").status_code == 200
    assert ann.api.scripts.record(job_id)["status"] == "cancelled"


def test_a_token_ends_with_the_key_of_its_maker(ann: User) -> None:
    admin, job_id = User(ann.api, "root", role="admin"), ann.create()
    token = token_of(ann, job_id)
    assert ann.api.client.get(f"/jobs/{job_id}?token={token}").status_code == 200

    admin.ask("POST", f"/keys/{id_of(ann.key)}/revoke")

    assert ann.api.client.get(f"/jobs/{job_id}?token={token}").status_code == 401


@pytest.mark.parametrize(("overlap", "status"), [(0, 401), (60, 200)])
def test_a_token_ends_with_the_secret_that_made_it(ann: User, overlap: int, status: int) -> None:
    admin, job_id = User(ann.api, "root", role="admin"), ann.create()
    token = token_of(ann, job_id)

    admin.ask("POST", f"/keys/{id_of(ann.key)}/rotate", {"overlap": overlap})

    assert ann.api.client.get(f"/jobs/{job_id}?token={token}").status_code == status


def test_a_token_does_not_outlive_its_maker(ann: User) -> None:
    """Given a secret that ends in a minute / I expect its tokens to end with it."""
    admin, job_id = User(ann.api, "root", role="admin"), ann.create()
    admin.ask("POST", f"/keys/{id_of(ann.key)}/rotate", {"overlap": 60})

    token_of(ann, job_id, "read", expires_in=3_600)

    (name,) = ann.api.scripts.redis.keys("job-token:*")
    assert 50_000 < ann.api.scripts.redis.pttl(name) <= 60_000


def test_requests_with_a_token_are_requests_of_its_key(closed: ApiHarness) -> None:
    """Or a key with a limit would make itself as many more as it likes."""
    limited = User(closed, "ann", rpm=5)
    job_id = limited.create()
    tokens = [token_of(limited, job_id) for _ in range(2)]

    replies = [closed.get(f"/jobs/{job_id}?token={tokens[i % 2]}") for i in range(8)]

    assert {reply.status_code for reply in replies} == {200, 429}
    assert replies[-1].status_code == 429
    assert limited.ask("GET", "/jobs").status_code == 429


def test_streams_of_tokens_count_for_their_maker() -> None:
    maker = Principal(id="key:1", user_id="ann")
    tokens = [replace(maker, id=f"key:1/job/{i}", maker_id=maker.id) for i in range(2)]

    assert {each.counted_as for each in (maker, *tokens)} == {"key:1"}


def test_a_token_ends_after_its_time_and_is_stored_by_its_hash(ann: User) -> None:
    token = token_of(ann, ann.create(), "read", expires_in="90s")

    redis = ann.api.scripts.redis
    (name,) = redis.keys("job-token:*")
    assert 80_000 < redis.pttl(name) <= 90_000
    assert token not in name + redis.get(name)
    redis.delete(name)
    assert ann.api.client.get("/jobs", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [{"expires_in": 3_601}, {"expires_in": 0}, {"actions": []}, {"actions": ["delete"]}, {"x": 1}],
)
def test_wrong_terms(ann: User, body: Any) -> None:
    assert ann.ask("POST", f"/jobs/{ann.create()}/token", body).status_code == 400


def test_a_token_is_made_of_rights_that_its_maker_has(closed: ApiHarness, bob: User) -> None:
    """Given a job of bob / I expect no token for a stranger, and none to cancel for a reader."""
    job_id = bob.create()
    stranger, reader = User(closed, "eve"), User(closed, "bob", role="viewer")
    narrowed = User(closed, "bob", scopes=["jobs:read"])

    assert stranger.ask("POST", f"/jobs/{job_id}/token").status_code == 404
    for user in (reader, narrowed):
        assert user.ask("POST", f"/jobs/{job_id}/token", {"actions": ["cancel"]}).status_code == 403
        assert user.ask("POST", f"/jobs/{job_id}/token").status_code == 201


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[ApiHarness]:
    with api_harness(tmp_path, auth="required", team_jobs="team") as harness:
        yield harness


def test_a_teammate_gives_no_token_to_cancel(shared: ApiHarness) -> None:
    ann, bob = User(shared, "ann", "acme"), User(shared, "bob", "acme")
    path = f"/jobs/{bob.create()}/token"

    assert ann.ask("POST", path, {"actions": ["read"]}).status_code == 201
    assert ann.ask("POST", path, {"actions": ["read", "cancel"]}).status_code == 403


def test_a_token_of_an_open_server_ends_when_it_closes(api: ApiHarness) -> None:
    job_id = api.create()
    token = api.post(f"/jobs/{job_id}/token").json()["token"]
    assert api.get(f"/jobs/{job_id}?token={token}").status_code == 200

    api.post("/keys", {"name": "first", "role": "admin"})

    assert api.get(f"/jobs/{job_id}?token={token}").status_code == 401


@pytest.mark.parametrize(
    ("query", "rest", "token"),
    [
        (b"token=jt_a", b"", "jt_a"),
        (b"a=1&token=jt_a&b=%26", b"a=1&b=%26", "jt_a"),
        (b"token=jt_a&token=jt_b", b"", "jt_a"),
        (b"%74oken=x&token=jt%5Fa", b"", "x"),
        (b"q=token", b"q=token", None),
        (b"tokens=1", b"tokens=1", None),
        (b"token=lore_key", b"", "lore_key"),
    ],
)
def test_no_log_sees_a_token_of_a_query(query: bytes, rest: bytes, token: str | None) -> None:
    scope: dict[str, Any] = {"query_string": query}

    take_token(scope)

    assert (scope["query_string"], scope.get("query_token")) == (rest, token)
