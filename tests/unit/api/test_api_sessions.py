"""Browser sessions: log in with a key, be that key, log out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from loresmith.api.auth.failure_limit import MAX_FAILURES
from loresmith.api.auth.key_format import id_of, new_key, new_key_id
from loresmith.api.auth.sessions import session_id_of
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import StoreUnavailable
from tests.unit.api.credentials import bearer
from tests.unit.api.harness import BODY, ApiHarness, api_harness

OWN = {"Origin": "http://127.0.0.1:8080"}
"""What a browser sends with a change from the server's own page."""


def log_in(api: ApiHarness, key: str, **headers: str) -> Response:
    return api.client.post("/session", json={"key": key}, headers=OWN | headers)


def who(api: ApiHarness) -> Any:
    return api.get("/session").json()


def test_a_key_is_exchanged_for_a_cookie(closed: ApiHarness) -> None:
    """I expect an opaque HttpOnly cookie, of which Redis holds the hash only."""
    key = closed.new_key(name="ann's laptop", user_id="ann", team_id="acme")
    assert who(closed) == {
        "login_required": True, "login_methods": ["key"], "principal": None, "expires_at": None,
    }  # fmt: skip

    reply = log_in(closed, f" {key}\n")

    principal = reply.json()["principal"]
    assert (principal["name"], principal["user_id"]) == ("ann's laptop", "ann")
    assert (principal["role"], principal["scopes"]) == (
        "member", ["jobs:read", "jobs:write", "usage"],
    )  # fmt: skip
    assert reply.json()["expires_at"]
    assert who(closed) == reply.json()
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("lore=")
    attributes = cookie.lower().split("; ")[1:]
    assert sorted(attributes) == ["httponly", "max-age=43200", "path=/", "samesite=strict"]
    value = closed.client.cookies["lore"]
    assert key not in cookie
    stored = " ".join(closed.scripts.redis.keys())
    assert session_id_of(value) in stored
    assert value not in stored
    text = closed.scripts.redis.get(keys.session(session_id_of(value)))
    assert key not in text
    assert 43_190 < closed.scripts.redis.ttl(keys.session(session_id_of(value))) <= 43_200


def test_a_session_has_the_rights_of_its_key(closed: ApiHarness) -> None:
    job_id = closed.submit(**bearer(other := closed.new_key(user_id="bob"))).json()["id"]
    log_in(closed, closed.new_key(user_id="ann", team_id="acme"))

    own = closed.client.post("/jobs", json=BODY, headers=OWN).json()

    assert closed.scripts.record(own["id"])["user_id"] == "ann"
    assert closed.get(f"/jobs/{job_id}").status_code == 404
    assert closed.get("/keys").status_code == 403
    assert closed.client.get(f"/jobs/{job_id}", headers=bearer(other)).status_code == 200


def test_a_session_ends_with_its_log_out(closed: ApiHarness) -> None:
    """Given a cookie that was copied / when its user logs out / I expect it to be worth nothing."""
    log_in(closed, closed.new_key())
    copied = closed.client.cookies["lore"]

    reply = closed.client.delete("/session", headers=OWN)

    assert (reply.status_code, "lore" in closed.client.cookies) == (204, False)
    assert closed.get("/jobs", Cookie=f"lore={copied}").status_code == 401
    assert closed.client.delete("/session").status_code == 204


