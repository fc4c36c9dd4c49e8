"""The routes below /v1: one purchase for a request that is sent again, and OpenAI's errors."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from loresmith.api.events.broadcaster import Subscriber, SubscriptionClosed
from loresmith.api.services.pricing import PricingService
from loresmith.jobs.core.job_record import PriceQuote
from loresmith.jobs.store import keys
from tests.unit.api.credentials import bearer
from tests.unit.api.harness import ApiHarness, IdleBroadcaster, api_harness

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
BACKGROUND: dict[str, Any] = {"model": "m", "input": "Hello", "background": True}
ANSWER = {"content": "Hi", "refusal": None, "tool_calls": [], "finish_reason": "stop"}
CHATS = "/v1/chat/completions"


class SilentSubscriber(Subscriber):
    """Receives nothing; the test's request then ends by its own limit."""

    async def next(self) -> Any:
        raise SubscriptionClosed


@contextmanager
def subscribe(_: object, accepts: Any, topic: str = "") -> Iterator[Subscriber]:
    yield SilentSubscriber(accepts)


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiHarness]:
    monkeypatch.setattr(IdleBroadcaster, "subscribe", subscribe)
    with api_harness(tmp_path, v1_wait_s=0.05) as harness:
        yield harness


def send(api: ApiHarness, path: str, body: Any, retry: int = 0, **headers: str) -> Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"x-stainless-retry-count": str(retry)}
    return api.client.post(path, json=body, headers=sent)


def job_ids(api: ApiHarness) -> list[str]:
    return sorted(api.scripts.redis.zrange(keys.ALL, 0, -1))


def complete(api: ApiHarness, job_id: str, **result: Any) -> None:
    api.scripts.claim(job_id)
    api.scripts.finish(job_id, result=json.dumps(ANSWER | result))


# --- one purchase


def test_a_retry_waits_for_the_job_of_its_request(api: ApiHarness) -> None:
    """Given a request whose client has left before the end / when it is sent again
    / I expect the answer of the same job, and the word that it is one.
    """
    assert send(api, CHATS, CHAT).status_code == 409
    (job_id,) = job_ids(api)
    complete(api, job_id)

    reply = send(api, CHATS, CHAT, retry=1)

    assert job_ids(api) == [job_id]
    assert reply.json()["choices"][0]["message"]["content"] == "Hi"
    assert reply.headers["idempotent-replayed"] == "true"
    assert reply.headers["loresmith-job"] == job_id


def test_another_body_or_user_is_another_job(closed: ApiHarness) -> None:
    first, second = (bearer(closed.new_key(user_id=name)) for name in ("ann", "bob"))
    retry = {"x-stainless-retry-count": "1"}
    for headers, body in (
        (first, BACKGROUND), (second, BACKGROUND), (first, BACKGROUND | {"input": "Bye"}),
    ):  # fmt: skip
        reply = closed.client.post("/v1/responses", json=body, headers=headers | retry)
        assert reply.status_code == 200, reply.text
        assert "idempotent-replayed" not in reply.headers

    assert len(job_ids(closed)) == 3


def test_two_samples_are_two_jobs_and_a_retry_is_one_that_waits(api: ApiHarness) -> None:
    """Given two equal requests, of which the first was answered / I expect a retry to be of the
    second.
    """
    first, second = (
        send(api, "/v1/responses", BACKGROUND).headers["loresmith-job"] for _ in range(2)
    )
    digest = api.scripts.redis.keys("sdk-retries:*")
    scores = api.scripts.redis.zrange(digest[0], 0, -1)

    assert first != second
    assert scores == [second], "of delivered jobs the newest is remembered"
    again = send(api, "/v1/responses", BACKGROUND, retry=1)
    assert again.headers["loresmith-job"] == second


def test_an_idempotency_key_is_honoured(api: ApiHarness) -> None:
    first = send(api, "/v1/responses", BACKGROUND, Idempotency_Key="the-only-key")
    again = send(api, "/v1/responses", BACKGROUND, Idempotency_Key="the-only-key")
    other = send(
        api, "/v1/responses", BACKGROUND | {"input": "Bye"}, Idempotency_Key="the-only-key"
    )

    assert again.json()["id"] == first.json()["id"]
    assert (other.status_code, other.json()["error"]["code"]) == (400, "idempotency-key-reused")
    assert len(job_ids(api)) == 1


