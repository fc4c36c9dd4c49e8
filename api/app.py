"""The api, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.routing import Router
from starlette.types import ASGIApp

from api.guard import Guard
from api.parts import Parts
from api.routes import routes


def create_app(parts: Parts, *, public: bool = False) -> ASGIApp:
    """The api as an ASGI app. `public`: whether it answers to other names than loopback's.

    Starlette's router without its application, whose layers of error handling the guard replaces.
    """

    @asynccontextmanager
    async def lifespan(router: object) -> AsyncIterator[None]:
        parts.start()
        try:
            yield
        finally:
            await parts.close()

    router = Router(routes(parts), redirect_slashes=False, lifespan=lifespan)
    return Guard(router, public=public)
