"""Budgets over HTTP: set, looked at, deleted; a job that does not fit is a 402 that says when."""

from typing import Any

import pytest

from loresmith.api.services.pricing import PricingService
from loresmith.jobs.core.job_record import PriceQuote, Submission
from tests.unit.api.harness import BODY, ApiHarness

WORLD = {"type": "create_world", "payload": {"user_id": "mira", "theme": "salt"}}
GLOBAL = "/budgets/global/all"


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every job may cost 0.03 dollars."""

    async def dear(self: PricingService, expected: Submission) -> tuple[PriceQuote, None]:
        return PriceQuote(maximum=30_000), None

    monkeypatch.setattr(PricingService, "price", dear)


def put(api: ApiHarness, path: str = GLOBAL, **terms: Any) -> Any:
    answer = api.client.put(path, json={"limit": 1.5} | terms)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_budget_is_as_it_was_set(api: ApiHarness) -> None:
    reply = put(api, limit=1.5, window="day", timezone="Europe/Berlin", per_job_cap=0.25)

    assert reply == api.get(GLOBAL).json() == api.get("/budgets").json()["budgets"][0]
    assert reply.pop("window_start") < reply.pop("resets_at")
    assert reply == {
        "scope": "global", "id": "all", "limit": 1.5, "currency": "USD", "window": "day",
        "timezone": "Europe/Berlin", "mode": "hard", "soft": [0.5, 0.8], "per_job_cap": 0.25,
        "spent": 0, "reserved": 0, "available": 1.5, "state": "ok", "crossed": [],
    }  # fmt: skip


def test_a_total_has_no_end_and_setting_again_changes_the_terms(api: ApiHarness) -> None:
    put(api, window="day")

    reply = put(api, limit=2, window="total", mode="soft", soft=[])

    assert (reply["limit"], reply["mode"], reply["resets_at"]) == (2, "soft", None)
    assert len(api.get("/budgets").json()["budgets"]) == 1


@pytest.mark.parametrize("id", ["openai/gpt-9", "a b: ü", "mira"])
def test_an_id_may_be_any_name(api: ApiHarness, id: str) -> None:
    assert put(api, f"/budgets/model/{id}")["id"] == id
    assert api.client.delete(f"/budgets/model/{id}").status_code == 204
    assert api.get(f"/budgets/model/{id}").json()["code"] == "budget-not-found"
    assert api.client.delete(f"/budgets/model/{id}").status_code == 404


@pytest.mark.parametrize(
    ("path", "terms", "named"),
    [
        ("/budgets/world/all", {}, "scope"),
        ("/budgets/global/mira", {}, "id"),
        ("/budgets/type/generate_taxes", {}, "id"),
        (f"/budgets/user/{'x' * 201}", {}, "id"),
        ("/budgets/user/a%00b", {}, "id"),
        (GLOBAL, {"limit": -1}, "/limit"),
        (GLOBAL, {"limit": None}, "/limit"),
        (GLOBAL, {"limit": 1e12}, "/limit"),
        (GLOBAL, {"window": "week"}, "/window"),
        (GLOBAL, {"timezone": "Middle/Earth"}, "/timezone"),
        (GLOBAL, {"timezone": "../../etc/passwd"}, "/timezone"),
        (GLOBAL, {"soft": [1.5]}, "/soft/0"),
        (GLOBAL, {"mode": "firm"}, "/mode"),
        (GLOBAL, {"currency": "EUR"}, "/currency"),
        (GLOBAL, {"budget": 1}, "/budget"),
    ],
)
def test_what_does_not_fit_is_named(
    api: ApiHarness, path: str, terms: dict[str, Any], named: str
) -> None:
    answer = api.client.put(path, json={"limit": 1.5} | terms)

    assert answer.status_code == 400
    assert named in str(answer.json()["errors"][0])
    assert api.get("/budgets").json() == {"budgets": []}


@pytest.mark.usefixtures("priced")
class TestAdmission:
    def test_a_job_holds_money_until_it_ends(self, api: ApiHarness) -> None:
        put(api)

        job = api.submit().json()

        assert job["cost"] == {
            "currency": "USD", "estimate": None, "estimate_max": 0.03, "reserved": 0.03,
            "actual": None, "likely": None, "upper_bound": None, "state": "reserved",
        }  # fmt: skip
        assert api.get(GLOBAL).json()["reserved"] == 0.03
        ended = api.post(f"/jobs/{job['id']}/cancel").json()
        assert (ended["cost"]["reserved"], ended["cost"]["actual"]) == (0, 0)
        assert ended["cost"]["state"] == "final"
        assert api.get(GLOBAL).json()["reserved"] == 0

    def test_without_a_budget_nothing_is_held(self, api: ApiHarness) -> None:
        cost = api.submit().json()["cost"]

        assert (cost["state"], cost["reserved"]) == ("estimated", 0)

    def test_a_job_without_room_is_a_402_that_names_the_budget(self, api: ApiHarness) -> None:
        """Given a team with 0.05 left / when it asks for two jobs of 0.03 / I expect the second
        refused, with the figures and the time when it may ask again; and its key unused.
        """
        reply = put(api, "/budgets/team/sea", limit=0.05, window="day")
        body = BODY | {"team_id": "sea"}
        first = api.submit(body).json()

        refused = api.submit(body, Idempotency_Key="order-0001")

        assert refused.status_code == 402
        problem = refused.json()
        assert (problem["code"], problem["retryable"]) == ("budget-exceeded", False)
        assert {name: problem[name] for name in ("scope", "id", "limit", "spent", "reserved")} == {
            "scope": "team", "id": "sea", "limit": 0.05, "spent": 0, "reserved": 0.03,
        }  # fmt: skip
        assert problem["retry_at"] == reply["resets_at"]
        assert api.submit(BODY).status_code == 202, "another team's job, or nobody's"
        api.post(f"/jobs/{first['id']}/cancel")
        assert api.submit(body, Idempotency_Key="order-0001").status_code == 202

    def test_a_cap_has_no_time_when_to_ask_again(self, api: ApiHarness) -> None:
        put(api, per_job_cap=0.01)

        problem = api.submit().json()

        assert (problem["reason"], problem["retry_at"]) == ("per_job_cap", None)
        assert "0.01 USD" in problem["detail"]

    def test_a_retry_without_room_is_a_402_too(self, api: ApiHarness) -> None:
        put(api, limit=0.05)
        ended = api.create_ended("failed")
        api.submit()

        refused = api.post(f"/jobs/{ended}/retry")

        assert (refused.status_code, refused.json()["code"]) == (402, "budget-exceeded")

    def test_crossed_thresholds_are_shown(self, api: ApiHarness) -> None:
        put(api, limit=0.06)
        api.submit()
        half = api.get(GLOBAL).json()
        api.submit()

        assert (half["state"], half["crossed"]) == ("warning", [0.5])
        assert api.get(GLOBAL).json()["state"] == "exhausted"

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/budgets/user/mira", WORLD),
            ("/budgets/team/sea", BODY | {"team_id": "sea"}),
            ("/budgets/type/generate_characters", BODY),
            ("/budgets/model/openai/gpt-9", BODY | {"options": {"model": "openai/gpt-9"}}),
        ],
    )
    def test_each_scope_is_a_field_of_the_job(self, api: ApiHarness, path: str, body: Any) -> None:
        put(api, path, limit=0.01)

        answer = api.submit(body)

        assert answer.status_code == 402
        assert answer.json()["scope"] == path.split("/")[2]
