"""Runs the api on uvicorn."""

import argparse
import signal
import sys
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from loresmith.api.app import create_app
from loresmith.api.auth.start_check import check_credentials, warn_of_proxy
from loresmith.api.dependencies import Dependencies
from loresmith.api.events.broadcaster import EventBroadcaster
from loresmith.api.http.connection_limits import max_connections
from loresmith.api.http.protocol import TimeoutLimitedProtocol
from loresmith.archive import ArchiveError
from loresmith.jobs.core.file_limit import raise_file_limit
from loresmith.jobs.core.logs import configure_logging
from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.store.primary import check_at_start
from loresmith.jobs.types.registry import log_job_types

SHUTDOWN_TIMEOUT_S = 3
"""Seconds that a stopping server waits for running requests."""


class Server(uvicorn.Server):
    """Prints the address once it listens; ends the event streams before it stops."""

    def __init__(self, config: uvicorn.Config, broadcaster: EventBroadcaster) -> None:
        super().__init__(config)
        self._broadcaster = broadcaster

    async def startup(self, sockets: object = None) -> None:
        await super().startup()
        for server in self.servers:
            host, port = server.sockets[0].getsockname()[:2]
            address = f"[{host}]" if ":" in host else host
            print(f"api: ready on http://{address}:{port} (routes: /docs)", flush=True)

    async def shutdown(self, sockets: Any = None) -> None:
        self._broadcaster.stop()
        await super().shutdown(sockets)


def run(arguments: argparse.Namespace) -> None:
    """Serves until a signal; exits with a message when a setting or the server does not fit."""
    raise_file_limit()
    try:
        settings = Settings.from_env()
        configure_logging("api", settings.log_level, settings.log_format)
        log_job_types()
        dependencies = Dependencies.of(settings)
        check_at_start(settings, dependencies.pipeline.guard)
        if arguments.public:
            check_credentials(settings)
        else:
            warn_of_proxy(settings)
        app = create_app(dependencies, public=arguments.public)
    except (SettingsError, ArchiveError) as error:
        sys.exit(f"api: {error}")
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    Server(_configuration(app, arguments), dependencies.broadcaster).run()


def _configuration(app: ASGIApp, arguments: argparse.Namespace) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=arguments.host,
        port=arguments.port,
        loop="uvloop",
        http=TimeoutLimitedProtocol.limited(max_connections()),
        ws="none",
        lifespan="on",
        access_log=arguments.access_log,
        log_config=None,
        log_level="info" if arguments.access_log else "error",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
    )


def _exit(number: int, frame: FrameType | None) -> None:
    """Exits with 0: uvicorn raises the signal again after a requested stop."""
    raise SystemExit(0)
