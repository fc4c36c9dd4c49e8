"""Each problem of a route below /v1 has the form of OpenAI's errors."""

from typing import Any

import pytest

from loresmith.api.http.openai_errors import openai_error
from loresmith.api.http.problems import PROBLEMS, Problem
from loresmith.jobs.core.errors import BY_CODE
from tests.unit.api.credentials import bearer
from tests.unit.api.harness import ApiHarness

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
CHATS = "/v1/chat/completions"


def test_the_answer_of_a_route_that_does_not_exist(api: ApiHarness) -> None:
    reply = api.client.post("/v1/embeddings", json={})

    assert reply.status_code == 404
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-should-retry"] == "false"
    assert reply.json() == {"error": {
        "message": "No route has this path. See /docs for the routes.",
        "type": "invalid_request_error", "param": None, "code": "not-found",
    }}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "messages", "validation-error"),
        (CHAT | {"n": 2}, "n", "unsupported_parameter"),
        (CHAT | {"colour": 1}, "colour", "validation-error"),
        (CHAT | {"messages": [{"role": "user", "content": [{"type": "file"}]}]},
         "messages[0].content[0]", "unsupported_parameter"),
        (CHAT | {"temperature": "hot"}, "temperature", "validation-error"),
        (CHAT | {"metadata": {"x": "y" * 5_000}}, "metadata", "validation-error"),
        ([], None, "validation-error"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(api: ApiHarness, body: Any, param: Any, code: str) -> None:
    reply = api.client.post(CHATS, json=body)

    error = reply.json()["error"]
    assert (reply.status_code, error["param"], error["code"]) == (400, param, code)
    assert api.get("/jobs").json()["jobs"] == []


def test_other_refusals_have_the_same_form(api: ApiHarness, closed: ApiHarness) -> None:
    replies = {
        405: api.client.put(CHATS, json={}),
        415: api.client.post(CHATS, content="x", headers={"Content-Type": "text/xml"}),
        404: api.get("/v1/responses/resp_1"),
        401: closed.client.post(CHATS, json=CHAT, headers=bearer("sk-other")),
    }

    for status, reply in replies.items():
        assert reply.status_code == status
        assert reply.json()["error"].keys() == {"message", "type", "param", "code"}
    assert replies[401].json()["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize("code", PROBLEMS)
def test_each_problem_has_openais_form(code: str) -> None:
    status, body, headers = openai_error(Problem(code, "What happened."))

    assert status in (400, 401, 402, 403, 404, 405, 409, 413, 415, 421, 429, 500, 502, 503)
    assert body["error"]["message"] == "What happened."
    assert (headers.get("x-should-retry") == "false") == (not PROBLEMS[code].retryable)


@pytest.mark.parametrize("code", BY_CODE)
def test_each_failure_of_a_job_is_an_error_that_is_not_retried(code: str) -> None:
    problem = Problem("job-failed", "It failed.", error_detail={"code": code, "retryable": True})

    status, body, headers = openai_error(problem)

    assert status in (400, 402, 429, 502, 503, 504)
    assert body["error"]["code"] == code
    assert headers["x-should-retry"] == "false"
