"""Demands the shared token of every request, except of health checks without one.

Anybody who reaches the port could otherwise spend money and read the texts of all jobs.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2

from loresmith.protos.connection import AUTHORIZATION, SCHEME

HEALTH_PREFIX = f"/{health_pb2.DESCRIPTOR.services_by_name['Health'].full_name}/"
REFUSAL = (
    "LORESMITH_LORE_SERVICE_TOKEN is missing or wrong; set the same one for the lore_service and "
    "its clients"
)


class TokenCheck(grpc.aio.ServerInterceptor):
    """Answers requests without the token with UNAUTHENTICATED, before their body is parsed."""

    def __init__(self, token: str) -> None:
        self._expected = (SCHEME + token).encode()
        self._refuse: Any = grpc.unary_unary_rpc_method_handler(_refuse)

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any
    ) -> Any:
        sent = dict(handler_call_details.invocation_metadata).get(AUTHORIZATION)
        if sent is None and handler_call_details.method.startswith(HEALTH_PREFIX):
            return await continuation(handler_call_details)
        if sent is None or not hmac.compare_digest(sent.encode(), self._expected):
            return self._refuse
        return await continuation(handler_call_details)


async def _refuse(request: Any, context: Any) -> NoReturn:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, REFUSAL)
    raise AssertionError("abort raises")
