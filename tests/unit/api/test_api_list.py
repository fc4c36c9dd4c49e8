"""GET /jobs: filters, counts, pages; and what is wrong with a question."""

from typing import Any

import pytest

from tests.unit.api.harness import ApiHarness

LABELS = {
    "session_id": "a session: 1/2",
    "related": {"type": "chapter", "id": "c/7"},
    "tags": ["draft", "sea"],
    "batch_key": "2026-11",
    "metadata": {"seat": 4},
}


def labelled(api: ApiHarness, **more: Any) -> dict[str, Any]:
    body = {"type": "generate_relics", "payload": {"theme": "salt"}, **LABELS, **more}
    return dict(api.submit(body).json())


def ids(api: ApiHarness, query: str) -> list[str]:
    answer = api.get(f"/jobs?{query}")
    assert answer.status_code == 200, answer.text
    return [job["id"] for job in answer.json()["jobs"]]


def test_a_job_shows_its_labels(api: ApiHarness) -> None:
    job = labelled(api)

    assert {name: job[name] for name in LABELS} == LABELS
    assert api.get(f"/jobs/{job['id']}").json()["tags"] == ["draft", "sea"]


@pytest.mark.parametrize(
    "query",
    [
        "session_id=a+session:+1/2",
        "related_type=chapter&related_id=c/7",
        "tag=draft",
        "tag=draft&tag=sea",
        "batch_key=2026-11",
        "type=generate_relics&status=active",
        "q=SALT",
        "status=pending,failed",
    ],
)
def test_a_job_is_found_by_what_it_is(api: ApiHarness, query: str) -> None:
    api.create()
    api.create_ended("failed")
    expected = labelled(api)["id"]

    assert expected in ids(api, query)
    if "status=pending" not in query:
        assert ids(api, query) == [expected]
    assert ids(api, query + "&tag=nobodys") == []


def test_counts_follow_the_filter_but_not_the_status(api: ApiHarness) -> None:
    labelled(api)
    api.create_ended("failed")

    whole = api.get("/jobs?status=pending").json()["counts"]
    part = api.get("/jobs?tag=sea").json()["counts"]

    assert (whole["pending"], whole["failed"]) == (1, 1)
    assert (part["pending"], part["failed"]) == (1, 0)
    assert api.get("/jobs?q=salt").json()["counts"] is None


@pytest.mark.parametrize(
    ("alias", "status"),
    [
        ("queued", "pending"),
        ("running", "processing"),
        ("in_progress", "processing"),
        ("succeeded", "completed"),
        ("canceled", "cancelled"),
    ],
)
def test_status_accepts_aliases_and_shows_its_own_words(
    api: ApiHarness, alias: str, status: str
) -> None:
    api.create()
    api.scripts.claim(api.create())
    api.create_ended("completed", result="[]")
    api.create_ended("cancelled")

    jobs = api.get(f"/jobs?status={alias},failed").json()["jobs"]

    assert [job["status"] for job in jobs] == [status]


def test_status_accepts_groups(api: ApiHarness) -> None:
    api.create_ended("failed")
    api.create_ended("completed", result="[]")

    assert ids(api, "status=active") == []
    assert len(ids(api, "status=terminal")) == 2


def test_pages_and_their_link(api: ApiHarness) -> None:
    created = [labelled(api)["id"] for _ in range(5)]
    seen: list[str] = []
    path = "/jobs?tag=sea&limit=2"
    while path:
        answer = api.get(path)
        seen += [job["id"] for job in answer.json()["jobs"]]
        link = answer.headers.get("Link", "")
        assert bool(link) == bool(answer.json()["next_cursor"])
        path = link.partition(">")[0].removeprefix("<")

    assert sorted(seen) == sorted(created)


def test_an_idempotency_key_finds_its_job(api: ApiHarness) -> None:
    job_id = api.submit(Idempotency_Key="key-of-mine").json()["id"]

    assert ids(api, "idempotency_key=key-of-mine") == [job_id]
    assert ids(api, "idempotency_key=another-key") == []


def test_results_are_left_out_until_asked_for(api: ApiHarness) -> None:
    api.create_ended("completed", result='[{"name": "Ada"}]')

    plain = api.get("/jobs").json()["jobs"][0]
    whole = api.get("/jobs?include=result,payload").json()["jobs"][0]

    assert plain["result"] is None
    assert "payload" not in plain
    assert whole["result"] == [{"name": "Ada"}]
    assert whole["payload"]["theme"] == "fantasy"


