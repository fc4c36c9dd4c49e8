"""The suite itself: a backend that is missing, and one that is not."""

import pytest
from fakeredis import FakeRedis
from redis import Redis

from tests.store.conftest import missing


def test_a_missing_server_skips_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="no server"):
        missing("no server")


def test_a_missing_server_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given CI / I expect a failure: a skip would hide that nothing was tested."""
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="in CI it must be there"):
        missing("no server")


def test_each_test_begins_with_an_empty_server_of_ours(redis: Redis) -> None:
    """Given any order of tests
    / I expect no key of another, and no server but the one we started.
    """
    assert redis.dbsize() == 0
    if not isinstance(redis, FakeRedis):
        assert redis.connection_pool.connection_kwargs["port"] != 6379
