"""A TCP proxy in front of Redis that sometimes drops a reply and closes the connection.

The command was executed but its sender does not know: a retry must not apply it twice.
"""

import asyncio
import contextlib
import random
import threading

from tests.servers import free_port


class AckDroppingProxy:
    """Runs on its own thread from `start` to `stop`, and counts the dropped replies."""

    def __init__(self, upstream_port: int, drop_probability: float, seed: int) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.dropped = 0
        self.dropping = False
        self.upstream = upstream_port
        """The server of new connections; the open ones stay where they are."""
        self._probability = drop_probability
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True, name="ack-dropping proxy")
        self._ready = threading.Event()
        self._pumps: set[asyncio.Task[None]] = set()
        """Strong references: the event loop references its tasks only weakly."""

    def start(self) -> None:
        self._thread.start()
        self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", self.port)
        )
        self._ready.set()
        self._loop.run_forever()
        server.close()
        pumps = asyncio.all_tasks(self._loop)
        for task in pumps:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pumps, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.close()
            return
        pumps = {
            asyncio.create_task(self._pump(reader, up_writer, may_drop=False)),
            asyncio.create_task(self._pump(up_reader, writer, may_drop=True)),
        }
        self._pumps |= pumps
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.add_done_callback(self._pumps.discard)
            pump.cancel()
        writer.close()
        up_writer.close()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, may_drop: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                if may_drop and self.dropping and self._random.random() < self._probability:
                    self.dropped += 1
                    return
                sink.write(data)
                await sink.drain()