def test_an_ended_job_is_listed_until_it_is_seen(api: ApiHarness) -> None:
    job_id = api.create_ended("completed", result="[]")
    away = "seen=false&completed_after=2020-01-01T00:00:00Z"
    assert ids(api, away) == [job_id]

    assert api.post(f"/jobs/{job_id}/seen", {"recovered": True}).status_code == 204

    assert ids(api, away) == []
    assert api.get(f"/jobs/{job_id}").json()["seen_at"]
    assert ids(api, "completed_after=2100-01-01T00:00:00Z") == []


@pytest.mark.parametrize("reply", [{"recovered": False, "paused_ms": 0}, {"paused_ms": 1.5}, None])
def test_an_end_may_be_seen_without_trouble(api: ApiHarness, reply: dict[str, Any] | None) -> None:
    """Given what a client says that never lost sight of the job / I expect it to be noted."""
    job_id = api.create_ended("completed", result="[]")

    assert api.post(f"/jobs/{job_id}/seen", reply).status_code == 204
    assert api.get(f"/jobs/{job_id}").json()["seen_at"]


def test_seeing_again_does_not_overwrite_the_first_report(api: ApiHarness) -> None:
    """Given that a client told it had lost the job / when it says again that it was seen / I expect
    the first words kept.
    """
    job_id = api.create_ended("completed", result="[]")

    assert api.post(f"/jobs/{job_id}/seen", {"recovered": True, "paused_ms": 5}).status_code == 204
    assert api.post(f"/jobs/{job_id}/seen").status_code == 204

    record = api.scripts.record(job_id)
    assert (record["recovered"], record["paused_ms"]) == ("1", "5")


def test_what_has_not_ended_cannot_have_been_seen(api: ApiHarness) -> None:
    answer = api.post(f"/jobs/{api.create()}/seen")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-finished")
    assert api.post("/jobs/0190c1d2-0000-7000-8000-000000000000/seen").status_code == 404


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("colour=blue", "colour"),
        ("status=done", "status"),
        ("status=dead", "status"),
        ("type=poem", "type"),
        ("type=generate_relics&type=generate_relics", "type"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("limit=101", "limit"),
        ("sort=price", "sort"),
        ("cursor=abc", "cursor"),
        ("cursor=%ff", "cursor"),
        ("related_id=7", "related_type"),
        ("related_type=a", "related_id"),
        ("created_after=yesterday", "created_after"),
        ("created_after=2026-11-23T10:00:00", "created_after"),
        ("completed_after=2026-11-23T10:00:00Z&created_after=2026-11-23T10:00:00Z", "completed"),
        ("sort=-cost&created_after=2026-11-23T10:00:00Z", "created_after"),
        ("seen=true", "seen"),
        ("include=secrets", "include"),
        ("session_id=", "session_id"),
        ("q=" + "x" * 201, "q"),
        ("limit=5&limit=7", "limit"),
        ("sort=created_at&sort=-created_at", "sort"),
        ("status=", "status"),
        ("status=failed,", "status"),
        ("tag=", "tag"),
        ("colour=blue&size=4", "size"),
        ("idempotency_key=short", "'parameter': 'idempotency_key'"),
        ("idempotency_key=key-of-mine&status=failed", "status"),
        ("idempotency_key=key-of-mine&limit=1", "limit"),
    ],
)
def test_invalid_parameters_are_named(api: ApiHarness, query: str, name: str) -> None:
    answer = api.get(f"/jobs?{query}")

    assert answer.status_code == 400
    assert name in str(answer.json()["errors"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"tags": ["x"] * 11},
        {"tags": [""]},
        {"related": {"type": "a b", "id": "1"}},
        {"metadata": {"big": "x" * 5_000}},
    ],
)
def test_labels_have_bounds(api: ApiHarness, wrong: dict[str, Any]) -> None:
    body = {"type": "generate_relics", "payload": {"theme": "salt"}, **wrong}

    answer = api.submit(body)

    assert answer.status_code == 400
    assert next(iter(wrong)) in answer.json()["errors"][0]["pointer"]


def test_labels_do_not_make_another_request(api: ApiHarness) -> None:
    """Given a key / when the same is asked for with another tag / I expect the same job."""
    body = {"type": "generate_relics", "payload": {"theme": "salt"}}
    first = api.submit(body, Idempotency_Key="key-of-mine")
    again = api.submit(body | {"tags": ["new"]}, Idempotency_Key="key-of-mine")

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
