"""Each crash point names a function that exists."""

from importlib import import_module

import pytest

from tests.crash_hook.sitecustomize import POINTS


@pytest.mark.parametrize("name", POINTS)
def test_a_crash_point_names_a_function(name: str) -> None:
    point = POINTS[name]
    owner, function = point.function.split(".")

    assert callable(getattr(getattr(import_module(point.module), owner), function))
