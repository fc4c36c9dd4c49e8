"""Crash points, for processes that tests start."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent


def crash_at(point: str) -> dict[str, str]:
    """Returns the environment of a process that crashes at a point of `sitecustomize.POINTS`."""
    return _hooked(TEST_CRASH_AT=point)


def raise_in(part: str) -> dict[str, str]:
    """Returns the environment of a process that fails at requests with the text `raise:<part>`."""
    return _hooked(TEST_RAISE_IN=part)


def _hooked(**env: str) -> dict[str, str]:
    return env | {"PYTHONPATH": os.pathsep.join([str(FOLDER), str(FOLDER.parents[1])])}
