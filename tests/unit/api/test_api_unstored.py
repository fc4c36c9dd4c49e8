"""`options.store: false`: the result is handed out once, and is gone then."""

from typing import Any

import pytest

from tests.unit.api.harness import BODY, ApiHarness

UNSTORED = BODY | {"options": {"store": False}}
KEY = "the-only-key"


def ended(api: ApiHarness, outcome: str = "completed", **fields: Any) -> str:
    job_id = str(api.submit(UNSTORED, Idempotency_Key=KEY).json()["id"])
    api.scripts.claim(job_id)
    api.scripts.finish(job_id, outcome=outcome, **({"result": '["gold"]'} | fields))
    return job_id


READS = {
    "the job": lambda api, job_id: api.get(f"/jobs/{job_id}"),
    "some fields": lambda api, job_id: api.get(f"/jobs/{job_id}?fields=id,result"),
    "the result": lambda api, job_id: api.get(f"/jobs/{job_id}/result"),
    "a replay of its key": lambda api, job_id: api.submit(UNSTORED, Idempotency_Key=KEY),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_the_first_complete_read_is_the_last(api: ApiHarness, read: Any) -> None:
    """Given an ended job that is not stored / when its result is read
    / I expect it in that answer, and afterwards 410, a replay that says so, and what it cost.
    """
    job_id = ended(api)

    assert "gold" in read(api, job_id).text

    missing = api.get(f"/jobs/{job_id}/result")
    assert (missing.status_code, missing.json()["code"]) == (410, "content-removed")
    replay = api.submit(UNSTORED, Idempotency_Key=KEY).json()
    assert (replay["id"], replay["reused"], replay["result"]) == (job_id, True, None)
    assert replay["content_removed_at"] is not None
    assert replay["cost"]["state"] == "final"
    assert "gold" not in str([api.scripts.record(job_id), api.scripts.updates(job_id)])


@pytest.mark.parametrize("query", ["?fields=id,status", "/calls"])
def test_a_look_without_the_result_removes_nothing(api: ApiHarness, query: str) -> None:
    job_id = ended(api)

    api.get(f"/jobs/{job_id}{query}")
    api.client.head(f"/jobs/{job_id}/result")
    listed = api.get("/jobs?include=result").json()["jobs"]

    assert [job["result"] for job in listed] == [None]
    assert api.get(f"/jobs/{job_id}/result").json() == ["gold"]


def test_a_client_that_has_the_version_is_sent_no_result(api: ApiHarness) -> None:
    job_id = ended(api)
    etag = f'"{api.scripts.record(job_id)["version"]}"'

    assert api.get(f"/jobs/{job_id}", If_None_Match=etag).status_code == 304
    assert api.get(f"/jobs/{job_id}/result").json() == ["gold"]


def test_a_failed_job_may_be_retried_until_its_content_is_removed(api: ApiHarness) -> None:
    """Given a failed job that is not stored / when it was read, and later its content removed
    / I expect a plan of its retry at first, and then 410 for the retry and its plan.
    """
    job_id = ended(api, "failed", result=None)
    api.get(f"/jobs/{job_id}")
    assert api.post(f"/jobs/{job_id}/retry?dry_run=true").status_code == 200

    api.scripts.remove_content(job_id)

    for path in ("retry", "retry?dry_run=true"):
        answer = api.post(f"/jobs/{job_id}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (410, "content-removed")


def test_a_stored_job_is_read_as_often_as_you_like(api: ApiHarness) -> None:
    job_id = api.create_ended(result='["gold"]')

    for _ in range(2):
        assert api.get(f"/jobs/{job_id}").json()["result"] == ["gold"]
    assert api.get(f"/jobs/{job_id}").json()["content_removed_at"] is None
