"""A backend creates jobs on behalf of its users, and finds them again."""

import json
import re

from tests.architecture.tree import ROOT
from tests.unit.api.harness import BODY, ApiHarness
from tests.unit.api.users import User

BACKEND = ["jobs:read", "jobs:write", "on-behalf-of"]


def test_a_backend_creates_and_finds_the_jobs_of_its_users(
    closed: ApiHarness, ann: User, bob: User
) -> None:
    """Given a key that acts for others / when it creates a job of ann's / I expect ann to own it,
    the key to read, list and change it, and neither bob nor another such key to see it.
    """
    shop = User(closed, "shop", "acme", scopes=BACKEND)
    another = User(closed, "shop2", "acme", scopes=BACKEND)
    ended = shop.end(on_behalf_of={"user_id": "ann"})
    job_id = shop.create(on_behalf_of={"user_id": "ann", "team_id": "beta"})
    of_ann = ann.create()

    record = closed.scripts.record(job_id)
    assert (record["user_id"], record["team_id"]) == ("ann", "beta")
    assert closed.scripts.record(ended)["team_id"] == "acme"
    assert shop.listed() == [job_id, ended]
    assert shop.listed("sort=cost") == [ended]
    assert ann.listed() == [of_ann, job_id, ended]
    assert another.listed() == bob.listed() == []
    for other in (another, bob):
        assert other.ask("GET", f"/jobs/{job_id}").status_code == 404
    assert shop.ask("GET", f"/jobs/{of_ann}").status_code == 404
    assert shop.ask("POST", f"/jobs/{of_ann}/cancel").status_code == 404
    assert shop.ask("POST", f"/jobs/{job_id}/cancel").status_code == 200
    assert ann.ask("DELETE", f"/jobs/{job_id}").status_code == 204


def test_the_body_of_the_page_works(closed: ApiHarness) -> None:
    """Given the example of docs/authentication.md / I expect a job of the user that it names."""
    page = (ROOT / "docs/authentication.md").read_text(encoding="utf-8")
    (body,) = re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)

    job_id = User(closed, "shop", scopes=BACKEND).create(json.loads(body))

    assert closed.scripts.record(job_id)["user_id"] == "ann"


def test_a_key_of_a_backend_is_used_for_one_user(closed: ApiHarness) -> None:
    """Given an idempotency key / when it comes again for another user / I expect a 422."""
    shop = User(closed, "shop", scopes=BACKEND)
    bodies = [BODY | {"on_behalf_of": {"user_id": user}} for user in ("ann", "ann", "bob")]

    replies = [shop.ask("POST", "/jobs", body, Idempotency_Key="order-17") for body in bodies]

    assert [reply.status_code for reply in replies] == [202, 200, 422]
