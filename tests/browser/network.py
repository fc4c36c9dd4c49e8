"""A TCP proxy between a browser and the api that cuts connections at a chosen moment.

It carries one request per connection, so that a moment can be named by its request.
"""

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

OUTAGE_S = 0.3
"""How long all connections are refused after a cut."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes close() send a reset."""
CHUNK_BYTES = 65_536


@dataclass(frozen=True)
class Cut:
    """A cut at the first request that matches, at the moment when `at` returns true.

    `at` gets the bytes of the answer so far; the chunk for which it returns true is not forwarded.
    `sent` False: the request itself is not forwarded.
    """

    request: str
    at: Callable[[bytes], bool] = bool
    sent: bool = True
    after: bytes = b""
    """Only after these bytes were forwarded to the browser in any answer."""
    hold: bool = False
    """The answer hangs instead of ending."""


@dataclass
class NetworkProxy:
    """Forwards connections from `url` to the target port, and applies at most one cut."""

    target: int
    cut: Cut | None = None
    tripped: threading.Event = field(default_factory=threading.Event)
    _forwarded: bytearray = field(default_factory=bytearray)
    _open: set[socket.socket] = field(default_factory=set)
    _down_until: float = 0.0

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def cut_at(self, cut: Cut) -> None:
        """Applies this cut once."""
        self.tripped.clear()
        self._forwarded.clear()
        self.cut = cut

    def serve(self) -> None:
        """Serves until the listener is closed."""
        with suppress(OSError):
            while True:
                browser, _ = self.listener.accept()
                threading.Thread(
                    target=self._forward_connection, args=(browser,), daemon=True
                ).start()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in list(self._open):
            reset(one)

    def _forward_connection(self, browser: socket.socket) -> None:
        """Forwards one request and its answer."""
        self._open.add(browser)
        with suppress(OSError):
            head = read_until(browser, b"\r\n\r\n")
            if head and time.monotonic() >= self._down_until:
                self._exchange(browser, head)
        self._open.discard(browser)
        reset(browser)

    def _exchange(self, browser: socket.socket, request: bytes) -> None:
        cut = self._matching_cut(request)
        if cut and not cut.sent:
            return self._apply(browser, cut)
        with socket.create_connection(("127.0.0.1", self.target)) as api:
            self._open.add(api)
            api.sendall(re.sub(rb"(?i)\r\nconnection:[^\r]*", b"\r\nConnection: close", request))
            threading.Thread(target=pump, args=(browser, api), daemon=True).start()
            self._answer(browser, api, cut)
            self._open.discard(api)

    def _answer(self, browser: socket.socket, api: socket.socket, cut: Cut | None) -> None:
        answer = b""
        while chunk := api.recv(CHUNK_BYTES):
            answer += chunk
            if cut and cut is self.cut and cut.at(answer):
                self._forward_head(browser, answer, chunk)
                return self._apply(browser, cut)
            browser.sendall(chunk)
            self._forwarded += chunk
        browser.shutdown(socket.SHUT_WR)
        browser.recv(1)  # waits until the browser has read everything

    def _forward_head(self, browser: socket.socket, answer: bytes, chunk: bytes) -> None:
        """Forwards the head where only the body is cut off."""
        cut, (head, split, _) = self.cut, answer.partition(b"\r\n\r\n")
        if cut and split and not cut.at(head + split) and answer == chunk:
            browser.sendall(head + split)

    def _matching_cut(self, request: bytes) -> Cut | None:
        cut = self.cut
        request_line = request.partition(b" HTTP/")[0].decode()
        if cut is None or not re.fullmatch(cut.request, request_line):
            return None
        return cut if cut.after in self._forwarded else None

    def _apply(self, browser: socket.socket, cut: Cut) -> None:
        """Closes all connections, and refuses new ones for a while."""
        self.cut = None
        self.tripped.set()
        if cut.hold:
            browser.recv(1)  # until the browser gives up
            return
        self._down_until = time.monotonic() + OUTAGE_S
        for one in list(self._open):
            reset(one)


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """Reads until these bytes have arrived. Empty if the connection closed before."""
    received_bytes = b""
    while end not in received_bytes:
        chunk = connection.recv(CHUNK_BYTES)
        if not chunk:
            return b""
        received_bytes += chunk
    return received_bytes


def pump(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(CHUNK_BYTES):
            to.sendall(chunk)


def reset(connection: socket.socket) -> None:
    """Closes at once, also for a thread that is blocked on it."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
    connection.close()


@contextmanager
def network_proxy(target: int) -> Iterator[NetworkProxy]:
    """Runs a proxy to a port of this machine."""
    running = NetworkProxy(target)
    server = threading.Thread(target=running.serve, daemon=True)
    server.start()
    try:
        yield running
    finally:
        running.close()
        server.join()
