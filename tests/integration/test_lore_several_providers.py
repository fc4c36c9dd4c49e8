"""Several providers at once: what reaches each server, over TLS and through a proxy too."""

import asyncio
import re
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from loresmith.lore_service.providers.base import Provider
from loresmith.lore_service.providers.errors import ProviderProblem, classify
from loresmith.lore_service.providers.provider_factory import make_providers
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.settings import LoreServiceSettings
from tests.integration.provider_server import ProviderServer, serving

pytestmark = [pytest.mark.integration, pytest.mark.anyio]

MESSAGES = [{"role": "user", "content": "Hi"}]


def providers_of(folder: Path, text: str, **environ: str) -> Mapping[str, Provider]:
    file = folder / "providers.toml"
    file.write_text(text, encoding="utf-8")
    model = {"LORESMITH_MODEL": "m", "LORESMITH_PROVIDERS": str(file)}
    return make_providers(LoreServiceSettings.from_env(model | environ), environ)


async def ask(provider: Provider) -> ProviderResponse:
    name = provider.config.name
    request = ProviderRequest("j/s/0", "m", MESSAGES, "x", {"type": "object"}, 9, provider=name)
    response = ProviderResponse(request.call_id, request.full_model, provider=name)
    try:
        await provider.stream(request, response, lambda _: None)
    finally:
        await provider.close()
    return response


async def test_each_key_goes_to_its_own_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given two providers, and variables that the SDK reads by itself / I expect no key, header or
    organization of one at the other.
    """
    for variable in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(variable, "sk-ambient")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Ambient: sk-ambient")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    (tmp_path / "key").write_text("sk-second\n")
    async with serving(ProviderServer()) as first, serving(ProviderServer()) as second:
        text = f"""
            [first]
            base_url = "http://127.0.0.1:{first.port}/v1"
            key_env = "FIRST_KEY"
            organization = "org-1"
            project = "proj-1"
            headers = {{ "X-Title" = "Loresmith" }}
            [second]
            base_url = "http://127.0.0.1:{second.port}/openai/v1"
            key_file = "key"
            key_header = "api-key"
            api_version = "2025-01-01-preview"
            [third]
            base_url = "http://127.0.0.1:{second.port}/v1"
        """
        providers = providers_of(tmp_path, text, FIRST_KEY=" sk-first\n")
        responses = [await ask(provider) for provider in providers.values()]

    [one], [two, three] = first.requests, second.requests
    assert one.headers["authorization"] == "Bearer sk-first"
    assert one.headers["openai-organization"] == "org-1"
    assert one.headers["openai-project"] == "proj-1"
    assert one.headers["x-title"] == "Loresmith"
    assert (one.target, one.body["model"]) == ("/v1/chat/completions", "m")
    assert two.headers["api-key"] == "sk-second"
    assert two.query == {"api-version": "2025-01-01-preview"}
    assert two.target.startswith("/openai/v1/chat/completions?")
    assert three.headers["authorization"] == "Bearer none"
    assert "authorization" not in two.headers
    for request in (two, three):
        assert not {"openai-organization", "openai-project", "x-title"} & set(request.headers)
    assert "sk-ambient" not in str(first.requests + second.requests)
    assert [each.model for each in responses] == ["first/m", "second/m", "third/m"]


@pytest.mark.parametrize(
    ("table", "environ", "named"),
    [
        ('key_env = "KEY"', {}, r"\[a\] key_env=KEY: the variable .* is not set"),
        ('key_env = "gsk_secret"', {}, r"\[a\] key_env: the variable that it names is not set"),
        ('key_env = "KEY"', {"KEY": "sk-secret\u200b"}, r"key_env=KEY: the variable has U\+200B"),
        ('key_file = "none"', {}, r"\[a\] key_file=.*none cannot be read"),
        ("", {}, r"\[a\] needs key_env"),
    ],
)  # fmt: skip
def test_a_key_that_is_missing_or_cannot_be_sent_is_named(
    table: str, environ: dict[str, str], named: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=named) as caught:
        providers_of(tmp_path, f"[a]\n{table}", **environ)

    assert not {"sk-secret", "gsk_secret"} & {*re.findall(r"[\w-]+", str(caught.value))}


def test_a_ca_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")

    with pytest.raises(ValueError, match=r"\[a\] ca_file=.*ca.pem holds no certificate"):
        providers_of(tmp_path, '[a]\nbase_url = "https://h/v1"\nca_file = "ca.pem"')


def certificate(folder: Path) -> ssl.SSLContext:
    """Makes ca.pem, a certificate of its own for 127.0.0.1, and a server context with it."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=loresmith test", "-keyout", "key.pem"]
    command += ["-out", "ca.pem", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


async def test_a_ca_file_makes_its_server_trusted(tmp_path: Path) -> None:
    """Given a server with a certificate of its own / I expect it refused, unbought, without it."""
    async with serving(ProviderServer(), tls=certificate(tmp_path)) as server:
        url = f'base_url = "https://127.0.0.1:{server.port}/v1"'
        text = f'[trusted]\n{url}\nca_file = "ca.pem"\n[other]\n{url}'
        providers = providers_of(tmp_path, text)
        response = await ask(providers["trusted"])
        with pytest.raises(ProviderProblem) as caught:
            await ask(providers["other"])

    assert response.text == "{}"
    assert classify(caught.value).state == "released"
    assert len(server.requests) == 1


@asynccontextmanager
async def proxy(heads: list[str]) -> AsyncIterator[int]:
    """Runs a proxy that tunnels and forwards; `heads` gets what it was asked."""
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head.decode())
        method, target = head.decode().split(" ")[:2]
        address = target.removeprefix("http://").split("/")[0]
        host, _, port = address.partition(":")
        upstream_reader, upstream = await asyncio.open_connection(host, int(port))
        writers.extend((writer, upstream))
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            upstream.write(head)
        pumps = (pump(reader, upstream), pump(upstream_reader, writer))
        tasks.update(asyncio.create_task(each) for each in pumps)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_carries_its_provider_only(scheme: str, tmp_path: Path) -> None:
    heads: list[str] = []
    tls = certificate(tmp_path) if scheme == "https" else None
    async with proxy(heads) as port, serving(ProviderServer(), tls=tls) as server:
        url = f'base_url = "{scheme}://127.0.0.1:{server.port}/v1"\n'
        url += 'ca_file = "ca.pem"\n' if tls else ""
        text = f'[near]\n{url}\n[far]\n{url}proxy = "http://user:word@127.0.0.1:{port}"'
        providers = providers_of(tmp_path, text)
        for provider in providers.values():
            assert (await ask(provider)).text == "{}"

    [head] = heads
    assert head.startswith("CONNECT " if tls else f"POST http://127.0.0.1:{server.port}/v1/chat")
    assert "Proxy-Authorization: Basic" in head
    assert len(server.requests) == 2


async def test_a_proxy_that_is_away_bought_nothing(tmp_path: Path) -> None:
    text = '[far]\nbase_url = "http://127.0.0.1:9/v1"\nproxy = "http://user:word@127.0.0.1:9"'
    with pytest.raises(ProviderProblem) as caught:
        await ask(providers_of(tmp_path, text)["far"])

    assert classify(caught.value).state == "released"
    assert "word" not in caught.value.message
