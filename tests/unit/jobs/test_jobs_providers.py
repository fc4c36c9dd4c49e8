"""Which provider serves a model."""

import pytest

from loresmith.jobs.core.settings.providers import ProviderConfig, ProviderTable, UnknownModel

ONE = ProviderTable.of_server("http://127.0.0.1:8000/v1")
SEVERAL = ProviderTable(
    [
        ProviderConfig(name="openai"),
        ProviderConfig(name="local", base_url="http://127.0.0.1:8000/v1", models=("qwen3", "a/b")),
        ProviderConfig(name="router", base_url="https://router.test/v1"),
    ],
    default_model="gpt-5-mini",
)


@pytest.mark.parametrize("model", ["gpt-5-mini", "meta-llama/x", "a/b/c", "/models/x", "openai/x"])
def test_one_provider_takes_every_name_as_it_is(model: str) -> None:
    """Given the provider of the environment / I expect that a slash belongs to the model's name."""
    ref = ONE.resolve(model)

    assert (ref.provider.name, ref.model, ref.name) == ("", model, model)


@pytest.mark.parametrize(
    ("model", "provider", "name"),
    [
        ("", "openai", "gpt-5-mini"),
        ("gpt-5-mini", "openai", "gpt-5-mini"),
        ("openai/gpt-5-mini", "openai", "gpt-5-mini"),
        ("qwen3", "local", "qwen3"),
        ("local/qwen3", "local", "qwen3"),
        ("a/b", "local", "a/b"),
        ("local/a/b", "local", "a/b"),
        ("router/openai/gpt-5", "router", "openai/gpt-5"),
    ],
)
def test_the_prefix_names_the_provider(model: str, provider: str, name: str) -> None:
    ref = SEVERAL.resolve(model)

    assert (ref.provider.name, ref.model) == (provider, name)
    assert ref.name == f"{provider}/{name}"
    assert SEVERAL.resolve(ref.name) == ref


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("opnai/gpt-5-mini", "the providers are openai, local, router"),
        ("meta-llama/x", "openai/meta-llama/x"),
        ("local/qwen4", "local does not serve qwen4; it serves qwen3, a/b"),
    ],
)
def test_a_model_that_none_serves_is_refused_with_the_remedy(model: str, named: str) -> None:
    with pytest.raises(UnknownModel, match=named):
        SEVERAL.resolve(model)


def test_one_named_provider_takes_slashes() -> None:
    table = ProviderTable([ProviderConfig(name="local")], "x")

    assert table.resolve("meta-llama/x").name == "local/meta-llama/x"
    assert table.resolve("local/meta-llama/x").model == "meta-llama/x"


def test_a_model_of_two_providers_needs_a_prefix() -> None:
    providers = [ProviderConfig(name=name, models=("m",)) for name in ("a", "b")]
    table = ProviderTable([ProviderConfig(name="main"), *providers], "x")

    with pytest.raises(UnknownModel, match="a/m or b/m"):
        table.resolve("m")
    assert ProviderTable(providers, "m").default_model == "a/m"


def test_providers_with_the_same_pool_share_the_limits_of_a_model() -> None:
    providers = [ProviderConfig(name=name, pool="p" * (name != "c")) for name in ("a", "b", "c")]
    table = ProviderTable(providers, "m")

    assert [table.resolve(f"{name}/m").pool for name in ("a", "b", "c")] == ["p/m", "p/m", "c/m"]
    assert ONE.resolve("m").pool == "m"


def test_the_default_provider_is_the_first_or_the_named_one() -> None:
    providers = [ProviderConfig(name="a"), ProviderConfig(name="b")]

    assert ProviderTable(providers, "m").default_model == "a/m"
    assert ProviderTable(providers, "m", default="b").default_model == "b/m"
    assert ProviderTable(providers, "b/m").default_model == "b/m"
