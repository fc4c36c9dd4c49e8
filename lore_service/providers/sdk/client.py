"""Makes the openai SDK's client for one provider: address, headers, certificates and proxy."""

import ssl
from functools import partial
from typing import Any

import aiohttp
import httpx2
from openai import AsyncOpenAI, DefaultAioHttpClient, Omit

from loresmith.jobs.core.settings import SettingsError, is_loopback
from loresmith.jobs.core.settings.providers import ProviderConfig

MAX_CONNECTIONS = 5_000
KEEPALIVE_TIMEOUT_S = 1e-9
"""No connection serves a second request. A server may close it just as that leaves, which would be
a call of unknown outcome."""
MAX_HEADER_BYTES, MAX_HEADERS = 256 * 1024, 2_000
"""aiohttp drops a response with a longer header or more of them, although it has been bought; a
gateway may add many."""
NO_KEY = "none"
"""Sent to servers that need no key."""


def make_client(provider: ProviderConfig, api_key: str, timeout: httpx2.Timeout) -> AsyncOpenAI:
    """Makes a client that sends the key of the provider to no other server.

    Its retries are off, because a request that is sent twice is bought twice.
    """
    http_client = DefaultAioHttpClient(
        trust_env=not (provider.proxy or _is_local(provider)),
        proxy=_proxy(provider),
        verify=_certificates(provider),
        timeout=timeout,
        limits=httpx2.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=KEEPALIVE_TIMEOUT_S),
        follow_redirects=False,
    )
    transports: list[Any] = [http_client._transport, *http_client._mounts.values()]
    for transport in filter(None, transports):
        transport.client = partial(_session, transport)
    client = AsyncOpenAI(
        api_key=api_key or NO_KEY,
        base_url=provider.base_url,
        max_retries=0,
        default_query={"api-version": provider.api_version} if provider.api_version else None,
        http_client=http_client,
    )
    # Set afterwards, because the constructor reads what is None from the environment, and would
    # send that to every provider.
    client.organization, client.project = provider.organization, provider.project
    if provider.name:
        client._custom_headers = _headers(provider, api_key)
    return client


def request_headers(provider: ProviderConfig, call_id: str) -> dict[str, str | Omit]:
    """Returns the headers of one request."""
    headers: dict[str, str | Omit] = {"X-Call-Id": call_id, "Connection": "close"}
    if provider.key_header:
        headers["Authorization"] = Omit()
    return headers


def _session(transport: Any) -> aiohttp.ClientSession:
    """Makes the session of a transport as the SDK does, with our limits of headers."""
    connector = aiohttp.TCPConnector(
        limit=transport.limits.max_connections,
        keepalive_timeout=transport.limits.keepalive_expiry,
        ssl=transport.ssl_context,
    )
    return aiohttp.ClientSession(
        connector=connector,
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
        max_headers=MAX_HEADERS,
    )


def _headers(provider: ProviderConfig, api_key: str) -> dict[str, str]:
    """Returns the headers of all requests."""
    named = {provider.key_header: api_key} if provider.key_header and api_key else {}
    return {**provider.headers, **named}


def _proxy(provider: ProviderConfig) -> httpx2.Proxy | None:
    """Makes the proxy; its user name and password become a header, as aiohttp wants them."""
    if not provider.proxy:
        return None
    url = httpx2.URL(provider.proxy)
    if not url.userinfo:
        return httpx2.Proxy(url)
    header = aiohttp.encode_basic_auth(url.username, url.password)
    bare = url.copy_with(username=None, password=None)
    return httpx2.Proxy(bare, headers={"Authorization": header})


def _certificates(provider: ProviderConfig) -> ssl.SSLContext | bool:
    if provider.ca_file is None:
        return True
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(provider.ca_file)
    except (ssl.SSLError, OSError):
        raise SettingsError(
            f"[{provider.name}] ca_file={provider.ca_file} holds no certificate in PEM"
        ) from None
    return context


def _is_local(provider: ProviderConfig) -> bool:
    """Whether the server runs on this machine, so that no proxy is used."""
    return is_loopback(httpx2.URL(provider.base_url).host)
