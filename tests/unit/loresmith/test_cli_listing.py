"""The list of jobs on the command line, over a server that is played."""

import json

from tests.unit.loresmith.test_cli_commands import DONE, Played, run, server

__all__ = ["server"]


def test_jobs_are_listed_with_their_counts(server: Played) -> None:
    page = {"jobs": [DONE], "next_cursor": None, "counts": {"completed": 1, "failed": 0}}
    server.on("GET /jobs", (200, page))

    done = run("jobs", "--status", "terminal", "--tag", "sea", "--tag", "draft")
    machine = run("jobs", "--json")

    assert "100 %" in done.output
    assert "completed 1" in done.output
    query = server.asked[0].url.params
    assert (query["status"], query.get_list("tag")) == ("terminal", ["sea", "draft"])
    assert json.loads(machine.stdout)["jobs"][0]["id"] == "j1"


def test_no_jobs_say_how_to_make_one(server: Played) -> None:
    server.on("GET /jobs", (200, {"jobs": [], "next_cursor": None, "counts": {}}))

    assert "loresmith submit" in run("jobs").output
