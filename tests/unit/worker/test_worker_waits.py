"""A worker that starts while Redis is away."""

import threading
from collections.abc import Callable
from typing import Any

import fakeredis
import pytest
from redis import Redis
from redis.client import PubSubWorkerThread
from redis.exceptions import AuthenticationError, ConnectionError

from worker import LoreWorker
from worker import __main__ as start


def server(*answers: Exception | None) -> Callable[[], str]:
    """Says what it is told to say, one thing each time; then it is there."""
    left = list(answers)

    def answer() -> str:
        if left and (error := left.pop(0)):
            raise error
        return "a worker"

    return answer


class LosesAnswers(fakeredis.FakeRedis):
    """Does what it is asked, but does not say so the first time each."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    def hset(self, *args: Any, **kwargs: Any) -> Any:
        return self._heard("hset", super().hset(*args, **kwargs))

    def pipeline(self, *args: Any, **kwargs: Any) -> Any:
        made = super().pipeline(*args, **kwargs)
        execute = made.execute
        made.execute = lambda *given: self._heard("execute", execute(*given))
        return made

    def _heard(self, what: str, answer: Any) -> Any:
        if what not in self.lost:
            self.lost.add(what)
            raise ConnectionError("closed")
        return answer


def listeners() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if isinstance(one, PubSubWorkerThread)}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start.time, "sleep", lambda _: None)
    monkeypatch.setattr(start, "address", lambda _: "127.0.0.1:1")


def test_it_waits_and_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    refused = ConnectionError("refused")

    assert start.when_there(Redis(), server(refused, refused)) == "a worker"

    assert capsys.readouterr().err.count("waiting 30 s for Redis at 127.0.0.1:1: refused") == 1


def test_it_does_not_wait_for_ever() -> None:
    with pytest.raises(ConnectionError, match="refused"):
        start.when_there(Redis(), server(ConnectionError("refused")), patience_s=0)


def test_a_server_that_does_not_come_is_named_with_the_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise ConnectionError("refused")

    monkeypatch.setattr(start, "when_there", refused)

    assert start.main([]) == 1
    assert (
        "Redis at 127.0.0.1:1 cannot be used: refused. Check REDIS_URL" in capsys.readouterr().err
    )


def test_a_wrong_password_is_not_waited_for() -> None:
    with pytest.raises(AuthenticationError):
        start.when_there(Redis(), server(AuthenticationError("no")))


def test_a_start_whose_answers_are_lost_is_tried_again_as_the_same_worker() -> None:
    """Given that the row is written and the answer lost, twice / I expect one worker on RQ's list,
    that is started, and listens for commands once.
    """
    redis = LosesAnswers()
    worker = LoreWorker(["lore"], connection=redis, name="one")

    worker.bootstrap()

    assert redis.lost == {"execute", "hset"}
    assert redis.smembers("rq:workers") == {b"rq:worker:one"}
    assert redis.hget("rq:worker:one", "state") == b"started"
    assert listeners() == {worker.pubsub_thread}
    worker.pubsub_thread.stop()


def test_a_name_that_another_worker_has_is_still_refused() -> None:
    redis = fakeredis.FakeRedis()
    LoreWorker(["lore"], connection=redis, name="one").register_birth()

    with pytest.raises(ValueError, match="active worker named 'one'"):
        LoreWorker(["lore"], connection=redis, name="one").register_birth()
