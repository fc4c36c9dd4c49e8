"""The worker: an RQ worker class that runs hundreds of jobs at once on threads of one process.

Started by `rq worker -w worker.LoreWorker lore` or `python -m worker`.
"""

from worker.rq_worker import LoreWorker

__all__ = ["LoreWorker"]
