"""The HTTP client of one job: its requests end with the job, and their errors are the job's."""

from contextlib import ExitStack
from typing import Any

from loresmith.jobs.core.errors import HttpFailed, JobStopped
from loresmith.jobs.safe_http.client import SafeHttpClient
from loresmith.jobs.safe_http.errors import AddressRefused, HttpError
from loresmith.jobs.safe_http.interface import TIMEOUT_S, HttpResult
from loresmith.worker.execution.attempt import JobAttempt


class JobHttp:
    """Implements jobs.safe_http.interface.HttpClient for one attempt."""

    def __init__(self, attempt: JobAttempt, client: SafeHttpClient) -> None:
        self._attempt = attempt
        self._client = client

    def request(
        self,
        method: str,
        url: str,
        *,
        timeout_s: float = TIMEOUT_S,
        **options: Any,
    ) -> HttpResult:
        """See HttpClient. Raises HttpFailed, JobStopped, TimedOut."""
        self._attempt.raise_if_over()
        try:
            with ExitStack() as waits:
                if not self._attempt.runs_plain_step:  # else the job's thread waits for the step
                    waits.enter_context(self._attempt.waiting_for(self))
                return self._client.request(
                    method, url, timeout_s=min(timeout_s, self._attempt.remaining_s), **options
                )
        except HttpError as error:
            self._attempt.raise_if_over()
            is_final = isinstance(error, AddressRefused)
            raise HttpFailed(f"{error}.", retryable=False if is_final else None) from None

    def get(self, url: str, **options: Any) -> HttpResult:
        """See HttpClient."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> HttpResult:
        """See HttpClient."""
        return self.request("POST", url, **options)

    def stop(self, reason: JobStopped) -> None:
        """Ends the requests that are running."""
        self._client.abort()
