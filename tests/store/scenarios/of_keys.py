"""API keys: create, rotate, revoke, and the note of their use."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

from loresmith.api.auth import api_key_store
from loresmith.api.auth.api_key import ApiKey
from loresmith.api.auth.api_key_store import ApiKeyStore
from loresmith.api.http.problems import Problem
from loresmith.api.schemas.keys import KeyRequest
from tests.store.direct import DirectPipeline, result_of
from tests.store.driver import Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)

ID = "0aZ90aZ9"


@contextmanager
def generated(secret: str) -> Iterator[None]:
    """Makes the one id and a secret that is its own hash, so that a call can be repeated."""
    names: dict[str, Any] = {"new_key": lambda key_id: secret, "hash_of": str}
    with patch.multiple(api_key_store, new_key_id=iter([ID]).__next__, **names):
        yield


class KeyDriver:
    """One API key of a store."""

    def __init__(self, store: Store) -> None:
        self._pipeline: Any = DirectPipeline(store.redis)
        self._store = ApiKeyStore(self._pipeline)

    def create(self, secret: str = "first") -> str:
        with generated(secret), suppress(RuntimeError):  # no second id
            result_of(self._store.create(KeyRequest(name="ci"), "local"))
        return str(self._pipeline.reply[0])

    def rotate(self, secret: str = "second", overlap_s: float = 1) -> str:
        with generated(secret), suppress(Problem):
            result_of(self._store.rotate(ID, overlap_s))
        return str(self._pipeline.reply[0])

    def revoke(self) -> str:
        with suppress(Problem):
            result_of(self._store.revoke(ID))
        return str(self._pipeline.reply[0])

    def note_use(self, secret: str = "first") -> str:
        result_of(self._store.note_use(ID, secret))
        return str(self._pipeline.reply[0])

    def read(self) -> ApiKey:
        key = result_of(self._store.read(ID))
        assert key is not None
        return key


@scenario("keys/create", "ok")
def a_key_is_new(store: Store) -> Act:
    return lambda: KeyDriver(store).create()


@scenario("keys/create", "exists")
def the_id_is_of_another_key(store: Store) -> Act:
    KeyDriver(store).create("another")
    return lambda: KeyDriver(store).create()


@scenario("keys/rotate", "ok")
def a_key_gets_a_new_secret(store: Store) -> Act:
    KeyDriver(store).create()
    return lambda: KeyDriver(store).rotate()


@scenario("keys/rotate", "gone")
def no_key_to_rotate(store: Store) -> Act:
    return lambda: KeyDriver(store).rotate()


@scenario("keys/rotate", "revoked")
def a_revoked_key_is_not_rotated(store: Store) -> Act:
    KeyDriver(store).create()
    KeyDriver(store).revoke()
    return lambda: KeyDriver(store).rotate()


@scenario("keys/revoke", "ok")
def a_key_is_revoked(store: Store) -> Act:
    KeyDriver(store).create()
    return lambda: KeyDriver(store).revoke()


@scenario("keys/revoke", "gone")
def no_key_to_revoke(store: Store) -> Act:
    return lambda: KeyDriver(store).revoke()


@scenario("keys/note_use", "ok")
def the_old_secret_is_used(store: Store) -> Act:
    KeyDriver(store).create()
    KeyDriver(store).rotate()
    return lambda: KeyDriver(store).note_use("first")


@scenario("keys/note_use", "gone")
def a_replaced_secret_was_used(store: Store) -> Act:
    return lambda: KeyDriver(store).note_use()
