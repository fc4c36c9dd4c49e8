"""Prints a job: accepted, changed, finished, or its current fields."""

import sys
from collections.abc import Mapping
from typing import Any

from rich.text import Text

from loresmith.cli.context import CommandContext
from loresmith.cli.exit_codes import CANCELLED, FAILED, SUCCESS
from loresmith.cli.pricing import actual_cost, show_cost
from loresmith.cli.render import show_result
from loresmith.cli.text import label, literal
from loresmith.client import Job


def show_accepted(context: CommandContext, job: Job) -> None:
    """Prints the id of a new job, alone on standard output."""
    if context.as_json:
        context.json(job.raw)
        return
    context.out.print(job.id, markup=False)
    context.note(f"Status: {job.status}. Watch it: loresmith watch {job.id}{context.url_option}")


def show_finished(context: CommandContext, job: Job) -> None:
    """Prints the result or the error of a job, and exits with the code of its status."""
    if context.as_json:
        context.json(job.raw)
    elif job.completed:
        show_result(context.out, job.result)
        show_cost(context, job)
        context.note(f"Show again: loresmith result {job.id}{context.url_option}")
    else:
        _show_error(context, job)
    sys.exit(SUCCESS if job.completed else FAILED if job.status == "failed" else CANCELLED)


def show_change(context: CommandContext, job: Job, change: str) -> None:
    """Prints what happened to a job: "Job ID was cancelled."."""
    watch = "" if job.ended else f"\nWatch it: loresmith watch {job.id}{context.url_option}"
    context.show(job.raw, lambda: context.note(f"Job {job.id} {change}.{watch}"))


def show_job(context: CommandContext, job: Job) -> None:
    """Prints the fields of a job, then its output."""
    context.show(job.raw, lambda: _show_fields(context, job))


def _show_fields(context: CommandContext, job: Job) -> None:
    for name, value in _fields(job):
        context.out.print(Text.assemble((f"{name:<10}", "dim"), literal(value)))
    output = job.result if job.completed else job.partial_result
    if output is not None:
        context.out.print()
        show_result(context.out, output)


def _show_error(context: CommandContext, job: Job) -> None:
    cause = job.error or job.cancel_reason or job.message
    message = f"Job {job.id} {job.status}: {cause}{_code(job)}"
    context.err.print(literal(message, "red"), soft_wrap=True)
    if job.partial_result is not None:
        context.note("Partial output:")
        show_result(context.out, job.partial_result)
    show_cost(context, job)
    context.note(f"Retry: loresmith retry {job.id} --watch{context.url_option}")


def _fields(job: Job) -> list[tuple[str, str]]:
    phase = f", {job.phase}" if job.phase and job.phase != job.status else ""
    estimated = " (estimated)" if job.estimated else ""
    usage = job.usage and ", ".join(f"{label(k).lower()} {v}" for k, v in job.usage.items())
    fields = {
        "id": job.id,
        "type": job.type,
        "status": f"{job.status}{phase}",
        "progress": f"{job.progress} %{estimated}  {job.message}",
        "waiting": _waiting(job.raw.get("waiting")),
        "reason": job.cancel_reason,
        "attempt": job.attempt,
        "created": job.created_at and f"{job.created_at.astimezone():%Y-%m-%d %H:%M:%S}",
        "ended": job.completed_at and f"{job.completed_at.astimezone():%Y-%m-%d %H:%M:%S}",
        "model": job.model,
        "session": job.session_id,
        "priority": job.priority,
        "usage": usage,
        "cost": job.cost and actual_cost(job),
        "error": job.error and f"{job.error}{_code(job)}",
    }
    return [(name, str(value)) for name, value in fields.items() if value]


def _waiting(waiting: Mapping[str, Any] | None) -> str:
    """Describes what a job waits for, and for how long."""
    if not waiting:
        return ""
    seconds = waiting.get("expected_start_in_s")
    parts = [str(waiting["reason"])]
    parts += [f"position {waiting['position']}"] if waiting.get("position") else []
    parts += [f"starts in about {seconds:.0f} s"] if seconds else []
    return ", ".join(parts)


def _code(job: Job) -> str:
    return f" ({job.error_detail.get('code')})" if job.error_detail else ""
