"""The option --job-types of each process: LORESMITH_JOB_TYPES on its command line.

The registry of job types reads the variable when it is imported, so a process sets it before it
imports its server.
"""

import argparse
import os
from collections.abc import Sequence

VARIABLE = "LORESMITH_JOB_TYPES"


def add_job_types_option(parser: argparse.ArgumentParser) -> None:
    """Adds the option, which may be repeated."""
    parser.add_argument(
        "--job-types",
        action="append",
        default=[],
        metavar="PATH",
        help="file or folder with job types of your own; all processes need the same",
    )


def set_job_types(paths: Sequence[str]) -> None:
    """Lets this process and its children use these files and folders; without any, the variable
    stays as it is.
    """
    if paths:
        os.environ[VARIABLE] = joined(paths)


def joined(paths: Sequence[str]) -> str:
    """Returns the value of the variable, with absolute paths."""
    return os.pathsep.join(os.path.abspath(os.path.expanduser(path)) for path in paths)
