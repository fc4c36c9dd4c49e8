"""Runs the conformance check of a provider, a program of the lore_service."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from loresmith.supervisor.plan import IMPORT_ROOT

COMMAND: Final = (sys.executable, "-P", "-m", "loresmith.lore_service.conformance")


def check_provider(
    name: str | None, options: Mapping[str, str | None], *, confirmed: bool, as_json: bool
) -> None:
    """Checks a provider and exits with the code of the check, which prints and asks by itself."""
    words = [f"{option}={value}" for option, value in options.items() if value]
    words += ["--yes"] if confirmed else []
    words += ["--json"] if as_json else []
    paths = filter(None, (str(IMPORT_ROOT), os.environ.get("PYTHONPATH")))
    env = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run([*COMMAND, *words, "--", name or "default"], env=env, check=False)
    raise SystemExit(done.returncode)
