"""Browser sessions: their start and their end."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from loresmith.api.auth import sessions
from loresmith.api.auth.sessions import KeyLogin, SessionStore
from loresmith.jobs.store import keys
from tests.store.direct import DirectPipeline, result_of
from tests.store.driver import Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)

ID = "cafe"
LOGIN = KeyLogin(key_id="1", digest="d")


def create(store: Store, session_id: str = ID) -> str:
    """Creates a session by the same clock each time, so that a call can be repeated."""
    pipeline: Any = DirectPipeline(store.redis)
    generated: dict[str, Any] = {
        "session_id_of": lambda cookie: session_id,
        "time": SimpleNamespace(time=lambda: 0),
        "MAX_SESSIONS": 1,
    }
    with patch.multiple(sessions, **generated):
        result_of(SessionStore(pipeline, lifetime_s=1).create(LOGIN))
    return str(pipeline.reply[0])


def delete(store: Store) -> str:
    """Runs the script itself: the store reads the session before, and it may end in between."""
    names = [keys.session(ID), keys.API_KEY_CHANGES, keys.sessions_of(LOGIN.principal_id)]
    return store.run("sessions/delete", names, ID)[0]


@scenario("sessions/create", "ok")
def a_session_begins(store: Store) -> Act:
    return lambda: create(store)


@scenario("sessions/create", "full")
def one_session_too_many(store: Store) -> Act:
    create(store, "beef")
    return lambda: create(store)


@scenario("sessions/delete", "ok")
def a_session_is_ended(store: Store) -> Act:
    store.redis.set(keys.session(ID), "{}", px=1_000)
    return lambda: delete(store)


@scenario("sessions/delete", "gone")
def no_session_to_end(store: Store) -> Act:
    return lambda: delete(store)
