"""`/keys`: create, list, rotate, revoke."""

from typing import Any

import pytest

from tests.unit.api.credentials import bearer
from tests.unit.api.harness import ApiHarness


@pytest.fixture
def admin(api: ApiHarness) -> dict[str, str]:
    """The headers of an admin."""
    return bearer(api.new_key(role="admin"))


def created(api: ApiHarness, admin: dict[str, str], **terms: Any) -> Any:
    reply = api.client.post("/keys", json={"name": "ci"} | terms, headers=admin)
    assert reply.status_code == 201, reply.text
    return reply.json()


def test_a_secret_is_shown_once(api: ApiHarness, admin: dict[str, str]) -> None:
    key = created(api, admin, team_id="sea", expires_in="10d", scopes=["jobs:read"])

    assert key["key"].startswith(f"lore_{key['id']}_")
    assert (key["role"], key["state"], key["scopes"]) == ("member", "expiring", ["jobs:read"])
    listed = api.client.get("/keys", headers=admin)
    assert key["key"] not in listed.text
    assert listed.json()["keys"][0]["id"] == key["id"]
    one = api.client.get(f"/keys/{key['id']}", headers=admin).json()
    assert one == {name: value for name, value in key.items() if name != "key"}


def test_the_first_key_is_made_without_one(api: ApiHarness) -> None:
    """Given an open server on loopback / when a key is made / I expect it to be closed."""
    key = api.post("/keys", {"name": "first", "role": "admin"}).json()["key"]

    assert api.get("/keys").status_code == 401
    assert api.client.get("/keys", headers=bearer(key)).status_code == 200


@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_a_revoked_key_is_refused(api: ApiHarness, admin: dict[str, str], method: str) -> None:
    key = created(api, admin)
    path = f"/keys/{key['id']}" + ("/revoke" if method == "POST" else "")

    reply = api.client.request(method, path, headers=admin)

    assert (reply.status_code, reply.json()["state"]) == (200, "revoked")
    assert api.client.get("/jobs", headers=bearer(key["key"])).status_code == 401
    again = api.client.post(f"/keys/{key['id']}/rotate", headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "key-revoked")


def test_a_rotated_key_has_two_secrets(api: ApiHarness, admin: dict[str, str]) -> None:
    key = created(api, admin)

    new = api.client.post(f"/keys/{key['id']}/rotate", json={"overlap": "1h"}, headers=admin).json()

    assert new["id"] == key["id"]
    assert new["key"] != key["key"]
    assert new["previous"]["valid_until"] > new["created_at"]
    for secret in (key["key"], new["key"]):
        assert api.client.get("/jobs", headers=bearer(secret)).status_code == 200


def test_a_rotation_without_overlap_ends_the_old_secret(
    api: ApiHarness, admin: dict[str, str]
) -> None:
    key = created(api, admin)

    api.client.post(f"/keys/{key['id']}/rotate", json={"overlap": 0}, headers=admin)

    assert api.client.get("/jobs", headers=bearer(key["key"])).status_code == 401


def test_a_narrowed_key_cannot_widen_itself(api: ApiHarness, admin: dict[str, str]) -> None:
    """Given a key for keys alone / I expect neither a wider key nor the secret of one."""
    wide = created(api, admin, role="admin")
    narrow = bearer(created(api, admin, role="admin", scopes=["keys", "usage"])["key"])

    for body in ({"name": "x"}, {"name": "x", "scopes": ["jobs:read"]}):
        assert api.client.post("/keys", json=body, headers=narrow).status_code == 403
    assert api.client.post(f"/keys/{wide['id']}/rotate", headers=narrow).status_code == 403
    created(api, narrow, scopes=["usage"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("role", "root"), ("scopes", []), ("scopes", ["all"]), ("rpm", 0),
        ("expires_in", 1), ("expires_in", "20y"), ("user_id", ""), ("secret", "x"),
    ],
)  # fmt: skip
def test_wrong_terms_are_named(api: ApiHarness, field: str, value: Any) -> None:
    reply = api.post("/keys", {"name": "ci"} | {field: value})

    assert reply.status_code == 400
    assert reply.json()["errors"][0]["pointer"].startswith(f"/{field}")


@pytest.mark.parametrize("key_id", ["x", "0aZ90aZ9", "changes", "%0A"])
def test_an_unknown_key_is_not_found(api: ApiHarness, admin: dict[str, str], key_id: str) -> None:
    for method, path in (
        ("GET", ""), ("DELETE", ""), ("POST", "/revoke"), ("POST", "/rotate"),
    ):  # fmt: skip
        reply = api.client.request(method, f"/keys/{key_id}{path}", headers=admin)
        assert reply.json()["code"] in ("key-not-found", "not-found"), (method, path)
        assert reply.status_code == 404


def test_the_expiry_is_in_the_headers_in_time(api: ApiHarness, admin: dict[str, str]) -> None:
    soon = created(api, admin, expires_in="13d")
    later = created(api, admin, expires_in="15d")

    warned = api.client.get("/jobs", headers=bearer(soon["key"]))
    quiet = api.client.get("/jobs", headers=bearer(later["key"]))

    assert warned.headers["loresmith-key-expires"] == soon["expires_at"]
    assert "loresmith-key-expires" not in quiet.headers
