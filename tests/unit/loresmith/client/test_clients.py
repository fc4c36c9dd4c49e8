"""The two clients over a mock transport: the same operations, blocking and asynchronous."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

import loresmith
import loresmith.client
from loresmith import AsyncClient, Client, ServerUnreachable
from tests.unit.loresmith.client.network import job


def respond(request: httpx2.Request) -> httpx2.Response:
    if request.url.path.endswith("/lost"):
        raise httpx2.ConnectError("connection refused")
    assert request.url.path == "/behind/jobs/j1"
    return httpx2.Response(
        200, json=job("completed", result=[request.extensions["timeout"]["read"]])
    )


TRANSPORT = httpx2.MockTransport(respond)
URL = "http://lore.example/behind/"


def test_the_blocking_client() -> None:
    with Client(URL, transport=TRANSPORT) as client:
        completed = client.wait("j1")

        assert completed.result == [10.0], "the read timeout of each request"
        with pytest.raises(ServerUnreachable, match="connection refused"):
            Client(URL, transport=TRANSPORT, retry_timeout_s=0).get("lost")


@pytest.mark.anyio
async def test_the_async_client() -> None:
    async with AsyncClient(URL, transport=TRANSPORT, retry_timeout_s=0) as client:
        assert (await client.wait("j1")).completed
        with pytest.raises(ServerUnreachable, match="connection refused"):
            await client.get("lost")


def test_help_shows_each_method_with_its_arguments() -> None:
    """Given a method / I expect name, arguments and text of its operation on both clients."""
    for client in (Client, AsyncClient):
        assert client.cancel.__name__ == "cancel"
        assert "no further model call starts" in (client.cancel.__doc__ or "")
        assert str(inspect.signature(client.cancel)) == (
            "(self, /, job_id: str, *, reason: str = '') -> loresmith.client.models.Job"
        )
    assert inspect.iscoroutinefunction(AsyncClient.cancel)
    assert not inspect.iscoroutinefunction(Client.cancel)


@pytest.mark.anyio
async def test_the_blocking_client_works_within_an_event_loop() -> None:
    with Client(URL, transport=TRANSPORT) as client:
        assert client.wait("j1").completed


def test_the_url_is_the_argument_then_the_environment_then_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Client().url == "http://127.0.0.1:8080"
    monkeypatch.setenv("LORESMITH_URL", "https://lore.example")
    assert Client().url == "https://lore.example"
    assert Client("http://other:1/").url == "http://other:1"


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://x", "http://", "8080"])
def test_an_invalid_url_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match="not the URL of a server"):
        Client(url)


def test_a_proxy_is_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a proxy in the environment / I expect it to be used for other machines only."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")

    assert Client("http://lore.example")._driver.http.trust_env
    for here in ("http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"):
        assert not Client(here)._driver.http.trust_env


def loaded_by(imports: str, cwd: Path | None = None) -> dict[str, str]:
    """The modules that are loaded after `imports` in a process of its own, with their files."""
    code = (
        f"{imports}\nimport sys\nfor name, module in list(sys.modules.items()):\n"
        "    print(name, getattr(module, '__file__', None) or '-', sep='\\t')"
    )
    command = [sys.executable, "-c", code]
    env = {"PATH": os.environ["PATH"]}
    ran = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return dict(line.split("\t") for line in ran.stdout.splitlines())


def test_importing_the_client_loads_nothing_else_of_ours(tmp_path: Path) -> None:
    """Given a folder with modules of the same names as ours, all broken / when the client is
    imported there / I expect only `loresmith.client` and what it depends on.
    """
    ours = [path.stem for path in Path(loresmith.__path__[0]).iterdir()]
    for name in {*ours, "client", "models", "errors", "http2"} - {"__init__", "__pycache__"}:
        (tmp_path / f"{name}.py").write_text(f"raise RuntimeError({name!r})")
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise RuntimeError({name!r})")

    loaded = loaded_by(
        "from loresmith import Client, AsyncClient; Client(); AsyncClient()", tmp_path
    )

    ours = [name for name in loaded if name.partition(".")[0] == "loresmith"]
    assert [name for name in ours if not f"{name}.".startswith("loresmith.client.")] == [
        "loresmith"
    ]
    assert [name for name, file in loaded.items() if file.startswith(str(tmp_path))] == []
    heavy = {"grpc", "redis", "rq", "pydantic", "starlette", "sqlalchemy", "rich", "click"}
    assert heavy & set(loaded) == set()


def test_importing_a_server_package_does_not_load_the_client() -> None:
    assert {"loresmith.client", "httpx2"} & set(loaded_by("import loresmith.jobs")) == set()


def test_every_public_name_can_be_imported() -> None:
    for name in loresmith.__all__:
        assert getattr(loresmith, name) is getattr(loresmith.client, name)
    with pytest.raises(AttributeError, match="'nothing'"):
        loresmith.nothing  # noqa: B018
