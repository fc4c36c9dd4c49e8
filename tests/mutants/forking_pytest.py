"""Runs pytest in forks of a process that has imported the libraries before.

Reads the arguments of a run as a line of JSON; writes its output to the file that comes first, and
its exit status to stdout.
"""

import importlib
import json
import os
import sys

import pytest

LIBRARIES = (
    "fakeredis", "hypothesis.stateful", "redis.asyncio", "rq", "starlette.testclient", "pydantic",
    "grpc", "openai", "sqlalchemy", "alembic", "click", "lupa.lua51",
)  # fmt: skip


def run(output: str, arguments: list[str]) -> int:
    """The exit status of pytest in a fork, which prints to a file."""
    child = os.fork()
    if child == 0:
        file = os.open(output, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(file, 2)
        status = pytest.main(arguments)
        sys.stdout.flush()
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.path[0] = os.getcwd()
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in sys.stdin:
        output, *arguments = json.loads(line)
        print(run(output, arguments), flush=True)
