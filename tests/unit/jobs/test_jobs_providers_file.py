"""The providers file: what it configures, and how its faults are named."""

from decimal import Decimal
from pathlib import Path

import pytest

from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.core.settings.providers_file import load_providers
from loresmith.jobs.costs.prices import BilledTokens, Prices

WHOLE = """
default = "local"

[openai]
key_env = "OPENAI_API_KEY"

[local]
base_url = "http://127.0.0.1:8000/v1"
key_file = "keys/local"
headers = { "X-Team" = "lore" }
organization = "org-1"
project = "proj-1"
api_version = "2025-01-01"
proxy = "http://user:word@127.0.0.1:3128"
api = "chat"
schema_mode = "tool"
max_tokens_parameter = "max_tokens"
pool = "gpu"
models = ["qwen3"]

[local.prices.qwen3]
input_per_mtok = 0.1
output_per_mtok = 2
"""


def loaded(path: Path, text: str, model: str = "qwen3") -> Settings:
    file = path / "providers.toml"
    file.write_text(text, encoding="utf-8")
    return Settings.from_env({"LORESMITH_PROVIDERS": str(file), "LORESMITH_MODEL": model})


def fault(path: Path, text: str, model: str = "qwen3") -> str:
    settings = loaded(path, text, model)
    with pytest.raises(SettingsError) as caught:
        settings.providers  # noqa: B018
    return str(caught.value)


def test_a_whole_file(tmp_path: Path) -> None:
    providers = loaded(tmp_path, WHOLE).providers
    openai, local = providers

    assert (openai.name, openai.base_url) == ("openai", "https://api.openai.com/v1")
    assert local.key_file == tmp_path / "keys" / "local"
    assert (local.schema_mode, local.max_tokens_parameter) == ("tool", "max_tokens")
    assert providers.default_model == "local/qwen3"
    assert "word" not in repr(local)


def test_prices_are_those_of_the_provider(tmp_path: Path) -> None:
    """Given two providers / I expect the price of each at its own models only."""
    prices = Prices.of(loaded(tmp_path, WHOLE))

    assert prices.micros("qwen3", BilledTokens(1_000, 10)) == 120
    assert prices.micros("local/qwen3", BilledTokens(1_000, 10)) == 120
    assert prices.micros("openai/gpt-5-mini", BilledTokens(2_000, 1_500)) == 3_500
    assert prices.micros("openai/qwen3", BilledTokens(1, 1)) is None
    assert prices.micros("nobody/x", BilledTokens(1, 1)) is None
    assert prices.named() == ["local/qwen3"]


def test_the_prices_file_names_models_in_the_same_way(tmp_path: Path) -> None:
    own = tmp_path / "prices.json"
    own.write_text('{"openai/gpt-5-mini": {"input_per_mtok": 7, "output_per_mtok": 0}}')
    settings = loaded(tmp_path, WHOLE).model_copy(update={"prices": str(own)})

    assert Prices.of(settings).micros("openai/gpt-5-mini", BilledTokens(1, 0)) == 7


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "has no provider; add a table"),
        ("[a", "is not TOML"),
        ("x = 1\n[a]", "x stands outside of a table"),
        ('default = "b"\n[a]', "default='b' must be one of a"),
        ("[A]", "[A]: the name of a provider"),
        ('[a]\nschema = "tool"', "[a] schema is not a key of a provider; did you mean schema_m"),
        ("[a]\nxyz = 1", "[a] xyz is not a key of a provider; the keys are api, api_version"),
        ('[a]\napi_key = "sk-secret"', "[a] api_key: keys of accounts are not written here"),
        ('[a]\nschema_mode = "xml"', "[a] schema_mode must be 'json_schema'"),
        ('[a]\napi = "grpc"', "[a] api must be 'chat' or 'responses'"),
        ('[a]\nbase_url = "ftp://h"', "[a] base_url must begin with http"),
        ('[a]\nbase_url = "http://u:sk-secret@h"', "[a] base_url has a user name or password"),
        ('[a]\nproxy = "socks5://h"', "[a] proxy must begin with http"),
        ('[a]\nkey_env = "A B"', "[a] key_env"),
        ('[a]\nkey_env = "A"\nkey_file = "b"', "[a] has key_env and key_file"),
        ('[a]\nkey_file = 1', "[a] key_file"),
        ('[a]\nca_file = "nowhere.pem"', "nowhere.pem is not a file"),
        ('[a]\nheaders = { "X" = "sk-secret\\n" }', "[a] headers.X"),
        ('[a]\nheaders = { "X Y" = "sk-secret" }', "[a] headers.X Y"),
        ('[a]\nmodels = ["a b"]', "[a] models.0 has U+0020 (space)"),
        ('[a]\nmodels = "qwen3"', "[a] models"),
        ('[a]\napi = "responses"\nschema_mode = "tool"', "schema_mode='tool' needs api = \"chat\""),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_file_table_key_and_remedy(
    tmp_path: Path, text: str, named: str
) -> None:
    message = fault(tmp_path, text)

    assert named in message
    assert str(tmp_path / "providers.toml") in message
    assert "sk-secret" not in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    settings = Settings.from_env({"LORESMITH_PROVIDERS": str(tmp_path / "none.toml")})

    with pytest.raises(SettingsError, match=r"LORESMITH_PROVIDERS=.*none.toml cannot be read"):
        settings.providers  # noqa: B018


def test_a_default_model_that_none_serves_is_named(tmp_path: Path) -> None:
    message = fault(tmp_path, '[a]\nmodels = ["x"]', model="y")

    assert "LORESMITH_MODEL=y: a does not serve y; it serves x." in message


def test_a_wrong_price_is_named(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "[a.prices.x]\ninput_per_mtok = -1\noutput_per_mtok = 1")

    with pytest.raises(SettingsError, match=r"providers.toml: \[a.prices\] x.input_per_mtok"):
        Prices.of(settings)


def test_a_price_keeps_its_digits(tmp_path: Path) -> None:
    """TOML's 0.1 is a decimal, not the nearest binary fraction."""
    [provider] = loaded(tmp_path, "[a.prices.x]\ninput_per_mtok = 0.1").providers

    assert provider.prices["x"]["input_per_mtok"] == Decimal("0.1")


def test_rate_limits_are_of_each_model_or_of_single_ones(tmp_path: Path) -> None:
    """Given limits of a provider, and of one of its models / I expect that model to have its own
    alone."""
    file = tmp_path / "providers.toml"
    file.write_text(
        "[openai]\nrequests_per_minute = 60\nconcurrency = 4\n"
        '[openai.limits."gpt-5"]\ntokens_per_minute = 9000\n',
        encoding="utf-8",
    )

    table = load_providers(file, "gpt-9")

    def limits(model: str) -> tuple[int | None, ...]:
        own = table.resolve(model).limits
        return own.requests_per_minute, own.tokens_per_minute, own.concurrency

    assert limits("gpt-9") == (60, None, 4)
    assert limits("gpt-5") == (None, 9000, None)


def test_a_rate_limit_is_a_positive_number(tmp_path: Path) -> None:
    file = tmp_path / "providers.toml"
    file.write_text("[openai]\nconcurrency = 0\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="concurrency"):
        load_providers(file, "gpt-9")
