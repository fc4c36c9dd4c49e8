"""Measures the minimal cost of an api: Starlette, one route with one EVALSHA, one with one HGETALL.

    REDIS_URL=redis://127.0.0.1:6379/0 uvicorn bench.bare:app

It runs the real script with constant arguments, and parses, validates and enqueues nothing.
"""

import os

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from loresmith.jobs.core.job_record import PriceQuote, Submission, new_id
from loresmith.jobs.statistics.durations import DurationEstimate
from loresmith.jobs.store import keys
from loresmith.jobs.store.scripts import flat, script

SUBMIT = script("jobs/submit")
INDEXES = "type:generate_characters"
READY = flat(
    Submission(
        type="generate_characters",
        payload='{"theme":"fantasy","count":3,"tone":null,"world":null,"role":null}',
        options="{}",
        work_message="Generating characters...",
        timeout_s=90,
        start_deadline_s=86_400,
        fingerprint="1:0",
    ).fields(PriceQuote())
    | DurationEstimate(30, 45).fields()
)

redis = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


async def load(request: Request) -> Response:
    return JSONResponse(await redis.script_load(SUBMIT.source))


async def create(request: Request) -> Response:
    job_id = new_id()
    key = keys.job(job_id)
    arguments = (job_id, "1:0", 5_000, 86_400_000, INDEXES, "", 0, 100_000, 10_000, *READY)
    outcome = await redis.evalsha(SUBMIT.sha, 2, key, key, *arguments)
    return JSONResponse({"id": job_id, "status": outcome[0]}, 202)


async def read(request: Request) -> Response:
    return JSONResponse(await redis.hgetall(keys.job(request.path_params["id"])))


app = Starlette(
    routes=[
        Route("/load", load, methods=["POST"]),
        Route("/jobs", create, methods=["POST"]),
        Route("/jobs/{id}", read, methods=["GET"]),
    ]
)
