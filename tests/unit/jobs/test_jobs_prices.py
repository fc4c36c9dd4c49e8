"""Prices: integers of micro-dollars, and an unknown one is never 0."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from genai_prices import Usage, calc_price
from hypothesis import given
from hypothesis import strategies as st

from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.core.settings.providers import ProviderTable
from loresmith.jobs.costs.prices import OFFLINE_MODEL, BilledTokens, ModelPrice, Prices
from loresmith.offline_model.server.completion_request import DEFAULT_MODEL

OWN = ModelPrice(
    input_per_mtok=Decimal(1), output_per_mtok=Decimal(2), cached_per_mtok=Decimal("0.1")
)


def priced(path: Path, reply: object) -> Prices:
    path.write_text(reply if isinstance(reply, str) else json.dumps(reply))
    return Prices.of(Settings(prices=str(path)))


def test_a_price_list_is_asked_for_openai() -> None:
    """What gpt-5-mini cost in November 2026: 0.25 and 2 dollars, 0.025 for cached input."""
    assert Prices({}).micros("gpt-5-mini", BilledTokens(2_000, 1_500)) == 3_500
    assert Prices({}).micros("gpt-5-mini", BilledTokens(2_000, 1_500, cached=1_000)) == 3_275


@pytest.mark.parametrize("model", ["gpt-5-mini", "gpt-4o", "o3", "gpt-5.2-pro"])
@given(input=st.integers(0, 2_000_000), output=st.integers(0, 200_000), cached=st.integers(0, 9))
def test_a_price_is_the_lists_own_sum(model: str, input: int, output: int, cached: int) -> None:
    """Given any use / I expect what the list's own computation says, rounded as bills are."""
    stored = input * cached // 10
    usage = Usage(input_tokens=input, output_tokens=output, cache_read_tokens=stored)
    matches = calc_price(usage, model_ref=model, provider_id="openai")

    reply = Prices({}).micros(model, BilledTokens(input, output, stored))

    expected = [round(part * 1_000_000) for part in (matches.input_price, matches.output_price)]
    assert reply == sum(expected)


def test_an_unknown_price_is_not_nothing() -> None:
    assert Prices({}).micros("my-own", BilledTokens(1, 1)) is None
    assert not Prices({}).is_free("my-own")


@pytest.mark.parametrize("where", ["http://127.0.0.1:11434/v1", "http://localhost/v1"])
def test_a_model_on_this_machine_has_no_list_price(where: str) -> None:
    """Given a local server that calls its model gpt-5-mini / I expect no price of OpenAI's."""
    assert (
        Prices({}, ProviderTable.of_server(where)).micros("gpt-5-mini", BilledTokens(1, 1)) is None
    )


def test_the_provider_is_known_by_its_address() -> None:
    prices = Prices({}, ProviderTable.of_server("https://api.openai.com/v1"))

    assert prices.micros("gpt-5-mini", BilledTokens(2_000, 1_500)) == 3_500


def test_the_offline_model_costs_nothing_unless_a_price_is_set() -> None:
    assert OFFLINE_MODEL == DEFAULT_MODEL
    assert Prices({}).micros(OFFLINE_MODEL, BilledTokens(9, 9)) == 0
    assert Prices({}).micros("any", BilledTokens(9, 9), offline=True) == 0
    assert Prices({"any": OWN}).micros("any", BilledTokens(9, 9), offline=True) == 27
    assert not Prices({OFFLINE_MODEL: OWN}).is_free(OFFLINE_MODEL)


def test_own_prices_of_a_file(tmp_path: Path) -> None:
    """Given a price for cached input / I expect only the rest at the full one."""
    own = {"input_per_mtok": 1.0, "output_per_mtok": 2, "cached_per_mtok": 0.1}
    prices = priced(tmp_path / "prices.json", {"qwen3": own})

    assert prices.micros("qwen3", BilledTokens(1_000, 10, cached=500)) == 500 + 50 + 20


def test_input_and_output_are_rounded_each() -> None:
    """As bills do: 0.4 + 0.4 of a micro-dollar are nothing, not one."""
    price = ModelPrice(input_per_mtok=Decimal("0.4"), output_per_mtok=Decimal("0.4"))

    assert price.micros(BilledTokens(1, 1)) == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ('{"m": {"input_per_mtok": 1}}', "m.output_per_mtok: Field required"),
        ('{"m": {"input_per_mtok": -1, "output_per_mtok": 1}}', "m.input_per_mtok"),
        ("[]", "the file: Input should be a valid dictionary"),
    ],
)
def test_a_file_that_does_not_fit(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        priced(tmp_path / "prices.json", text)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(SettingsError, match="LORESMITH_PRICES_FILE=nowhere cannot be read"):
        Prices.of(Settings(prices="nowhere"))
