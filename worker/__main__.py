"""`python -m worker`: the worker of `rq worker -w worker.LoreWorker`, on its own queue."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from redis import Redis
from redis.exceptions import AuthenticationError, ConnectionError, RedisError, TimeoutError

from jobs.config import Config, ConfigError
from worker import LoreWorker
from worker.connections import address
from worker.patience import START_S, after

T = TypeVar("T")

AGAIN_S = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Runs a worker until it is stopped; answers the exit code."""
    options = _parser().parse_args(arguments)
    try:
        config = Config.from_env()
    except ConfigError as error:
        return _complain(str(error))
    redis = Redis.from_url(config.redis_url)
    try:
        worker = when_there(
            redis, lambda: LoreWorker([config.queue], name=options.name, connection=redis)
        )
        worker.work(burst=options.burst, logging_level=_level(options))
    except RedisError as error:
        return _complain(f"Redis at {address(redis)} cannot be used: {error}. Check REDIS_URL.")
    except ValueError as error:
        return _complain(str(error))
    return 0


def when_there(redis: Redis, make: Callable[[], T], patience_s: float = START_S) -> T:
    """What is made once the server answers. Raises RedisError: it refuses, or patience is over."""
    given_up, said = after(patience_s), False
    while True:
        try:
            return make()
        except AuthenticationError:
            raise
        except (ConnectionError, TimeoutError) as error:
            if given_up():
                raise
            if not said:
                _say(f"waiting {patience_s:g} s for Redis at {address(redis)}: {error}")
                said = True
        time.sleep(AGAIN_S)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Runs jobs until it is stopped: one signal lets them finish, another hands "
        "them back. Settings come from the environment: REDIS_URL, LORE_ADDRESS, "
        "LORESMITH_CONCURRENCY and others (docs/configuration.md).",
    )
    parser.add_argument("--burst", action="store_true", help="stop when the queue is empty")
    parser.add_argument("--name", help="name in `rq info`; unique, made up unless given")
    loudness = parser.add_mutually_exclusive_group()
    loudness.add_argument("--verbose", "-v", action="store_true", help="say more")
    loudness.add_argument("--quiet", "-q", action="store_true", help="say warnings and errors only")
    return parser


def _level(options: argparse.Namespace) -> str:
    if options.verbose:
        return "DEBUG"
    return "WARNING" if options.quiet else "INFO"


def _complain(words: str) -> int:
    _say(words)
    return 1


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
