"""Writes that wait for Redis, and those that need not."""

import pytest
from redis.exceptions import (
    BusyLoadingError,
    ConnectionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
)

from worker import patience
from worker.patience import patiently


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.time, "sleep", lambda _: None)


class Write:
    """Fails as often as it is told, then answers."""

    def __init__(self, error: RedisError, times: int) -> None:
        self.error, self.left, self.tries = error, times, 0

    def __call__(self) -> str:
        self.tries += 1
        if self.left:
            self.left -= 1
            raise self.error
        return "written"


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError("refused"),
        TimeoutError("slow"),
        BusyLoadingError("loading"),
        ReadOnlyError("a replica"),
        OutOfMemoryError("full"),
        ResponseError("MISCONF cannot write to disk"),
    ],
)
def test_it_tries_until_redis_takes_it(error: RedisError) -> None:
    write = Write(error, 20)

    assert patiently(write, lambda: False, "x") == "written"
    assert write.tries == 21


def test_what_no_wait_can_cure_is_raised_at_once() -> None:
    write = Write(ResponseError("WRONGTYPE"), 1)

    with pytest.raises(ResponseError):
        patiently(write, lambda: False, "x")

    assert write.tries == 1


def test_it_stops_when_nobody_wants_it_any_more() -> None:
    write = Write(ConnectionError("refused"), 1_000)

    with pytest.raises(ConnectionError):
        patiently(write, lambda: write.tries > 3, "x")

    assert write.tries == 4


def test_it_says_once_that_it_waits(caplog: pytest.LogCaptureFixture) -> None:
    patiently(Write(ConnectionError("refused"), 9), lambda: False, "job x")

    assert [record.message for record in caplog.records] == ["job x waits for Redis: refused"]
