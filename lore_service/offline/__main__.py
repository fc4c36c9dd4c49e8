"""`python -m lore_service.offline`: the offline model as a process of its own."""

import argparse
import ipaddress
import os
import socket
from pathlib import Path

import uvicorn

from lore_service.offline.app import create_app


def main() -> None:
    given = arguments()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((given.host, given.port))
    host, port = listener.getsockname()[:2]
    app = create_app(
        seconds=given.seconds,
        chunks=given.chunks,
        price_in=given.price_in,
        price_out=given.price_out,
        ledger=given.ledger,
    )
    print(f"offline model, not an LLM: http://{host}:{port}/v1", flush=True)
    config = uvicorn.Config(
        app, access_log=False, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run([listener])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lore_service.offline",
        description="An OpenAI-compatible server that writes readable lore. Not a language model.",
    )
    parser.add_argument("--host", default="127.0.0.1", type=loopback)
    parser.add_argument("--port", type=int, default=0, help="0: any free port (default)")
    parser.add_argument(
        "--seconds",
        type=float,
        default=float(os.environ.get("LORESMITH_OFFLINE_SECONDS") or 30),
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


def loopback(host: str) -> str:
    """It has no password: only this machine may reach it."""
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise argparse.ArgumentTypeError("only a loopback address, for example 127.0.0.1")
    return host


if __name__ == "__main__":
    main()
