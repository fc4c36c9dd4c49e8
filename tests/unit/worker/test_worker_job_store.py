"""The worker's job store, on its scripts."""

from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer
from redis.exceptions import ConnectionError as RedisUnavailable

from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.status import Phase, ProgressSource, Status
from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import JobMessage
from loresmith.worker.adapters import job_store
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.adapters.store_types import AttemptOutcome, ProgressSnapshot
from tests.store.driver import Store as Driver

DONE = AttemptOutcome(Status.COMPLETED, {"result": "[1]", "progress": 100, "message": "Done"})


@pytest.fixture
def redis() -> FakeRedis:
    return FakeRedis(server=FakeServer(), decode_responses=True)


@pytest.fixture
def api(redis: FakeRedis) -> Driver:
    """The api's side of the jobs."""
    return Driver(redis)


@pytest.fixture
def store(redis: FakeRedis) -> WorkerJobStore:
    return WorkerJobStore(redis, "me", 15, 5)


def snapshot(progress: int) -> ProgressSnapshot:
    return ProgressSnapshot(progress, ProgressSource.SIMULATED, Phase.GENERATING, "Working")


def job(redis: Any, job_id: str = "j") -> Record:
    return dict(redis.hgetall(keys.job(job_id)))


def claimed(api: Driver, store: WorkerJobStore, *job_ids: str) -> list[JobMessage]:
    messages = [JobMessage(job_id, 1) for job_id in job_ids or ("j",)]
    for message in messages:
        api.submit(message.job_id)
    store.claim(dict.fromkeys(messages, "lore"))
    return messages


def test_each_claim_of_a_batch_has_its_own_answer(api: Driver, store: WorkerJobStore) -> None:
    api.submit("a")
    api.submit("b")
    api.claim("b", owner="another")

    messages = [JobMessage("a", 1), JobMessage("b", 1), JobMessage("c", 1)]
    ours, theirs, missing = store.claim(dict.fromkeys(messages, "lore"))

    assert ours.record is not None
    assert ours.record["status"] == "processing"
    assert (theirs.record, theirs.refusal) == (None, "busy")
    assert (missing.record, missing.refusal) == (None, "gone")


def test_a_damaged_job_affects_no_other_claim(
    redis: FakeRedis, api: Driver, store: WorkerJobStore
) -> None:
    api.submit("a")
    redis.set(keys.job("broken"), "text")

    broken, sound = store.claim({JobMessage("broken", 1): "lore", JobMessage("a", 1): "lore"})

    assert "WRONGTYPE" in broken.refusal
    assert sound.record is not None


def test_missing_scripts_are_loaded_again(
    redis: FakeRedis, api: Driver, store: WorkerJobStore
) -> None:
    """Given a server that was restarted between two writes / I expect both written."""
    (message,) = claimed(api, store)
    redis.script_flush()

    assert store.heartbeat([(message, snapshot(30))]) == ["ok"]
    redis.script_flush()
    assert store.finish(message, DONE, [snapshot(90)]) == ("completed", [])

    progress = [entry["progress"] for _, entry in redis.xrange(keys.updates("j"))]
    assert progress == ["20", "30", "90", "100"]


def test_a_heartbeat_without_jobs_registers_the_worker(
    redis: FakeRedis, store: WorkerJobStore
) -> None:
    assert store.heartbeat([]) == []
    assert redis.zrange(keys.WORKERS, 0, -1) == ["me"]


def test_a_heartbeat_says_how_many_jobs_run(redis: FakeRedis, store: WorkerJobStore) -> None:
    """Given a number / when a heartbeat without one follows / I expect the number to stay."""
    store.heartbeat([], running=3)
    store.heartbeat([])

    assert redis.hgetall(keys.WORKER_JOBS) == {"me": "3"}


def test_an_unregistered_worker_is_not_live(redis: FakeRedis, store: WorkerJobStore) -> None:
    store.heartbeat([], running=3)

    store.unregister()

    assert redis.exists(keys.WORKERS, keys.WORKER_JOBS) == 0


def test_many_jobs_take_several_scripts_with_answers_in_order(
    api: Driver, store: WorkerJobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_store, "MAX_HEARTBEAT_JOBS", 5)
    messages = claimed(api, store, *(f"j{number}" for number in range(12)))
    api.claim("j7", attempt=1, owner="me")
    api.finish("j7", owner="me")

    answers = store.heartbeat([(message, snapshot(30)) for message in messages])

    assert [i for i, answer in enumerate(answers) if answer == "lost"] == [7]
    assert len(answers) == 12


def test_a_checkpoint_stores_its_fields_once(
    redis: FakeRedis, api: Driver, store: WorkerJobStore
) -> None:
    (message,) = claimed(api, store)

    assert store.checkpoint(message, "s", "[1]", {"usage": "{}", "model": None}) == "[1]"
    assert store.checkpoint(message, "s", "[2]", {"usage": '{"calls":2}'}) == "[1]"

    assert store.checkpoints("j") == {"s": "[1]"}
    assert job(redis)["usage"] == "{}"


def test_a_checkpoint_of_a_lost_job_is_refused(api: Driver, store: WorkerJobStore) -> None:
    (message,) = claimed(api, store)
    api.release(owner="me")

    assert store.checkpoint(message, "s", "[1]", {}) is None


def test_a_result_replaces_the_partial_one(
    redis: FakeRedis, api: Driver, store: WorkerJobStore
) -> None:
    (message,) = claimed(api, store)
    redis.hset(keys.job("j"), "partial_result", "[]")

    store.finish(message, DONE)

    assert "partial_result" not in job(redis)
    assert job(redis)["result"] == "[1]"


def test_a_second_outcome_is_terminal(api: Driver, store: WorkerJobStore) -> None:
    (message,) = claimed(api, store)

    assert store.finish(message, DONE) == ("completed", [])
    assert store.finish(message, DONE) == ("terminal", [])


def test_released_jobs_return_their_next_attempts(
    redis: FakeRedis, api: Driver, store: WorkerJobStore
) -> None:
    """Given three jobs, one cancelled and one done / I expect one released and one ended; the
    reconciler does not enqueue it as well.
    """
    messages = claimed(api, store, "a", "b", "c")
    api.cancel("b")
    store.finish(messages[2], DONE)

    assert store.release(messages, "Handed back") == [JobMessage("a", 2)]
    assert api.reconcile() == {}
    assert job(redis, "a")["phase"] == "recovering"
    assert job(redis, "b")["status"] == "cancelled"
    assert job(redis, "c")["status"] == "completed"


def test_an_unavailable_server_is_an_error(
    redis: FakeRedis, store: WorkerJobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.connected = False
    server = redis.connection_pool.connection_kwargs.get("server")
    if server is not None:
        server.connected = False

    with pytest.raises(RedisUnavailable):
        store.claim({JobMessage("a", 1): "lore"})
