"""Browser sessions: their end."""

from loresmith.jobs.store import keys
from tests.store.driver import Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)

ID = "cafe"


def delete(store: Store) -> list[str]:
    return store.run("sessions/delete", [keys.session(ID), keys.API_KEY_CHANGES], ID)


@scenario("sessions/delete", "ok")
def a_session_is_ended(store: Store) -> Act:
    store.redis.set(keys.session(ID), "{}", px=1_000)
    return lambda: delete(store)[0]


@scenario("sessions/delete", "gone")
def no_session_to_end(store: Store) -> Act:
    return lambda: delete(store)[0]
