"""`loresmith up`: every part of Loresmith on this machine, until it is told to stop.

One thread: it starts the parts, waits for signals and for deaths, and stops the parts in order.
Each part writes to its own log. On Linux none outlives us, whatever we die of.
"""

from collections.abc import Callable, Mapping
from typing import Final

from loresmith.up import ports
from loresmith.up.crew import Crew, Stopped
from loresmith.up.errors import UpError
from loresmith.up.folder import Folder, held
from loresmith.up.plan import Plan, Wanted, plan_for, redacted
from loresmith.up.probe import not_ready, redis_answers
from loresmith.up.screen import Follow, Terminal, screen
from loresmith.up.signals import Signals

__all__ = ["UpError", "Wanted", "run"]

START_S: Final = 60.0
"""Seconds that all parts may take until they are ready."""


def run(
    wanted: Wanted, environ: Mapping[str, str], *, verbose: bool, terminal: Terminal | None = None
) -> None:
    """Runs the stack until a signal says to stop. Raises UpError."""
    terminal = terminal or Terminal()
    with held(wanted.data_dir) as folder, Signals() as signals:
        ports.check(wanted.port, wanted.host)
        made = plan_for(wanted, environ, folder)
        crew = Crew(signals, terminal.say, _idle(made, terminal, verbose))
        try:
            _note(folder, wanted, made)
            terminal.show(f"Starting {', '.join(part.name for part in made.parts)}...")
            _bring_up(crew, made, wanted)
            _note(folder, wanted, made)
            terminal.show(screen(made, wanted, folder.path))
            crew.keep_up(lambda: _note(folder, wanted, made))
        except Stopped:
            terminal.say("Stopping...")
            crew.take_down()
            terminal.say("Stopped.")
        finally:
            crew.take_down(hurry=True)


def _bring_up(crew: Crew, made: Plan, wanted: Wanted) -> None:
    if made.redis:
        crew.start([made.redis])
        crew.until(lambda: redis_answers(made.redis_url), lambda: "redis", START_S)
    elif not redis_answers(made.redis_url):
        raise UpError(
            f"REDIS_URL={redacted(made.redis_url)} does not answer. Start that server, or unset "
            "REDIS_URL to have one started here."
        )
    crew.start(made.others)
    crew.until(lambda: not_ready(wanted.url) == {}, lambda: _lacks(wanted.url), START_S)


def _lacks(url: str) -> str:
    lacks = not_ready(url)
    if lacks is None:
        return f"the api at {url} does not answer."
    return "; ".join(f"{name}: {detail}" for name, detail in lacks.items()) + "."


def _note(folder: Folder, wanted: Wanted, made: Plan) -> None:
    parts = {part.name: part.pid for part in made.parts}
    folder.note({"url": wanted.url, "redis_url": redacted(made.redis_url), "parts": parts})


def _idle(made: Plan, terminal: Terminal, verbose: bool) -> Callable[[], None]:
    return Follow(made.parts, terminal) if verbose else lambda: None
