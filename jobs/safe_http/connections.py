"""Connections of one request: judged, dialled by address, bounded in time, ended from outside."""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any

import httpcore2

from loresmith.jobs.safe_http.addresses import AllowList, check_addresses, check_host
from loresmith.jobs.safe_http.errors import RequestAborted, RequestTimedOut

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int, float], httpcore2.NetworkStream]
CONNECT_TIMEOUT_S = 10.0


def resolve(host: str, port: int) -> list[str]:
    """Returns the addresses of a host, without duplicates; none for an unknown name."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return []
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def connect(address: str, port: int, timeout_s: float) -> httpcore2.NetworkStream:
    """Connects to an address. Raises httpcore2's errors."""
    return httpcore2.SyncBackend().connect_tcp(address, port, timeout_s)


class Exchange:
    """One request with its redirects: its deadline, and its sockets."""

    def __init__(self, timeout_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._deadline = clock() + timeout_s
        self._lock = Lock()
        self._sockets: list[socket.socket] = []
        self.is_aborted = False

    def remaining_s(self, at_most: float | None = None) -> float:
        """Returns the time that the next step may take. Raises RequestTimedOut, RequestAborted."""
        if self.is_aborted:
            raise RequestAborted
        remaining_s = self._deadline - self._clock()
        if remaining_s <= 0:
            raise RequestTimedOut
        return remaining_s if at_most is None else min(remaining_s, at_most)

    def add(self, stream: httpcore2.NetworkStream) -> None:
        """Notes a connection. A second handle of its socket ends it in any state, also while TLS
        replaces the first.
        """
        connection = stream.get_extra_info("socket")
        if isinstance(connection, socket.socket):
            with self._lock:
                self._sockets.append(connection.dup())
        if self.is_aborted:
            self.abort()

    def abort(self) -> None:
        """Ends the request, which another thread waits for."""
        self.is_aborted = True
        with self._lock:
            for each in self._sockets:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:
            while self._sockets:
                self._sockets.pop().close()


class JudgedBackend(httpcore2.NetworkBackend):
    """Resolves a host once, judges all its addresses, and dials one of these."""

    def __init__(
        self,
        exchange: Exchange,
        allowed: AllowList,
        resolve: Resolve = resolve,
        connect: Connect = connect,
    ) -> None:
        self._exchange = exchange
        self._allowed = allowed
        self._resolve = resolve
        self._connect = connect

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Raises AddressRefused, RequestTimedOut, RequestAborted, httpcore2's errors."""
        check_host(host)
        addresses = check_addresses(host, self._resolve(host, port), self._allowed)
        for address in addresses:
            try:
                stream = self._connect(address, port, self._exchange.remaining_s(CONNECT_TIMEOUT_S))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if address == addresses[-1]:
                    raise
            else:
                self._exchange.add(stream)
                return BoundedStream(stream, self._exchange)
        raise httpcore2.ConnectError

    def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        raise httpcore2.UnsupportedProtocol


class BoundedStream(httpcore2.NetworkStream):
    """A connection whose steps end at the deadline of the request."""

    def __init__(self, stream: httpcore2.NetworkStream, exchange: Exchange) -> None:
        self._stream = stream
        self._exchange = exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._exchange.remaining_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._exchange.remaining_s(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        remaining_s = self._exchange.remaining_s(timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, remaining_s)
        return BoundedStream(stream, self._exchange)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
