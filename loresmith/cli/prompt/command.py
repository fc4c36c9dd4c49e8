"""The command `prompt`."""

import sys
from typing import Any

import click

from loresmith.cli.answer import answer_text, is_answer
from loresmith.cli.arguments import ArgumentError
from loresmith.cli.context import CommandContext, with_client
from loresmith.cli.exit_codes import INVALID, CommandError
from loresmith.cli.jobs import timeout
from loresmith.cli.output import show_accepted, show_finished
from loresmith.cli.pricing import show_cost
from loresmith.cli.prompt import payload
from loresmith.cli.prompt.live_text import LiveText
from loresmith.cli.submission import SubmitOptions, submission_options
from loresmith.cli.text import plain
from loresmith.client import Job

JOB_TYPE = "prompt"


@click.command()
@click.argument("text", required=False)
@click.option("--file", metavar="FILE", help="File with the text, or with what follows TEXT.")
@click.option("--system", metavar="TEXT", help="How the model shall behave.")
@click.option("--schema", metavar="FILE|JSON", help="JSON Schema that the answer must fit.")
@click.option(
    "--var", "variables", multiple=True, metavar="NAME=VALUE",
    help="Replaces {{NAME}} in the texts; NAME=@FILE reads a file.",
)  # fmt: skip
@click.option("--image", "images", multiple=True, metavar="URL|FILE", help="Image for the model.")
@click.option("--max-output-tokens", type=int, metavar="N", help="Maximum length of the answer.")
@click.option("--temperature", type=float, metavar="N", help="0 to 2: how freely it writes.")
@click.option(
    "--param", "parameters", multiple=True, metavar="NAME=JSON",
    help="Another field of the provider, for example seed=7.",
)  # fmt: skip
@click.option("--detach", is_flag=True, help="Print the id of the job and return.")
@timeout
@submission_options
@with_client
def prompt(
    context: CommandContext,
    text: str | None,
    file: str | None,
    system: str | None,
    schema: str | None,
    variables: tuple[str, ...],
    images: tuple[str, ...],
    max_output_tokens: int | None,
    temperature: float | None,
    parameters: tuple[str, ...],
    detach: bool,
    timeout: float | None,
    submission: SubmitOptions,
) -> None:
    """Ask a language model, and print its answer.

    A terminal shows the text as it is written; a pipe gets the answer alone. With --schema the
    answer is JSON. TEXT of - is standard input. Ctrl-C does not stop the job.

    \b
    Examples:
      loresmith prompt "Write a haiku about rain."
      git diff | loresmith prompt "Review this change:" --file - | less
      loresmith prompt "Who is in it? {{scene}}" --var scene=@scene.txt --schema people.json
      loresmith prompt "What is on this map?" --image map.png --model gpt-5-mini
    """
    try:
        fields = payload.request(payload.full_text(text, file), system, images) | {
            "variables": payload.variables_of(variables) or None,
            "output_schema": payload.schema_of(schema) if schema else None,
            "max_output_tokens": max_output_tokens,
            "temperature": temperature,
            "parameters": payload.parameters_of(parameters) or None,
        }
    except ArgumentError as error:
        raise CommandError(str(error), INVALID) from None
    present = {name: value for name, value in fields.items() if value is not None}
    job = submission.send(context, JOB_TYPE, present, silent=not detach)
    if detach:
        show_accepted(context, job)
    elif context.as_json or schema or not sys.stdout.isatty():
        _show(context, context.watch(job.id, timeout=timeout))
    else:
        view = LiveText(sys.stdout, context.err)
        _show(context, context.watch(job.id, timeout=timeout, view=view), view)


def _show(context: CommandContext, job: Job, live: LiveText | None = None) -> None:
    """Prints the answer, or the error of the job; exits with the code of its status."""
    if context.as_json or not job.completed or not is_answer(job.result):
        show_finished(context, job)
    answer = answer_text(job.result)
    if live:
        live.end(answer)
    else:
        text = plain(answer) if sys.stdout.isatty() else answer
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()
    _show_limit(context, job)
    show_cost(context, job)
    context.note(f"Show again: loresmith result {job.id}{context.url_option}")


def _show_limit(context: CommandContext, job: Job) -> None:
    """Says that the answer was cut."""
    result: dict[str, Any] = job.result
    if result["finish_reason"] == "length":
        tokens = (job.usage or {}).get("output_tokens")
        length = f" at {tokens} tokens" if tokens else ""
        context.note(f"The answer was cut{length}. Allow more with --max-output-tokens.")
