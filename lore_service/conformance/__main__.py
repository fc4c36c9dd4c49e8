"""`python -m lore_service.conformance`: prints what a provider's server honours."""

import argparse
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import uvloop

from loresmith.jobs.core.logs import configure_logging
from loresmith.jobs.core.settings import SettingsError
from loresmith.jobs.core.settings.providers import ModelRef, ProviderTable, UnknownModel
from loresmith.jobs.costs.money import MICROS
from loresmith.jobs.costs.prices import BilledTokens, Prices
from loresmith.lore_service.conformance.finding import Finding, ProviderUnusable, Report
from loresmith.lore_service.conformance.request_checks import (
    check_limits,
    check_schema_modes,
    check_tools,
)
from loresmith.lore_service.conformance.service_checks import (
    check_background,
    check_cancel,
    check_missing_model,
    check_models,
    note_headers,
)
from loresmith.lore_service.conformance.session import (
    MAX_INPUT_TOKENS,
    MAX_OUTPUT_TOKENS,
    MAX_REQUESTS,
    Session,
)
from loresmith.lore_service.providers.api_keys import api_key
from loresmith.lore_service.providers.exchange import Exchanges
from loresmith.lore_service.providers.redaction import redact_logs
from loresmith.lore_service.settings import LoreServiceSettings

UNUSABLE, INVALID, UNREACHABLE = 1, 2, 3
CHECKS: tuple[Callable[[Session], Awaitable[None]], ...] = (
    check_models,
    check_limits,
    check_schema_modes,
    check_tools,
    check_cancel,
    check_missing_model,
    check_background,
)
DEFAULT = "default"


@dataclass(frozen=True)
class Target:
    """The model to check, and the key of its provider."""

    ref: ModelRef
    key: str
    settings: LoreServiceSettings

    @property
    def name(self) -> str:
        return self.ref.provider.name or "the provider"


def main() -> None:
    """Exits with 0 (usable), 1 (not usable), 2 (invalid command) or 3 (unreachable)."""
    arguments = parser().parse_args()
    configure_logging("conformance", "ERROR")
    redact_logs()
    try:
        target = _target(arguments)
        _confirm(target, is_confirmed=arguments.yes)
        report = uvloop.run(run(target, quiet=arguments.json))
    except (SettingsError, UnknownModel) as error:
        _fail(str(error), INVALID)
    except ProviderUnusable as error:
        _fail(str(error), UNREACHABLE if error.is_unreachable else UNUSABLE)
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    if arguments.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        _print_advice(target, report)
    sys.exit(0 if report.is_usable else UNUSABLE)


async def run(target: Target, *, quiet: bool = True) -> Report:
    """Makes all checks. Raises ProviderUnusable and SettingsError."""
    settings, ref = target.settings, target.ref
    exchanges = Exchanges(
        ref.provider, target.key, settings.call_timeout_s, settings.connect_timeout_s
    )
    report = Report(ref.provider.name, ref.provider.base_url, ref.model)
    session, printed = Session(exchanges, report), 0
    try:
        for check in CHECKS:
            await check(session)
            printed = _print_new(report, printed, quiet=quiet)
    finally:
        await exchanges.close()
    note_headers(session)
    _print_new(report, printed, quiet=quiet)
    return report


def _target(arguments: argparse.Namespace) -> Target:
    """Finds the model. Raises SettingsError and UnknownModel."""
    if arguments.base_url:
        return _bare_target(arguments)
    settings = LoreServiceSettings.from_env()
    table = settings.providers
    ref = _model_of(table, arguments.provider, arguments.model)
    return Target(ref, api_key(ref.provider, settings), settings)


