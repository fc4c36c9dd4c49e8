"""The principal of a request, which the authentication has put into its scope."""

from starlette.requests import Request

from loresmith.jobs.core.principal import Principal


def principal_of(request: Request) -> Principal:
    """Returns who the request acts for."""
    principal: Principal = request.scope["principal"]
    return principal
