"""PUT /jobs/{uuid}: the id is the key."""

from typing import Any
from uuid import uuid4

from tests.unit.api.harness import BODY, ApiHarness

KEY = {"Idempotency_Key": "order-0001"}
OTHER = BODY | {"payload": {"theme": "space"}}


def put(api: ApiHarness, job_id: str, body: Any = BODY, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.client.put(f"/jobs/{job_id}", json=body, headers=sent)


def test_an_id_of_the_clients_own_is_a_job_once(api: ApiHarness) -> None:
    job_id = str(uuid4())

    first, again, other = put(api, job_id), put(api, job_id), put(api, job_id, OTHER)

    assert [first.status_code, again.status_code, other.status_code] == [202, 200, 422]
    assert first.json()["id"] == again.json()["id"] == job_id
    assert first.headers["location"] == f"/jobs/{job_id}"
    assert api.notifier.notified == [(job_id, 1)]


def test_a_key_of_post_is_no_id_of_put(api: ApiHarness) -> None:
    job_id = str(uuid4())
    other = api.submit(Idempotency_Key=job_id).json()["id"]

    assert put(api, job_id).status_code == 202
    assert other != job_id


def test_an_id_in_capitals_is_the_same_id(api: ApiHarness) -> None:
    job_id = str(uuid4())
    put(api, job_id)

    assert put(api, job_id.upper()).status_code == 200
    assert api.get(f"/jobs/{job_id.upper()}").json()["id"] == job_id


def test_put_finds_a_job_of_post(api: ApiHarness) -> None:
    job_id = api.submit().json()["id"]

    assert put(api, job_id).status_code == 200
    assert put(api, job_id, OTHER).status_code == 422


def test_a_deleted_id_cannot_be_created_again(api: ApiHarness) -> None:
    job_id = str(uuid4())
    put(api, job_id)
    api.client.delete(f"/jobs/{job_id}?cancel=true")

    assert put(api, job_id).status_code == 410


def test_an_id_that_is_none_is_named(api: ApiHarness) -> None:
    answer = put(api, "mine")

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"parameter": "id", "detail": "must be a UUID, for example from crypto.randomUUID()"}
    ]


def test_a_key_beside_an_id_is_a_conflict(api: ApiHarness) -> None:
    answer = put(api, str(uuid4()), **KEY)

    assert (answer.status_code, answer.json()["code"]) == (400, "conflicting-fields")