def _bare_target(arguments: argparse.Namespace) -> Target:
    """A server that no setting names gets no key, unless its variable is named."""
    if not arguments.model:
        raise SettingsError("--base-url needs --model: the name of a model at that server")
    dropped = ("OPENAI_API_KEY", "OPENAI_API_KEY_FILE", "LORESMITH_PROVIDERS", "LORESMITH_MODEL")
    environ = {name: value for name, value in os.environ.items() if name not in dropped}
    environ |= {"OPENAI_BASE_URL": arguments.base_url, "LORESMITH_MODEL": arguments.model}
    if arguments.key_env:
        key = os.environ.get(arguments.key_env)
        if not key:
            raise SettingsError(f"--key-env={arguments.key_env}: the variable is not set")
        environ["OPENAI_API_KEY"] = key
    settings = LoreServiceSettings.from_env(environ)
    return Target(settings.providers.resolve(""), settings.api_key, settings)


def _model_of(table: ProviderTable, name: str, model: str) -> ModelRef:
    """Returns the named model of a provider, else its first or the default one.

    Raises UnknownModel and SettingsError.
    """
    default = table.resolve("")
    provider = next((each for each in table if each.name == name), None)
    if name in (DEFAULT, ""):
        provider = default.provider
    if provider is None:
        names = ", ".join(each.name for each in table if each.name) or "only that of OPENAI_*"
        raise SettingsError(f"There is no provider {name!r}; the providers are: {names}")
    if model:
        return ModelRef(provider, model.removeprefix(f"{provider.name}/"))
    if provider.models:
        return ModelRef(provider, provider.models[0])
    if provider is default.provider:
        return default
    raise SettingsError(f"[{name}] lists no models; name one with --model")


def _confirm(target: Target, *, is_confirmed: bool) -> None:
    """Says what the run may cost, and asks. Raises SettingsError without an answer."""
    provider = target.ref.provider
    print(f"{target.name} at {provider.base_url}, model {target.ref.model}", file=sys.stderr)
    prices = Prices.of(target.settings)
    cost = prices.micros(target.ref.name, BilledTokens(MAX_INPUT_TOKENS, MAX_OUTPUT_TOKENS))
    price = "their price is not known" if cost is None else f"at most ${cost / MICROS:.4f}"
    if cost == 0:
        price = "they cost nothing"
    print(
        f"Sends at most {MAX_REQUESTS} small requests, with at most {MAX_INPUT_TOKENS:,} tokens "
        f"of input and {MAX_OUTPUT_TOKENS:,} of output in all: {price}.",
        file=sys.stderr,
    )
    if is_confirmed or cost == 0:
        return
    if not sys.stdin.isatty():
        raise SettingsError("The requests may cost money; confirm them with --yes")
    print("Send them? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise SettingsError("Nothing was sent")


def _print_new(report: Report, printed: int, *, quiet: bool) -> int:
    """Prints findings as they come; returns how many there are."""
    if not quiet:
        for finding in report.findings[printed:]:
            print(_line(finding), flush=True)
    return len(report.findings)


def _line(finding: Finding) -> str:
    return f"{finding.check:<28} {finding.outcome:<12} {finding.detail}".rstrip()


def _print_advice(target: Target, report: Report) -> None:
    print(
        f"\n{report.requests} requests; reported usage: {report.input_tokens} tokens in, "
        f"{report.output_tokens} out"
    )
    if not report.is_usable:
        print("Jobs cannot use this model: no schema mode or no output limit was honoured.")
        return
    print("For the providers file:")
    if target.ref.provider.name:
        print(f"  [{target.ref.provider.name}]")
    print(f'  schema_mode = "{report.schema_modes[0]}"')
    print(f'  max_tokens_parameter = "{report.max_tokens_parameters[0]}"')


def _fail(message: str, code: int) -> None:
    print(f"loresmith doctor: {message}", file=sys.stderr)
    sys.exit(code)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lore_service.conformance",
        description="Prints what a provider's server honours of the parameters that we send.",
    )
    parser.add_argument(
        "provider", nargs="?", default=DEFAULT, help="a table of the providers file"
    )
    parser.add_argument("--model", default="", help="a model of the provider")
    parser.add_argument("--base-url", default="", help="a server that no setting names")
    parser.add_argument("--key-env", default="", help="variable with the key for --base-url")
    parser.add_argument("--yes", action="store_true", help="confirms what the requests may cost")
    parser.add_argument("--json", action="store_true", help="prints JSON")
    return parser


if __name__ == "__main__":
    main()
