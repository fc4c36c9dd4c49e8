"""The stream of all jobs shows each client what it may see, live and after a pause."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from loresmith.jobs.store import keys
from tests.integration.api_process import BODY, Api, api, new_key
from tests.integration.test_api_live import following, read_until
from tests.servers import RedisServer, redis_server
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

BACKEND = ["jobs:read", "jobs:write", "on-behalf-of"]
PEOPLE: dict[str, dict[str, Any]] = {
    "ann": {"role": "member", "user_id": "ann", "team_id": "acme"},
    "bob": {"role": "member", "user_id": "bob", "team_id": "acme"},
    "eve": {"role": "member", "user_id": "eve", "team_id": "beta"},
    "shop": {"role": "member", "user_id": "shop", "team_id": "beta", "scopes": BACKEND},
    "root": {"role": "admin", "user_id": "root"},
}


class Clients:
    """An api that demands keys, and a key of each person."""

    def __init__(self, running: Api, keys: dict[str, str]) -> None:
        self.running = running
        self.keys = keys

    def headers(self, name: str) -> dict[str, str]:
        return {"X_API_Key": self.keys[name]}

    def create(self, name: str, **fields: Any) -> str:
        body = BODY | fields
        return str(self.running.ask("POST", "/jobs", body, **self.headers(name)).json["id"])

    def seen(self, raw: Any, last: str) -> list[str]:
        """The jobs whose creation a stream shows, up to that of a job."""
        events = read_until(raw, last.encode())
        assert "snapshot" not in {event["type"] for event in events}
        return [event["job_id"] for event in events if event["type"] == "created"]


def clients(folder: Path, server: RedisServer, **settings: str) -> Iterator[Clients]:
    secrets = {name: new_key(server.url, folder, **terms) for name, terms in PEOPLE.items()}
    with api(server.url, folder, **settings) as running:
        headers = {"X_API_Key": secrets["root"]}
        wait_until(lambda: running.ask("HEAD", "/events", **headers).status == 200, "it reads")
        yield Clients(running, secrets)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


@pytest.fixture
def closed(server: RedisServer, tmp_path: Path) -> Iterator[Clients]:
    yield from clients(tmp_path, server)


@pytest.fixture
def shared(server: RedisServer, tmp_path: Path) -> Iterator[Clients]:
    yield from clients(tmp_path, server, LORESMITH_TEAM_JOBS="team")


def test_each_follows_the_jobs_that_he_sees(closed: Clients) -> None:
    """Given open streams of a user, another, a backend and an admin / when each creates a job
    / I expect each job in the streams of its owner, of the backend that created it, of the admin.
    """
    names = ("ann", "bob", "shop", "root")
    streams = [following(closed.running, "/events", **closed.headers(name)) for name in names]
    ann, bob, shop, root = (stream.__enter__() for stream in streams)
    try:
        for raw in (ann, bob, shop, root):
            assert read_until(raw, b"snapshot")[0]["jobs"] == []
        of_bob = closed.create("bob")
        for_ann = closed.create("shop", on_behalf_of={"user_id": "ann"})
        of_ann = closed.create("ann")
        last = closed.create("bob")
        end = closed.create("shop")

        assert closed.seen(ann, of_ann) == [for_ann, of_ann]
        assert closed.seen(bob, last) == [of_bob, last]
        assert closed.seen(shop, end) == [for_ann, end]
        assert closed.seen(root, end) == [of_bob, for_ann, of_ann, last, end]
    finally:
        for stream in streams:
            stream.__exit__(None, None, None)


def test_a_stream_resumes_with_what_one_sees(closed: Clients, server: RedisServer) -> None:
    """Given a stream that broke after a job / when it resumes after another's / I expect one's own
    of meanwhile, and the snapshot of one's own where it cannot resume.
    """
    headers = closed.headers("ann")
    first, of_bob = closed.create("ann"), closed.create("bob")
    second = closed.create("ann")
    redis: Any = Redis.from_url(server.url, decode_responses=True)
    (known,) = [id for id, fields in redis.xrange(keys.UPDATES) if fields["job"] == first]

    with following(closed.running, "/events", Last_Event_ID=known, **headers) as raw:
        assert closed.seen(raw, second) == [second]
    with following(closed.running, "/events", Last_Event_ID="1-1", **headers) as raw:
        snapshot = read_until(raw, b"snapshot")[-1]

    assert [job["id"] for job in snapshot["jobs"]] == [second, first]
    assert snapshot["counts"]["pending"] == 2
    root = closed.headers("root")
    with following(closed.running, "/events?user_id=bob", Last_Event_ID=known, **root) as raw:
        assert closed.seen(raw, of_bob) == [of_bob]


def test_a_team_follows_its_jobs(shared: Clients) -> None:
    with following(shared.running, "/events", **shared.headers("bob")) as raw:
        read_until(raw, b"snapshot")
        shared.create("eve")
        of_ann = shared.create("ann")
        of_bob = shared.create("bob")

        assert shared.seen(raw, of_bob) == [of_ann, of_bob]
