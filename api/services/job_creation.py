"""Creates jobs, by whichever route they come: priced, within all limits, and enqueued."""

from collections.abc import Callable, Sequence

from loresmith.api.http.problems import unavailable
from loresmith.api.services.admission import MemoryWatermark
from loresmith.api.services.job_store import JobStore, SubmitOutcome
from loresmith.api.services.pricing import PricingService
from loresmith.api.services.submissions import ValidatedJob
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.store.queue import JobMessage


class JobCreation:
    """Submits validated jobs."""

    def __init__(
        self,
        notify: Callable[[Sequence[JobMessage]], object],
        settings: Settings,
        pricing: PricingService,
        memory: MemoryWatermark,
    ) -> None:
        """`notify` enqueues the jobs that may start."""
        self._notify = notify
        self._settings = settings
        self._pricing = pricing
        self._memory = memory

    async def submit(
        self,
        store: JobStore,
        job_id: str,
        job: ValidatedJob,
        slot: str | None,
        *,
        is_awaited: bool,
        reads_text: bool = False,
    ) -> SubmitOutcome:
        """Creates the job, or returns the one of its id or idempotency slot (a Redis key).

        `reads_text`: its client waits, and wants each piece of text as soon as it is written.

        Raises Problem where its price, the queue or the memory allows none, StoreUnavailable.
        """
        price, problem = await self._pricing.price(job)
        if await self._memory.is_exceeded():
            problem = unavailable("Redis has little memory left; new jobs are refused.", 10)
        if problem and not (slot and await store.job_of_slot(slot)):
            raise problem  # a repeated request returns its job, whatever has changed since
        awaited = 2 if reads_text else 1 if is_awaited else None
        submission = job.to_store(self._settings, price, awaited)
        submitted = await store.submit(job_id, submission, price, slot)
        if submitted.outcome == "created":
            self._notify(submitted.admitted)
        return submitted
