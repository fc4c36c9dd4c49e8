"""Tells whether the response to a job is cached, so that the job would cost nothing."""

from starlette.concurrency import run_in_threadpool

from loresmith.api.services.submissions import ValidatedJob
from loresmith.jobs.core.placeholders import Placeholders
from loresmith.jobs.core.settings.providers import LIST_SEPARATOR
from loresmith.jobs.costs.estimator import only_call
from loresmith.jobs.costs.money import CURRENCY
from loresmith.jobs.costs.request_fingerprint import fingerprint
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.types.registry import JOB_TYPES

CACHE_ALTERNATIVE = {
    "change": {"options": {"cache": "only"}},
    "cost": {"expected": 0.0, "max": 0.0, "currency": CURRENCY},
}
"""The alternative that uses the cached response."""


class ResponseCache:
    """Looks up cached responses. `model`: the server's default."""

    def __init__(self, pipeline: PipelineBatcher, model: str) -> None:
        self._pipeline = pipeline
        self._model = model

    async def contains(self, job: ValidatedJob) -> bool:
        """Answers from the responses of the job's owner, and for jobs with one call; the later
        calls of a job are not known in advance.
        """
        requests = await run_in_threadpool(self._fingerprints, job)
        if not requests:
            return False
        owner = (job.submission.user_id or "", job.submission.team_id)
        cached = [keys.response(*owner, request) for request in requests]
        return bool(await self._pipeline.execute("EXISTS", *cached))

    def _fingerprints(self, job: ValidatedJob) -> list[str]:
        """Returns that of the request to each model that the job may ask."""
        call = only_call(JOB_TYPES[job.submission.type], job.payload)
        if call is None:
            return []
        spec, call_input = call
        placeholders = Placeholders(job.options.redact or ())
        messages = placeholders.withhold(spec.prompt(call_input).messages())
        schema = spec.schema(call_input)
        models = (job.submission.model or self._model).split(LIST_SEPARATOR)
        limit, more = spec.max_output_tokens(call_input), spec.parameters(call_input)
        return [fingerprint(model, messages, schema, limit, more) for model in models]
