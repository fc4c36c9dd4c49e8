"""gRPC never retries a model call by itself, and a failed call is counted."""

import asyncio
import json
from typing import Any

import grpc
import pytest

from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.protos.lore.v1 import lore_pb2_grpc
from loresmith.worker.model_client.client import OPTIONS
from loresmith.worker.model_client.response_accumulator import ResponseAccumulator
from loresmith.worker.model_client.token_totals import TokenTotals

RETRYING = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{}],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.01s",
                    "maxBackoff": "0.01s",
                    "backoffMultiplier": 1,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ]
    }
)


class UnavailableService(lore_pb2_grpc.LoreServiceServicer):
    """Counts requests and refuses them."""

    requests = 0

    async def Lookup(self, request: Any, context: Any) -> Any:
        self.requests += 1
        await context.abort(grpc.StatusCode.UNAVAILABLE, "not now")


def test_a_retry_policy_of_the_resolver_is_ignored() -> None:
    """gRPC accepts such policies from the resolver; only this client decides about retries."""

    async def requests() -> int:
        servicer, server = UnavailableService(), grpc.aio.server()
        lore_pb2_grpc.add_LoreServiceServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        options = [*OPTIONS, ("grpc.service_config", RETRYING)]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            with pytest.raises(grpc.aio.AioRpcError, match="not now"):
                await lore_pb2_grpc.LoreServiceStub(channel).Lookup(pb.LookupRequest())
        await server.stop(0)
        return servicer.requests

    assert asyncio.run(requests()) == 1


@pytest.mark.parametrize(("may_be_bought", "calls"), [(True, 1), (False, 0)])
def test_a_failed_call_of_unknown_usage_counts_if_it_may_be_bought(
    may_be_bought: bool, calls: int
) -> None:
    response = ResponseAccumulator()

    response.add_error(pb.LoreError(may_be_bought=may_be_bought, text="Once"))

    assert (response.usage, response.text) == (TokenTotals(calls=calls), "Once")
