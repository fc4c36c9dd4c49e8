"""Two installations share one Redis, each with a prefix of its own, and do not see each other."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from loresmith import Client
from tests.servers import redis_server
from tests.stack import Stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

PREFIXES = ("red:", "{blue}:")


@pytest.fixture(scope="module")
def installations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Stack]]:
    """Two whole stacks on one server; each answers at once."""
    folder = tmp_path_factory.mktemp("installations")
    with redis_server(folder) as server, ExitStack() as running:
        stacks = [
            Stack(folder / str(number), env={"LORESMITH_PREFIX": prefix}, redis_server=server)
            for number, prefix in enumerate(PREFIXES)
        ]
        for each in stacks:
            running.callback(stop_parts, each)
            each.start()
        yield stacks


def stop_parts(stack: Stack) -> None:
    """Stops all processes but the shared server."""
    for part in reversed(stack.parts.values()):
        part.stop()


def test_each_runs_its_own_jobs(installations: list[Stack]) -> None:
    """Given jobs in both at once / I expect each billed once, by its own installation."""
    submitted = [[stack.submit() for _ in range(5)] for stack in installations]

    for stack, job_ids in zip(installations, submitted, strict=True):
        assert {stack.wait_for(job_id)["status"] for job_id in job_ids} == {"completed"}
        assert {call_id.split("/")[0] for call_id in stack.bills()} >= set(job_ids)
        assert set(stack.bills().values()) == {1}


def test_every_key_begins_with_a_prefix(installations: list[Stack]) -> None:
    """Given ended jobs, budgets and statistics of both / I expect no other key but RQ's."""
    for stack in installations:
        stack.wait_for(stack.submit(), "completed")

    beginnings = {key.split(":")[0] for key in installations[0].redis.scan_iter()}

    assert beginnings == {"red", "{blue}", "rq"}


def test_the_queue_is_named_after_the_prefix(installations: list[Stack]) -> None:
    assert installations[0].redis.smembers("rq:workers:red:lore")
    assert installations[0].redis.smembers("rq:workers:{blue}:lore")


def test_lists_counts_and_statistics_are_separate(installations: list[Stack]) -> None:
    red, blue = installations
    job_id = red.submit()
    red.wait_for(job_id, "completed")

    assert job_id in {job["id"] for job in red.get("/jobs?limit=100")[1]["jobs"]}
    assert job_id not in {job["id"] for job in blue.get("/jobs?limit=100")[1]["jobs"]}
    assert blue.get(f"/jobs/{job_id}")[0] == 404
    assert blue.post(f"/jobs/{job_id}/cancel", {})[0] == 404


def test_budgets_are_separate(installations: list[Stack]) -> None:
    """Given a budget of the same name in both / I expect each to count its own reservations."""
    red, blue = installations
    with Client(red.url) as client, Client(blue.url) as other:
        client.set_budget("team", "poets", limit=1, window="day")
        other.set_budget("team", "poets", limit=2, window="day")
        job = client.submit("generate_relics", {"theme": "salt"}, team_id="poets")
        red.wait_for(job.id, "completed")

        assert [row["limit"] for row in other.budgets()] == [2]
        assert usage_of_team(client) == {"poets": 1}
        assert usage_of_team(other) == {}


def usage_of_team(client: Client) -> dict[str, int]:
    """Counts the archived jobs of each team, once none is pending."""
    report = wait_until(
        lambda: report if not (report := client.usage("team"))["pending"] else None,
        "all jobs are archived",
    )
    return {row["key"]: row["jobs"] for row in report["rows"] if row["key"]}


def test_an_idempotency_key_belongs_to_one(installations: list[Stack]) -> None:
    body = {"type": "generate_characters", "payload": {"theme": "fantasy"}}
    replies = [
        stack.post("/jobs", body, **{"Idempotency-Key": "the-same"}) for stack in installations
    ]

    assert [status for status, _ in replies] == [202, 202]
    assert replies[0][1]["id"] != replies[1][1]["id"]


def test_events_are_separate(installations: list[Stack]) -> None:
    """Given a job of one / I expect the stream of all updates of the other not to have it."""
    red, blue = installations
    job_id = red.submit()
    red.wait_for(job_id, "completed")
    other = blue.submit()
    blue.wait_for(other, "completed")

    updated = {entry["job"] for _, entry in blue.redis.xrange("{blue}:updates")}

    assert other in updated
    assert job_id not in updated
