"""`python -m lore_service.offline`: the offline model as a process of its own."""

import argparse
import os
import signal
import socket
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

import uvicorn

from lore_service.offline.app import create_app

BACKLOG = 2_048
STOP_WITHIN_S = 1
"""An answer that is still being told after SIGTERM gets this long."""


def main() -> None:
    given = arguments()
    with given.ledger.open("a", buffering=1) if given.ledger else nullcontext() as ledger:
        serve(given, ledger)


def serve(given: argparse.Namespace, ledger: TextIO | None) -> None:
    """Runs until SIGTERM or SIGINT."""
    listener = socket.create_server((given.host, given.port), backlog=BACKLOG)
    app = create_app(
        seconds=given.seconds,
        chunks=given.chunks,
        price_in=given.price_in,
        price_out=given.price_out,
        ledger=ledger,
    )
    host, port = listener.getsockname()[:2]
    print(f"offline model, not an LLM: http://{host}:{port}/v1", flush=True)
    # A fault that cuts a connection is an exception to uvicorn, and no news to anybody.
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=STOP_WITHIN_S,
    )
    # uvicorn sends itself the signal again when it has stopped; that must not kill us before the
    # answers that were broken off are on the bill.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    uvicorn.Server(config).run([listener])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lore_service.offline",
        description="An OpenAI-compatible server that writes readable lore. Not a language model. "
        "It has no password: whoever reaches it may use it and change its faults.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=0, help="0: any free port (default)")
    parser.add_argument(
        "--seconds",
        type=_seconds,
        default=os.environ.get("LORESMITH_OFFLINE_SECONDS") or "30",
        help="length of one answer; 0: at once (default: LORESMITH_OFFLINE_SECONDS, or 30)",
    )
    parser.add_argument(
        "--chunks", type=int, help="pieces of a streamed answer (default: 2 a second)"
    )
    parser.add_argument(
        "--price-in", type=float, default=0.0, help="money per million input tokens"
    )
    parser.add_argument(
        "--price-out", type=float, default=0.0, help="money per million output tokens"
    )
    parser.add_argument("--ledger", type=Path, help="append a line of JSON for each thing billed")
    return parser.parse_args()


def _seconds(told: str) -> float:
    if not 0 <= (seconds := float(told)) <= 3_600:
        raise ValueError
    return seconds


if __name__ == "__main__":
    main()
