"""The worker: an RQ worker class that runs hundreds of jobs at once, each on its own thread.

Start it with `rq worker -w worker.LoreWorker lore` or `python -m worker`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loresmith.worker.rq_worker import LoreWorker
else:

    def __getattr__(name: str) -> Any:
        """Imports LoreWorker, and with it the job types, after `--job-types` is read (PEP 562)."""
        if name in __all__:
            from loresmith.worker.rq_worker import LoreWorker

            return LoreWorker
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["LoreWorker"]
