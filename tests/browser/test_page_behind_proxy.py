"""The page behind a reverse proxy, under a path: everything is found, and a job runs to its end."""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.page_driver import PageDriver
from tests.stack import Stack, stack

PREFIX = "/lore"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class ReverseProxy(BaseHTTPRequestHandler):
    """Strips the prefix, and passes everything on, streams as they come."""

    api_port: int
    unknown: list[str]
    """Requested paths without the prefix."""

    def do_GET(self) -> None:
        if not self.path.startswith(f"{PREFIX}/"):
            self.unknown.append(self.path)
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name != "Connection"}
        headers |= {"X-Forwarded-Prefix": PREFIX, "Host": f"127.0.0.1:{self.api_port}"}
        api = http.client.HTTPConnection("127.0.0.1", self.api_port, timeout=60)
        try:
            api.request(self.command, self.path.removeprefix(PREFIX), body, headers)
            self._pass_on(api.getresponse())
        except (OSError, http.client.HTTPException):
            self.close_connection = True
        finally:
            api.close()

    do_POST = do_PUT = do_DELETE = do_GET

    def _pass_on(self, answer: http.client.HTTPResponse) -> None:
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        while chunk := answer.read1(65_536):
            self.wfile.write(chunk)
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""


@contextmanager
def reverse_proxy(api_port: int) -> Iterator[tuple[str, list[str]]]:
    """Runs a proxy; yields the address of the page behind it, and the unknown paths."""
    unknown: list[str] = []
    handler = type("Handler", (ReverseProxy,), {"api_port": api_port, "unknown": unknown})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}", unknown
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose api trusts proxies of this machine, and leaves the log-in to them."""
    env = {"LORESMITH_TRUSTED_PROXIES": "127.0.0.1", "LORESMITH_AUTH": "proxy"}
    with stack(tmp_path_factory.mktemp("proxied"), seconds=1, chunks=10, env=env) as running:
        yield running


def test_the_page_works_under_a_path(chromium: Browser, proxied: Stack) -> None:
    """Given a proxy under /lore/ / when a job is submitted on the page, opened and reloaded
    / I expect its result, links under the path, and no request outside of it.
    """
    context = chromium.new_context()
    with reverse_proxy(proxied.api_port) as (url, unknown):
        driver = PageDriver(context, proxied)
        driver.url = url
        driver.visit("/")
        job_id = driver.submit(theme="salt")
        driver.expect_status("done")
        assert re.fullmatch(rf"{re.escape(url)}/\?job={job_id}.*", driver.page.url)
        driver.page.reload()
        driver.expect_status("done")
        driver.job.get_by_role("tab", name="JSON").click()
        text = driver.job.locator("pre.json").text_content() or ""
        assert json.loads(text)["links"]["self"] == f"{PREFIX}/jobs/{job_id}"
        download = driver.job.get_by_role("link", name="Download").get_attribute("href")
        assert download == f"{url}/jobs/{job_id}"
        driver.visit("/?view=system")
        driver.page.get_by_role("link", name="API reference").click()
        expect(driver.page.locator("h1")).to_have_text("Loresmith")
        assert driver.page.url == f"{url}/docs"
        errors = list(driver.console_errors)
        context.close()

    assert (unknown, errors) == ([], [])


def test_the_python_client_works_under_a_path(proxied: Stack, tmp_path: Path) -> None:
    from loresmith import Client

    with reverse_proxy(proxied.api_port) as (url, unknown), Client(url) as client:
        job = client.wait(client.submit("generate_relics", {"theme": "salt"}).id)

        assert job.raw["links"]["self"] == f"{PREFIX}/jobs/{job.id}"
    assert unknown == []
