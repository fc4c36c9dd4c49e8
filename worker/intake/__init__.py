"""How jobs reach a worker: the RQ queue consumer, and the fetcher that claims them.

Running them is the part of `worker.execution`.
"""
