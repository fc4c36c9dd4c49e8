"""The client: one connection a request, no proxy, no cookies, bounded size and time."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import httpcore2
import httpx2

from loresmith.jobs.safe_http.addresses import AllowList
from loresmith.jobs.safe_http.connections import (
    Connect,
    Exchange,
    JudgedBackend,
    Resolve,
    connect,
    resolve,
)
from loresmith.jobs.safe_http.errors import (
    HttpError,
    RequestAborted,
    RequestTimedOut,
    ResponseTooLarge,
)
from loresmith.jobs.safe_http.interface import MAX_RESPONSE_BYTES, TIMEOUT_S, HttpResult

MAX_REDIRECTS = 5
HEADERS = {"user-agent": "loresmith", "accept-encoding": "identity"}
"""A compressed response could be far larger than what was received of it."""
TIMEOUTS = (httpcore2.TimeoutException, httpx2.TimeoutException, TimeoutError)


class SafeHttpClient:
    """Sends requests for a user. Any thread may use it; `abort` ends all that are running."""

    def __init__(
        self, allowed: AllowList, *, resolve: Resolve = resolve, connect: Connect = connect
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._connect = connect
        self._lock = Lock()
        self._exchanges: set[Exchange] = set()

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        follow_redirects: bool = False,
        timeout_s: float = TIMEOUT_S,
        max_bytes: int = MAX_RESPONSE_BYTES,
    ) -> HttpResult:
        """See HttpClient. Raises HttpError."""
        exchange = Exchange(timeout_s)
        place = _place(url)
        with self._running(exchange), _errors(exchange, f"{method.upper()} {place}"):
            backend = JudgedBackend(exchange, self._allowed, self._resolve, self._connect)
            with _client(_Transport(backend, max_bytes)) as client:
                request = client.build_request(
                    method, url, params=params, headers=headers, json=json, content=content
                )
                response = client.send(request, stream=True, follow_redirects=follow_redirects)
                return _whole(response)

    def get(self, url: str, **options: Any) -> HttpResult:
        """See HttpClient."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> HttpResult:
        """See HttpClient."""
        return self.request("POST", url, **options)

    def abort(self) -> None:
        """Ends all running requests, which raise RequestAborted."""
        with self._lock:
            for exchange in self._exchanges:
                exchange.abort()

    @contextmanager
    def _running(self, exchange: Exchange) -> Iterator[None]:
        with self._lock:
            self._exchanges.add(exchange)
        try:
            yield
        finally:
            with self._lock:
                self._exchanges.discard(exchange)
            exchange.close()


class _Transport(httpx2.BaseTransport):
    """Sends a request over judged connections, and bounds each response, also of redirects."""

    def __init__(self, backend: JudgedBackend, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._pool = httpcore2.ConnectionPool(ssl_context=_tls(), network_backend=backend)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        sent = httpcore2.Request(
            request.method,
            httpcore2.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.read(),
            extensions=request.extensions,
        )
        received = self._pool.handle_request(sent)
        body = _Body(received, self._max_bytes)
        response = httpx2.Response(received.status, headers=received.headers, stream=body)
        if response.headers.get("content-encoding", "identity") != "identity":
            received.close()
            raise HttpError("the response is compressed, although that was not asked for")
        return response

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    """The bytes of a response, up to its maximum size."""

    def __init__(self, response: httpcore2.Response, max_bytes: int) -> None:
        self._response = response
        self._max_bytes = max_bytes

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for part in self._response.iter_stream():
            size += len(part)
            if size > self._max_bytes:
                raise ResponseTooLarge(f"the response exceeds {self._max_bytes:,} bytes")
            yield part

    def close(self) -> None:
        self._response.close()


@cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


def _client(transport: _Transport) -> httpx2.Client:
    return httpx2.Client(
        transport=transport,
        headers=HEADERS,
        trust_env=False,
        max_redirects=MAX_REDIRECTS,
        timeout=None,  # the exchange has the deadline
    )


def _whole(response: httpx2.Response) -> HttpResult:
    content = b"".join(response.iter_raw())
    return HttpResult(response.status_code, dict(response.headers), content, str(response.url))


@contextmanager
def _errors(exchange: Exchange, what: str) -> Iterator[None]:
    """Names the request in each error, and turns the libraries' errors into ours."""
    try:
        yield
    except HttpError as error:
        reason = str(error) or (type(error).__doc__ or "").rstrip(".").lower()
        raise type(error)(f"{what}: {reason}") from None
    except Exception as error:
        if exchange.is_aborted:
            raise RequestAborted(f"{what}: another thread ended the request") from None
        if isinstance(error, TIMEOUTS):
            raise RequestTimedOut(f"{what}: no complete response in time") from None
        if isinstance(error, httpx2.InvalidURL):
            raise HttpError(f"{what}: the address is not valid") from None
        if not isinstance(error, httpx2.HTTPError | OSError) and not _is_of_the_library(error):
            raise
        raise HttpError(f"{what}: {type(error).__name__}") from None


def _is_of_the_library(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("httpcore2", "httpx2", "h11", "ssl")


def _place(url: str) -> str:
    """Returns scheme, host and path of an address: a query may hold secrets."""
    try:
        parts = httpx2.URL(url)
    except (httpx2.InvalidURL, TypeError):
        return "an address that is not valid"
    return f"{parts.scheme}://{parts.netloc.decode(errors='replace')}{parts.path}"