@pytest.mark.parametrize("end", ["revoke", "rotate", "expire"])
def test_a_session_ends_with_its_key(
    closed: ApiHarness, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loresmith.api.auth.api_keys.CACHE_S", 0)
    admin, key = bearer(closed.new_key(role="admin")), closed.new_key()
    log_in(closed, key)
    assert closed.get("/jobs").status_code == 200

    if end == "expire":
        closed.scripts.redis.hset(keys.api_key(id_of(key) or ""), "expires_ms", 1)
    else:
        path = f"/keys/{id_of(key)}/{end}"
        body = {"overlap": 0} if end == "rotate" else None
        assert closed.client.post(path, json=body, headers=admin).is_success

    assert closed.get("/jobs").status_code == 401
    reply = closed.get("/session")
    assert reply.json()["login_required"]
    assert "max-age=0" in reply.headers["set-cookie"].lower()


def test_wrong_keys_are_counted(closed: ApiHarness) -> None:
    wrong = [new_key(new_key_id()), "secret", "a.b.c", closed.new_key() + "x"]
    for number in range(MAX_FAILURES):
        reply = log_in(closed, wrong[number % len(wrong)])
        assert (reply.status_code, reply.json()["code"]) == (401, "unauthorized")
        assert "set-cookie" not in reply.headers

    assert log_in(closed, wrong[0]).status_code == 429
    assert log_in(closed, closed.new_key()).status_code == 200


def test_a_page_whose_session_has_ended_is_not_locked_out(closed: ApiHarness) -> None:
    """Its requests all fail at once: they are no guesses."""
    for _ in range(MAX_FAILURES + 2):
        assert closed.get("/jobs", Cookie="lore=ended").status_code == 401


@pytest.mark.parametrize("body", [{}, {"key": ""}, {"key": 7}, {"key": "x" * 201}, {"k": "x"}, []])
def test_a_log_in_without_a_key_is_invalid(closed: ApiHarness, body: Any) -> None:
    assert closed.post("/session", body).status_code == 400


def test_a_log_in_has_a_small_body(closed: ApiHarness) -> None:
    """Anybody may send one: it must cost next to nothing."""
    fields = {f"a{number}": 1 for number in range(1_000)}

    assert closed.post("/session", {"key": "x"} | fields).status_code == 413


def test_a_cookie_is_no_key_and_a_key_no_cookie(closed: ApiHarness) -> None:
    key = closed.new_key()
    log_in(closed, key)
    value = closed.client.cookies["lore"]
    closed.client.cookies.clear()

    assert closed.client.get("/jobs", headers=bearer(value)).status_code == 401
    assert closed.get("/jobs", X_API_Key=value).status_code == 401
    assert closed.get("/jobs", Cookie=f"lore={key}").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        (OWN, 204),
    ],
)
def test_another_page_ends_no_session(
    closed: ApiHarness, headers: dict[str, str], status: int
) -> None:
    """Given a session / when a request with its cookie ends it / I expect that to need the word of
    the browser that it comes from the server's own page.
    """
    log_in(closed, closed.new_key())

    assert closed.client.delete("/session", headers=headers).status_code == status
    assert who(closed)["login_required"] == (status == 204)


def test_another_page_opens_no_session(closed: ApiHarness) -> None:
    """So that it cannot log a user in as somebody else (login CSRF)."""
    reply = log_in(closed, closed.new_key(), Origin="http://evil.example")

    assert (reply.status_code, "set-cookie" in reply.headers) == (403, False)


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[ApiHarness]:
    with api_harness(tmp_path, auth="required", trusted_proxies="10.0.0.0/8") as harness:
        harness.client._transport.client = ("10.1.2.3", 50_000)  # type: ignore[attr-defined]
        yield harness


def test_over_https_the_cookie_is_of_this_host_only(proxied: ApiHarness) -> None:
    """Given a trusted proxy that ends TLS / I expect `__Host-` and Secure, and no other name to
    count: a page of a neighbouring host could have set it.
    """
    https = {"X-Forwarded-Proto": "https", "Origin": "https://127.0.0.1:8080"}

    cookie = log_in(proxied, proxied.new_key(), **https).headers["set-cookie"]

    name, *attributes = cookie.split("; ")
    value = name.removeprefix("__Host-lore=")
    assert {"secure", "path=/", "httponly"} <= {each.lower() for each in attributes}
    for prefix, status in (("__Host-", 200), ("", 401)):
        headers = https | {"Cookie": f"{prefix}lore={value}"}
        assert proxied.client.get("/jobs", headers=headers).status_code == status


