"""Runs a stack until a stop signal: `loresmith up`.

One thread starts the processes, waits for signals and exits, and stops the processes in order.
Each process writes to its own log. On Linux none survives the supervisor, however it dies.
"""

from collections.abc import Callable, Mapping
from typing import Final

from loresmith.jobs.core.settings import is_loopback
from loresmith.jobs.core.settings.checks import without_password
from loresmith.supervisor.api_keys import FIRST_KEY, create_api_key
from loresmith.supervisor.data_dir import DataDir, lock_data_dir
from loresmith.supervisor.display import LogFollower, Terminal, exposure, summary
from loresmith.supervisor.errors import SupervisorError
from loresmith.supervisor.plan import StackPlan, UpOptions, make_plan
from loresmith.supervisor.ports import require_free
from loresmith.supervisor.probe import failed_checks, redis_responds
from loresmith.supervisor.signals import SignalWaiter
from loresmith.supervisor.supervisor import StopRequested, Supervisor

START_TIMEOUT_S: Final = 60.0


def run(
    options: UpOptions,
    environ: Mapping[str, str],
    *,
    verbose: bool,
    terminal: Terminal | None = None,
) -> None:
    """Runs the stack until a stop signal. Raises SupervisorError."""
    terminal = terminal or Terminal()
    _require_public(options)
    with lock_data_dir(options.data_dir) as directory, SignalWaiter() as signals:
        require_free(options.port, options.host)
        plan = _plan(options, environ, directory)
        supervisor = Supervisor(signals, terminal.report, _log_follower(plan, terminal, verbose))
        try:
            status = StatusFile(directory, options, plan, terminal.report)
            status.write()
            names = ", ".join(process.name for process in plan.processes)
            terminal.print(f"Starting {names}...")
            first_key = _start(supervisor, plan, options)
            status.write()
            about = summary(plan, options, directory.path, has_ctrl_c=signals.has_ctrl_c)
            terminal.print(about)
            if options.public:
                terminal.print(terminal.red(exposure(options, first_key)))
            supervisor.keep_running(status.write)
        except StopRequested:
            terminal.report("Stopping; running jobs finish first...")
            supervisor.stop()
            terminal.report("Stopped.")
        finally:
            supervisor.stop(force=True)


def _require_public(options: UpOptions) -> None:
    """Raises SupervisorError for an address of other machines without --public."""
    if not options.public and not is_loopback(options.host):
        raise SupervisorError(
            f"--host {options.host} accepts other machines. Add --public to allow that: everybody "
            "then needs an API key, and the first one is made here. Or omit --host."
        )


class StatusFile:
    """Notes the processes in up.json. The stack goes on without the note, as on a full disk."""

    def __init__(
        self,
        directory: DataDir,
        options: UpOptions,
        plan: StackPlan,
        report: Callable[[str], None],
    ) -> None:
        self._directory = directory
        self._options = options
        self._plan = plan
        self._report = report
        self._failed = False

    def write(self) -> None:
        """Writes it; reports the first failure of several."""
        status = {
            "url": self._options.url,
            "redis_url": without_password(self._plan.redis_url),
            "parts": {process.name: process.pid for process in self._plan.processes},
        }
        try:
            self._directory.write_status(status)
        except OSError as error:
            if not self._failed:
                path = self._directory.path / "up.json"
                self._report(
                    f"{path} cannot be written: {error.strerror}; the stack continues without it"
                )
            self._failed = True
        else:
            self._failed = False


def _plan(options: UpOptions, environ: Mapping[str, str], directory: DataDir) -> StackPlan:
    try:
        return make_plan(options, environ, directory)
    except OSError as error:
        raise SupervisorError(
            f"The data folder {directory.path} cannot be written: {error.strerror}. "
            "Free some space, or choose another with --data-dir."
        ) from None


def _start(supervisor: Supervisor, plan: StackPlan, options: UpOptions) -> str:
    """Returns the first key of a public server; '' when it has one already."""
    if plan.redis:
        supervisor.start([plan.redis])
        supervisor.wait_until(
            lambda: redis_responds(plan.redis_url), lambda: "redis", START_TIMEOUT_S
        )
    elif not redis_responds(plan.redis_url):
        raise SupervisorError(
            f"REDIS_URL={without_password(plan.redis_url)} does not respond. Start that server, "
            "or unset REDIS_URL to have one started here."
        )
    first_key = None
    if options.public:
        first_key = create_api_key(FIRST_KEY, plan.api.env, if_none=True)
    supervisor.start(plan.others)
    supervisor.wait_until(
        lambda: failed_checks(options.url) == {}, lambda: _missing(options.url), START_TIMEOUT_S
    )
    return first_key["key"] if first_key else ""


def _missing(url: str) -> str:
    checks = failed_checks(url)
    if checks is None:
        return f"the api at {url} does not respond."
    return "; ".join(f"{name}: {detail}" for name, detail in checks.items()) + "."


def _log_follower(plan: StackPlan, terminal: Terminal, verbose: bool) -> Callable[[], None]:
    return LogFollower(plan.processes, terminal) if verbose else lambda: None
