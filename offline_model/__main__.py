"""`python -m loresmith.offline_model`: starts the offline model."""

import argparse
import os
import signal
import socket
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

import uvicorn

from loresmith.offline_model.server.app import create_app
from loresmith.offline_model.server.completion_request import duration

BACKLOG = 2_048
SHUTDOWN_TIMEOUT_S = 1
"""The time that unfinished answers get after SIGTERM."""


def main() -> None:
    options = parser().parse_args()
    with options.ledger.open("a", buffering=1) if options.ledger else nullcontext() as ledger:
        serve(options, ledger)


def serve(options: argparse.Namespace, ledger: TextIO | None) -> None:
    """Runs until SIGTERM or SIGINT."""
    listener = socket.create_server((options.host, options.port), backlog=BACKLOG)
    app = create_app(
        duration_s=options.seconds,
        chunks=options.chunks,
        price_in=options.price_in,
        price_out=options.price_out,
        ledger=ledger,
    )
    host, port = listener.getsockname()[:2]
    print(f"offline model, not an LLM: http://{host}:{port}/v1", flush=True)
    # uvicorn logs each ConnectionAborted as an error, although the fault is intended.
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
    )
    # After its shutdown uvicorn raises the signal again. The default action would end the process
    # before the aborted answers are billed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    uvicorn.Server(config).run([listener])


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loresmith.offline_model",
        description="Starts an OpenAI-compatible server that writes lore from a grammar. It is not "
        "a language model. It has no authentication: anyone who can reach the port can use it.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=0, help="port (default: 0, any free port)")
    parser.add_argument(
        "--seconds",
        type=duration,
        default=os.environ.get("LORESMITH_OFFLINE_ANSWER_S") or "30",
        help="seconds per answer; 0: no delay (default: LORESMITH_OFFLINE_ANSWER_S, or 30)",
    )
    parser.add_argument(
        "--chunks", type=int, help="chunks of a streamed answer (default: two a second)"
    )
    parser.add_argument(
        "--price-in", type=float, default=0.0, help="price of a million input tokens"
    )
    parser.add_argument(
        "--price-out", type=float, default=0.0, help="price of a million output tokens"
    )
    parser.add_argument("--ledger", type=Path, help="append a line of JSON to this file per charge")
    return parser


if __name__ == "__main__":
    main()
