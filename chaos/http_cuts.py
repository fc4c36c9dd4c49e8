"""A TCP proxy in front of an HTTP server that cuts requests and answers at chosen points.

Its client sees an ordinary HTTP server that answers one request per connection.
"""

import asyncio
import contextlib
import random
import re
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Coroutine, Iterator, Sequence

from tests.servers import free_port

POINTS = (
    "before connect", "after connect", "in request head", "in request body",
    "after request", "silence", "in answer head", "after answer head",
    "in answer body", "before last byte",
)  # fmt: skip
STREAM_POINTS = ("after first event", "before [DONE]")
REFUSED_S = 0.3
"""How long connections are refused: shorter than the first pause of OpenAI's SDK."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes close() send a reset."""
CHUNK_BYTES = 65_536


class HttpCuts:
    """One port of the proxy, for one client at a time. `cuts`: the points for its next requests."""

    def __init__(self, upstream_ports: Sequence[int], seed: int) -> None:
        self.port = free_port()
        self.cuts: deque[str] = deque()
        self.reached: Counter[str] = Counter()
        self._upstreams = deque(upstream_ports)
        self._random = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def prepare(self, cuts: Sequence[str]) -> None:
        """Chooses the points of the next requests. Only the first can be before it connects."""
        self.cuts = deque(cuts)
        if self.cuts and self.cuts[0] == "before connect" and self._server:
            self.reached[self.cuts.popleft()] += 1
            self._server.close()
            self._timer = asyncio.get_running_loop().call_later(REFUSED_S, self._listen_again)

    async def close(self) -> None:
        """Accepts no more connections."""
        if self._timer:
            self._timer.cancel()
        if self._server:
            self._server.close()

    def _listen_again(self) -> None:
        self._starting = asyncio.ensure_future(self.listen())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cut = self.cuts.popleft() if self.cuts else ""
        reached = ""
        try:
            reached = cut if cut == "after connect" else await self._exchange(reader, writer, cut)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.reached[reached] += 1
            end(writer, is_reset=bool(reached) and self._random.random() < 0.5)

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: str
    ) -> str:
        """Forwards a request and its answer; returns the point where they were cut, or nothing."""
        head = closing(await reader.readuntil(b"\r\n\r\n"))
        body = await reader.readexactly(content_length(head))
        up_reader, up_writer = await self._connect()
        try:
            half = len(head) // 2 if cut == "in request head" else len(head) + len(body) // 2
            is_part = cut in ("in request head", "in request body")
            up_writer.write((head + body)[:half] if is_part else head + body)
            await up_writer.drain()
            if is_part or cut == "after request":
                return cut
            answer = self._forward_answer(up_reader, writer, cut)
            return await while_connected(reader, answer) or ""
        finally:
            end(up_writer, is_reset=bool(cut))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connects to the next server that accepts."""
        for _ in range(len(self._upstreams) - 1):
            self._upstreams.rotate()
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self._upstreams[0])
        self._upstreams.rotate()
        return await asyncio.open_connection("127.0.0.1", self._upstreams[0])

    async def _forward_answer(
        self, server: asyncio.StreamReader, client: asyncio.StreamWriter, cut: str
    ) -> str:
        """Returns the point where it was cut; empty if it ended before."""
        if cut == "silence":
            self.reached[cut] += 1
            await asyncio.Event().wait()
        head = await server.readuntil(b"\r\n\r\n")
        client.write(head[:20] if cut == "in answer head" else head)
        if cut in ("in answer head", "after answer head"):
            await client.drain()
            return cut
        body, sent = b"", 0
        while chunk := await server.read(CHUNK_BYTES):
            body += chunk
            limit = limit_of(body, cut)
            client.write(body[sent : len(body) if limit is None else limit])
            await client.drain()
            if limit is not None and cut != "before last byte":
                return cut
            sent = len(body) if limit is None else limit
        return cut if cut == "before last byte" and body else ""


def limit_of(body: bytes, cut: str) -> int | None:
    """Returns how much of the body so far may pass; None: everything."""
    if cut == "in answer body":
        return len(body) // 2
    if cut == "before last byte":
        return len(body) - 1
    mark, length = (b"[DONE]", 0) if cut == "before [DONE]" else (b"\n\n", 2)
    found_at = body.find(mark) if cut in STREAM_POINTS else -1
    return None if found_at < 0 else found_at + length


def content_length(head: bytes) -> int:
    match = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return int(match[1]) if match else 0


def closing(head: bytes) -> bytes:
    """Returns a request head that asks for one answer only."""
    return re.sub(rb"(?i)\r\nconnection:[^\r]*", b"\r\nConnection: close", head)


def end(writer: asyncio.StreamWriter, *, is_reset: bool) -> None:
    """Closes a connection, with a reset or in the ordinary way."""
    if not is_reset:
        writer.close()
        return
    with contextlib.suppress(OSError):
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


async def while_connected(
    client: asyncio.StreamReader, work: Coroutine[None, None, str]
) -> str | None:
    """Returns what the work returns; None if the client leaves before."""
    tasks = asyncio.ensure_future(work), asyncio.ensure_future(client.read(1))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return tasks[0].result() if tasks[0].done() else None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class CutThread:
    """Runs many ports on a thread of its own."""

    def __init__(self, count: int, upstream_ports: Sequence[int]) -> None:
        self.ports = [HttpCuts(upstream_ports, seed) for seed in range(count)]
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True, name="http cuts")

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.run_until_complete(asyncio.sleep(0))  # the transports close
        self.loop.close()

    def run(self, coroutine: Coroutine[None, None, None]) -> None:
        """Runs something on the thread of the ports, and waits for it."""
        asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def start(self) -> None:
        self._thread.start()
        for port in self.ports:
            self.run(port.listen())

    def stop(self) -> None:
        for port in self.ports:
            self.run(port.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


@contextlib.contextmanager
def http_cuts(count: int, upstream_ports: Sequence[int]) -> Iterator[CutThread]:
    """Runs so many ports for the length of a with block."""
    running = CutThread(count, upstream_ports)
    running.start()
    try:
        yield running
    finally:
        running.stop()
