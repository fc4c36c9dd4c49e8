"""Whether the answer to a job is kept from an identical one, so that it would cost nothing."""

from starlette.concurrency import run_in_threadpool

from api.batching import Batch
from jobs import keys
from jobs.answers import fingerprint
from jobs.cost import CURRENCY
from jobs.estimate import only_call
from jobs.job import Submission
from jobs.kinds import KINDS

INSTEAD = {
    "change": {"options": {"cache": "only"}},
    "cost": {"expected": 0.0, "max": 0.0, "currency": CURRENCY},
}
"""The alternative that takes what is kept."""


class Kept:
    """Looks among the kept answers. `model`: the server's own."""

    def __init__(self, batch: Batch, model: str) -> None:
        self._batch = batch
        self._model = model

    async def has(self, wanted: Submission) -> bool:
        """Of jobs with one call; what later calls of a job ask for, nobody can say beforehand."""
        request = await run_in_threadpool(self._request, wanted)
        return bool(request and await self._batch.execute("EXISTS", keys.answer(request)))

    def _request(self, wanted: Submission) -> str:
        kind = KINDS[wanted.type]
        call = only_call(kind, kind.payload.model_validate_json(wanted.payload))
        if call is None:
            return ""
        recipe, input = call
        messages, schema = recipe.prompt(input).messages(), recipe.schema(input)
        model = wanted.model or self._model
        return fingerprint(model, messages, schema, recipe.max_output_tokens(input))
