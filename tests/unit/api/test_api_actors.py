"""Who created, cancelled and retried a job: in the job, and in its events."""

from pathlib import Path

import pytest

from loresmith.jobs.core.principal import LOCAL, Principal
from tests.unit.api.credentials import bearer
from tests.unit.api.harness import BODY, ApiHarness, api_harness


def test_a_job_says_who_created_cancelled_and_retried_it(tmp_path: Path) -> None:
    """Given a user with two keys and an admin / when each does something to a job
    / I expect the credential with its name in the job and in the event of the action.
    """
    with api_harness(tmp_path, auth="required") as api:
        creator = api.new_key(name="app", user_id="ann")
        other = api.new_key(name="phone", user_id="ann")
        admin = api.new_key(name="ops", role="admin")
        job_id = api.client.post("/jobs", json=BODY, headers=bearer(creator)).json()["id"]

        def job(action: str, key: str) -> dict[str, str]:
            answer = api.client.post(f"/jobs/{job_id}/{action}", headers=bearer(key))
            return dict(answer.json())

        cancelled = job("cancel", other)
        retried = job("retry", admin)

        assert cancelled["created_by"].endswith(" (app)")
        assert cancelled["cancelled_by"].endswith(" (phone)")
        assert cancelled["retried_by"] is None
        assert (retried["created_by"], retried["cancelled_by"]) == (cancelled["created_by"], None)
        assert retried["retried_by"].endswith(" (ops)")
        assert [update.get("by", "") for update in api.scripts.updates(job_id)] == [
            cancelled["cancelled_by"],
            retried["retried_by"],
        ]


def test_without_keys_it_is_the_local_user(api: ApiHarness) -> None:
    assert api.get(f"/jobs/{api.create()}").json()["created_by"] == "local"


@pytest.mark.parametrize("name", ["", "ci"])
def test_an_actor_begins_with_the_credential(name: str) -> None:
    expected = "key:4fQ2 (ci)" if name else "key:4fQ2"

    assert Principal("key:4fQ2", "ann", name=name).actor == expected
    assert LOCAL.actor.split(" ")[0] == "local"
