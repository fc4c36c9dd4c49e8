"""The worker's connection to the lore_service never sends a call twice by itself."""

import asyncio
import json
from typing import Any

import grpc
import pytest

from protos.lore.v1 import lore_pb2 as pb
from protos.lore.v1 import lore_pb2_grpc
from worker.lore_client import OPTIONS

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


class Unavailable(lore_pb2_grpc.LoreServiceServicer):
    """Counts, and is never able to."""

    asked = 0

    async def Lookup(self, request: Any, context: Any) -> Any:
        self.asked += 1
        await context.abort(grpc.StatusCode.UNAVAILABLE, "not now")


def test_a_retry_policy_that_a_name_server_hands_out_is_not_followed() -> None:
    """gRPC takes such policies from outside; which call is asked for again is ours to say."""

    async def asked() -> int:
        servicer, server = Unavailable(), grpc.aio.server()
        lore_pb2_grpc.add_LoreServiceServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        options = [*OPTIONS, ("grpc.service_config", RETRYING)]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
            with pytest.raises(grpc.aio.AioRpcError, match="not now"):
                await lore_pb2_grpc.LoreServiceStub(channel).Lookup(pb.LookupRequest())
        await server.stop(0)
        return servicer.asked

    assert asyncio.run(asked()) == 1
