"""Crash points, for processes that tests start."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent


def crash_at(point: str) -> dict[str, str]:
    """Returns the environment of a process that crashes at a point of `sitecustomize.POINTS`."""
    path = os.pathsep.join([str(FOLDER), str(FOLDER.parents[1])])
    return {"PYTHONPATH": path, "TEST_CRASH_AT": point}
