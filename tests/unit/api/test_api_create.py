"""POST /jobs and PUT /jobs/{uuid}: a job once, whatever is sent twice."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.unit.api.desk import BODY, Desk

KEY = {"Idempotency_Key": "order-0001"}
OTHER = BODY | {"payload": {"theme": "space"}}


def test_a_job_is_accepted(desk: Desk) -> None:
    """Given a good body / I expect 202, where and when to look, and the job of the first design."""
    answer = desk.submit()

    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/jobs/{job['id']}"
    assert answer.headers["retry-after"] == "3"
    assert UUID(job["id"]).version == 7
    assert (job["type"], job["status"], job["progress"]) == ("generate_characters", "pending", 0)
    assert job["message"] == "Preparing your request..."
    assert job["reused"] is False


def test_the_answer_is_the_job_that_is_stored(desk: Desk) -> None:
    desk.client.put("/budgets/global/all", json={"limit": 100})
    told = {"session_id": "s", "tags": ["a"], "related": {"type": "x", "id": "y"}, "batch_key": "b"}
    options = {"max_attempts": 2, "deadline_s": 90.5, "model": "gpt-5-mini"}
    answer = desk.submit(BODY | told | {"metadata": {"n": 1}, "options": options}, **KEY)

    stored = desk.get(answer.headers["location"]).json()
    assert stored | {"waiting": None} == answer.json(), "why it waits is told by a look only"


def test_the_bell_is_rung_once_for_a_new_job_and_never_for_an_old_one(desk: Desk) -> None:
    first = desk.submit(**KEY).json()["id"]
    desk.submit(**KEY)
    desk.submit(OTHER, **KEY)

    assert desk.bell.rung == [(first, 1)]


def test_the_record_holds_what_the_worker_needs(desk: Desk) -> None:
    options = {"model": "small", "timeout_s": 12.5, "start_within_s": 60}
    job_id = desk.submit(BODY | {"options": options, "session_id": "s1"}).json()["id"]

    record = desk.scripts.record(job_id)
    assert json.loads(record["payload"]).items() >= BODY["payload"].items()
    assert record["options"] == '{"model":"small","timeout_s":12.5,"start_within_s":60.0}'
    assert (record["model"], record["session_id"]) == ("small", "s1")
    assert (record["timeout_s"], record["expected_s"]) == ("12.5", "30.0")
    assert record["work_message"] == "Generating characters..."
    assert int(record["start_by_ms"]) - int(record["created_ms"]) == 60_000


def test_what_is_not_said_is_the_kinds_or_the_servers(desk: Desk) -> None:
    record = desk.scripts.record(desk.made())

    assert record["timeout_s"] == "90.0"
    assert int(record["start_by_ms"]) - int(record["created_ms"]) == 86_400_000
    assert "model" not in record


def test_input_is_another_name_of_payload(desk: Desk) -> None:
    body = {"type": "generate_characters", "input": BODY["payload"]}

    assert desk.submit(body).status_code == 202
    assert desk.submit(BODY | {"input": BODY["payload"]}).status_code == 202


def test_two_names_with_two_contents_are_a_conflict(desk: Desk) -> None:
    answer = desk.submit(BODY | {"input": {"theme": "space"}})

    assert answer.status_code == 400
    assert answer.json()["code"] == "conflicting-fields"


# --- the idempotency key


def test_the_same_key_and_body_are_the_same_job(desk: Desk) -> None:
    first = desk.submit(**KEY)
    again = desk.submit(**KEY)

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
def test_the_same_request_in_other_words_is_the_same_job(desk: Desk, body: Any) -> None:
    first = desk.submit(**KEY).json()["id"]

    again = desk.submit(body, **KEY)

    assert (again.status_code, again.json()["id"]) == (200, first)


DIFFERENT = [
    OTHER,
    BODY | {"payload": {"theme": "fantasy", "count": 4}},
    BODY | {"type": "generate_factions"},
    BODY | {"options": {"model": "large"}},
]


@pytest.mark.parametrize("body", DIFFERENT)
def test_the_same_key_and_another_body_are_refused(desk: Desk, body: Any) -> None:
    first = desk.submit(**KEY).json()["id"]

    refused = desk.submit(body, **KEY)

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
    assert refused.json()["job_id"] == first


SPELLINGS: list[dict[str, str]] = [
    {"Idempotency_Key": '"order-0001"'},
    {"X_Idempotency_Key": "order-0001"},
    {"X_Idempotency_Key": '"order-0001"', "Idempotency_Key": "order-0001"},
]


@pytest.mark.parametrize("headers", SPELLINGS)
def test_every_spelling_of_a_key_is_the_same_key(desk: Desk, headers: dict[str, str]) -> None:
    first = desk.submit(**KEY).json()["id"]

    assert desk.submit(**headers).json()["id"] == first


def test_two_keys_are_a_conflict(desk: Desk) -> None:
    answer = desk.submit(Idempotency_Key="order-0001", X_Idempotency_Key="order-0002")

    assert (answer.status_code, answer.json()["code"]) == (400, "conflicting-fields")


@pytest.mark.parametrize(
    "key", ["", "short", "with a blank", '"half quoted', "x" * 256, "ключ-ключ"]
)
def test_a_key_that_is_none_is_named(desk: Desk, key: str) -> None:
    answer = desk.client.post("/jobs", json=BODY, headers={"Idempotency-Key": key.encode()})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["header"] == "Idempotency-Key"


def test_a_rejection_does_not_use_up_the_key(desk: Desk) -> None:
    assert desk.submit({"type": "nope"}, **KEY).status_code == 400
    assert desk.submit(BODY | {"payload": {}}, **KEY).status_code == 400

    assert desk.submit(**KEY).status_code == 202


def test_the_key_is_kept_as_a_hash_only(desk: Desk) -> None:
    """A key may tell something about the client's business."""
    desk.submit(**KEY)

    assert not [key for key in desk.keys if "order-0001" in key]
    assert len([key for key in desk.keys if key.startswith("idem:anybody:")]) == 1


