"""What models cost, in micro-dollars, as integers; an unknown price is None, never 0.

A price of LORE_PRICES counts first, then that the offline model costs nothing, then the price list
of genai-prices for the provider that is asked. A server on this machine has no list price.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from jobs.config import Config, ConfigError, is_loopback
from jobs.cost import MICROS

OFFLINE_MODEL = "offline-lore-1"
"""The name of the offline model; it costs nothing, unless LORE_PRICES says so."""
PARTS = ("input", "output", "cache_read")
FRESH_S = 3_600
PER_MTOK = Annotated[Decimal, Field(ge=0, le=1_000_000)]


@dataclass(frozen=True)
class Tokens:
    """What a request used, or may use. `cached` is a part of `input`."""

    input: int
    output: int
    cached: int = 0


class Price(BaseModel):
    """What a model costs, in dollars for a million tokens, which is micro-dollars for one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input_per_mtok: PER_MTOK
    output_per_mtok: PER_MTOK
    cached_per_mtok: PER_MTOK | None = None
    """Of input that the provider remembers; like other input when absent."""

    def micros(self, used: Tokens) -> int:
        """Input and output are rounded each, as bills do."""
        cached = self.input_per_mtok if self.cached_per_mtok is None else self.cached_per_mtok
        fresh = self.input_per_mtok * (used.input - used.cached)
        return _whole(fresh + cached * used.cached) + _whole(self.output_per_mtok * used.output)


FREE = Price(input_per_mtok=Decimal(0), output_per_mtok=Decimal(0))
OVERRIDES = TypeAdapter(dict[str, Price])


class Prices:
    """The prices at one provider. `base_url`: its address; empty for OpenAI."""

    def __init__(self, overrides: Mapping[str, Price], base_url: str = "") -> None:
        self._overrides = overrides
        self._base_url = base_url

    @classmethod
    def of(cls, config: Config) -> Self:
        """Raises ConfigError: LORE_PRICES names a file that does not fit."""
        return cls(_overrides(config.prices), config.base_url)

    def micros(self, model: str, used: Tokens, *, offline: bool = False) -> int | None:
        """What this costs in micro-dollars; None: unknown. `offline`: the offline model answers,
        whatever it was called.
        """
        if own := self._own(model, offline):
            return own.micros(used)
        return None if self._is_local else _listed(model, used, self._base_url)

    def is_unknown(self, model: str) -> bool:
        """Whether it certainly has no price, as a model on this machine that was given none."""
        return self._is_local and self._own(model, False) is None

    def named(self) -> list[str]:
        """The models of LORE_PRICES."""
        return list(self._overrides)

    def is_free(self, model: str, *, offline: bool = False) -> bool:
        """Whether it certainly costs nothing, however long it is."""
        return self._own(model, offline) == FREE

    def _own(self, model: str, offline: bool) -> Price | None:
        free = FREE if offline or model == OFFLINE_MODEL else None
        return self._overrides.get(model) or free

    @property
    def _is_local(self) -> bool:
        return bool(self._base_url) and is_loopback(urlsplit(self._base_url).hostname or "")


def _overrides(path: str) -> dict[str, Price]:
    if not path:
        return {}
    try:
        return OVERRIDES.validate_python(
            json.loads(Path(path).read_text("utf-8"), parse_float=Decimal)
        )
    except OSError as error:
        raise ConfigError(f"LORE_PRICES={path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ConfigError(f"LORE_PRICES={path}: {where}: {first['msg']}") from None
    except ValueError as error:
        raise ConfigError(f"LORE_PRICES={path} is not JSON: {error}") from None


def _listed(model: str, used: Tokens, base_url: str) -> int | None:
    if (rates := _rates(model, base_url, int(time.monotonic() // FRESH_S))) is not None:
        return rates.micros(used)
    found = _looked_up(model, used, base_url)
    return found and _whole(found.input_price * MICROS) + _whole(found.output_price * MICROS)


@lru_cache(maxsize=256)
def _rates(model: str, base_url: str, period: int) -> Price | None:
    """The listed price of a model whose tokens cost the same however many they are; else None.
    The list may know a date from which it is another one, so it is asked again in each `period`.
    """
    found = _looked_up(model, Tokens(1, 1), base_url)
    rates = found and [getattr(found.model_price, f"{part}_mtok") for part in PARTS]
    if not rates or not all(isinstance(rate, Decimal) for rate in rates[:2]):
        return None
    if not isinstance(rates[2], Decimal | None):
        return None
    return Price(input_per_mtok=rates[0], output_per_mtok=rates[1], cached_per_mtok=rates[2])


def _looked_up(model: str, used: Tokens, base_url: str) -> Any:
    """In the price list, which takes a while to import and is needed by few. None: not there."""
    from genai_prices import Usage, calc_price

    where: dict[str, Any] = (
        {"provider_api_url": base_url} if base_url else {"provider_id": "openai"}
    )
    usage = Usage(
        input_tokens=used.input,
        output_tokens=used.output,
        cache_read_tokens=used.cached or None,
    )
    try:
        return calc_price(usage, model_ref=model, **where)
    except (LookupError, ValueError):
        return None


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_EVEN))
