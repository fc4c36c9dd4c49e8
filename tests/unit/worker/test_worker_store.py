"""The worker's store, on the scripts it sends."""

from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer
from redis.exceptions import ConnectionError as RedisAway

from jobs import keys
from jobs.doorbell import Ring
from jobs.job import Record
from jobs.states import Phase, ProgressSource, Status
from tests.store.driver import Store as Driver
from worker.progress import Reading
from worker.store import BEAT_SIZE, Outcome, Store

DONE = Outcome(Status.COMPLETED, {"result": "[1]", "progress": 100, "message": "Done"})


@pytest.fixture
def redis() -> FakeRedis:
    return FakeRedis(server=FakeServer(), decode_responses=True)


@pytest.fixture
def api(redis: FakeRedis) -> Driver:
    """What the api does to the jobs."""
    return Driver(redis)


@pytest.fixture
def store(redis: FakeRedis) -> Store:
    return Store(redis, "me", 15, 5)


def reading(progress: int) -> Reading:
    return Reading(progress, ProgressSource.SIMULATED, Phase.GENERATING, "Working")


def job(redis: Any, job_id: str = "j") -> Record:
    return dict(redis.hgetall(keys.job(job_id)))


def claimed(api: Driver, store: Store, *job_ids: str) -> list[Ring]:
    rings = [Ring(job_id, 1) for job_id in job_ids or ("j",)]
    for ring in rings:
        api.submit(ring.job_id)
    store.claim(rings)
    return rings


def test_a_batch_of_claims_says_of_each_job_whether_it_is_ours(api: Driver, store: Store) -> None:
    api.submit("a")
    api.submit("b")
    api.claim("b", owner="another")

    ours, theirs, gone = store.claim([Ring("a", 1), Ring("b", 1), Ring("c", 1)])

    assert ours.record is not None
    assert ours.record["status"] == "processing"
    assert (theirs.record, theirs.refusal) == (None, "busy")
    assert (gone.record, gone.refusal) == (None, "gone")


def test_a_damaged_job_spoils_no_other_claim(redis: FakeRedis, api: Driver, store: Store) -> None:
    api.submit("a")
    redis.set(keys.job("broken"), "text")

    broken, sound = store.claim([Ring("broken", 1), Ring("a", 1)])

    assert "WRONGTYPE" in broken.refusal
    assert sound.record is not None


def test_a_server_that_forgot_the_scripts_is_given_them_again(
    redis: FakeRedis, api: Driver, store: Store
) -> None:
    """Given a server that was restarted between two writes / I expect both written."""
    (ring,) = claimed(api, store)
    redis.script_flush()

    assert store.beat([(ring, reading(30))]) == ["ok"]
    redis.script_flush()
    assert store.finish(ring, DONE, reading(90)) == "completed"

    told = [entry["progress"] for _, entry in redis.xrange(keys.updates("j"))]
    assert told == ["0", "20", "30", "90", "100"]


def test_a_beat_of_nothing_is_the_worker_s_word(redis: FakeRedis, store: Store) -> None:
    assert store.beat([]) == []
    assert redis.zrange(keys.WORKERS, 0, -1) == ["me"]


def test_a_worker_that_leaves_takes_its_word_back(redis: FakeRedis, store: Store) -> None:
    store.beat([])

    store.leave()

    assert redis.exists(keys.WORKERS) == 0


def test_many_jobs_beat_in_several_scripts_with_the_answers_in_order(
    api: Driver, store: Store
) -> None:
    rings = claimed(api, store, *(f"j{number}" for number in range(BEAT_SIZE + 10)))
    api.claim("j255", attempt=1, owner="me")
    api.finish("j255", owner="me")

    answers = store.beat([(ring, reading(30)) for ring in rings])

    assert [i for i, answer in enumerate(answers) if answer == "lost"] == [255]
    assert len(answers) == BEAT_SIZE + 10


def test_a_checkpoint_takes_fields_with_it_once(
    redis: FakeRedis, api: Driver, store: Store
) -> None:
    (ring,) = claimed(api, store)

    assert store.checkpoint(ring, "s", "[1]", {"usage": "{}", "model": None}) == "[1]"
    assert store.checkpoint(ring, "s", "[2]", {"usage": '{"calls":2}'}) == "[1]"

    assert store.checkpoints("j") == {"s": "[1]"}
    assert job(redis)["usage"] == "{}"


def test_a_checkpoint_of_a_lost_job_is_refused(api: Driver, store: Store) -> None:
    (ring,) = claimed(api, store)
    api.release(owner="me")

    assert store.checkpoint(ring, "s", "[1]", {}) is None


def test_a_result_takes_the_place_of_a_partial_one(
    redis: FakeRedis, api: Driver, store: Store
) -> None:
    (ring,) = claimed(api, store)
    redis.hset(keys.job("j"), "partial_result", "[]")

    store.finish(ring, DONE)

    assert "partial_result" not in job(redis)
    assert job(redis)["result"] == "[1]"


def test_a_second_end_is_terminal(api: Driver, store: Store) -> None:
    (ring,) = claimed(api, store)

    assert store.finish(ring, DONE) == "completed"
    assert store.finish(ring, DONE) == "terminal"


def test_jobs_that_are_given_back_are_rung_for_as_their_next_attempt(
    redis: FakeRedis, api: Driver, store: Store
) -> None:
    """Given three jobs, one cancelled and one done / I expect one given back, and one ended; the
    sweep does not ring for it as well.
    """
    rings = claimed(api, store, "a", "b", "c")
    api.cancel("b")
    store.finish(rings[2], DONE)

    assert store.release(rings, "Handed back") == [Ring("a", 2)]
    assert api.sweep() == {}
    assert job(redis, "a")["phase"] == "recovering"
    assert job(redis, "b")["status"] == "cancelled"
    assert job(redis, "c")["status"] == "completed"


def test_a_server_that_is_away_is_no_answer(
    redis: FakeRedis, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.connected = False
    server = redis.connection_pool.connection_kwargs.get("server")
    if server is not None:
        server.connected = False

    with pytest.raises(RedisAway):
        store.claim([Ring("a", 1)])
