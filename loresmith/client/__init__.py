"""The Python client of a Loresmith server: HTTP, retries, events, models, errors.

Imports no other package of Loresmith. The command line and the supervisor do not belong here.
"""

from loresmith.client.client import AsyncClient as AsyncClient
from loresmith.client.client import Client as Client
from loresmith.client.errors import AnswerUnreadable as AnswerUnreadable
from loresmith.client.errors import JobCancelled as JobCancelled
from loresmith.client.errors import JobEnded as JobEnded
from loresmith.client.errors import JobFailed as JobFailed
from loresmith.client.errors import LoresmithError as LoresmithError
from loresmith.client.errors import ProblemError as ProblemError
from loresmith.client.errors import ServerUnreachable as ServerUnreachable
from loresmith.client.errors import StillRunning as StillRunning
from loresmith.client.job_operations import new_key as new_key
from loresmith.client.models import Job as Job
from loresmith.client.models import JobTypeInfo as JobTypeInfo
from loresmith.client.retry import Trouble as Trouble