def test_what_was_not_stored_can_be_asked_for_again(api: ApiHarness) -> None:
    """Given `store: false` and an answer that was lost / when the page looks at the job, and the
    request is sent again / I expect the answer; after 10 minutes it is gone.
    """
    body = CHAT | {"store": False}
    send(api, CHATS, body)
    (job_id,) = job_ids(api)
    complete(api, job_id)

    assert api.get(f"/jobs/{job_id}").json()["result"]["content"] == "Hi"
    assert send(api, CHATS, body, retry=1).status_code == 200
    assert 599_000 < float(api.scripts.redis.zscore(keys.CONTENT, job_id) or 0) - int(
        api.scripts.record(job_id)["completed_ms"]
    ) < 601_000  # fmt: skip
    api.scripts.redis.zadd(keys.CONTENT, {job_id: 1})
    api.scripts.run("jobs/remove_content", [keys.CONTENT], "", 10)
    missing = api.get(f"{CHATS}/chatcmpl-{job_id.replace('-', '')}")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "content-removed")


def test_an_answer_that_is_gone_is_not_made_up(api: ApiHarness) -> None:
    """Given a response whose content was removed / when it is asked for again / I expect 404."""
    body = BACKGROUND | {"store": False}
    job_id = send(api, "/v1/responses", body).headers["loresmith-job"]
    complete(api, job_id)
    api.scripts.run("jobs/remove_content", [keys.CONTENT], job_id, 1)

    assert send(api, "/v1/responses", body, retry=1).status_code == 404
    assert api.get(f"/v1/responses/resp_{job_id.replace('-', '')}").status_code == 404


# --- what a job gets


def test_a_request_without_a_limit_gets_one(tmp_path: Path) -> None:
    """I expect the setting, for the price; and the client's own limit where it names one."""
    with api_harness(tmp_path, v1_max_output_tokens=700) as api:
        send(api, "/v1/responses", BACKGROUND)
        send(api, "/v1/responses", BACKGROUND | {"max_output_tokens": 9, "input": "Bye"})
        payloads = [json.loads(api.scripts.record(job)["payload"]) for job in job_ids(api)]

    assert sorted(payload["max_output_tokens"] for payload in payloads) == [9, 700]


def test_options_of_jobs_are_a_field(api: ApiHarness) -> None:
    body = BACKGROUND | {"loresmith": {"priority": "batch", "max_attempts": 1}}

    job_id = send(api, "/v1/responses", body).headers["loresmith-job"]
    refused = send(api, "/v1/responses", BACKGROUND | {"loresmith": {"model": "x"}})

    record = api.scripts.record(job_id)
    assert (record["priority"], record["max_attempts"], record["model"]) == ("batch", "1", "m")
    assert refused.json()["error"]["param"] == "loresmith"


def test_the_title_of_a_job_is_what_the_user_said(api: ApiHarness) -> None:
    items = [{"role": "user", "content": [{"type": "input_text", "text": "Name a river"}]}]
    parts = [{"type": "text", "text": "Name a hill"}]
    send(api, "/v1/responses", BACKGROUND | {"input": items})
    send(api, "/v1/responses", BACKGROUND)
    send(api, CHATS, CHAT | {"messages": [{"role": "user", "content": parts},
                                          {"role": "assistant", "content": "Yes"}]})  # fmt: skip

    titles = {job["title"] for job in api.get("/jobs").json()["jobs"]}

    assert titles == {"Name a river", "Hello", "Name a hill"}


# --- errors


def test_a_damaged_record_is_no_bug(api: ApiHarness) -> None:
    job_id = send(api, "/v1/responses", BACKGROUND).headers["loresmith-job"]
    api.scripts.redis.hset(keys.job(job_id), "payload", "[")

    reply = api.get(f"/v1/responses/resp_{job_id.replace('-', '')}")

    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "damaged-record")


def test_an_earlier_response_must_exist(api: ApiHarness) -> None:
    reply = send(api, "/v1/responses", BACKGROUND | {"previous_response_id": f"resp_{'0' * 32}"})

    assert (reply.status_code, reply.json()["error"]["param"]) == (400, "previous_response_id")


def test_a_budget_refuses_for_good(api: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dear(*_: Any) -> tuple[PriceQuote, None]:
        return PriceQuote(maximum=30_000), None

    monkeypatch.setattr(PricingService, "price", dear)
    api.client.put("/budgets/global/all", json={"limit": 0.01})

    reply = send(api, CHATS, CHAT)

    assert (reply.status_code, reply.json()["error"]["type"]) == (402, "insufficient_quota")
    assert reply.headers["x-should-retry"] == "false"


def test_a_job_that_failed_is_not_asked_for_again(api: ApiHarness) -> None:
    """Given a request whose job fails / I expect its error, and no retry of the SDK."""
    send(api, CHATS, CHAT)
    (job_id,) = job_ids(api)
    api.scripts.claim(job_id)
    detail = {"code": "llm_quota", "message": "No credit.", "retryable": False}
    api.scripts.finish(
        job_id, outcome="failed", error="No credit.", error_detail=json.dumps(detail)
    )

    reply = send(api, CHATS, CHAT, retry=1)

    assert (reply.status_code, reply.headers["x-should-retry"]) == (429, "false")
    error = reply.json()["error"]
    assert (error["code"], error["message"]) == ("llm_quota", "No credit.")
