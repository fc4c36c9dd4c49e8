"""The public names for writing a job type; see docs/adding-a-job-type.md.

Other modules of `loresmith.jobs` may change without notice; these names do not.
"""

from loresmith.jobs.core.errors import HttpFailed, JobStopped, StepFailed, TimedOut
from loresmith.jobs.safe_http.interface import HttpResult
from loresmith.jobs.types.base import JobType, Step, list_generation
from loresmith.jobs.types.builtin._lore import LorePayload, request
from loresmith.jobs.types.chat import CHAT, ChatAnswer, ChatRequest
from loresmith.jobs.types.context import Context
from loresmith.jobs.types.fields import CountedPayload, Output, Payload, Text
from loresmith.jobs.types.model_call import ModelCallSpec, Prompt

__all__ = [
    "CHAT",
    "ChatAnswer",
    "ChatRequest",
    "Context",
    "CountedPayload",
    "HttpFailed",
    "HttpResult",
    "JobStopped",
    "JobType",
    "LorePayload",
    "ModelCallSpec",
    "Output",
    "Payload",
    "Prompt",
    "Step",
    "StepFailed",
    "Text",
    "TimedOut",
    "list_generation",
    "request",
]
