"""Progress bars, progress lines and rendered results."""

import io
from typing import Any

import pytest
from rich.console import Console

from loresmith.cli.progress import BarView, LinesView, progress_view
from loresmith.cli.render import show_result
from loresmith.cli.text import label, plain
from loresmith.client.models import Job
from loresmith.client.retry import Trouble
from tests.unit.loresmith.client.network import job

CREATED = "2026-01-10T12:00:00Z"


def console(*, terminal: bool, width: int = 80) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, color_system=None)


def output(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def at(progress: int, message: str = "Generating...", **fields: Any) -> Job:
    times: dict[str, Any] = {"created_at": CREATED, "updated_at": "2026-01-10T12:01:05Z"}
    return Job.from_json(job(progress=progress, message=message, **times, **fields))


def test_lines_are_printed_every_ten_per_cent() -> None:
    """Given a job that goes from 20 to 79
    / I expect a line for each ten per cent, and one whenever the message changes.
    """
    target = console(terminal=False)
    with LinesView(target) as lines:
        for progress in range(20, 80):
            lines.update(at(progress, progress_source="simulated"))
        lines.update(at(90, "Finalizing..."))
        lines.update(at(100, "Done", status="completed", completed_at="2026-01-10T12:01:10Z"))

    printed = output(target).splitlines()
    assert len(printed) == 8
    assert printed[0] == "1:05   20 %  Generating..."
    assert printed[1] == "1:05   30 % (estimated)  Generating..."
    assert printed[-1] == "1:10  100 %  Done"


def test_an_outage_is_one_line_however_long() -> None:
    target = console(terminal=False)
    with LinesView(target) as lines:
        for since in (0, 1, 3, 7):
            lines.trouble(Trouble("refused", since, 1))
        lines.trouble(None)

    assert output(target).splitlines() == [
        "No response (refused); the job keeps running. Retrying...",
        "Connected again.",
    ]


def rendered(bar: BarView) -> list[str]:
    target = console(terminal=True)
    target.print(bar._render())
    return output(target).splitlines()


def test_a_bar_fits_into_eighty_columns() -> None:
    bar = BarView(console(terminal=True))
    bar.update(at(67, "Generating characters...", progress_source="simulated"))

    line, below = rendered(bar)

    assert len(line.rstrip()) <= 80
    assert "67 % (estimated)" in line
    assert line.rstrip().endswith("1:05")
    assert below.strip() == "Generating characters..."


def test_a_bar_shows_attempts_and_outages() -> None:
    bar = BarView(console(terminal=True))
    bar.update(at(67, attempt=2, next_try_at="2026-01-10T12:02:00Z"))
    assert "(attempt 2) Next try at" in rendered(bar)[1]

    bar.trouble(Trouble("refused", 12.4, 3))
    assert "No response for 12 s (refused)" in rendered(bar)[1]
    bar.trouble(None)
    assert "attempt 2" in rendered(bar)[1]


def test_a_pipe_gets_no_bar() -> None:
    assert isinstance(progress_view(console(terminal=False)), LinesView)
    assert isinstance(progress_view(console(terminal=True)), BarView)


ELRA: dict[str, Any] = {
    "name": "Elra",
    "role": "smuggler",
    "age": 31,
    "description": "She knows every cellar of the drowned city, and who is buried there.",
    "traits": ["wry", "patient"],
    "deeds": ["She opened the ninth gate alone.", "She closed it again."],
    "tone": None,
}


def test_a_card_fits_the_terminal() -> None:
    target = console(terminal=True, width=60)

    show_result(target, [ELRA])

    lines = output(target).splitlines()
    assert max(map(len, lines)) <= 60
    assert "Elra" in lines[0]
    assert "Role smuggler · Age 31" in lines[1]
    assert any("Traits  wry, patient" in line for line in lines)
    assert any("• She closed it again." in line for line in lines)
    assert "Tone" not in output(target)


def test_a_card_in_a_pipe_has_no_frame_and_whole_lines() -> None:
    target = console(terminal=False)

    show_result(target, [ELRA])

    lines = output(target).splitlines()
    assert lines[0] == "Elra"
    assert f"  Description  {ELRA['description']}" in lines
    assert not any(line.endswith(" ") for line in lines)


def test_a_world_is_printed_part_by_part() -> None:
    target = console(terminal=False)
    world = {
        "title": "Salt", "outline": {"premise": "It rains salt."}, "relics": [{"name": "Bell"}],
        "story": {"title": "The Bell", "chapters": [{"title": "One", "text": "First.\n\nThen."}]},
    }  # fmt: skip

    show_result(target, world)

    printed = output(target)
    for text in ("Salt", "== Outline ==", "It rains salt.", "== Relics ==", "Bell", "One", "Then."):
        assert text in printed


@pytest.mark.parametrize("result", ["text", 5, None, [], ["a", "b"], {}, [[1]]])
def test_any_result_can_be_printed(result: Any) -> None:
    for terminal in (True, False):
        show_result(console(terminal=terminal), result)


HOSTILE = "a\x1b]0;title\x07b\x1b[2Jc\u202ed\x9be\r[bold]f"


def test_model_text_cannot_control_the_terminal() -> None:
    """Given a model's text with escapes, a bidi override and markup / I expect plain letters."""
    target = console(terminal=True)

    show_result(target, [{"name": HOSTILE, HOSTILE: HOSTILE, "list": [HOSTILE]}])
    with LinesView(target) as lines:
        lines.update(at(20, HOSTILE))

    assert not set("\x1b\x07\x9b\u202e\r") & set(output(target))
    assert "[bold]f" in output(target)


def test_field_names_are_printed_as_words() -> None:
    assert label("current_state") == "Current state"
    assert plain("zero\u200dwidth joiners stay") == "zero\u200dwidth joiners stay"


def test_the_end_of_the_running_text_is_below_the_bar() -> None:
    """Given a text that grows / I expect its end, in one line, and nothing of it after the end."""
    target = console(terminal=True)
    text = "Once upon a time\n" + "x" * 300 + " there was a bell"
    with BarView(target) as bar:
        bar.update(at(40, partial_result={"text": text, "items": []}))
    running = output(target)
    target = console(terminal=True)
    with BarView(target) as bar:
        bar.update(at(100, "Done", status="completed", partial_result={"text": text}))

    assert "there was a bell" in running
    assert "Once upon" not in running
    assert "there was a bell" not in output(target)
