"""A provider that serves so many requests at once and in a window, and answers the others with 429.

It stands before the offline model and passes on what it serves.
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

REFUSAL = b'{"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}'


class LimitedProvider(ThreadingHTTPServer):
    """Counts requests; `at_once` and `per_window` are its limits."""

    daemon_threads = True
    request_queue_size = 256

    says_retry_after = True

    def __init__(self, at_once: int, per_window: int, window_s: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream_port = 0
        self.requests = self.served = 0
        self._at_once, self._per_window, self._window_s = at_once, per_window, window_s
        self._running = 0
        self._starts: deque[float] = deque()
        self._lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def admit(self) -> float:
        """Takes a place; returns 0, or the seconds until one may be free."""
        with self._lock:
            now = time.monotonic()
            self.requests += 1
            while self._starts and self._starts[0] <= now - self._window_s:
                self._starts.popleft()
            if len(self._starts) >= self._per_window:
                return self._starts[0] + self._window_s - now
            if self._running >= self._at_once:
                return 0.1
            self._running += 1
            self._starts.append(now)
            return 0.0

    def leave(self, *, served: bool) -> None:
        with self._lock:
            self._running -= 1
            self.served += served


class _Handler(BaseHTTPRequestHandler):
    server: LimitedProvider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if pause_s := self.server.admit():
            self.send_response(429)
            if self.server.says_retry_after:
                self.send_header("retry-after-ms", str(int(pause_s * 1000) + 1))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(REFUSAL)
            return
        served = False
        try:
            served = self._pass_on(body)
        finally:
            self.server.leave(served=served)

    def _pass_on(self, body: bytes) -> bool:
        upstream = HTTPConnection("127.0.0.1", self.server.upstream_port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        upstream.request("POST", self.path, body, headers)
        response = upstream.getresponse()
        self.send_response(response.status)
        self.send_header("Content-Type", response.getheader("Content-Type", ""))
        self.end_headers()
        while part := response.read1():
            self.wfile.write(part)
            self.wfile.flush()
        upstream.close()
        return response.status == 200

    def log_message(self, *_: Any) -> None:
        """Logs nothing."""


@contextmanager
def limited_provider(at_once: int, per_window: int, window_s: float) -> Iterator[LimitedProvider]:
    """Serves for the length of a with block."""
    with LimitedProvider(at_once, per_window, window_s) as provider:
        thread = Thread(target=provider.serve_forever)
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()
