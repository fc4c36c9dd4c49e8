"""Fields about money take JSON numbers only: a consent never comes from a boolean or a text."""

from typing import Any

import pytest

from tests.unit.api.harness import BODY, ApiHarness

NOT_NUMBERS = [True, False, "1e3", "2.50", "", [], {}]


@pytest.mark.parametrize("value", NOT_NUMBERS)
@pytest.mark.parametrize("name", ["max_cost", "confirm_cost"])
def test_an_option_is_a_number(api: ApiHarness, name: str, value: Any) -> None:
    answer = api.submit(BODY | {"options": {name: value}})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/options/{name}"
    assert api.keys == []


@pytest.mark.parametrize("value", NOT_NUMBERS)
@pytest.mark.parametrize("name", ["limit", "per_job_cap", "soft"])
def test_a_term_of_a_budget_is_a_number(api: ApiHarness, name: str, value: Any) -> None:
    terms = {"limit": 1, name: [value] if name == "soft" else value}

    answer = api.client.put("/budgets/global/all", json=terms)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{name}")


@pytest.mark.parametrize("value", [1, 0.25])
def test_whole_and_other_numbers_are_taken(api: ApiHarness, value: float) -> None:
    assert api.submit(BODY | {"options": {"max_cost": value}}).status_code == 202
    assert api.client.put("/budgets/global/all", json={"limit": value}).status_code == 200
