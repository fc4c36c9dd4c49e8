"""The line between a browser and the api: a TCP proxy that goes dead at a chosen moment.

One request for each connection, so that a moment can be named by the request it belongs to.
"""

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

DEAD_S = 0.3
"""How long nobody gets through after a cut."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes close() send a reset."""
PIECE = 65_536


@dataclass(frozen=True)
class Cut:
    """Where the line breaks: at the first request that fits, and there when `at` says so.

    `at` is asked with the bytes of the answer that came so far: none of a piece it says yes to
    is passed on. `sent` False: the request itself does not get through.
    """

    request: str
    at: Callable[[bytes], bool] = bool
    sent: bool = True
    after: bytes = b""
    """Only once these bytes have gone to the browser in any answer."""
    hold: bool = False
    """The answer hangs instead of breaking off."""


@dataclass
class Line:
    """Where the browser goes (`url`), and what breaks there."""

    target: int
    cut: Cut | None = None
    tripped: threading.Event = field(default_factory=threading.Event)
    _passed: bytearray = field(default_factory=bytearray)
    _open: set[socket.socket] = field(default_factory=set)
    _dead_until: float = 0.0

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def breaks(self, cut: Cut) -> None:
        """Breaks once, at the moment given."""
        self.tripped.clear()
        self._passed.clear()
        self.cut = cut

    def serve(self) -> None:
        """Until the listener is closed."""
        with suppress(OSError):
            while True:
                browser, _ = self.listener.accept()
                threading.Thread(target=self._carry, args=(browser,), daemon=True).start()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in list(self._open):
            reset(one)

    def _carry(self, browser: socket.socket) -> None:
        """One request and its answer."""
        self._open.add(browser)
        with suppress(OSError):
            head = received(browser, b"\r\n\r\n")
            if head and time.monotonic() >= self._dead_until:
                self._exchange(browser, head)
        self._open.discard(browser)
        reset(browser)

    def _exchange(self, browser: socket.socket, request: bytes) -> None:
        cut = self._fitting(request)
        if cut and not cut.sent:
            return self._break(browser, cut)
        with socket.create_connection(("127.0.0.1", self.target)) as api:
            self._open.add(api)
            api.sendall(re.sub(rb"(?i)\r\nconnection:[^\r]*", b"\r\nConnection: close", request))
            threading.Thread(target=pump, args=(browser, api), daemon=True).start()
            self._answer(browser, api, cut)
            self._open.discard(api)

    def _answer(self, browser: socket.socket, api: socket.socket, cut: Cut | None) -> None:
        answer = b""
        while piece := api.recv(PIECE):
            answer += piece
            if cut and cut is self.cut and cut.at(answer):
                self._head_of(browser, answer, piece)
                return self._break(browser, cut)
            browser.sendall(piece)
            self._passed += piece
        browser.shutdown(socket.SHUT_WR)
        browser.recv(1)  # the browser has read it all, and closes

    def _head_of(self, browser: socket.socket, answer: bytes, piece: bytes) -> None:
        """Where only the body is cut off, the head goes through."""
        cut, (head, split, _) = self.cut, answer.partition(b"\r\n\r\n")
        if cut and split and not cut.at(head + split) and answer == piece:
            browser.sendall(head + split)

    def _fitting(self, request: bytes) -> Cut | None:
        cut = self.cut
        line = request.partition(b" HTTP/")[0].decode()
        if cut is None or not re.fullmatch(cut.request, line):
            return None
        return cut if cut.after in self._passed else None

    def _break(self, browser: socket.socket, cut: Cut) -> None:
        """The line is dead for a while, for everybody; once."""
        self.cut = None
        self.tripped.set()
        if cut.hold:
            browser.recv(1)  # until the browser gives up
            return
        self._dead_until = time.monotonic() + DEAD_S
        for one in list(self._open):
            reset(one)


def received(connection: socket.socket, end: bytes) -> bytes:
    """What came until these bytes are in it; nothing when it was closed before."""
    got = b""
    while end not in got:
        piece = connection.recv(PIECE)
        if not piece:
            return b""
        got += piece
    return got


def pump(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE):
            to.sendall(piece)


def reset(connection: socket.socket) -> None:
    """Closes at once, for a thread that waits on it too."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
    connection.close()


@contextmanager
def line(target: int) -> Iterator[Line]:
    """A line to a port of this machine, for the length of a with block."""
    running = Line(target)
    server = threading.Thread(target=running.serve, daemon=True)
    server.start()
    try:
        yield running
    finally:
        running.close()
        server.join()
