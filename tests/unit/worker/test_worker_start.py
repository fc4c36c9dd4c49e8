"""A worker that starts while Redis is unavailable."""

import threading
from collections.abc import Callable
from typing import Any

import fakeredis
import pytest
from redis import Redis
from redis.client import PubSubWorkerThread
from redis.exceptions import AuthenticationError, ConnectionError

from loresmith.worker import LoreWorker
from loresmith.worker import __main__ as command


def failing(*errors: Exception) -> Callable[[], str]:
    """Returns a function that raises these errors in turn, then succeeds."""
    remaining = list(errors)

    def make() -> str:
        if remaining:
            raise remaining.pop(0)
        return "a worker"

    return make


class ReplyLosingRedis(fakeredis.FakeRedis):
    """Loses the first reply of each command."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    def hset(self, *args: Any, **kwargs: Any) -> Any:
        return self._lose_first("hset", super().hset(*args, **kwargs))

    def pipeline(self, *args: Any, **kwargs: Any) -> Any:
        pipeline = super().pipeline(*args, **kwargs)
        execute = pipeline.execute
        pipeline.execute = lambda *args: self._lose_first("execute", execute(*args))
        return pipeline

    def _lose_first(self, command: str, reply: Any) -> Any:
        if command not in self.lost:
            self.lost.add(command)
            raise ConnectionError("closed")
        return reply


def listeners() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if isinstance(thread, PubSubWorkerThread)}


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command.time, "sleep", lambda _: None)
    monkeypatch.setattr(command, "address", lambda _: "127.0.0.1:1")


def test_the_command_waits_and_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    refused = ConnectionError("Error 111 connecting to 127.0.0.1:1. Connection refused.")

    assert command.wait_for_redis(Redis(), failing(refused, refused)) == "a worker"

    line = "waiting 30 s for Redis at 127.0.0.1:1: ConnectionError: Connection refused"
    assert capsys.readouterr().err.count(line) == 1


def test_the_command_stops_waiting_after_the_timeout() -> None:
    with pytest.raises(ConnectionError, match="refused"):
        command.wait_for_redis(Redis(), failing(ConnectionError("refused")), timeout_s=0)


def test_an_unavailable_server_is_named_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise ConnectionError("Error 111 connecting to 127.0.0.1:1. Connection refused.")

    monkeypatch.setattr(command, "wait_for_redis", refused)

    assert command.main([]) == 1
    assert (
        "Redis at 127.0.0.1:1 cannot be used: ConnectionError: Connection refused. Check REDIS_URL"
        in capsys.readouterr().err
    )


def test_a_wrong_password_fails_at_once() -> None:
    with pytest.raises(AuthenticationError):
        command.wait_for_redis(Redis(), failing(AuthenticationError("no")))


def test_a_start_with_lost_replies_is_retried_as_the_same_worker() -> None:
    """Given that the row is written and its reply lost, twice / I expect one worker on RQ's list,
    that is started, and listens for commands once.
    """
    redis = ReplyLosingRedis()
    worker = LoreWorker(["lore"], connection=redis, name="one")

    worker.bootstrap()

    assert redis.lost == {"execute", "hset"}
    assert redis.smembers("rq:workers") == {b"rq:worker:one"}
    assert redis.hget("rq:worker:one", "state") == b"started"
    assert listeners() == {worker.pubsub_thread}
    worker.pubsub_thread.stop()


def test_a_name_in_use_is_rejected() -> None:
    redis = fakeredis.FakeRedis()
    LoreWorker(["lore"], connection=redis, name="one").register_birth()

    with pytest.raises(ValueError, match="active worker named 'one'"):
        LoreWorker(["lore"], connection=redis, name="one").register_birth()
