"""Finding jobs through a real api and a real server: pages that hold, filters, who looked."""

import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.integration.api_process import Api, api, made
from tests.servers import RedisServer
from tests.store.driver import Store as Scripts

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def running(server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with api(server.url, tmp_path_factory.mktemp("api")) as matches:
        yield matches


def pages(running: Api, path: str) -> list[str]:
    """The ids of all pages, as the Link header leads from one to the next."""
    matches: list[str] = []
    while path:
        answer = running.ask("GET", path)
        assert answer.status == 200, answer.body
        matches += [job["id"] for job in answer.json["jobs"]]
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    return matches


def test_pages_hold_while_jobs_come_and_go(running: Api, scripts: Scripts) -> None:
    """Given 60 jobs read in pages of 7 / when others are created and some deleted meanwhile
    / I expect each of those that stayed once, and none twice.
    """
    names = [made(running, tags=["hold"]) for _ in range(60)]
    going = set(names[5::10])
    stop = threading.Event()

    def crowd() -> None:
        doomed = list(going)
        while not stop.is_set():
            made(running, tags=["hold"])
            if doomed:
                job_id = doomed.pop()
                running.ask("POST", f"/jobs/{job_id}/cancel")
                running.ask("DELETE", f"/jobs/{job_id}")

    disturber = threading.Thread(target=crowd)
    disturber.start()
    try:
        for _ in range(5):
            matches = pages(running, "/jobs?tag=hold&limit=7")
            assert len(matches) == len(set(matches))
            assert set(names) - going <= set(matches)
    finally:
        stop.set()
        disturber.join()


def test_labels_of_any_script_are_found(running: Api) -> None:
    """Given labels with blanks, slashes, commas and letters of far away / I expect each found."""
    label = "Ærøskøbing / 塩, 50 % & more?"
    expected = made(running, session_id=label, related={"type": "chapter", "id": "c/7 ü"})
    made(running)

    assert pages(running, f"/jobs?session_id={quote(label)}") == [expected]
    assert pages(running, f"/jobs?related_type=chapter&related_id={quote('c/7 ü')}") == [expected]


def test_what_ended_while_away_is_shown_once(running: Api, scripts: Scripts) -> None:
    """Given a job that a worker finished / I expect it among the unseen until it is said."""
    job_id = made(running, session_id="away")
    scripts.claim(job_id)
    scripts.finish(job_id, result="[]")
    away = "/jobs?seen=false&session_id=away&completed_after=2026-01-01T00:00:00Z"
    assert pages(running, away) == [job_id]

    assert running.ask("POST", f"/jobs/{job_id}/seen").status == 204

    assert pages(running, away) == []
    counts = running.ask("GET", "/jobs?session_id=away").json["counts"]
    assert counts["completed"] == 1
    assert sum(counts.values()) == 1


def test_faults_of_a_question_are_told_by_the_process(running: Api) -> None:
    answer = running.ask("GET", "/jobs?colour=blue&size=4&limit=7")

    assert answer.status == 400
    assert [fault["parameter"] for fault in answer.json["errors"]] == ["colour", "size"]
    assert answer.headers["content-type"] == "application/problem+json"
