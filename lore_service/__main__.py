"""`python -m lore_service`: runs the lore service, the only process with a provider key."""

import argparse
import asyncio
import signal
import sys

import uvloop

from loresmith.jobs.core.file_limit import raise_file_limit
from loresmith.jobs.core.logs import configure_logging, get_logger
from loresmith.jobs.core.settings import SettingsError
from loresmith.jobs.core.settings.job_types_option import add_job_types_option, set_job_types
from loresmith.lore_service.providers.redaction import redact_logs
from loresmith.lore_service.settings import LoreServiceSettings

log = get_logger("loresmith.lore_service")


def main() -> None:
    """Runs until SIGTERM or SIGINT; a second signal ends the grace period."""
    configure_logging("lore_service")
    set_job_types(parser().parse_args().job_types)
    raise_file_limit()
    try:
        settings = LoreServiceSettings.from_env()
        configure_logging("lore_service", settings.log_level, settings.log_format)
        redact_logs()
        uvloop.run(serve(settings))
    except SettingsError as error:
        sys.exit(f"lore_service: {error}")


async def serve(config: LoreServiceSettings) -> None:
    """Serves until a signal. Raises SettingsError."""
    from loresmith.jobs.types.registry import log_job_types  # after --job-types
    from loresmith.lore_service.server import LoreServer

    log_job_types()
    signals: asyncio.Queue[signal.Signals] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, signals.put_nowait, number)
    server = LoreServer(config)
    port = await server.start()
    address = f"{config.lore_service_address.rpartition(':')[0]}:{port}"
    print(
        f"lore_service: ready on {address}, {config.providers.default_model} "
        f"at {server.provider_addresses}",
        flush=True,
    )
    await signals.get()
    grace_s = config.lore_service_grace_s
    log.info("stopping: calls in flight have time to finish", address=address, seconds=grace_s)
    stopping = asyncio.create_task(server.stop(grace_s))
    second_signal = asyncio.create_task(signals.get())
    await asyncio.wait([stopping, second_signal], return_when=asyncio.FIRST_COMPLETED)
    if not stopping.done():
        log.warning("stopping at once: calls in flight become unknown, and may be billed")
        server.abort_all()
    second_signal.cancel()
    await stopping


def parser() -> argparse.ArgumentParser:
    settings = "\n".join(
        f"  {each.validation_alias:<35} {each.description} (default: {each.default!r})"
        for each in LoreServiceSettings.model_fields.values()
    )
    created = argparse.ArgumentParser(
        prog="python -m lore_service",
        description="Makes model calls, each at most once. Settings are environment variables:",
        epilog=settings,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_job_types_option(created)
    return created


if __name__ == "__main__":
    main()
