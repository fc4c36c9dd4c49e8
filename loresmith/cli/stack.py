"""The commands that start a stack: up, demo."""

import os
from pathlib import Path

import click

from loresmith.cli.exit_codes import FAILED, CommandError

port = click.IntRange(1, 65535)
data_dir = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--port", type=port, default=8080, show_default=True, help="Port of the api.")
@click.option(
    "--data-dir",
    type=data_dir,
    default=".loresmith",
    show_default=True,
    envvar="LORESMITH_DATA_DIR",
    show_envvar=True,
    metavar="DIR",
    help="Data folder.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the api.")
@click.option("--public", is_flag=True, help="Accept other machines; makes the first key.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Worker processes."
)
@click.option("--concurrency", type=click.IntRange(1), metavar="N", help="Jobs per worker.")
@click.option(
    "--seconds",
    type=click.FloatRange(0),
    metavar="S",
    help="Duration of an answer of the offline model.",
)
@click.option(
    "--job-types",
    multiple=True,
    metavar="PATH",
    help="File or folder with job types of your own; may be repeated.",
)
@click.option("--verbose", is_flag=True, help="Also print the logs of all processes.")
def up(
    port: int,
    data_dir: Path,
    host: str,
    public: bool,
    workers: int,
    concurrency: int | None,
    seconds: float | None,
    job_types: tuple[str, ...],
    verbose: bool,
) -> None:
    """Run everything on this machine until Ctrl-C.

    Starts a Redis-compatible server, the offline model, the lore_service, a worker and the api, and
    restarts a process that exits. The first Ctrl-C lets running jobs finish, the second releases
    them to run later, the third kills.

    \b
    Environment variables:
      REDIS_URL         use this Redis server and start none
      DATABASE_URL      database for worlds (default: an SQLite file in DIR)
      OPENAI_API_KEY, OPENAI_BASE_URL, LORESMITH_PROVIDERS
                        use real models; without any of them the offline model answers:
                        it is not an LLM and costs nothing
      LORESMITH_MODEL   model name
    More: docs/configuration.md

    \b
    Examples:
      loresmith up
      loresmith up --port 9000 --data-dir /var/lib/loresmith --workers 2
      loresmith up --job-types ./my_types
      OPENAI_BASE_URL=http://127.0.0.1:11434/v1 LORESMITH_MODEL=qwen3 loresmith up
    """
    from loresmith.supervisor.errors import SupervisorError
    from loresmith.supervisor.plan import UpOptions
    from loresmith.supervisor.run import run

    options = UpOptions(port, data_dir, host, public, workers, concurrency, seconds, job_types)
    try:
        run(options, os.environ, verbose=verbose)
    except SupervisorError as error:
        raise CommandError(str(error), FAILED) from None


@click.command()
@click.option(
    "--type",
    "type_",
    default="generate_characters",
    show_default=True,
    metavar="TYPE",
    help="Job type.",
)
@click.option("--theme", default="fantasy", show_default=True, metavar="TEXT", help="Theme.")
@click.option(
    "--count", type=click.IntRange(1, 10), default=3, show_default=True, help="Number of entities."
)
@click.option(
    "--seconds",
    type=click.FloatRange(0),
    default=6,
    show_default=True,
    help="Duration of an answer.",
)
@click.option("--keep", is_flag=True, help="Leave the server running until Ctrl-C.")
@click.option(
    "--data-dir", type=data_dir, default=".loresmith/demo", show_default=True, help="Data folder."
)
def demo(type_: str, theme: str, count: int, seconds: float, keep: bool, data_dir: Path) -> None:
    """Start everything, run one job, stop everything.

    The job is written by the offline model, which is not an LLM and costs nothing.

    \b
    Examples:
      loresmith demo
      loresmith demo --type generate_relics --theme "a drowned city" --keep
    """
    from loresmith.cli.demo import Demo

    Demo(type_, {"theme": theme, "count": count}, data_dir, seconds).run(keep=keep)
