"""The api, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp

from api.answers import on_error
from api.batching import StoreAway
from api.guard import Guard
from api.parts import Parts
from api.problems import Problem
from api.routes import routes
from archive import ArchiveError

ERRORS = (Problem, HTTPException, StoreAway, ArchiveError, ClientDisconnect, Exception)


def create_app(parts: Parts, *, public: bool = False) -> ASGIApp:
    """The api as an ASGI app. `public`: whether it answers to other names than loopback's."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        parts.start()
        try:
            yield
        finally:
            await parts.close()

    app = Starlette(
        routes=routes(parts),
        exception_handlers=dict.fromkeys(ERRORS, on_error),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Guard(app, public=public)
