"""One archive holds the jobs of a Redis; a process with another database writes nothing to it."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loresmith import Client
from loresmith.archive import open_archive
from loresmith.jobs.store import keys
from tests.servers import free_port
from tests.stack import Part, Stack, request, stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def test_an_api_with_another_database_takes_no_bills(tmp_path: Path) -> None:
    """Given a stack / when an api with another DATABASE_URL starts beside it and jobs end
    / I expect every job in the first database, and the second api to say why it is not ready.
    """
    other = f"sqlite:///{tmp_path}/stray.db"
    with stack(tmp_path / "stack") as system, Client(system.url) as client:
        system.wait_for(system.submit(), "completed")
        wait_until(lambda: client.usage("team")["total"]["jobs"] == 1, "it is archived")
        stray, url = stray_api(system, other)
        try:
            stray.start()
            stray.wait()
            for _ in range(5):
                system.wait_for(system.submit(), "completed")
            wait_until(lambda: client.usage("team")["total"]["jobs"] == 6, "all are archived")

            wait_until(lambda: request("GET", f"{url}/readyz")[0] == 503, "it is not ready")
            _, body = request("GET", f"{url}/readyz")
            assert "stray.db" in body["checks"]["maintenance"]["detail"]
            assert "docs/archive.md" in stray.tail()
            with open_archive(other) as archive:
                assert archive.history.usage("team", *EVER) == []
        finally:
            stray.stop()


def test_a_worker_with_another_database_saves_no_world(tmp_path: Path) -> None:
    """Given a worker with another DATABASE_URL / when a world is written / I expect the job to
    say why it is not saved, and no world in the other database.
    """
    other = f"sqlite:///{tmp_path}/stray.db"
    with stack(tmp_path / "stack") as system:
        system.wait_for(system.submit(), "completed")
        wait_until(lambda: system.redis.exists(keys.ARCHIVE), "the archive is noted")
        system["worker"].stop()
        system["worker"].start(DATABASE_URL=other)
        job_id = system.submit("create_world", user_id="mira")

        wait_until(lambda: "stray.db" in str(system.job(job_id)), "the job says why", timeout=60)

        with open_archive(other) as archive:
            assert archive.worlds.list("mira").items == ()


def stray_api(system: Stack, database_url: str) -> tuple[Part, str]:
    """Returns an api of the stack with another database, and its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = system.directory / "stray.log"
    log.touch()
    command = [sys.executable, "-m", "loresmith.api", "--port", str(port)]
    env = system["api"].env | {"DATABASE_URL": database_url}
    return Part("stray", command, env, log, lambda: request("GET", f"{url}/healthz")[0] == 200), url
