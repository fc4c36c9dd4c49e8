"""The two clients over a transport that is played: the same operations, by two drivers."""

import subprocess
import sys

import httpx2
import pytest

from loresmith import AsyncClient, Client, ServerUnreachable
from tests.unit.loresmith.network import job


def answer(request: httpx2.Request) -> httpx2.Response:
    if request.url.path.endswith("/lost"):
        raise httpx2.ConnectError("nobody there")
    assert request.url.path == "/behind/jobs/j1"
    return httpx2.Response(
        200, json=job("completed", result=[request.extensions["timeout"]["read"]])
    )


TRANSPORT = httpx2.MockTransport(answer)
URL = "http://lore.example/behind/"


def test_the_blocking_client() -> None:
    with Client(URL, transport=TRANSPORT) as client:
        done = client.wait("j1")

        assert done.result == [10.0], "each request may take ten seconds"
        with pytest.raises(ServerUnreachable, match="nobody there"):
            Client(URL, transport=TRANSPORT, patience_s=0).get("lost")


@pytest.mark.anyio
async def test_the_async_client() -> None:
    async with AsyncClient(URL, transport=TRANSPORT, patience_s=0) as client:
        assert (await client.wait("j1")).completed
        with pytest.raises(ServerUnreachable, match="nobody there"):
            await client.get("lost")


def test_both_clients_can_do_the_same() -> None:
    public = [name for name in vars(Client) if not name.startswith("_")]

    assert public == [name for name in vars(AsyncClient) if not name.startswith("_")]


def test_the_server_is_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().url == "http://127.0.0.1:8080"
    monkeypatch.setenv("LORESMITH_URL", "https://lore.example")
    assert Client().url == "https://lore.example"
    assert Client("http://other:1/").url == "http://other:1"


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://x", "http://", "8080"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not the URL of a server"):
        Client(url)


def test_a_proxy_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a proxy in the environment / I expect it to be used for other machines only."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")

    assert Client("http://lore.example")._http.trust_env
    assert not Client("http://127.0.0.1:8080")._http.trust_env
    assert not Client("http://localhost:8080")._http.trust_env
    assert not Client("http://[::1]:8080")._http.trust_env


def test_importing_the_client_imports_no_server() -> None:
    heavy = ["grpc", "redis", "rq", "pydantic", "starlette", "sqlalchemy", "rich", "click"]
    code = f"import sys, loresmith; print([m for m in {heavy} if m in sys.modules])"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout == "[]\n"
