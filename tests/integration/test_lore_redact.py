"""Values that a job withholds, through real processes and sockets."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from loresmith.protos.lore.v1 import lore_pb2 as pb
from tests.integration.lore_service_harness import LoreHarness, Received, lore_harness
from tests.integration.provider_server import ProviderServer, running
from tests.unit.lore_service.harness import CHARACTER

pytestmark = pytest.mark.integration

KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----"
ANSWER = json.dumps(
    {"characters": [CHARACTER | {"name": "To [EMAIL_1]", "secret": "[phone_1] or [KEY_1]"}]}
)


@pytest.fixture(scope="module")
def server() -> Iterator[ProviderServer]:
    with running(ProviderServer(text=ANSWER, piece_length=5)) as started:
        yield started


@pytest.fixture(scope="module")
def harness(
    server: ProviderServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LoreHarness]:
    env = {"OPENAI_BASE_URL": f"http://127.0.0.1:{server.port}/v1", "OPENAI_API_KEY": "sk-x"}
    with lore_harness(tmp_path_factory.mktemp("lore"), **env) as started:
        yield started


def fields(email: str, phone: str) -> dict[str, Any]:
    payload = {"theme": f"{email}, {phone}", "world": f"has {KEY}", "count": 1}
    return {
        "input_json": json.dumps(payload),
        "redact": ["email", "phone", "key"],
        "cache": pb.CACHE_USE,
    }


def values(received: Received) -> set[tuple[str, str]]:
    """What the output of a call, its item and its text, if it was sent, say."""
    assert received.result
    texts = [text for text in (received.text, received.result.output_json) if text]
    characters = [json.loads(text)["characters"][0] for text in texts]
    characters += [json.loads(received.items[0])]
    return {(each["name"], each["secret"]) for each in characters}


def test_the_provider_never_gets_the_values(harness: LoreHarness, server: ProviderServer) -> None:
    """Given a job with an address, a number and a key, and an answer in pieces of five characters
    / I expect none of them at the provider's socket or in the ledger, all of them in what the
    caller gets, the same from another lore_service, and those of another job from the cache.
    """
    first, others = harness.job(), ("bo@example.org", "+49 171 7654321")
    own = fields("ann@example.com", "030 1234567")

    streamed = harness.service.generate(first, **own)
    replayed = harness.add().generate(first, **own)
    cached = harness.service.generate(harness.job(), **fields(*others))

    (request,) = (each.body for each in server.requests if first in str(each.headers))
    assert "[EMAIL_1], [PHONE_1]" in str(request["messages"])
    stored = str(harness.row(first))
    for value in ("ann@example.com", "1234567", "MIIEvQ"):
        assert value not in str(request) + stored
    expected = ("To ann@example.com", f"030 1234567 or {KEY}")
    assert values(streamed) == {expected}
    assert values(replayed) == {expected}
    assert replayed.result == streamed.result
    assert streamed.text
    assert cached.how == ["CACHED"]
    assert values(cached) == {(f"To {others[0]}", f"{others[1]} or {KEY}")}
