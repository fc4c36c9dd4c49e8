"""`python -m lore_service`: the only process with a provider key."""

import argparse
import asyncio
import logging
import signal
import sys
from dataclasses import fields

import uvloop

from jobs.config import ConfigError
from lore_service.config import LoreConfig
from lore_service.server import LoreServer


def main() -> None:
    """Runs until SIGTERM or SIGINT; a second one ends the grace period."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level="INFO")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    parser().parse_args()
    try:
        uvloop.run(serve(LoreConfig.from_env()))
    except ConfigError as error:
        sys.exit(f"lore_service: {error}")


async def serve(config: LoreConfig) -> None:
    """Raises ConfigError."""
    signals: asyncio.Queue[signal.Signals] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, signals.put_nowait, number)
    server = LoreServer(config)
    port = await server.start()
    host = config.lore_address.rpartition(":")[0]
    print(
        f"lore_service: ready on {host}:{port}, {config.model} at {server.provider.address}",
        flush=True,
    )
    await signals.get()
    print(f"lore_service: stopping; running calls have {config.grace_s:g} s", flush=True)
    stopping = asyncio.create_task(server.stop(config.grace_s))
    hurry = asyncio.create_task(signals.get())
    await asyncio.wait([stopping, hurry], return_when=asyncio.FIRST_COMPLETED)
    if not stopping.done():
        server.hurry()
    hurry.cancel()
    await stopping


def parser() -> argparse.ArgumentParser:
    settings = "\n".join(
        f"  {each.metadata['variable']:<26} {each.metadata['meaning']} (default: {each.default!r})"
        for each in fields(LoreConfig)
    )
    return argparse.ArgumentParser(
        prog="python -m lore_service",
        description="Buys model calls, at most once each. Set by environment variables:",
        epilog=settings,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


if __name__ == "__main__":
    main()
