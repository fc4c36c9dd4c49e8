"""Runs an api process: python -m api --host 127.0.0.1 --port 8080

On loopback, a server without API keys belongs to everybody who reaches the port. With --public,
every request needs a credential (docs/authentication.md).
"""

import argparse
import ipaddress
import sys

from loresmith.jobs.core.logs import configure_logging
from loresmith.jobs.core.settings.job_types_option import add_job_types_option, set_job_types


def main() -> None:
    arguments = _arguments()
    configure_logging("api")
    if not arguments.public and not _is_loopback(arguments.host):
        sys.exit(
            f"api: --host {arguments.host} accepts other machines. Add --public to allow that "
            "(every request then needs a credential), or omit --host."
        )
    set_job_types(arguments.job_types)
    from loresmith.api.server import run  # it imports the job types

    run(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m api", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="port; 0 picks a free one (8080)")
    parser.add_argument("--public", action="store_true", help="accept other machines")
    parser.add_argument("--access-log", action="store_true", help="log every request")
    add_job_types_option(parser)
    return parser.parse_args()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    main()
