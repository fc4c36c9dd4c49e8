"""Writes are retried while Redis is unavailable."""

import pytest
from redis.exceptions import (
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
)

from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.outage_log import OutageLog
from loresmith.worker.adapters import redis_retry
from loresmith.worker.adapters.redis_retry import retry_until_available

CODES = (
    "BUSY", "CLUSTERDOWN", "FAILOVER", "LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM",
    "READONLY", "TRYAGAIN", "UNBLOCKED",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_retry.time, "sleep", lambda _: None)


class FailingWrite:
    """Fails so many times, then succeeds."""

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
        ClusterDownError("the cluster is down"),
        *(ResponseError(f"{code} not now. script: f0, on @user_script:1.") for code in CODES),
        *(ResponseError(f"ERR Error running script: -{code} not now") for code in CODES),
    ],
)
def test_transient_errors_are_retried(error: RedisError) -> None:
    write = FailingWrite(error, 20)

    assert retry_until_available(write, lambda: False) == "written"
    assert write.tries == 21


@pytest.mark.parametrize("message", ["WRONGTYPE", "ERR no such key", "BUSYKEY it exists", "NOAUTH"])
def test_other_errors_are_raised_at_once(message: str) -> None:
    write = FailingWrite(ResponseError(message), 1)

    with pytest.raises(ResponseError):
        retry_until_available(write, lambda: False)

    assert write.tries == 1


def test_retries_end_when_given_up() -> None:
    write = FailingWrite(ConnectionError("refused"), 1_000)

    with pytest.raises(ConnectionError):
        retry_until_available(write, lambda: write.tries > 3)

    assert write.tries == 4


def test_waiting_of_many_jobs_is_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = OutageLog("Redis", get_logger("loresmith.redis"))
    monkeypatch.setattr(redis_retry, "REDIS_OUTAGE", outage)
    for _ in range(5):
        retry_until_available(FailingWrite(ConnectionError("refused"), 9), lambda: False)

    assert caplog.messages == ["Redis is unavailable error=ConnectionError"]
