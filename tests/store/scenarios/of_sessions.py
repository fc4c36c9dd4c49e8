"""Browser sessions: their start and their end."""

from loresmith.jobs.store import keys
from tests.store.driver import Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)

ID = "cafe"
OWNED = keys.sessions_of("key:1")


def delete(store: Store) -> list[str]:
    names = [keys.session(ID), keys.API_KEY_CHANGES, OWNED]
    return store.run("sessions/delete", names, ID)


def create(store: Store, session_id: str = ID) -> list[str]:
    names = [keys.session(session_id), OWNED, keys.API_KEY_CHANGES]
    return store.run("sessions/create", names, session_id, "{}", 1_000, 1)


@scenario("sessions/create", "ok")
def a_session_begins(store: Store) -> Act:
    return lambda: create(store)[0]


@scenario("sessions/create", "full")
def one_session_too_many(store: Store) -> Act:
    create(store, "beef")
    return lambda: create(store)[0]


@scenario("sessions/delete", "ok")
def a_session_is_ended(store: Store) -> Act:
    store.redis.set(keys.session(ID), "{}", px=1_000)
    return lambda: delete(store)[0]


@scenario("sessions/delete", "gone")
def no_session_to_end(store: Store) -> Act:
    return lambda: delete(store)[0]
