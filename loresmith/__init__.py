"""Loresmith: the command line, and the Python client of a Loresmith server.

Importing this imports no server: no grpc, no redis, no rq.
"""

from loresmith.client import AsyncClient, Client
from loresmith.errors import (
    AnswerUnreadable,
    JobCancelled,
    JobEnded,
    JobFailed,
    LoresmithError,
    ProblemError,
    ServerUnreachable,
    StillRunning,
)
from loresmith.job import Job, JobType
from loresmith.operations import new_key
from loresmith.patience import Trouble

__all__ = [
    "AnswerUnreadable",
    "AsyncClient",
    "Client",
    "Job",
    "JobCancelled",
    "JobEnded",
    "JobFailed",
    "JobType",
    "LoresmithError",
    "ProblemError",
    "ServerUnreachable",
    "StillRunning",
    "Trouble",
    "new_key",
]
