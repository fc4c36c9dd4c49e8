"""Finds the job of a request that OpenAI's SDK sends again: without a key, with a counter."""

import hashlib
import json

from pydantic_core import from_json
from starlette.datastructures import Headers

from loresmith.jobs.core.job_record import new_id
from loresmith.jobs.core.principal import Principal
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher

RETRY_COUNT = "x-stainless-retry-count"
CANONICAL_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
MAX_DIGITS = 4


def retry_number(headers: Headers) -> int:
    """Returns which retry a request is; 0: the first try, or a client that does not count."""
    count = headers.get(RETRY_COUNT, "")
    return int(count) if count.isdecimal() and len(count) <= MAX_DIGITS else 0


def digest_of(principal: Principal, route: str, body: bytes) -> str:
    """Returns what is equal for two tries of one request of a user. `body`: valid JSON."""
    text = f"{principal.user_id}\n{route}\n{CANONICAL_JSON(from_json(body))}"
    return hashlib.sha256(text.encode()).hexdigest()


class SdkRetries:
    """Remembers the jobs of each request, for as long as it may be sent again.

    Every method raises StoreUnavailable.
    """

    def __init__(self, pipeline: PipelineBatcher) -> None:
        self._pipeline = pipeline

    async def job_id(self, digest: str, retry: int) -> str:
        """Returns the id of the job of a request: a new one, or of a retry that of an earlier try
        whose answer was not delivered.
        """
        names = [keys.sdk_retries(digest), keys.sdk_retry_job(digest)]
        reply = await self._pipeline.script("sdk_retries/choose", names, retry, new_id())
        return str(reply[1])

    async def delivered(self, digest: str, job_id: str) -> None:
        """Notes that a client has the answer."""
        names = [keys.sdk_retries(digest)]
        await self._pipeline.script("sdk_retries/note_delivery", names, job_id)
