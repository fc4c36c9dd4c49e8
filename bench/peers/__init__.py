"""The strongest peers, each in its documented production form, for bench/concurrency.

Their jobs only sleep; ours go through the gRPC service and the model's HTTP. Each peer lives in a
virtual environment of its own, because they conflict on redis-py; bench/concurrency makes them.
A peer is a module with PACKAGES, `worker(jobs)` (its command line) and `enqueue(jobs, seconds)`.
"""
