"""Reads settings from the file `.env` of the working directory; the environment wins.

The form is that of most tools: NAME=value, `#` for comments, quotes around values with spaces.
Nothing in a value is replaced, so that a password may contain a dollar sign.
"""

import re
from collections.abc import Iterator, MutableMapping
from pathlib import Path

from loresmith.jobs.core.settings.checks import SettingsError, warn_if_shared
from loresmith.jobs.core.settings.job_types_option import VARIABLE as JOB_TYPES

VARIABLE = "LORESMITH_ENV_FILE"
DEFAULT = ".env"
NONE = "none"
"""The value of LORESMITH_ENV_FILE for no file."""
LINE = re.compile(
    r"""(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s#"'][^#]*?)?)\s*(?:\s#.*|#.*)?"""
)
SYSTEM = re.compile(r"PATH|HOME|SHELL|IFS|TMPDIR|PYTHON\w*|LD_\w+|DYLD_\w+|LORESMITH_ENV_FILE")
"""Variables that a file in a working directory may not change: they decide which code runs."""


def env_file(environ: MutableMapping[str, str]) -> Path | None:
    """Returns the file to read; None without one. Raises SettingsError for a missing named one."""
    named = environ.get(VARIABLE, "")
    if named == NONE:
        return None
    path = Path(named or DEFAULT)
    if path.is_file():
        return path.absolute()
    if named:
        raise SettingsError(f"{VARIABLE}={named} is not a file; name one, or set it to {NONE}")
    return None


def load_env_file(environ: MutableMapping[str, str]) -> MutableMapping[str, str]:
    """Adds the variables of the file that are not set, and returns the environment.

    A variable and its `…_FILE` are one setting. Raises SettingsError, also for LORESMITH_JOB_TYPES:
    it names code, and is read before this file.
    """
    path = env_file(environ)
    if path is None:
        return environ
    warn_if_shared(path)
    taken = {name.removesuffix("_FILE") for name in environ}
    variables = dict(_variables(path))
    if JOB_TYPES in variables and not environ.get(JOB_TYPES):
        raise SettingsError(
            f"{path} sets {JOB_TYPES}, which decides which code runs; set it in the environment, "
            "or use --job-types"
        )
    for name, value in variables.items():
        if name.removesuffix("_FILE") not in taken and not SYSTEM.fullmatch(name):
            environ[name] = value
    return environ


def _variables(path: Path) -> Iterator[tuple[str, str]]:
    """Raises SettingsError, which names the line and does not repeat it."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not a text file in UTF-8") from None
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = LINE.fullmatch(text)
        if match is None:
            raise SettingsError(f"{path}, line {number}: write NAME=value, or quote the value")
        yield match[1], match[2] or match[3] or match[4] or ""
