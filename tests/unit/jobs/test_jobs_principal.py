"""What a principal lists, reads and changes, from the owner in a record."""

from typing import Any

import pytest

from loresmith.jobs.core.principal import LOCAL, Principal

RECORDS = {
    "own": {"id": "1", "user_id": "ann", "team_id": "acme"},
    "of the team": {"id": "2", "user_id": "bob", "team_id": "acme"},
    "own of another team": {"id": "3", "user_id": "ann", "team_id": "beta"},
    "of others": {"id": "4", "user_id": "eve", "team_id": "beta"},
    "without a team": {"id": "5", "user_id": "eve"},
    "for eve": {"id": "6", "user_id": "eve", "delegate": "key:1"},
    "of nobody": {"id": "7"},
}
MINE = {"own", "own of another team"}
SCOPE = frozenset({"jobs:read", "on-behalf-of"})


def ann(**terms: Any) -> Principal:
    return Principal(**{"id": "key:1", "user_id": "ann", "team_id": "acme"} | terms)


@pytest.mark.parametrize(
    ("principal", "reads", "owns", "lists"),
    [
        (ann(), MINE, MINE, MINE),
        (ann(role="viewer"), MINE, MINE, MINE),
        (ann(sees_team=True), MINE | {"of the team"}, MINE, {"own", "of the team"}),
        (ann(sees_team=True, team_id=None), MINE, MINE, MINE),
        (ann(scopes=SCOPE), MINE | {"for eve"}, MINE | {"for eve"}, {"for eve"}),
        (ann(scopes=SCOPE, id="key:2"), MINE, MINE, set()),
        (ann(job_id="2"), {"of the team"}, {"of the team"}, {"of the team"}),
        (ann(job_id="2", sees_team=True), {"of the team"}, {"of the team"}, {"of the team"}),
        (ann(job_id="2", role="admin"), {"of the team"}, {"of the team"}, {"of the team"}),
        (ann(role="admin", scopes=SCOPE), set(RECORDS), set(RECORDS), set(RECORDS)),
        (LOCAL, set(RECORDS), set(RECORDS), set(RECORDS)),
    ],
)
def test_a_principal(
    principal: Principal, reads: set[str], owns: set[str], lists: set[str]
) -> None:
    assert {name for name, record in RECORDS.items() if principal.reads(record)} == reads
    assert {name for name, record in RECORDS.items() if principal.owns(record)} == owns
    assert {name for name, record in RECORDS.items() if principal.lists(record)} == lists


@pytest.mark.parametrize(
    ("principal", "acts"),
    [
        (LOCAL, True),
        (ann(), False),
        (ann(role="admin"), True),
        (ann(role="admin", scopes=frozenset({"jobs:write"})), False),
        (ann(scopes=SCOPE), True),
    ],
)
def test_who_acts_for_others(principal: Principal, acts: bool) -> None:
    assert principal.acts_for_others == acts
