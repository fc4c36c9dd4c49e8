"""Prices of models, as integers of micro-dollars; an unknown price is None, never 0.

The prices of the provider's own table come first, then LORESMITH_PRICES_FILE, then the free offline
model, then the list of genai-prices for the provider. A server on this machine has no list price.
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from loresmith.jobs.core.settings import Settings, SettingsError, is_loopback
from loresmith.jobs.core.settings.providers import (
    LIST_SEPARATOR,
    OPENAI_BASE_URL,
    ModelRef,
    ProviderTable,
    UnknownModel,
    qualified,
)
from loresmith.jobs.costs.money import MICROS

OFFLINE_MODEL = "offline-lore-1"
"""The name of the offline model; it costs nothing, unless LORESMITH_PRICES_FILE says so."""
PARTS = ("input", "output", "cache_read")
FRESH_S = 3_600
PER_MTOK = Annotated[Decimal, Field(ge=0, le=1_000_000)]


@dataclass(frozen=True)
class BilledTokens:
    """Tokens of a request. `cached` is a part of `input`."""

    input: int
    output: int
    cached: int = 0


class ModelPrice(BaseModel):
    """Prices of a model in dollars per million tokens, which equals micro-dollars per token."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input_per_mtok: PER_MTOK
    output_per_mtok: PER_MTOK
    cached_per_mtok: PER_MTOK | None = None
    """Price of cached input; that of other input when absent."""

    def micros(self, used: BilledTokens) -> int:
        """Returns the cost. Input and output are rounded separately, as on bills."""
        cached = self.input_per_mtok if self.cached_per_mtok is None else self.cached_per_mtok
        fresh = self.input_per_mtok * (used.input - used.cached)
        return _whole(fresh + cached * used.cached) + _whole(self.output_per_mtok * used.output)


FREE = ModelPrice(input_per_mtok=Decimal(0), output_per_mtok=Decimal(0))
OWN_PRICES = TypeAdapter(dict[str, ModelPrice])


class Prices:
    """Prices of models at their providers. `own` prices come before lists."""

    def __init__(
        self, own: Mapping[str, ModelPrice], providers: ProviderTable | None = None
    ) -> None:
        self._own = own
        self._providers = providers or ProviderTable.of_server(OPENAI_BASE_URL)

    @classmethod
    def of(cls, config: Settings) -> Self:
        """Reads LORESMITH_PRICES_FILE and LORESMITH_PROVIDERS. Raises SettingsError."""
        own = {_name(model, config.providers): price for model, price in _file(config.prices)}
        for provider in config.providers:
            where = f"{config.providers_file}: [{provider.name}.prices]"
            prices = _validated(provider.prices, where)
            own |= {qualified(provider.name, model): prices[model] for model in prices}
        return cls(own, config.providers)

    def micros(self, model: str, used: BilledTokens, *, offline: bool = False) -> int | None:
        """Returns the cost in micro-dollars, or None if the price is unknown.

        `offline` says that the offline model answers, under any name.
        """
        if (ref := self._resolve(model)) is None:
            return None
        if own := self._price(ref, offline):
            return own.micros(used)
        return None if _is_local(ref) else _listed(ref.model, used, ref.provider.base_url)

    def is_unknown(self, models: str) -> bool:
        """Whether a model, or one of a list, has no price: it is on this machine, and no file
        names it.
        """
        return any(map(self._is_unknown, models.split(LIST_SEPARATOR)))

    def unpriced_in(self, models: str) -> tuple[str, str] | None:
        """Returns a model without a known price, and one with it, of a list that has both."""
        names = models.split(LIST_SEPARATOR)
        priced = {name: self.micros(name, BilledTokens(1_000, 1_000)) is not None for name in names}
        if len(names) == 1 or all(priced.values()) or not any(priced.values()):
            return None
        return next(n for n in names if not priced[n]), next(n for n in names if priced[n])

    def named(self) -> list[str]:
        """Returns the models of LORESMITH_PRICES_FILE and of the providers' own prices."""
        return list(self._own)

    def is_free(self, models: str, *, offline: bool = False) -> bool:
        """Whether a model, or each of a list, costs nothing at any length."""
        refs = [self._resolve(model) for model in models.split(LIST_SEPARATOR)]
        return all(ref is not None and self._price(ref, offline) == FREE for ref in refs)

    def _is_unknown(self, model: str) -> bool:
        ref = self._resolve(model)
        return ref is None or (_is_local(ref) and self._price(ref, False) is None)

    def _price(self, ref: ModelRef, offline: bool) -> ModelPrice | None:
        free = FREE if offline or ref.model == OFFLINE_MODEL else None
        return self._own.get(ref.name) or free

    def _resolve(self, model: str) -> ModelRef | None:
        try:
            return self._providers.resolve(model)
        except UnknownModel:
            return None


def _is_local(ref: ModelRef) -> bool:
    return is_loopback(urlsplit(ref.provider.base_url).hostname or "")


def _name(model: str, providers: ProviderTable) -> str:
    """Returns the full name of a model in LORESMITH_PRICES_FILE."""
    try:
        return providers.resolve(model).name
    except UnknownModel:
        return model


def _file(path: str) -> Iterable[tuple[str, ModelPrice]]:
    """Reads LORESMITH_PRICES_FILE. Raises SettingsError."""
    if not path:
        return ()
    where = f"LORESMITH_PRICES_FILE={path}"
    try:
        prices = json.loads(Path(path).read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        raise SettingsError(f"{where} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError(f"{where} is not JSON: {error}") from None
    return _validated(prices, f"{where}:").items()


def _validated(prices: Any, where: str) -> dict[str, ModelPrice]:
    """Validates prices by model. Raises SettingsError, which begins with `where`."""
    try:
        return OWN_PRICES.validate_python(prices)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"])) or "the file"
        raise SettingsError(f"{where} {key}: {first['msg']}") from None


def _listed(model: str, used: BilledTokens, base_url: str) -> int | None:
    if (rates := _rates(model, base_url, int(time.monotonic() // FRESH_S))) is not None:
        return rates.micros(used)
    matches = _looked_up(model, used, base_url)
    return matches and _whole(matches.input_price * MICROS) + _whole(matches.output_price * MICROS)


@lru_cache(maxsize=256)
def _rates(model: str, base_url: str, period: int) -> ModelPrice | None:
    """Returns the list price of a model with flat rates, else None.

    Rates may change on a date, so the list is read again in each `period`.
    """
    matches = _looked_up(model, BilledTokens(1, 1), base_url)
    rates = matches and [getattr(matches.model_price, f"{part}_mtok") for part in PARTS]
    if not rates or not all(isinstance(rate, Decimal) for rate in rates[:2]):
        return None
    if not isinstance(rates[2], Decimal | None):
        return None
    return ModelPrice(input_per_mtok=rates[0], output_per_mtok=rates[1], cached_per_mtok=rates[2])


def _looked_up(model: str, used: BilledTokens, base_url: str) -> Any:
    """Looks a price up in the list; imports it on use, because that is slow. None: not listed."""
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=used.input,
        output_tokens=used.output,
        cache_read_tokens=used.cached or None,
    )
    try:
        return calc_price(usage, model_ref=model, provider_api_url=base_url)
    except (LookupError, ValueError):
        return None


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_EVEN))
