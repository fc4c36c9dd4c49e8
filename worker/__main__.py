"""`python -m worker`: starts the worker class of `rq worker -w worker.LoreWorker`."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from redis import Redis
from redis.exceptions import AuthenticationError, ConnectionError, RedisError, TimeoutError

from loresmith.jobs.core.logs import safe
from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.core.settings.job_types_option import add_job_types_option, set_job_types
from loresmith.worker.adapters.redis_connections import address
from loresmith.worker.adapters.redis_retry import START_TIMEOUT_S, timeout_after

T = TypeVar("T")

RETRY_INTERVAL_S = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Runs a worker until it is stopped; returns the exit code."""
    options = _parser().parse_args(arguments)
    set_job_types(options.job_types)
    from loresmith.worker.rq_worker import LoreWorker  # it imports the job types

    try:
        config = Settings.from_env()
    except SettingsError as error:
        return _fail(str(error))
    redis = Redis.from_url(config.redis_url)
    try:
        worker = wait_for_redis(
            redis, lambda: LoreWorker([config.rq_queue], name=options.name, connection=redis)
        )
        worker.work(burst=options.burst, logging_level=_level(options))
    except RedisError as error:
        return _fail(f"Redis at {address(redis)} cannot be used: {safe(error)}. Check REDIS_URL.")
    except ValueError as error:
        return _fail(safe(error))
    return 0


def wait_for_redis(redis: Redis, make: Callable[[], T], timeout_s: float = START_TIMEOUT_S) -> T:
    """Returns what `make` makes once Redis answers.

    Raises RedisError when Redis refuses the password, or stays unavailable.
    """
    timed_out, reported = timeout_after(timeout_s), False
    while True:
        try:
            return make()
        except AuthenticationError:
            raise
        except (ConnectionError, TimeoutError) as error:
            if timed_out():
                raise
            if not reported:
                _print(f"waiting {timeout_s:g} s for Redis at {address(redis)}: {safe(error)}")
                reported = True
        time.sleep(RETRY_INTERVAL_S)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Runs jobs until it is stopped. The first SIGINT or SIGTERM lets running jobs "
        "finish; the second releases them to other workers. The environment configures it: "
        "REDIS_URL, LORESMITH_LORE_SERVICE_ADDRESS, LORESMITH_CONCURRENCY and others "
        "(docs/configuration.md).",
    )
    parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")
    parser.add_argument("--name", help="unique name in `rq info` (default: generated)")
    add_job_types_option(parser)
    verbosity = parser.add_mutually_exclusive_group()
    verbosity.add_argument("--verbose", "-v", action="store_true", help="log debug messages")
    verbosity.add_argument(
        "--quiet", "-q", action="store_true", help="log warnings and errors only"
    )
    return parser


def _level(options: argparse.Namespace) -> str:
    if options.verbose:
        return "DEBUG"
    return "WARNING" if options.quiet else "INFO"


def _fail(message: str) -> int:
    _print(message)
    return 1


def _print(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
