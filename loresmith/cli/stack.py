"""Commands that start the whole stack: up and demo."""

import os
from pathlib import Path

import click

from loresmith.cli.exits import FAILED, Failure

port = click.IntRange(1, 65535)
data_dir = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--port", type=port, default=8080, show_default=True, help="Where the api listens.")
@click.option(
    "--data-dir",
    type=data_dir,
    default=".loresmith",
    show_default=True,
    envvar="LORESMITH_DATA_DIR",
    show_envvar=True,
    metavar="DIR",
    help="Where everything is kept.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address the api listens on.")
@click.option("--public", is_flag=True, help="Let other machines in. Nobody is asked who they are.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Worker processes."
)
@click.option(
    "--concurrency", type=click.IntRange(1), metavar="N", help="Jobs that a worker runs at once."
)
@click.option(
    "--seconds", type=click.FloatRange(0), metavar="S", help="Pace of the offline model: an answer."
)
@click.option("--verbose", is_flag=True, help="Show the logs of all parts here, too.")
def up(
    port: int,
    data_dir: Path,
    host: str,
    public: bool,
    workers: int,
    concurrency: int | None,
    seconds: float | None,
    verbose: bool,
) -> None:
    """Run everything on this machine until Ctrl-C.

    Starts a Redis-compatible server, the offline model, the lore_service, a worker and the api, and
    starts again what dies. The first Ctrl-C lets running jobs finish, the second hands them back,
    the third kills.

    \b
    Settings from the environment:
      REDIS_URL         use this server and start none
      DATABASE_URL      where worlds are saved; an SQLite file in DIR without it
      OPENAI_API_KEY    ask a real model; without it and OPENAI_BASE_URL the offline
      OPENAI_BASE_URL   model writes, which is no language model and costs nothing
      LORE_MODEL        which model
    More: docs/configuration.md

    \b
    Examples:
      loresmith up
      loresmith up --port 9000 --data-dir /var/lib/loresmith --workers 2
      OPENAI_BASE_URL=http://127.0.0.1:11434/v1 LORE_MODEL=qwen3 loresmith up
    """
    from loresmith.up import UpError, Wanted, run

    wanted = Wanted(port, data_dir, host, public, workers, concurrency, seconds)
    try:
        run(wanted, os.environ, verbose=verbose)
    except UpError as error:
        raise Failure(str(error), FAILED) from None


@click.command()
@click.option("--type", "type_", default="generate_characters", show_default=True, metavar="TYPE")
@click.option("--theme", default="fantasy", show_default=True, metavar="TEXT")
@click.option("--count", type=click.IntRange(1, 10), default=3, show_default=True)
@click.option(
    "--seconds", type=click.FloatRange(0), default=6, show_default=True, help="Pace of the model."
)
@click.option("--keep", is_flag=True, help="Leave the server running until Ctrl-C.")
@click.option("--data-dir", type=data_dir, default=".loresmith/demo", show_default=True)
def demo(type_: str, theme: str, count: int, seconds: float, keep: bool, data_dir: Path) -> None:
    """Start all, write three characters, stop all.

    The offline model writes, which is no language model and costs nothing.

    \b
    Examples:
      loresmith demo
      loresmith demo --type generate_relics --theme "a drowned city" --keep
    """
    from loresmith.cli.demo import Demo

    Demo(type_, {"theme": theme, "count": count}, data_dir, seconds).run(keep=keep)
