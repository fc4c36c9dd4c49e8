"""Jobs belong to users and teams: who owns a new job, and who finds it again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.api.auth.key_format import id_of
from loresmith.jobs.core.job_record import new_id
from loresmith.jobs.store import keys
from tests.unit.api.harness import BODY, ApiHarness, api_harness
from tests.unit.api.users import User

WORLD: dict[str, Any] = {"type": "create_world", "payload": {"theme": "fantasy"}}


@pytest.mark.parametrize("body", [BODY, WORLD])
def test_a_job_belongs_to_who_creates_it(closed: ApiHarness, ann: User, body: Any) -> None:
    record = closed.scripts.record(ann.create(body))

    assert (record["user_id"], record["team_id"]) == ("ann", "acme")
    assert record["budgets"].split()[0] == f"key:{id_of(ann.key)}"
    assert "delegate" not in record


def test_the_owner_may_be_named_where_it_is_the_credential_s(ann: User) -> None:
    ann.create(BODY, team_id="acme")
    ann.create(WORLD | {"payload": WORLD["payload"] | {"user_id": "ann"}})


@pytest.mark.parametrize("path", ["/jobs", "/jobs/estimate"])
@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"team_id": "beta"}, "/team_id"),
        ({"payload": {"theme": "fantasy", "user_id": "bob"}}, "/payload/user_id"),
        ({"on_behalf_of": {"user_id": "bob"}}, "/on_behalf_of/user_id"),
        ({"on_behalf_of": {"user_id": "ann", "team_id": "beta"}}, "/on_behalf_of/team_id"),
        ({"on_behalf_of": {"user_id": "ann"}}, "/on_behalf_of"),
    ],
)
def test_another_owner_is_refused_by_the_name_of_the_field(
    ann: User, path: str, fields: Any, pointer: str
) -> None:
    reply = ann.ask("POST", path, WORLD | fields)

    assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]
    assert "on-behalf-of" in reply.json()["detail"]
    assert ann.listed() == []


def test_two_different_owners_are_a_conflict(closed: ApiHarness) -> None:
    body = {
        "on_behalf_of": {"user_id": "ann"}, "payload": WORLD["payload"] | {"user_id": "bob"},
    }  # fmt: skip
    reply = User(closed, "root", role="admin").ask("POST", "/jobs", WORLD | body)

    assert (reply.status_code, reply.json()["code"]) == (400, "conflicting-fields")
    assert reply.json()["errors"][0]["pointer"] == "/payload/user_id"


def test_without_a_credential_the_owner_is_local_or_who_is_named(api: ApiHarness) -> None:
    """Given a server on loopback without keys / I expect bodies of before to be believed."""
    named = WORLD | {"payload": WORLD["payload"] | {"user_id": "mira"}, "team_id": "sea"}

    plain, world = (api.submit(body).json()["id"] for body in (BODY, named))

    assert api.scripts.record(plain)["user_id"] == "local"
    assert "team_id" not in api.scripts.record(plain)
    record = api.scripts.record(world)
    assert (record["user_id"], record["team_id"]) == ("mira", "sea")
    assert [job["id"] for job in api.get("/jobs?user_id=mira").json()["jobs"]] == [world]


def test_the_same_idempotency_key_of_two_users_is_two_jobs(ann: User, bob: User) -> None:
    ids = [
        user.ask("POST", "/jobs", BODY, Idempotency_Key="the-same-key").json()["id"]
        for user in (ann, bob, ann)
    ]

    assert ids[0] == ids[2] != ids[1]
    assert [user.listed("idempotency_key=the-same-key") for user in (ann, bob)] == [
        [ids[0]], [ids[1]],
    ]  # fmt: skip


@pytest.mark.parametrize("body", [BODY, BODY | {"tags": ["other"]}])
@pytest.mark.parametrize("theme", ["fantasy", "another"])
def test_the_id_of_another_s_job_tells_nothing(ann: User, bob: User, body: Any, theme: str) -> None:
    """Given ann's job / when bob puts the same or another body under its id
    / I expect the same 404.
    """
    job_id = new_id()
    assert ann.ask("PUT", f"/jobs/{job_id}", BODY).status_code == 202

    reply = bob.ask("PUT", f"/jobs/{job_id}", body | {"payload": {"theme": theme}})

    assert (reply.status_code, reply.json()["code"]) == (404, "job-not-found")
    assert "job" not in reply.json()
    assert ann.ask("PUT", f"/jobs/{job_id}", BODY).status_code == 200


def test_filters_and_orders_keep_to_one_s_own(ann: User, bob: User) -> None:
    fields = {"session_id": "s", "tags": ["t"], "batch_key": "b"}
    mine, other = ann.end(**fields), bob.end(**fields)
    ann.create()
    queries = [
        "session_id=s", "tag=t", "batch_key=b", "status=completed", "type=generate_characters",
        "sort=cost", "sort=-duration", "completed_after=2020-01-01T00:00:00Z", f"q={other[:8]}",
        "seen=false", "team_id=acme",
    ]  # fmt: skip

    for query in queries:
        assert other not in ann.listed(query), query
        assert mine in ann.listed(query), query
    assert ann.listed("user_id=bob") == []
    assert ann.listed("user_id=ann&status=completed") == [mine]


def test_counts_and_statistics_are_of_one_s_own(closed: ApiHarness, ann: User, bob: User) -> None:
    for user in (ann, bob, bob):
        user.end()
    admin = User(closed, "root", role="admin")

    completed = [
        (user.ask("GET", "/jobs").json()["counts"]["completed"],
         user.ask("GET", "/jobs/stats").json()["counts"]["completed"],
         user.ask("GET", "/jobs/stats").json()["sample"])
        for user in (ann, bob, admin)
    ]  # fmt: skip

    assert completed == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]


def test_a_list_costs_nothing_more_for_each_job(closed: ApiHarness, ann: User) -> None:
    """Given jobs of a user / when the user and an admin list them
    / I expect the same number of commands.
    """
    for _ in range(3):
        ann.create()
    users = (ann, User(closed, "root", role="admin"))

    assert [number_of_commands(closed, user) for user in users] == [2 + 3, 2 + 3]


def number_of_commands(api: ApiHarness, user: User) -> int:
    user.listed()
    execute, names = api.pipeline.execute, []

    async def counting(*command: Any, acknowledged: bool = False) -> Any:
        names.append(command[0])
        return await execute(*command, acknowledged=acknowledged)

    api.pipeline.execute = counting  # type: ignore[method-assign]
    user.listed()
    del api.pipeline.execute
    return len(names)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[ApiHarness]:
    """A server whose users read the jobs of their team."""
    with api_harness(tmp_path, auth="required", team_jobs="team") as harness:
        yield harness


def test_a_team_reads_its_jobs_and_their_owner_changes_them(shared: ApiHarness) -> None:
    ann, bob = User(shared, "ann", "acme"), User(shared, "bob", "acme")
    eve = User(shared, "eve", "beta")
    viewer = User(shared, "vic", "acme", role="viewer")
    job_id = ann.create()

    for user in (ann, bob, viewer):
        assert user.listed() == [job_id]
        assert user.ask("GET", f"/jobs/{job_id}").status_code == 200
    assert eve.listed() == []
    assert eve.ask("GET", f"/jobs/{job_id}").status_code == 404
    for method, action in (
        ("POST", "/cancel"),
        ("POST", "/retry"),
        ("POST", "/seen"),
        ("DELETE", ""),
    ):
        reply = bob.ask(method, f"/jobs/{job_id}{action}")
        assert (reply.status_code, reply.json()["code"]) == (403, "forbidden"), action
        assert eve.ask(method, f"/jobs/{job_id}{action}").status_code == 404
    assert ann.ask("POST", f"/jobs/{job_id}/cancel").status_code == 200


def test_a_key_has_a_budget_of_its_own(closed: ApiHarness, ann: User) -> None:
    """Given a budget of a key / I expect it to hold for each job type, and its user to read it."""
    admin = User(closed, "root", role="admin")
    path = f"/budgets/key/{id_of(ann.key)}"
    assert admin.ask("PUT", path, {"limit": 0, "mode": "hard"}).status_code == 200

    priced = {"options": {"model": "gpt-5-mini"}}
    reply = ann.ask("POST", "/jobs", BODY | priced)

    assert (reply.status_code, reply.json()["scope"]) == (402, "key")
    assert User(closed, "ann", "acme").ask("POST", "/jobs", BODY | priced).status_code == 202
    assert ann.ask("GET", path).json()["limit"] == 0
    assert ann.ask("DELETE", path).status_code == 403


def test_one_reads_the_budgets_that_apply(closed: ApiHarness, ann: User) -> None:
    admin = User(closed, "root", role="admin")
    names = ["user/ann", "user/bob", "team/acme", "team/beta", "model/m", "global/all", "key/other"]
    for name in names:
        assert admin.ask("PUT", f"/budgets/{name}", {"limit": 1}).status_code == 200

    def read(user: User) -> list[str]:
        budgets = user.ask("GET", "/budgets").json()["budgets"]
        return [f"{budget['scope']}/{budget['id']}" for budget in budgets]

    mine = ["global/all", "model/m", "team/acme", "user/ann"]
    assert read(ann) == mine
    assert read(admin) == sorted(names)
    for name in names:
        status = ann.ask("GET", f"/budgets/{name}").status_code
        assert status == (200 if name in mine else 404), name


def test_an_ended_job_of_before_there_were_owners_is_an_admin_s(
    closed: ApiHarness, ann: User
) -> None:
    job_id = ann.create()
    closed.scripts.redis.hdel(keys.job(job_id), "user_id", "team_id")

    assert ann.ask("GET", f"/jobs/{job_id}").status_code == 404
    assert User(closed, "root", role="admin").ask("GET", f"/jobs/{job_id}").is_success
