"""GET /jobs: filters, counts, pages; and what is wrong with a question."""

from typing import Any

import pytest

from tests.unit.api.desk import Desk

LABELS = {
    "session_id": "a session: 1/2",
    "related": {"type": "chapter", "id": "c/7"},
    "tags": ["draft", "sea"],
    "batch_key": "2026-11",
    "metadata": {"seat": 4},
}


def labelled(desk: Desk, **more: Any) -> dict[str, Any]:
    body = {"type": "generate_relics", "payload": {"theme": "salt"}, **LABELS, **more}
    return dict(desk.submit(body).json())


def ids(desk: Desk, query: str) -> list[str]:
    answer = desk.get(f"/jobs?{query}")
    assert answer.status_code == 200, answer.text
    return [job["id"] for job in answer.json()["jobs"]]


def test_a_job_shows_its_labels(desk: Desk) -> None:
    job = labelled(desk)

    assert {name: job[name] for name in LABELS} == LABELS
    assert desk.get(f"/jobs/{job['id']}").json()["tags"] == ["draft", "sea"]


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
def test_a_job_is_found_by_what_it_is(desk: Desk, query: str) -> None:
    desk.made()
    desk.ended("failed")
    wanted = labelled(desk)["id"]

    assert wanted in ids(desk, query)
    if "status=pending" not in query:
        assert ids(desk, query) == [wanted]
    assert ids(desk, query + "&tag=nobodys") == []


def test_counts_follow_the_filter_but_not_the_status(desk: Desk) -> None:
    labelled(desk)
    desk.ended("failed")

    whole = desk.get("/jobs?status=pending").json()["counts"]
    part = desk.get("/jobs?tag=sea").json()["counts"]

    assert (whole["pending"], whole["failed"]) == (1, 1)
    assert (part["pending"], part["failed"]) == (1, 0)
    assert desk.get("/jobs?q=salt").json()["counts"] is None


def test_the_dead_are_the_failed(desk: Desk) -> None:
    dead = desk.ended("failed")
    desk.ended("completed", result="[]")

    assert ids(desk, "status=dead") == [dead]
    assert len(ids(desk, "status=terminal")) == 2


def test_pages_and_their_link(desk: Desk) -> None:
    made = [labelled(desk)["id"] for _ in range(5)]
    seen: list[str] = []
    path = "/jobs?tag=sea&limit=2"
    while path:
        answer = desk.get(path)
        seen += [job["id"] for job in answer.json()["jobs"]]
        link = answer.headers.get("Link", "")
        assert bool(link) == bool(answer.json()["next_cursor"])
        path = link.partition(">")[0].removeprefix("<")

    assert sorted(seen) == sorted(made)


def test_by_the_key_it_was_made_with(desk: Desk) -> None:
    job_id = desk.submit(Idempotency_Key="key-of-mine").json()["id"]

    assert ids(desk, "idempotency_key=key-of-mine") == [job_id]
    assert ids(desk, "idempotency_key=another-key") == []


def test_results_are_left_out_until_asked_for(desk: Desk) -> None:
    desk.ended("completed", result='[{"name": "Ada"}]')

    plain = desk.get("/jobs").json()["jobs"][0]
    whole = desk.get("/jobs?include=result,payload").json()["jobs"][0]

    assert plain["result"] is None
    assert "payload" not in plain
    assert whole["result"] == [{"name": "Ada"}]
    assert whole["payload"]["theme"] == "fantasy"


def test_what_ended_while_away_is_told_until_it_is_seen(desk: Desk) -> None:
    job_id = desk.ended("completed", result="[]")
    away = "seen=false&completed_after=2020-01-01T00:00:00Z"
    assert ids(desk, away) == [job_id]

    assert desk.post(f"/jobs/{job_id}/seen", {"recovered": True}).status_code == 204

    assert ids(desk, away) == []
    assert desk.get(f"/jobs/{job_id}").json()["seen_at"]
    assert ids(desk, "completed_after=2100-01-01T00:00:00Z") == []


@pytest.mark.parametrize("told", [{"recovered": False, "paused_ms": 0}, {"paused_ms": 1.5}, None])
def test_an_end_may_be_seen_without_trouble(desk: Desk, told: dict[str, Any] | None) -> None:
    """Given what a client says that never lost sight of the job / I expect it to be noted."""
    job_id = desk.ended("completed", result="[]")

    assert desk.post(f"/jobs/{job_id}/seen", told).status_code == 204
    assert desk.get(f"/jobs/{job_id}").json()["seen_at"]


def test_what_was_told_when_it_was_seen_stays(desk: Desk) -> None:
    """Given that a client told it had lost the job / when it says again that it was seen / I expect
    the first words kept.
    """
    job_id = desk.ended("completed", result="[]")

    assert desk.post(f"/jobs/{job_id}/seen", {"recovered": True, "paused_ms": 5}).status_code == 204
    assert desk.post(f"/jobs/{job_id}/seen").status_code == 204

    record = desk.scripts.record(job_id)
    assert (record["recovered"], record["paused_ms"]) == ("1", "5.0")


def test_what_has_not_ended_cannot_have_been_seen(desk: Desk) -> None:
    answer = desk.post(f"/jobs/{desk.made()}/seen")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-finished")
    assert desk.post("/jobs/0190c1d2-0000-7000-8000-000000000000/seen").status_code == 404


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("colour=blue", "colour"),
        ("status=done", "status"),
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
def test_what_is_wrong_is_named(desk: Desk, query: str, name: str) -> None:
    answer = desk.get(f"/jobs?{query}")

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
def test_labels_have_bounds(desk: Desk, wrong: dict[str, Any]) -> None:
    body = {"type": "generate_relics", "payload": {"theme": "salt"}, **wrong}

    answer = desk.submit(body)

    assert answer.status_code == 400
    assert next(iter(wrong)) in answer.json()["errors"][0]["pointer"]


def test_labels_do_not_make_another_request(desk: Desk) -> None:
    """Given a key / when the same is asked for with another tag / I expect the same job."""
    body = {"type": "generate_relics", "payload": {"theme": "salt"}}
    first = desk.submit(body, Idempotency_Key="key-of-mine")
    again = desk.submit(body | {"tags": ["new"]}, Idempotency_Key="key-of-mine")

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
