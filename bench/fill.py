"""Submits many jobs as the api does after it has validated a request, without HTTP."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from redis import Redis

from loresmith.api.services.admission import QueueLimits
from loresmith.api.services.job_store import JobStore, JobStores
from loresmith.api.services.run_statistics import RunStatistics
from loresmith.api.services.submissions import parse_submission
from loresmith.jobs.core.job_record import PriceQuote, new_id
from loresmith.jobs.core.principal import LOCAL
from loresmith.jobs.costs.rough_estimate import rough_tokens
from loresmith.jobs.store.pipeline import PipelineBatcher, connect
from loresmith.jobs.store.queue import JobQueue

QUEUE = "lore"
LANES = 64
PRICE = PriceQuote(5_622, 24_596, 489)
"""What the api estimates for five characters of a short theme."""
NO_LIMIT = 10**9
START_DEADLINE_S = 86_400


def body_of(theme: str, owner: dict[str, str], count: int = 5, **more: Any) -> bytes:
    """Returns the create request of a job of an owner."""
    payload = {"theme": theme, "count": count}
    body = {"type": "generate_characters", "payload": payload, "on_behalf_of": owner}
    return json.dumps(body | more).encode()


async def fill(url: str, bodies: Iterable[bytes]) -> None:
    """Submits jobs, and enqueues those that may start at once."""
    pipeline = PipelineBatcher(connect(url), timeout_s=60)
    limits = QueueLimits(NO_LIMIT, NO_LIMIT)
    stores = JobStores(pipeline, RunStatistics(pipeline), 30, QUEUE, limits)
    store, queue, remaining = (
        JobStore(stores, LOCAL),
        JobQueue(Redis.from_url(url), QUEUE),
        iter(bodies),
    )

    async def lane() -> None:
        for body in remaining:
            job = parse_submission(body, START_DEADLINE_S)
            usage = await stores.statistics.token_usage(job.submission.type, None)
            tokens = rough_tokens(job.submission.type, job.payload, usage)
            price = replace(PRICE, expected_tokens=tokens)
            outcome = await store.submit(new_id(), job.submission, price, None)
            if outcome.outcome != "created":
                raise SystemExit(f"a submission was answered {outcome}")
            if outcome.admitted:
                queue.enqueue(outcome.admitted)

    await asyncio.gather(*(lane() for _ in range(LANES)))
    await pipeline.close()
