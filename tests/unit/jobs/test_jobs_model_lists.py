"""Lists of models, `a|b`: which models they name, and what a job with one may cost."""

from decimal import Decimal

import pytest

from loresmith.jobs.core.settings.providers import ProviderConfig, ProviderTable, UnknownModel
from loresmith.jobs.costs.estimator import calls_of, dearest
from loresmith.jobs.costs.prices import OFFLINE_MODEL, ModelPrice, Prices
from loresmith.jobs.types.registry import JOB_TYPES

TABLE = ProviderTable(
    [
        ProviderConfig(name="openai"),
        ProviderConfig(name="local", base_url="http://127.0.0.1:8000/v1", models=("qwen3",)),
    ],
    default_model="gpt-5-mini",
)
CHEAP = ModelPrice(input_per_mtok=Decimal(1), output_per_mtok=Decimal(2))
DEAR = ModelPrice(input_per_mtok=Decimal(3), output_per_mtok=Decimal(4))
FREE = ModelPrice(input_per_mtok=Decimal(0), output_per_mtok=Decimal(0))
PRICES = Prices({"cheap": CHEAP, "dear": DEAR, "free": FREE})
KIND = JOB_TYPES["generate_characters"]
CALLS = calls_of(KIND, KIND.payload.model_validate(KIND.example))


def test_each_part_is_resolved() -> None:
    names = [model.name for model in TABLE.resolve_list("gpt-5-mini|qwen3|openai/gpt-5")]

    assert names == ["openai/gpt-5-mini", "local/qwen3", "openai/gpt-5"]
    assert [model.name for model in TABLE.resolve_list("")] == ["openai/gpt-5-mini"]


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ("gpt-5|locl/qwen3", "no provider locl"),
        ("gpt-5|local/other", "does not serve other"),
        ("gpt-5|openai/gpt-5", "openai/gpt-5 twice"),
        ("gpt-5||qwen3", "empty"),
        ("|gpt-5", "empty"),
    ],
)
def test_a_wrong_part_is_named(names: str, reason: str) -> None:
    with pytest.raises(UnknownModel, match=reason):
        TABLE.resolve_list(names)


@pytest.mark.parametrize("models", ["cheap|dear", "dear|cheap", "free|dear", "dear|free|cheap"])
def test_the_dearest_model_counts(models: str) -> None:
    forecast = dearest(models, CALLS, PRICES)

    assert forecast.model == "dear"
    assert forecast.max_cost == dearest("dear", CALLS, PRICES).max_cost


def test_one_unknown_price_makes_the_whole_unknown() -> None:
    assert dearest("dear|unpriced", CALLS, PRICES).max_cost is None
    assert PRICES.unpriced_in("dear|unpriced") == ("unpriced", "dear")
    assert PRICES.unpriced_in("unpriced|dear") == ("unpriced", "dear")


@pytest.mark.parametrize("models", ["dear|cheap", "free|dear", "unknown-1|unknown-2", "dear"])
def test_a_list_with_prices_of_all_or_of_none(models: str) -> None:
    assert PRICES.unpriced_in(models) is None


def test_a_list_is_free_where_all_of_it_is() -> None:
    assert PRICES.is_free(f"free|{OFFLINE_MODEL}")
    assert not PRICES.is_free("free|cheap")
    assert not PRICES.is_free("cheap|free")


def test_a_list_has_an_unknown_price_where_one_of_it_has() -> None:
    prices = Prices({"local/known": FREE}, ProviderTable.of_server("http://127.0.0.1:8000/v1"))

    assert prices.is_unknown("local/known|local/other")
    assert not prices.is_unknown("local/known")
