"""The line between a real Chromium and the api is cut, and nothing is lost or bought twice."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.browser.cuts import CUTS, play
from tests.browser.line import Line, line
from tests.browser.visitor import Visitor
from tests.stack import Stack


@pytest.fixture
def cuttable(system: Stack) -> Iterator[Line]:
    with line(system.api_port) as running:
        yield running


@pytest.mark.parametrize("name", CUTS)
def test_the_line_is_cut(visitor: Visitor, cuttable: Line, name: str) -> None:
    """Given a cut at this point / I expect one job, one purchase, and the result in the page."""
    play(name, visitor, cuttable, f"cut-{uuid4().hex[:8]}")
