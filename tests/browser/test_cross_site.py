"""Pages of other sites in a real browser: none reads, creates, cancels or retries anything."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from redis import Redis

from tests.browser.foreign_site import ATTACKS, NAMES, foreign_site
from tests.browser.page_driver import ARGUMENTS
from tests.integration.api_process import Api, api, made, new_key
from tests.servers import RedisServer, redis_server

REFUSED = "http_status=403 code=forbidden-origin"
BLOCKED = 30
"""Requests at least that the server must have refused: the attempts have reached it."""


@pytest.fixture(scope="module")
def rebinding(chromium: Browser) -> Iterator[Browser]:
    """A browser in which every name leads to this machine."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    arguments = [*ARGUMENTS, f"--host-resolver-rules={NAMES}"]
    browser = chromium.browser_type.launch(executable_path=executable, args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def context(rebinding: Browser) -> Iterator[BrowserContext]:
    context = rebinding.new_context()
    yield context
    context.close()


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    with foreign_site() as port:
        yield port


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def loopback(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("loopback")
    with api(redis.url, folder, LORESMITH_PREFIX="loopback:") as running:
        yield running


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, str, RedisServer]]:
    """A public server, and the key of its admin."""
    folder = tmp_path_factory.mktemp("public")
    with redis_server(folder) as server:
        key = new_key(server.url, folder)
        with api(server.url, folder, "--public", LORESMITH_HOSTS="lore.example") as running:
            yield running, key, server


def jobs(server: RedisServer) -> dict[str, Any]:
    """Every record of a job."""
    with Redis(port=server.port, decode_responses=True) as client:
        names = [*client.scan_iter("job:*"), *client.scan_iter("loopback:job:*")]
        return {name: client.hgetall(name) for name in names if client.type(name) == "hash"}


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1"])
def test_nothing_gets_through_to_a_local_server(
    context: BrowserContext, loopback: Api, redis: RedisServer, site: int, origin: str
) -> None:
    """Given a page of another site, or of another port / I expect no read and no change."""
    job_id = made(loopback)
    before, refused = jobs(redis), loopback.log.count(REFUSED)
    page = context.new_page()
    page.goto(f"{origin}:{site}/")
    base = f"http://127.0.0.1:{loopback.port}"

    assert page.evaluate(ATTACKS, {"base": base, "job": job_id}) == []
    assert jobs(redis) == before
    assert loopback.log.count(REFUSED) - refused > BLOCKED


@pytest.mark.parametrize("origin", ["http://evil.example", "http://app.lore.example"])
def test_nothing_gets_through_to_a_public_server(
    context: BrowserContext, public: tuple[Api, str, RedisServer], site: int, origin: str
) -> None:
    """Given a public server on plain http, where browsers omit Sec-Fetch-Site, and a user who is
    logged in / I expect nothing for a page of another site, nor of another name of the same site,
    with whose requests the cookie goes.
    """
    running, key, server = public
    body = {"type": "generate_relics", "payload": {"theme": "salt"}}
    answer = running.ask("POST", "/jobs", body, Authorization=f"Bearer {key}")
    base = f"http://lore.example:{running.port}"
    session = running.ask("POST", "/session", {"key": key}).headers["set-cookie"]
    cookie = session.partition(";")[0].removeprefix("lore=")
    context.add_cookies([{"name": "lore", "value": cookie, "url": base, "sameSite": "Strict"}])
    before, refused = jobs(server), running.log.count(REFUSED)
    page = context.new_page()
    page.goto(f"{base}/")
    assert page.evaluate("async () => (await fetch('/jobs')).status") == 200
    page.goto(f"{origin}:{site}/")

    assert page.evaluate(ATTACKS, {"base": base, "job": answer.json["id"]}) == []
    assert jobs(server) == before
    assert running.log.count(REFUSED) - refused > BLOCKED


REBOUND = """
async (body) => {
  const statuses = [];
  for (const [path, options] of [["/jobs", {}], ["/jobs", { method: "POST", body }]]) {
    statuses.push((await fetch(path, options)).status);
  }
  return statuses;
}
"""


def test_a_name_that_is_led_here_reads_nothing(
    context: BrowserContext,
    loopback: Api,
    public: tuple[Api, str, RedisServer],
    redis: RedisServer,
) -> None:
    """Given a name of an attacker that leads to the server (DNS rebinding) / I expect 421 for
    whatever its page asks, though it is of the same origin.
    """
    for running, server in ((loopback, redis), (public[0], public[2])):
        before = jobs(server)
        page = context.new_page()
        response = page.goto(f"http://rebound.example:{running.port}/")
        assert response is not None
        assert response.status == 421
        body = '{"type":"generate_relics","payload":{"theme":"stolen"}}'
        assert page.evaluate(REBOUND, body) == [421, 421]
        assert jobs(server) == before


LISTED = """
async (base) => {
  const created = await fetch(`${base}/jobs`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": "listed-0001" },
    body: JSON.stringify({ type: "generate_relics", payload: { theme: "salt" } }),
  });
  const location = created.headers.get("Location");
  const plain = await fetch(`${base}/jobs`, {
    method: "POST", body: JSON.stringify({ type: "generate_relics", payload: { theme: "salt" } }),
  });
  const problem = await fetch(`${base}/jobs/nope`);
  const event = await new Promise((resolve, reject) => {
    const source = new EventSource(`${base}${location}/events`);
    source.onmessage = ({ data }) => { source.close(); resolve(JSON.parse(data).type); };
    source.onerror = reject;
  });
  return [created.status, plain.status, (await problem.json()).code, event];
}
"""


def test_a_listed_page_may_do_all_of_it(
    context: BrowserContext, redis: RedisServer, site: int, tmp_path: Path
) -> None:
    """Given a front end on a listed origin / I expect jobs, problems and events."""
    origin = f"http://app.example:{site}"
    with api(redis.url, tmp_path, LORESMITH_CORS_ORIGINS=origin) as running:
        page = context.new_page()
        page.goto(f"{origin}/")
        base = f"http://127.0.0.1:{running.port}"

        assert page.evaluate(LISTED, base) == [202, 202, "job-not-found", "snapshot"]
