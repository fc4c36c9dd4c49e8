"""The principal of a request, which the authentication has put into its scope."""

from starlette.requests import Request

from loresmith.jobs.core.principal import Principal


def principal_of(request: Request) -> Principal:
    """Returns who the request acts for."""
    principal: Principal = request.scope["principal"]
    return principal


async def confirmed_principal(request: Request) -> Principal:
    """Returns the same once more, asked again if any credential has changed since, or this one's
    time is over.

    For what outlives the request: subscribe first, then ask. A change in between reaches no
    subscriber, and one after it ends the stream. Raises Problem, StoreUnavailable.
    """
    principal: Principal = await request.scope["confirm_principal"]()
    return principal
