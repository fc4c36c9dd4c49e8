"""POST /jobs: a job once, whatever is sent twice."""

import json
from typing import Any
from uuid import UUID

import pytest

from tests.unit.api.harness import BODY, ApiHarness

KEY = {"Idempotency_Key": "order-0001"}
OTHER = BODY | {"payload": {"theme": "space"}}


def test_a_job_is_accepted(api: ApiHarness) -> None:
    """Given a good body / I expect 202, where and when to look, and the job of the first design."""
    answer = api.submit()

    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/jobs/{job['id']}"
    assert answer.headers["retry-after"] == "3"
    assert UUID(job["id"]).version == 7
    assert (job["type"], job["status"], job["progress"]) == ("generate_characters", "pending", 0)
    assert job["message"] == "Preparing your request..."
    assert job["reused"] is False


def test_the_answer_is_the_job_that_is_stored(api: ApiHarness) -> None:
    api.client.put("/budgets/global/all", json={"limit": 100})
    more = {"session_id": "s", "tags": ["a"], "related": {"type": "x", "id": "y"}, "batch_key": "b"}
    options = {"max_attempts": 2, "deadline_s": 90.5, "model": "gpt-5-mini"}
    answer = api.submit(BODY | more | {"metadata": {"n": 1}, "options": options}, **KEY)

    stored = api.get(answer.headers["location"]).json()
    assert stored | {"waiting": None} == answer.json(), "why it waits is told by a look only"


def test_only_a_new_job_is_enqueued(api: ApiHarness) -> None:
    first = api.submit(**KEY).json()["id"]
    api.submit(**KEY)
    api.submit(OTHER, **KEY)

    assert api.notifier.notified == [(first, 1)]


def test_the_record_holds_what_the_worker_needs(api: ApiHarness) -> None:
    options = {"model": "small", "timeout_s": 12.5, "start_deadline_s": 60}
    job_id = api.submit(BODY | {"options": options, "session_id": "s1"}).json()["id"]

    record = api.scripts.record(job_id)
    assert json.loads(record["payload"]).items() >= BODY["payload"].items()
    assert record["options"] == '{"model":"small","timeout_s":12.5,"start_deadline_s":60.0}'
    assert (record["model"], record["session_id"]) == ("small", "s1")
    assert (record["timeout_s"], record["expected_s"]) == ("12.5", "30")
    assert record["work_message"] == "Generating characters..."
    assert int(record["start_by_ms"]) - int(record["created_ms"]) == 60_000


def test_what_is_not_said_is_the_kinds_or_the_servers(api: ApiHarness) -> None:
    record = api.scripts.record(api.create())

    assert record["timeout_s"] == "90"
    assert int(record["start_by_ms"]) - int(record["created_ms"]) == 86_400_000
    assert "model" not in record


def test_input_is_another_name_of_payload(api: ApiHarness) -> None:
    body = {"type": "generate_characters", "input": BODY["payload"]}

    assert api.submit(body).status_code == 202
    assert api.submit(BODY | {"input": BODY["payload"]}).status_code == 202


def test_two_names_with_two_contents_are_a_conflict(api: ApiHarness) -> None:
    answer = api.submit(BODY | {"input": {"theme": "space"}})

    assert answer.status_code == 400
    assert answer.json()["code"] == "conflicting-fields"


# --- the idempotency key


def test_the_same_key_and_body_are_the_same_job(api: ApiHarness) -> None:
    first = api.submit(**KEY)
    again = api.submit(**KEY)

    assert (first.status_code, again.status_code) == (202, 200)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json() | {"reused": True}


SAME = [
    {"type": "generate_characters", "payload": {"count": 3, "theme": "fantasy"}},
    {"type": "generate_characters", "payload": {"theme": "fantasy"}},
    {"type": "generate_characters", "payload": {"theme": " fantasy ", "tone": None}},
    {"type": "generate_characters", "input": {"theme": "fantasy"}},
    {"type": "generate_characters", "payload": {"theme": "fantasy"}, "options": {}},
    {"type": "generate_characters", "payload": {"theme": "fantasy"}, "options": {"model": None}},
    {"type": "generate_characters", "payload": {"theme": "fantasy"}, "session_id": "another"},
]


@pytest.mark.parametrize("body", SAME)
def test_the_same_request_in_other_words_is_the_same_job(api: ApiHarness, body: Any) -> None:
    first = api.submit(**KEY).json()["id"]

    again = api.submit(body, **KEY)

    assert (again.status_code, again.json()["id"]) == (200, first)


DIFFERENT = [
    OTHER,
    BODY | {"payload": {"theme": "fantasy", "count": 4}},
    BODY | {"type": "generate_factions"},
    BODY | {"options": {"model": "large"}},
]


@pytest.mark.parametrize("body", DIFFERENT)
def test_the_same_key_and_another_body_are_refused(api: ApiHarness, body: Any) -> None:
    first = api.submit(**KEY).json()["id"]

    refused = api.submit(body, **KEY)

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
    assert refused.json()["job_id"] == first


