"""API keys: create, rotate, revoke, and the note of their use."""

from loresmith.jobs.store import keys
from tests.store.driver import Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)

DAY_MS = 86_400_000
ID = "0aZ90aZ9"


class KeyDriver:
    """One API key of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def create(self, digest: str = "first") -> list[str]:
        names = [keys.api_key(ID), keys.API_KEYS, keys.API_KEY_CHANGES]
        fields = ("name", "ci", "role", "member", "user_id", "mira", "created_by", "local")
        return self.store.run("keys/create", names, ID, digest, DAY_MS, *fields)

    def rotate(self, digest: str = "second", overlap_ms: int = 1_000) -> list[str]:
        names = [keys.api_key(ID), keys.API_KEY_CHANGES]
        return self.store.run("keys/rotate", names, ID, digest, overlap_ms)

    def revoke(self) -> list[str]:
        return self.store.run("keys/revoke", [keys.api_key(ID), keys.API_KEY_CHANGES], ID)

    def note_use(self, digest: str = "first") -> str:
        return self.store.run("keys/note_use", [keys.api_key(ID)], digest)[0]


@scenario("keys/create", "ok")
def a_key_is_new(store: Store) -> Act:
    return lambda: KeyDriver(store).create()[0]


@scenario("keys/create", "exists")
def the_id_is_of_another_key(store: Store) -> Act:
    KeyDriver(store).create("another")
    return lambda: KeyDriver(store).create()[0]


@scenario("keys/rotate", "ok")
def a_key_gets_a_new_secret(store: Store) -> Act:
    KeyDriver(store).create()
    return lambda: KeyDriver(store).rotate()[0]


@scenario("keys/rotate", "gone")
def no_key_to_rotate(store: Store) -> Act:
    return lambda: KeyDriver(store).rotate()[0]


@scenario("keys/rotate", "revoked")
def a_revoked_key_is_not_rotated(store: Store) -> Act:
    KeyDriver(store).create()
    KeyDriver(store).revoke()
    return lambda: KeyDriver(store).rotate()[0]


@scenario("keys/revoke", "ok")
def a_key_is_revoked(store: Store) -> Act:
    KeyDriver(store).create()
    return lambda: KeyDriver(store).revoke()[0]


@scenario("keys/revoke", "gone")
def no_key_to_revoke(store: Store) -> Act:
    return lambda: KeyDriver(store).revoke()[0]


@scenario("keys/note_use", "ok")
def the_old_secret_is_used(store: Store) -> Act:
    KeyDriver(store).create()
    KeyDriver(store).rotate()
    return lambda: KeyDriver(store).note_use("first")


@scenario("keys/note_use", "gone")
def a_replaced_secret_was_used(store: Store) -> Act:
    return lambda: KeyDriver(store).note_use()