def test_under_a_path_the_cookie_is_of_that_path(tmp_path: Path) -> None:
    with api_harness(tmp_path, auth="required", root_path="/lore") as api:
        cookie = api.client.post("/lore/session", json={"key": api.new_key()}).headers["set-cookie"]

    assert "path=/lore;" in cookie.lower()


def test_without_credentials_nobody_needs_to_log_in(api: ApiHarness) -> None:
    shown = who(api)

    assert (shown["login_required"], shown["login_methods"]) == (False, [])
    assert (shown["principal"]["id"], shown["principal"]["role"]) == ("local", "admin")
    assert "keys" in shown["principal"]["scopes"]


def test_while_redis_is_away_no_session_counts(
    closed: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I expect 503 for the session, also where its key is in the cache, and for the log-out."""
    log_in(closed, closed.new_key())

    async def away(*_: Any, **__: Any) -> Any:
        raise StoreUnavailable("Redis is unavailable")

    monkeypatch.setattr(closed.pipeline, "execute", away)

    assert closed.get("/job-types").status_code == 503
    assert closed.get("/session").status_code == 503
    assert closed.client.delete("/session", headers=OWN).status_code == 503
    assert closed.client.cookies["lore"]


def test_log_ins_are_in_the_audit(closed: ApiHarness) -> None:
    key = closed.new_key()
    log_in(closed, key)
    closed.client.delete("/session", headers=OWN)

    entries = [fields for _, fields in closed.scripts.redis.xrange(keys.AUDIT_OUTBOX)]
    assert [(entry["actor"], entry["action"]) for entry in entries] == [
        (f"key:{id_of(key)}", "session.login"),
        (f"key:{id_of(key)}", "session.logout"),
    ]
    assert key not in json.dumps(entries)


def test_a_second_log_in_replaces_the_first(closed: ApiHarness) -> None:
    log_in(closed, closed.new_key())
    first = closed.client.cookies["lore"]

    log_in(closed, closed.new_key())

    assert closed.client.cookies["lore"] != first
    assert closed.get("/jobs", Cookie=f"lore={first}").status_code == 401


def test_a_key_has_so_many_sessions(closed: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given as many as there may be / I expect one more to end the oldest, in every process, and
    the sessions of others to stay.
    """
    monkeypatch.setattr("loresmith.api.auth.sessions.MAX_SESSIONS", 2)
    key, cookies = closed.new_key(), []
    for each in (closed.new_key(), key, key, key):
        log_in(closed, each)
        cookies.append(closed.client.cookies["lore"])
        closed.client.cookies.clear()

    answers = [closed.get("/jobs", Cookie=f"lore={cookie}").status_code for cookie in cookies]

    assert answers == [200, 401, 200, 200]
    ((_, change),) = closed.scripts.redis.xrevrange(keys.API_KEY_CHANGES, count=1)
    assert change == {"id": session_id_of(cookies[1])}


def test_a_log_out_makes_room(closed: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loresmith.api.auth.sessions.MAX_SESSIONS", 2)
    key = closed.new_key()
    log_in(closed, key)
    first = closed.client.cookies["lore"]
    closed.client.cookies.clear()
    for _ in range(3):
        log_in(closed, key)
        closed.client.delete("/session", headers=OWN)

    assert closed.get("/jobs", Cookie=f"lore={first}").status_code == 200


def test_forged_answers_of_the_identity_provider_are_counted(tmp_path: Path) -> None:
    """Anybody can make the cookie of an attempt, and each code is a request to the provider."""
    options = {"oidc_issuer": "http://127.0.0.1:1", "oidc_audience": "x", "oidc_client_id": "page"}
    with api_harness(tmp_path, **options) as api:
        api.client.follow_redirects = False
        callback = "/session/oidc/callback?code=forged&state=x"

        answers = [api.get(callback).status_code for _ in range(MAX_FAILURES + 1)]

        assert answers == [303] * MAX_FAILURES + [429]
        assert int(api.get(callback).headers["retry-after"]) > 0
        log_in(api, "wrong")
        assert log_in(api, "wrong").status_code == 401, "keys are counted on their own"
