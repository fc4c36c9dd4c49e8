"""Commands about the health of an installation: probe, doctor."""

import json
import os
from pathlib import Path
from typing import Final

import click

from loresmith.cli.conformance import check_provider
from loresmith.cli.context import json_option, url_option
from loresmith.cli.exit_codes import FAILED, UNREACHABLE, CommandError
from loresmith.supervisor.part_environment import env_file
from loresmith.supervisor.probe import api_fault, process_fault, system_checks

REMEDIES: Final = {
    "redis": "No job can be accepted. Start Redis, or correct REDIS_URL.",
    "redis_settings": "Accepted jobs may be lost. Correct the server.",
    "maintenance": "Due jobs are not looked after. See the log of the api; restart it.",
    "job_types": "Jobs of these types wait. Start all parts with the same LORESMITH_JOB_TYPES.",
    "lore_service": "Jobs are accepted and wait. Start one: python -m lore_service",
    "workers": "Jobs are accepted and wait. Start one: python -m worker",
}


@click.command()
@click.argument("process", type=click.Choice(["api", "worker", "lore_service"]))
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=".loresmith",
    show_default=True,
    envvar="LORESMITH_DATA_DIR",
    show_envvar=True,
    metavar="DIR",
    help="Data folder of the process (worker, lore_service).",
)
@url_option
def probe(process: str, data_dir: Path, url: str) -> None:
    """Check whether a process here works.

    For liveness probes, for example of Kubernetes: exit code 0 or 1. It fails when the process
    has ended, hangs, or has lost a thread that it needs, and does not depend on Redis or other
    processes.

    \b
    Examples:
      loresmith probe worker
      loresmith probe lore_service --data-dir /var/lib/loresmith
    """
    fault = api_fault(url) if process == "api" else process_fault(data_dir, process)
    if fault:
        raise CommandError(fault, FAILED)


@click.command()
@url_option
@json_option
@click.option("--provider", metavar="NAME", help="Check this provider instead; or `default`.")
@click.option("--model", metavar="MODEL", help="Model of the provider (default: its first).")
@click.option("--base-url", metavar="URL", help="Check the provider at this address instead.")
@click.option("--key-env", metavar="VAR", help="Variable with the key for --base-url.")
@click.option("--yes", is_flag=True, help="Send the requests to the provider without asking.")
def doctor(
    url: str,
    as_json: bool,
    provider: str | None,
    model: str | None,
    base_url: str | None,
    key_env: str | None,
    yes: bool,
) -> None:
    """Check all processes and Redis, or what a provider honours.

    Says what to do about what fails. Exit code 1 when anything does.

    With --provider or --base-url it sends a dozen small requests to a provider and prints which
    parameters its server honours, ignores or rejects. It says before what they may cost.

    \b
    Examples:
      loresmith doctor
      loresmith doctor --provider openai --model gpt-5-mini
      loresmith doctor --base-url http://127.0.0.1:8000/v1 --model qwen3
    """
    if provider or base_url:
        options = {"--model": model, "--base-url": base_url, "--key-env": key_env}
        check_provider(provider, options, confirmed=yes, as_json=as_json)
        return
    checks = system_checks(url)
    if checks is None:
        raise CommandError(f"No response from {url}. Is the api running?", UNREACHABLE)
    if as_json:
        rows = {name: {"ok": ok, "detail": detail} for name, (ok, detail) in checks.items()}
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        if file := env_file(os.environ):
            click.echo(f"settings of this command: {file}")
        for name, (ok, detail) in checks.items():
            click.echo(f"{'ok    ' if ok else 'FAILED'}  {name}: {detail}")
            if not ok and name in REMEDIES:
                click.echo(f"        {REMEDIES[name]}")
    if not all(ok for ok, _ in checks.values()):
        raise SystemExit(FAILED)
