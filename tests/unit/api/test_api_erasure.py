"""DELETE /users/{id}/data: nothing of a user's content remains; what it cost does."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loresmith.api.services import erasure
from loresmith.archive import WorldRecord, open_archive
from loresmith.jobs.core.job_record import new_id
from loresmith.jobs.store import keys
from tests.unit.api.credentials import bearer
from tests.unit.api.harness import BODY, ApiHarness, api_harness

CANARY = "a canary of ann"


class Users:
    """An api with the keys of two users of one team and of an admin."""

    def __init__(self, api: ApiHarness, folder: Path) -> None:
        self.api, self.database = api, f"sqlite:///{folder}/worlds.db"
        self.keys = {
            name: api.new_key(role=role, user_id=name, team_id="acme")
            for name, role in {"ann": "member", "bob": "member", "root": "admin"}.items()
        }

    def job(self, user: str, *, ended: bool = True) -> str:
        body = BODY | {"payload": {"theme": CANARY}, "metadata": {"note": CANARY}}
        headers = bearer(self.keys[user]) | {"Idempotency-Key": new_id()}
        job_id = str(self.api.client.post("/jobs", json=body, headers=headers).json()["id"])
        self.api.scripts.claim(job_id)
        if ended:
            self.api.scripts.cache_response(job_id, job_id, text=CANARY, model="m")
            self.api.scripts.finish(job_id, result=f'"{CANARY}"')
        return job_id

    def world(self, user: str) -> str:
        world_id = new_id()
        record = WorldRecord(
            id=world_id, user_id=user, title=CANARY, theme="f", model="m",
            created_at=datetime.now(UTC), content={"story": CANARY},
        )  # fmt: skip
        with open_archive(self.database) as archive:
            archive.worlds.save(record)
        return world_id

    def erase(self, actor: str, user: str, query: str = "") -> Any:
        headers = bearer(self.keys[actor])
        return self.api.client.delete(f"/users/{user}/data{query}", headers=headers)

    def holds_canary(self) -> list[str]:
        """The keys of Redis that hold content."""
        redis, matches = self.api.scripts.redis, []
        for key in redis.scan_iter():
            kind = redis.type(key)
            value = redis.hgetall(key) if kind == "hash" else ""
            value = redis.xrange(key) if kind == "stream" else value
            matches += [key] if CANARY in str(value) else []
        return matches


@pytest.fixture
def users(tmp_path: Path) -> Iterator[Users]:
    with api_harness(tmp_path, auth="required") as api:
        yield Users(api, tmp_path)


@pytest.mark.parametrize("actor", ["ann", "root"])
def test_a_user_is_erased_and_no_other(users: Users, actor: str) -> None:
    """Given jobs, cached responses and worlds of two users of a team / when one is erased, twice
    / I expect counts of what went, nothing of hers, all of the other's, and her bills.
    """
    for user in ("ann", "ann", "bob"):
        users.job(user)
        users.world(user)
    outbox = users.api.scripts.redis.xlen(keys.OUTBOX)

    answer = users.erase(actor, "ann")

    assert (answer.status_code, answer.json()) == (
        200,
        {"user_id": "ann", "jobs": 2, "cached_responses": 2, "worlds": 2, "remaining": 0,
         "unfinished": 0},
    )  # fmt: skip
    assert users.erase(actor, "ann").json()["jobs"] == 0
    redis = users.api.scripts.redis
    assert {redis.hget(key, "user_id") for key in users.holds_canary()} == {"bob"}
    assert redis.xlen(keys.OUTBOX) == outbox
    with open_archive(users.database) as archive:
        assert archive.worlds.list("ann").items == ()
        assert len(archive.worlds.list("bob").items) == 1


def test_unfinished_jobs_are_cancelled_only_when_asked(users: Users) -> None:
    """Given a job that runs / when its user is erased / I expect 409 and nothing changed; with
    ?cancel=true 202 until its worker has stopped, and then 200.
    """
    ended, running = users.job("ann"), users.job("ann", ended=False)

    refused = users.erase("root", "ann")
    assert (refused.status_code, refused.json()["code"]) == (409, "not-finished")
    assert users.api.scripts.record(ended)["status"] == "completed"

    begun = users.erase("root", "ann", "?cancel=true")
    assert (begun.status_code, begun.json()["remaining"], begun.json()["unfinished"]) == (202, 1, 1)
    users.api.scripts.finish(running, result=f'"{CANARY}"')
    done = users.erase("root", "ann", "?cancel=true")
    assert (done.status_code, done.json()["jobs"]) == (200, 1)
    assert users.holds_canary() == []


def test_many_jobs_are_erased_in_pages(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "MAX_JOBS", 2)
    for _ in range(5):
        users.job("ann")

    answers = [users.erase("ann", "ann") for _ in range(3)]

    assert [(each.status_code, each.json()["remaining"]) for each in answers] == [
        (202, 3),
        (202, 1),
        (200, 0),
    ]


def test_others_are_not_erased_and_each_erasure_is_audited(users: Users) -> None:
    job_id = users.job("ann")

    refused = users.erase("bob", "ann")
    assert (refused.status_code, users.api.scripts.record(job_id)["id"]) == (403, job_id)

    users.erase("ann", "ann")
    entries = [fields for _, fields in users.api.scripts.redis.xrange(keys.AUDIT_OUTBOX)]
    (entry,) = [entry for entry in entries if entry["action"] == "user.erase"]
    assert (entry["object"], '"jobs":1' in entry["after"]) == ("user ann", True)
    assert CANARY not in str(entries)
