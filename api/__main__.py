"""Runs an api process: python -m api --host 127.0.0.1 --port 8080

It answers to this machine only, because nobody has to say who they are yet: whoever reaches it can
read, cancel and buy. --public lets others in; then put something in front of it that asks.
"""

import argparse
import ipaddress
import logging
import signal
import sys
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.parts import Parts
from api.protocol import LimitedProtocol
from api.tail import Tail
from archive import ArchiveError
from jobs.config import Config, ConfigError

STOP_S = 3
"""Seconds that a stopping server waits for answers under way."""


class Server(uvicorn.Server):
    """Says in one line where it listens, once it does; a stop ends the streams first."""

    def __init__(self, config: uvicorn.Config, tail: Tail) -> None:
        super().__init__(config)
        self._tail = tail

    async def startup(self, sockets: object = None) -> None:
        await super().startup()
        for server in self.servers:
            host, port = server.sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            print(f"api: ready on http://{shown}:{port} (routes: /docs)", flush=True)

    async def shutdown(self, sockets: Any = None) -> None:
        self._tail.stop()
        await super().shutdown(sockets)


def main() -> None:
    given = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    if not given.public and not _is_loopback(given.host):
        sys.exit(
            f"api: --host {given.host} lets other machines in, and nobody has to say who they are "
            "yet. Add --public if that is meant, or leave --host out."
        )
    try:
        parts = Parts.of(Config.from_env())
        app = create_app(parts, public=given.public)
    except (ConfigError, ArchiveError) as error:
        sys.exit(f"api: {error}")
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    Server(_configuration(app, given), parts.tail).run()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m api", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one (8080)")
    parser.add_argument("--public", action="store_true", help="let other machines in")
    parser.add_argument("--access-log", action="store_true", help="a line for each request")
    return parser.parse_args()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _configuration(app: ASGIApp, given: argparse.Namespace) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=given.host,
        port=given.port,
        loop="uvloop",
        http=LimitedProtocol,
        ws="none",
        lifespan="on",
        access_log=given.access_log,
        log_config=None,
        log_level="info" if given.access_log else "error",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_S,
    )


def _leave(number: int, frame: FrameType | None) -> None:
    """uvicorn stops by itself, then raises the signal again: a stop on request is no failure."""
    raise SystemExit(0)


if __name__ == "__main__":
    main()
