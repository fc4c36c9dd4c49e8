"""The worker: an RQ worker class that runs hundreds of jobs at once, each on its own thread.

Start it with `rq worker -w worker.LoreWorker lore` or `python -m worker`.
"""

from loresmith.worker.rq_worker import LoreWorker

__all__ = ["LoreWorker"]
