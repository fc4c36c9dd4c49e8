"""The workers over HTTP: what they run, and one that is drained."""

from loresmith.jobs.store import keys
from tests.unit.api.harness import BODY, ApiHarness
from tests.unit.api.test_api_queue import worker


def test_workers_are_listed_with_what_they_run(api: ApiHarness) -> None:
    job_id = api.submit(BODY).json()["id"]
    claim = api.scripts.claim(job_id)
    assert claim.record
    worker(api, claim.record["lease_holder"], free=2, running=1)
    worker(api, "other.cafe0123@slow", free=9)

    (row,) = api.get("/workers").json()["workers"]

    assert (row["slots"], row["free"]) == (3, 2)
    assert [(job["id"], job["type"]) for job in row["jobs"]] == [(job_id, "generate_characters")]


def test_a_worker_is_drained_by_the_command_of_rq(api: ApiHarness) -> None:
    """Given a worker that listens for RQ's commands / I expect `shutdown`, and an audit entry."""
    worker(api, "w1.cafe0123@lore")
    worker(api, "deaf.cafe0123@lore")
    pubsub = api.scripts.redis.pubsub()
    pubsub.subscribe("rq:pubsub:w1")
    pubsub.get_message(timeout=1)

    response = api.post("/workers/w1/drain")

    assert (response.status_code, response.json()) == (202, {"name": "w1", "draining": True})
    message = pubsub.get_message(timeout=1)
    assert message
    assert message["data"] == '{"command": "shutdown"}'
    for name in ("deaf", "nobody"):
        assert api.post(f"/workers/{name}/drain").json()["code"] == "worker-not-found"
    entries = [entry for _, entry in api.scripts.redis.xrange(keys.AUDIT_OUTBOX)]
    assert [(entry["action"], entry["object"]) for entry in entries] == [
        ("worker.drain", "worker w1")
    ]
