"""Creates API keys directly in Redis, for a server that has none yet."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from loresmith.supervisor.errors import SupervisorError

COMMAND: Final = (sys.executable, "-P", "-m", "loresmith.api.auth")
CREATE_TIMEOUT_S: Final = 60.0
FIRST_KEY: Final = {"name": "first admin", "role": "admin"}


def create_api_key(
    terms: Mapping[str, Any], env: Mapping[str, str], *, if_none: bool = False
) -> dict[str, Any] | None:
    """Returns the new key with its secret; None with `if_none` when there is a key already.

    The secret passes through a pipe, never through arguments. Raises SupervisorError.
    """
    command = [*COMMAND, *(["--if-none"] if if_none else [])]
    try:
        process = subprocess.run(
            command,
            input=json.dumps(terms),
            env=env,
            capture_output=True,
            text=True,
            timeout=CREATE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SupervisorError("Redis does not respond; no API key was created.") from None
    if process.returncode:
        cause = process.stderr.strip().rpartition("\n")[2] or "see docs/authentication.md"
        raise SupervisorError(f"No API key was created: {cause}")
    return json.loads(process.stdout) if process.stdout.strip() else None
