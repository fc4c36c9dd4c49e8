"""The providers of language models, and which of them serves a model.

A job names a model as `provider/model`, or as `model` where the default provider serves it. Every
other part of the product uses the one name that `ProviderTable.resolve` returns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt

from loresmith.jobs.core.settings.checks import printable, proxy_address, web_address

OPENAI_BASE_URL = "https://api.openai.com/v1"

LIST_SEPARATOR = "|"
"""Between the models of `options.model` that are tried in order."""

SchemaMode = Literal["json_schema", "guided_json", "tool", "json_object", "prompt"]
MaxTokensParameter = Literal["max_completion_tokens", "max_tokens"]
CHAT_ONLY = ("guided_json", "tool")
"""Schema modes that background responses do not know."""
Text = Annotated[str, AfterValidator(printable)]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")]


class UnknownModel(ValueError):
    """No provider serves the model; the message says which ones exist."""


class RateLimits(BaseModel):
    """The rate limits of a pool; None: what is not limited here is learnt."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    requests_per_minute: PositiveInt | None = None
    tokens_per_minute: PositiveInt | None = None
    concurrency: PositiveInt | None = None


class ProviderConfig(RateLimits):
    """One account at one server, as a table of the providers file describes it."""

    name: str = ""
    """Empty for the provider of the environment, whose models have no prefix."""
    base_url: Annotated[str, AfterValidator(web_address)] = OPENAI_BASE_URL
    key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    key_file: Path | None = None
    key_header: HeaderName | None = None
    """Sent instead of `Authorization: Bearer`."""
    headers: dict[HeaderName, Annotated[str, Field(pattern=r"^[ -~]*$")]] = Field(
        default={}, repr=False
    )
    organization: Text | None = None
    project: Text | None = None
    api_version: Text | None = None
    """Sent as the query parameter api-version."""
    ca_file: Path | None = None
    """Certificates that are trusted beside those of the system."""
    proxy: Annotated[str, AfterValidator(proxy_address)] | None = Field(default=None, repr=False)
    api: Literal["chat", "responses"] = "chat"
    """`responses`: background responses, which survive a restart of the lore_service."""
    schema_mode: Literal[SchemaMode, "probe"] = "probe"
    max_tokens_parameter: Literal[MaxTokensParameter, "probe"] = "probe"
    limits: dict[Text, RateLimits] = {}
    """Rate limits of single models; those of the provider are for each of its others."""
    pool: Text = ""
    """Providers with the same pool share the rate limits of a model; empty: its own."""
    models: tuple[Text, ...] = ()
    """The models that it serves; empty: any."""
    prices: dict[str, Any] = {}
    """Prices by model, as in LORESMITH_PRICES_FILE."""


@dataclass(frozen=True)
class ModelRef:
    """A model at a provider."""

    provider: ProviderConfig
    model: str
    """The name that the server knows."""

    @property
    def name(self) -> str:
        """The name that jobs, budgets and statistics know."""
        return qualified(self.provider.name, self.model)

    @property
    def pool(self) -> str:
        """The name of the rate limits that its calls share."""
        return qualified(self.provider.pool or self.provider.name, self.model)

    @property
    def limits(self) -> RateLimits:
        """The rate limits that the providers file says."""
        return self.provider.limits.get(self.model, self.provider)


def qualified(provider: str, model: str) -> str:
    """Joins the names of a provider and a model at that provider."""
    return f"{provider}/{model}" if provider else model


class ProviderTable:
    """All providers. The first is the default, unless `default` names another."""

    def __init__(
        self, providers: Sequence[ProviderConfig], default_model: str, default: str = ""
    ) -> None:
        """Raises UnknownModel when no provider serves the default model."""
        self._providers = {provider.name: provider for provider in providers}
        self._default = self._providers[default or providers[0].name]
        self.default_model = self.resolve(default_model).name
        """The model of jobs that name none."""

    @classmethod
    def of_server(cls, base_url: str, default_model: str = "gpt-5-mini") -> "ProviderTable":
        """Makes a table of one server."""
        return cls([ProviderConfig(base_url=base_url)], default_model)

    def __iter__(self) -> Iterator[ProviderConfig]:
        return iter(self._providers.values())

    def resolve(self, name: str) -> ModelRef:
        """Finds the provider of a model; empty: the default model. Raises UnknownModel."""
        name = name or self.default_model
        prefix, slash, rest = name.partition("/")
        if slash and rest and (provider := self._providers.get(prefix)) and provider.name:
            return self._served(provider, rest)
        serving = [provider for provider in self if name in provider.models]
        if self._default in serving or not serving:
            return self._without_prefix(name)
        if len(serving) > 1:
            names = " or ".join(f"{provider.name}/{name}" for provider in serving)
            raise UnknownModel(f"Several providers serve {name}; write {names}.")
        return ModelRef(serving[0], name)

    def resolve_list(self, names: str) -> tuple[ModelRef, ...]:
        """Finds the models of a list `a|b|c`; each may be tried where the ones before took nothing.

        Raises UnknownModel, which names the wrong part.
        """
        parts = names.split(LIST_SEPARATOR)
        if len(parts) == 1:
            return (self.resolve(names),)
        if not all(parts):
            raise UnknownModel("A list of models has an empty part.")
        models = tuple(map(self.resolve, parts))
        resolved = [model.name for model in models]
        if repeated := next((name for name in resolved if resolved.count(name) > 1), ""):
            raise UnknownModel(f"The list has {repeated} twice.")
        return models

    def _without_prefix(self, name: str) -> ModelRef:
        prefix, slash, _ = name.partition("/")
        if slash and len(self._providers) > 1 and name not in self._default.models:
            raise UnknownModel(
                f"There is no provider {prefix}; the providers are {', '.join(self._providers)}. "
                f"A model of the default provider is {self._default.name}/{name}."
            )
        return self._served(self._default, name)

    def _served(self, provider: ProviderConfig, model: str) -> ModelRef:
        if provider.models and model not in provider.models:
            raise UnknownModel(
                f"{provider.name} does not serve {model}; it serves {', '.join(provider.models)}."
            )
        return ModelRef(provider, model)