SPELLINGS: list[dict[str, str]] = [
    {"Idempotency_Key": '"order-0001"'},
    {"X_Idempotency_Key": "order-0001"},
    {"X_Idempotency_Key": '"order-0001"', "Idempotency_Key": "order-0001"},
]


@pytest.mark.parametrize("headers", SPELLINGS)
def test_every_spelling_of_a_key_is_the_same_key(api: ApiHarness, headers: dict[str, str]) -> None:
    first = api.submit(**KEY).json()["id"]

    assert api.submit(**headers).json()["id"] == first


def test_two_keys_are_a_conflict(api: ApiHarness) -> None:
    answer = api.submit(Idempotency_Key="order-0001", X_Idempotency_Key="order-0002")

    assert (answer.status_code, answer.json()["code"]) == (400, "conflicting-fields")


@pytest.mark.parametrize(
    "key", ["", "short", "with a blank", '"half quoted', "x" * 256, "ключ-ключ"]
)
def test_a_key_that_is_none_is_named(api: ApiHarness, key: str) -> None:
    answer = api.client.post("/jobs", json=BODY, headers={"Idempotency-Key": key.encode()})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["header"] == "Idempotency-Key"


def test_a_rejection_does_not_use_up_the_key(api: ApiHarness) -> None:
    assert api.submit({"type": "nope"}, **KEY).status_code == 400
    assert api.submit(BODY | {"payload": {}}, **KEY).status_code == 400

    assert api.submit(**KEY).status_code == 202


def test_the_key_is_stored_as_a_hash(api: ApiHarness) -> None:
    """A key may tell something about the client's business."""
    api.submit(**KEY)

    assert not [key for key in api.keys if "order-0001" in key]
    assert len([key for key in api.keys if key.startswith("idem:anonymous:")]) == 1


def test_a_replay_shows_the_job_as_it_is_now(api: ApiHarness) -> None:
    job_id = api.submit(**KEY).json()["id"]
    api.scripts.claim(job_id)
    api.scripts.finish(job_id, result='["done"]', progress=100)

    again = api.submit(**KEY)

    assert again.status_code == 200
    assert (again.json()["status"], again.json()["result"]) == ("completed", ["done"])
    assert "retry-after" not in again.headers


def test_the_key_of_a_failed_job_still_names_it(api: ApiHarness) -> None:
    """A key that made a failing job must not silently buy another one; a retry is for that."""
    job_id = api.submit(**KEY).json()["id"]
    api.scripts.claim(job_id)
    api.scripts.finish(job_id, outcome="failed", error="no")

    assert api.submit(**KEY).json()["id"] == job_id


def test_the_key_of_a_deleted_job_buys_nothing(api: ApiHarness) -> None:
    job_id = api.submit(**KEY).json()["id"]
    api.post(f"/jobs/{job_id}/cancel")
    api.client.delete(f"/jobs/{job_id}")

    answer = api.submit(**KEY)

    assert (answer.status_code, answer.json()["code"]) == (410, "job-deleted")
    assert answer.json()["job_id"] == job_id


# --- what is refused leaves nothing behind


@pytest.mark.parametrize("body", [{"type": "nope"}, BODY | {"payload": {}}, BODY | {"zz": 1}, []])
def test_a_refused_body_leaves_no_key(api: ApiHarness, body: Any) -> None:
    api.submit(body, **KEY)

    assert api.keys == []
    assert api.notifier.notified == []


TYPES = ["multipart/form-data; boundary=x", "text/xml", "application/json; charset=latin-1"]


@pytest.mark.parametrize("content_type", TYPES)
def test_another_content_type_is_refused(api: ApiHarness, content_type: str) -> None:
    headers = {"Content-Type": content_type}

    answer = api.client.post("/jobs", content=b"{}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert answer.json()["errors"][0]["header"] == "Content-Type"


UNDECLARED = ["", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded"]


@pytest.mark.parametrize("content_type", UNDECLARED)
@pytest.mark.parametrize("origin", ["", "http://127.0.0.1:8080"])
def test_json_needs_no_content_type(api: ApiHarness, content_type: str, origin: str) -> None:
    """Given what a program, `fetch` with a text and `curl -d` send / I expect a job."""
    headers = {"Content-Type": content_type} if content_type else {}
    headers |= {"Origin": origin} if origin else {}

    answer = api.client.post("/jobs", content=json.dumps(BODY), headers=headers)

    assert answer.status_code == 202


@pytest.mark.parametrize("content_type", UNDECLARED)
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:3000"])
def test_json_of_another_page_makes_no_job(api: ApiHarness, content_type: str, origin: str) -> None:
    headers = {"Content-Type": content_type, "Origin": origin}

    answer = api.client.post("/jobs", content=json.dumps(BODY), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden-origin")
    assert api.keys == []


def test_a_compressed_body_is_refused(api: ApiHarness) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    answer = api.client.post("/jobs", content=b"{}", headers=headers)

    assert answer.status_code == 415
    assert answer.json()["errors"][0]["header"] == "Content-Encoding"


def test_utf_8_may_be_said(api: ApiHarness) -> None:
    headers = {"Content-Type": 'application/json;charset="UTF-8"'}

    assert api.client.post("/jobs", content=b"{}", headers=headers).status_code == 400
