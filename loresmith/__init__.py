"""Loresmith: a job server for long language-model generations, its client and command line.

The names of the Python client are loaded at first use, so that a server process which imports
`loresmith.jobs` does not load the client.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loresmith.client import (
        AnswerUnreadable,
        AsyncClient,
        Client,
        Job,
        JobCancelled,
        JobEnded,
        JobFailed,
        JobTypeInfo,
        LoresmithError,
        ProblemError,
        ServerUnreachable,
        StillRunning,
        Trouble,
        new_key,
    )
else:

    def __getattr__(name: str) -> Any:
        """Loads a name of the client (PEP 562)."""
        if name in __all__:
            return getattr(import_module("loresmith.client"), name)
        raise AttributeError(f"module 'loresmith' has no attribute {name!r}")


__all__ = [
    "AnswerUnreadable",
    "AsyncClient",
    "Client",
    "Job",
    "JobCancelled",
    "JobEnded",
    "JobFailed",
    "JobTypeInfo",
    "LoresmithError",
    "ProblemError",
    "ServerUnreachable",
    "StillRunning",
    "Trouble",
    "new_key",
]
