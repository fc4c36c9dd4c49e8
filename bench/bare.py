"""What an api costs at least: Starlette, one route with one EVALSHA, one with one HGETALL.

    REDIS_URL=redis://127.0.0.1:6379/0 uvicorn bench.bare:app

The script is the real one with ready-made arguments; nothing is read, checked, rung for or shaped.
"""

import os

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jobs import keys
from jobs.eta import Usual
from jobs.job import Price, Submission, new_id
from jobs.scripts import flat, script

SUBMIT = script("submit")
INDEXES = "type:generate_characters"
READY = flat(
    Submission(
        type="generate_characters",
        payload='{"theme":"fantasy","count":3,"tone":null,"world":null,"role":null}',
        options="{}",
        message="Generating characters...",
        timeout_s=90,
        start_within_s=86_400,
        fingerprint="1:0",
    ).fields(Usual(30, 45), Price())
)

redis = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


async def load(request: Request) -> Response:
    return JSONResponse(await redis.script_load(SUBMIT.source))


async def create(request: Request) -> Response:
    job_id = new_id()
    key = keys.job(job_id)
    arguments = (job_id, "1:0", 5_000, 86_400_000, INDEXES, "", 0, *READY)
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
