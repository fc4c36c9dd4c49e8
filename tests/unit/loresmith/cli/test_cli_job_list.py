"""The command `loresmith jobs`."""

import json
import re

from tests.architecture.tree import ROOT
from tests.unit.loresmith.cli.mock_server import COMPLETED, MockServer, run


def test_jobs_are_listed_with_their_counts(server: MockServer) -> None:
    page = {"jobs": [COMPLETED], "next_cursor": None, "counts": {"completed": 1, "failed": 0}}
    server.on("GET /jobs", (200, page))

    text = run("jobs", "--status", "terminal", "--tag", "sea", "--tag", "draft").output
    machine_readable = run("jobs", "--json").stdout

    assert "100 %" in text
    assert "completed 1" in text
    query = server.requests[0].url.params
    assert (query["status"], query.get_list("tag")) == ("terminal", ["sea", "draft"])
    assert json.loads(machine_readable)["jobs"][0]["id"] == "j1"


def test_the_words_of_the_page_are_accepted(server: MockServer) -> None:
    """Given each word that the page shows for a status / I expect it as a filter."""
    server.on("GET /jobs", (200, {"jobs": [], "next_cursor": None, "counts": {}}))
    source = (ROOT / "api/static/page/lib/text.js").read_text(encoding="utf-8")
    table = source.partition("STATUS_WORDS = {")[2].partition("}")[0]
    words = dict(re.findall(r'(\w+): "(\w+)"', table))
    assert words

    for status, word in words.items():
        run("jobs", "--status", word)
        assert server.requests[-1].url.params["status"] == status


def test_an_empty_list_says_how_to_create_a_job(server: MockServer) -> None:
    server.on("GET /jobs", (200, {"jobs": [], "next_cursor": None, "counts": {}}))

    assert "loresmith prompt" in run("jobs").output
