"""A job's context on fakes."""

from typing import Any

from loresmith.jobs.core.errors import JobError, JobStopped
from loresmith.jobs.safe_http.addresses import AllowList
from loresmith.jobs.safe_http.client import SafeHttpClient
from loresmith.jobs.types.builtin.generate_characters import JOB_TYPE, CharactersPayload
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.job_context import JobContext
from loresmith.worker.execution.job_http import JobHttp
from loresmith.worker.progress.text_length_stats import TextLengthStats
from tests.worker_fakes import FakeArchive, FakeClient, FakeStore, attempt_of

SPEC = JOB_TYPE.specs[0]
INPUT = CharactersPayload(theme="fantasy")


class ContextHarness:
    """A context on fakes."""

    def __init__(self, *answers: str | JobError | JobStopped, **record: Any) -> None:
        self.attempt: JobAttempt = attempt_of(**record)
        self.store, self.archive = FakeStore(), FakeArchive()
        self.client = FakeClient(list(answers))
        http = JobHttp(self.attempt, SafeHttpClient(AllowList.parse("127.0.0.1")))
        self.context = JobContext(  # type: ignore[arg-type]
            self.attempt, self.store, self.client, self.archive, TextLengthStats(), http
        )

    def call(self, step: str = "generate") -> Any:
        return self.context.call(step, SPEC, INPUT)