def test_a_replay_shows_the_job_as_it_is_now(desk: Desk) -> None:
    job_id = desk.submit(**KEY).json()["id"]
    desk.scripts.claim(job_id)
    desk.scripts.finish(job_id, result='["done"]', progress=100)

    again = desk.submit(**KEY)

    assert again.status_code == 200
    assert (again.json()["status"], again.json()["result"]) == ("completed", ["done"])
    assert "retry-after" not in again.headers


def test_the_key_of_a_failed_job_still_names_it(desk: Desk) -> None:
    """A key that made a failing job must not silently buy another one; a retry is for that."""
    job_id = desk.submit(**KEY).json()["id"]
    desk.scripts.claim(job_id)
    desk.scripts.finish(job_id, outcome="failed", error="no")

    assert desk.submit(**KEY).json()["id"] == job_id


def test_the_key_of_a_deleted_job_buys_nothing(desk: Desk) -> None:
    job_id = desk.submit(**KEY).json()["id"]
    desk.post(f"/jobs/{job_id}/cancel")
    desk.client.delete(f"/jobs/{job_id}")

    answer = desk.submit(**KEY)

    assert (answer.status_code, answer.json()["code"]) == (410, "job-deleted")
    assert answer.json()["job_id"] == job_id


# --- PUT: the id is the key


def put(desk: Desk, job_id: str, body: Any = BODY, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return desk.client.put(f"/jobs/{job_id}", json=body, headers=sent)


def test_an_id_of_the_clients_own_is_a_job_once(desk: Desk) -> None:
    job_id = str(uuid4())

    first, again, other = put(desk, job_id), put(desk, job_id), put(desk, job_id, OTHER)

    assert [first.status_code, again.status_code, other.status_code] == [202, 200, 422]
    assert first.json()["id"] == again.json()["id"] == job_id
    assert first.headers["location"] == f"/jobs/{job_id}"
    assert desk.bell.rung == [(job_id, 1)]


def test_a_key_of_post_is_no_id_of_put(desk: Desk) -> None:
    job_id = str(uuid4())
    other = desk.submit(Idempotency_Key=job_id).json()["id"]

    assert put(desk, job_id).status_code == 202
    assert other != job_id


def test_an_id_in_capitals_is_the_same_id(desk: Desk) -> None:
    job_id = str(uuid4())
    put(desk, job_id)

    assert put(desk, job_id.upper()).status_code == 200
    assert desk.get(f"/jobs/{job_id.upper()}").json()["id"] == job_id


def test_an_id_that_post_made_is_known_to_put(desk: Desk) -> None:
    job_id = desk.submit().json()["id"]

    assert put(desk, job_id).status_code == 200
    assert put(desk, job_id, OTHER).status_code == 422


def test_a_deleted_id_is_not_made_again(desk: Desk) -> None:
    job_id = str(uuid4())
    put(desk, job_id)
    desk.client.delete(f"/jobs/{job_id}?cancel=true")

    assert put(desk, job_id).status_code == 410


def test_an_id_that_is_none_is_named(desk: Desk) -> None:
    answer = put(desk, "mine")

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"parameter": "id", "detail": "must be a UUID, for example from crypto.randomUUID()"}
    ]


def test_a_key_beside_an_id_is_a_conflict(desk: Desk) -> None:
    answer = put(desk, str(uuid4()), **KEY)

    assert (answer.status_code, answer.json()["code"]) == (400, "conflicting-fields")


# --- what is refused leaves nothing behind


@pytest.mark.parametrize("body", [{"type": "nope"}, BODY | {"payload": {}}, BODY | {"zz": 1}, []])
def test_a_refused_body_leaves_no_key(desk: Desk, body: Any) -> None:
    desk.submit(body, **KEY)

    assert desk.keys == []
    assert desk.bell.rung == []


TYPES = ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""]


@pytest.mark.parametrize("content_type", TYPES)
def test_another_content_type_is_refused(desk: Desk, content_type: str) -> None:
    headers = {"Content-Type": content_type}

    answer = desk.client.post("/jobs", content=b"{}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert answer.json()["errors"][0]["header"] == "Content-Type"


def test_a_compressed_body_is_refused(desk: Desk) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    answer = desk.client.post("/jobs", content=b"{}", headers=headers)

    assert answer.status_code == 415
    assert answer.json()["errors"][0]["header"] == "Content-Encoding"


def test_utf_8_may_be_said(desk: Desk) -> None:
    headers = {"Content-Type": 'application/json;charset="UTF-8"'}

    assert desk.client.post("/jobs", content=b"{}", headers=headers).status_code == 400
