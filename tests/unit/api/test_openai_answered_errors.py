"""Requests below /v1 and earlier ones: an error is answered once, a conversation has an end."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.jobs.store import keys
from tests.unit.api.harness import ApiHarness, IdleBroadcaster, api_harness
from tests.unit.api.test_openai_routes import CHAT, CHATS, complete, job_ids, send, subscribe


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiHarness]:
    monkeypatch.setattr(IdleBroadcaster, "subscribe", subscribe)
    with api_harness(tmp_path, v1_wait_s=0.05) as harness:
        yield harness


def test_an_error_that_was_answered_is_no_answer_of_a_later_request(api: ApiHarness) -> None:
    """Given a job that failed, and one of the same request sent anew / when retries of it come
    / I expect the error once, and then only the answer that was paid.
    """
    for _ in range(2):
        send(api, CHATS, CHAT)
    failed, paid = job_ids(api)
    api.scripts.claim(failed)
    detail = json.dumps({"code": "llm_error", "message": "No.", "retryable": False})
    api.scripts.finish(failed, outcome="failed", error="No.", error_detail=detail)
    complete(api, paid)

    replies = [send(api, CHATS, CHAT, retry=1) for _ in range(4)]

    assert sorted(reply.status_code for reply in replies) == [200, 200, 200, 400]


def test_a_conversation_has_an_end(api: ApiHarness) -> None:
    """Given a response whose items are as long as four bodies may be / when another follows it
    / I expect an error: else each turn would store them once more, and more with each.
    """
    first = send(api, "/v1/responses", {"model": "m", "input": "Hello", "background": True})
    (job_id,) = job_ids(api)
    complete(api, job_id)
    long = json.dumps({"input": "a" * (4 * 1_048_576)})
    api.scripts.redis.hset(keys.job(job_id), "payload", long)
    body = {"model": "m", "input": "More", "previous_response_id": first.json()["id"]}

    reply = send(api, "/v1/responses", body)

    assert (reply.status_code, reply.json()["error"]["param"]) == (400, "previous_response_id")
