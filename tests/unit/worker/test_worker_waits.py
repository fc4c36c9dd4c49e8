"""A worker that starts while Redis is away."""

from typing import Any

import pytest
from redis.exceptions import AuthenticationError, ConnectionError

from worker import __main__ as start


class Server:
    """Says what it is told to say, one thing for each ping."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)

    def ping(self) -> None:
        if answer := self.answers.pop(0):
            raise answer

    def get_connection_kwargs(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": 1}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start.time, "sleep", lambda _: None)
    monkeypatch.setattr(start, "address", lambda _: "127.0.0.1:1")


def test_it_waits_and_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    start.wait_for(Server(ConnectionError("refused"), ConnectionError("refused"), None))  # type: ignore[arg-type]

    assert capsys.readouterr().err.count("waiting 30 s for Redis at 127.0.0.1:1: refused") == 1


def test_it_does_not_wait_for_ever() -> None:
    with pytest.raises(ConnectionError, match="refused"):
        start.wait_for(Server(ConnectionError("refused")), patience_s=0)  # type: ignore[arg-type]


def test_a_server_that_does_not_come_is_named_with_the_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(_: object) -> None:
        raise ConnectionError("refused")

    monkeypatch.setattr(start, "wait_for", refused)

    assert start.main([]) == 1
    assert (
        "Redis at 127.0.0.1:1 cannot be used: refused. Check REDIS_URL" in capsys.readouterr().err
    )


def test_a_wrong_password_is_not_waited_for() -> None:
    with pytest.raises(AuthenticationError):
        start.wait_for(Server(AuthenticationError("no")))  # type: ignore[arg-type]
