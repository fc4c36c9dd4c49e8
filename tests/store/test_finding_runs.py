"""A page is found in several short runs of the script, between which Redis serves others."""

from dataclasses import replace
from typing import Any

import pytest

from loresmith.api.services.job_query import JobIds, JobQuery
from loresmith.jobs.store import keys
from loresmith.jobs.store.scripts import run_script
from tests.store.driver import Store
from tests.store.test_finding import many


def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collects, for each run of the script from now on, how many ids it looked at; 0 for the
    last.
    """
    looked_at: list[int] = []

    def counted(*script: Any) -> Any:
        reply = run_script(*script)
        looked_at.append(int(reply[2]))
        return reply

    monkeypatch.setattr("tests.store.direct.run_script", counted)
    return looked_at


@pytest.mark.parametrize("source", [keys.ALL, keys.ENDED])
@pytest.mark.parametrize("newest", [True, False])
def test_a_page_takes_as_many_runs_as_it_needs(
    store: Store, monkeypatch: pytest.MonkeyPatch, source: str, newest: bool
) -> None:
    """Given a run that looks at two jobs / I expect the pages of one that looks at all."""
    names = many(store, 9)
    for name in names:
        store.finish(name, attempt=1, owner="", outcome="failed" if name > "j03" else "cancelled")
    query = JobQuery(statuses=("failed", "processing"), source=source, descending=newest, limit=3)

    def pages() -> list[JobIds]:
        replies = [store.find(query)]
        while any(replies[-1].last):
            replies.append(store.find(replace(query, cursor=replies[-1].last)))
        return replies

    in_one_run = pages()
    monkeypatch.setattr("loresmith.api.services.job_query.MAX_RUN_SCANNED", 2)
    looked_at = runs(monkeypatch)

    assert pages() == in_one_run
    assert [len(page.ids) for page in in_one_run] == [3, 2]
    assert max(looked_at) == 2


def test_a_run_stops_at_its_bytes_of_text(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given payloads of 1,000 bytes and runs that stop after 1,500 / I expect two jobs a run."""
    monkeypatch.setattr("loresmith.api.services.job_query.MAX_RUN_BYTES", 1_500)
    for number in range(5):
        store.submit(f"j{number}", payload=f'{{"theme": "{number}{"x" * 1_000}"}}')
    looked_at = runs(monkeypatch)

    assert store.find(JobQuery(search="4x")).ids == ["j4"]
    assert (looked_at[0], looked_at[-1], len(looked_at)) == (2, 0, 3)
