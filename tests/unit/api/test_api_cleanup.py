"""POST /jobs/cleanup: deletes what is old, and says what it would delete."""

from typing import Any

import pytest

from loresmith.jobs.store import keys
from tests.unit.api.harness import ApiHarness

HOUR_MS = 3_600_000


def ended(api: ApiHarness, hours_ago: float, outcome: str = "completed") -> str:
    """Creates a job that ended so long ago, although its record has not expired."""
    job_id = api.create_ended(outcome)
    api.scripts.redis.zincrby(keys.ENDED, -hours_ago * HOUR_MS, job_id)
    return job_id


def cleaned(api: ApiHarness, query: str = "", **request: Any) -> dict[str, Any]:
    answer = api.post(f"/jobs/cleanup{query}", request or None)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def listed(api: ApiHarness) -> set[str]:
    return {job["id"] for job in api.get("/jobs").json()["jobs"]}


def test_a_bare_post_deletes_only_what_ended_a_day_ago(api: ApiHarness) -> None:
    """Given jobs that ended now, 23 and 25 hours ago, and a waiting one
    / when cron posts without a body and Content-Type / I expect the oldest to be deleted.
    """
    now, day, waiting = api.create_ended(), ended(api, 23), api.create()
    old = ended(api, 25)

    answer = cleaned(api)

    assert (answer["matched"], answer["deleted"], answer["older_than_s"]) == (1, 1, 86_400)
    assert listed(api) == {now, day, waiting}
    assert api.get(f"/jobs/{old}").status_code == 404


@pytest.mark.parametrize("form", ["body", "query"])
def test_a_dry_run_says_what_it_would_delete(api: ApiHarness, form: str) -> None:
    jobs = {ended(api, 2), ended(api, 2, "failed"), ended(api, 2, "failed"), ended(api, 0.5)}

    answer = (
        cleaned(api, older_than="1h", dry_run=True)
        if form == "body"
        else cleaned(api, "?dry_run=true", older_than="1h")
    )

    assert (answer["matched"], answer["deleted"], answer["dry_run"]) == (3, 0, True)
    assert answer["by_status"] == {"completed": 1, "failed": 2}
    assert answer["ended_before"].endswith("Z")
    assert listed(api) == jobs


@pytest.mark.parametrize(
    ("older_than", "seconds"),
    [(0, 0), (5400, 5400), ("90m", 5400), ("24h", 86_400), ("7d", 604_800), ("1.5h", 5400)],
)
def test_an_age_is_seconds_or_a_text(api: ApiHarness, older_than: Any, seconds: float) -> None:
    assert cleaned(api, older_than=older_than)["older_than_s"] == seconds


def test_statuses_may_be_aliases(api: ApiHarness) -> None:
    done, dead = api.create_ended(), api.create_ended("failed")

    assert cleaned(api, older_than_s=0, status=["succeeded"])["deleted"] == 1

    assert listed(api) == {dead}
    assert api.get(f"/jobs/{done}").status_code == 404


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"status": ["processing"]}, "status"),
        ({"older_than_s": -1}, "older_than"),
        ({"older_than": True}, "older_than"),
        ({"older_than": "a day"}, "older_than"),
        ({"older_than": "٢٤h"}, "older_than"),
        ({"older_than": None}, "older_than"),
        ({"older_than": "1h", "older_than_s": 0}, "older_than_s"),
        ({"dry_run": "yes"}, "dry_run"),
    ],
)
def test_what_cannot_be_cleaned_up(api: ApiHarness, body: dict[str, Any], name: str) -> None:
    job_id = api.create_ended()
    answer = api.post("/jobs/cleanup", body)

    assert answer.status_code == 400
    assert name in answer.json()["errors"][0]["pointer"]
    assert listed(api) == {job_id}


@pytest.mark.parametrize("query", ["?dryrun=true", "?dry_run=maybe", "?older_than=1h"])
def test_a_query_that_is_not_understood_deletes_nothing(api: ApiHarness, query: str) -> None:
    job_id = ended(api, 25)

    answer = api.post(f"/jobs/cleanup{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "validation-error")
    assert answer.json()["errors"][0]["parameter"] == query[1:].partition("=")[0]
    assert listed(api) == {job_id}
