"""The job types. One file, one type: every module here declares a KIND.

The folder is the list. A module without a KIND, or with one that is named otherwise than its file
(so no two share a name), stops every process at start-up.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from jobs.kind import Kind, Recipe


class CatalogueError(RuntimeError):
    """The job types do not fit together; the message names the file and the cure."""


def load() -> dict[str, Kind[Any]]:
    """The job types of this folder by name. Raises CatalogueError."""
    kinds: dict[str, Kind[Any]] = {}
    for module in sorted(info.name for info in iter_modules(__path__)):
        if module.startswith("_"):
            continue
        kind = getattr(import_module(f"{__name__}.{module}"), "KIND", None)
        if not isinstance(kind, Kind):
            raise CatalogueError(
                f"jobs/kinds/{module}.py declares no KIND; see docs/adding-a-job-type.md"
            )
        if kind.name != module:
            raise CatalogueError(
                f"jobs/kinds/{module}.py: its KIND is named {kind.name!r}; "
                "a job type bears the name of its file, so that no two share one"
            )
        kinds[kind.name] = kind
    return kinds


def recipes_of(kinds: dict[str, Kind[Any]]) -> dict[str, Recipe[Any, Any]]:
    """All that these job types bring along, by name. Raises CatalogueError."""
    recipes: dict[str, Recipe[Any, Any]] = {}
    for kind in kinds.values():
        for recipe in kind.recipes:
            if recipe.name in recipes:
                raise CatalogueError(f"two recipes are named {recipe.name!r}; choose another name")
            recipes[recipe.name] = recipe
    return recipes


KINDS = load()
"""Job types by name."""
RECIPES = recipes_of(KINDS)
"""Recipes by name: what the lore_service may be asked for."""
