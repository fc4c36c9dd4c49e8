"""Workers and lore_services that announce themselves."""

from loresmith.jobs.store.parts import LivePart
from loresmith.jobs.store.scripts import run_script
from tests.store.driver import Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)

PART = LivePart("worker", "anna.1", "cafe")


def announce(store: Store, part: LivePart = PART) -> str:
    script = part.announcement({"create_world": "beef"})
    return str(run_script(store.redis, script.name, script.keys, *script.arguments))


@scenario("parts/announce", "ok")
def a_part(store: Store) -> Act:
    return lambda: announce(store)
