"""Finds job types: in `builtin/`, in installed packages, and in files and folders of a user.

Importing a module runs its code, so a fault of it is reported by file and line.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from inspect import getsource
from pathlib import Path
from pkgutil import iter_modules
from traceback import extract_tb
from types import ModuleType
from typing import Any, TypeVar

from loresmith.jobs.types import builtin
from loresmith.jobs.types.base import JobType

T = TypeVar("T")

ENTRY_POINT_GROUP = "loresmith.job_types"
PACKAGE = "loresmith_job_types_{}"
"""The package of a user's folder, by its number, so that modules there can import each other."""
HELP = "see docs/adding-a-job-type.md"


class RegistryError(SystemExit):
    """The job types do not fit together; the message names the file and the remedy.

    It is raised while modules are imported: as a SystemExit it stops the process with this line,
    and without a traceback.
    """


@dataclass(frozen=True)
class LocatedJobType:
    """A job type, and where it is from."""

    job_type: JobType[Any]
    origin: str
    """For people: a file, or an entry point and its package."""
    source: str
    """The text of its module."""


def builtin_types() -> Iterator[LocatedJobType]:
    """Yields the shipped job types, one a file. Raises RegistryError."""
    for name in _module_names(builtin.__path__):
        origin = f"jobs/types/builtin/{name}.py"
        module = _run(partial(import_module, f"{builtin.__name__}.{name}"), origin)
        declared = list(_declared(module, origin))
        if len(declared) != 1 or declared[0].job_type.name != name:
            names = ", ".join(repr(each.job_type.name) for each in declared)
            raise RegistryError(
                f"{origin}: its JOB_TYPE is named {names}; a job type bears the name of its file, "
                "so that no two share one"
            )
        yield declared[0]


def installed_types() -> Iterator[LocatedJobType]:
    """Yields those of installed packages. Raises RegistryError."""
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda each: each.value):
        package = f" of {entry.dist.name}" if entry.dist else ""
        origin = f"the entry point {entry.name} = {entry.value}{package}"
        target = _run(entry.load, origin, _folder_of(entry))
        if isinstance(target, ModuleType):
            yield from _declared(target, origin)
        else:
            yield from _listed(target, origin, _source(sys.modules[entry.module]))


def types_at(path: Path, number: int) -> Iterator[LocatedJobType]:
    """Yields those of a user's file or folder, the `number`-th. Raises RegistryError."""
    if not path.exists():
        raise RegistryError(f"LORESMITH_JOB_TYPES: {path} is not there; name a file or a folder")
    folder, names = path, [path.stem]
    if path.is_dir():
        names = _module_names([str(path)])
    elif path.suffix == ".py":
        folder = path.parent
    else:
        raise RegistryError(f"LORESMITH_JOB_TYPES: {path} is not a Python file (.py) or a folder")
    if not names:
        raise RegistryError(f"LORESMITH_JOB_TYPES: the folder {path} has no Python file; {HELP}")
    package = PACKAGE.format(number)
    _add_package(package, folder)
    for name in names:
        origin = str(folder / f"{name}.py")
        module = _run(partial(import_module, f"{package}.{name}"), origin, folder)
        yield from _declared(module, origin)


def _module_names(folders: list[str]) -> list[str]:
    """Returns the modules there but helpers, whose names begin with an underscore."""
    names = (info.name for info in iter_modules(folders))
    return sorted(name for name in names if not name.startswith("_"))


def _add_package(name: str, folder: Path) -> None:
    """Makes a package of a folder, which needs no `__init__.py`; one that it has is run."""
    start = folder / "__init__.py"
    if not start.is_file():
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[name] = module_from_spec(spec)
        return
    file = spec_from_file_location(name, start, submodule_search_locations=[str(folder)])
    if file and file.loader:
        sys.modules[name] = module = module_from_spec(file)
        loader = file.loader
        _run(lambda: loader.exec_module(module), str(start), folder)


def _declared(module: ModuleType, origin: str) -> Iterator[LocatedJobType]:
    """Yields the JOB_TYPE or JOB_TYPES of a module."""
    declared = getattr(module, "JOB_TYPE", None) or getattr(module, "JOB_TYPES", None)
    if not declared:
        raise RegistryError(f"{origin} declares no JOB_TYPE; {HELP}")
    yield from _listed(declared, origin, _source(module))


def _listed(declared: Any, origin: str, source: str) -> Iterator[LocatedJobType]:
    several = declared if isinstance(declared, list | tuple) else [declared]
    for each in several:
        if not isinstance(each, JobType):
            raise RegistryError(
                f"{origin} declares no JOB_TYPE, but a {type(each).__name__}; {HELP}"
            )
        yield LocatedJobType(each, origin, source)


def _source(module: ModuleType) -> str:
    """Returns the text of a module; empty where it is not there, as in a compiled package."""
    try:
        return getsource(module)
    except (OSError, TypeError):
        return ""


def _folder_of(entry: EntryPoint) -> Path | None:
    try:
        spec = find_spec(entry.module)
    except Exception:  # its package does not load either, which is reported by the caller
        return None
    return Path(spec.origin).parent if spec and spec.origin else None


def _run(action: Callable[[], T], origin: str, folder: Path | None = None) -> T:
    """Runs code of a job type's author. Raises RegistryError with the line at fault."""
    try:
        return action()
    except RegistryError:
        raise
    except (Exception, SystemExit) as error:
        raise RegistryError(_fault(error, origin, folder)) from error


def _fault(error: BaseException, origin: str, folder: Path | None) -> str:
    """Returns one line: where, what, and what to do."""
    if isinstance(error, SyntaxError) and error.filename:
        where, remedy = f"{error.filename}, line {error.lineno}", "correct the file"
        return f"{where}: {type(error).__name__}: {error.msg}; {remedy}"
    remedy = "correct the file"
    if isinstance(error, ImportError):
        remedy = "install what it imports wherever api, worker and lore_service run"
    lines = [
        frame
        for frame in extract_tb(error.__traceback__)
        if folder and Path(frame.filename).is_relative_to(folder)
    ]
    where = f"{lines[-1].filename}, line {lines[-1].lineno}" if lines else origin
    text = " ".join(str(error).split())
    return f"{where}: {type(error).__name__}: {text}; {remedy}"
