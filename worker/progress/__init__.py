"""Progress of running jobs: the tracker, buffered events, the heartbeat thread.

The stores of `worker.adapters` write it; what runs the jobs is in `worker.execution`.
"""
