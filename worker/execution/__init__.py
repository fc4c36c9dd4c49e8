"""Runs claimed jobs: the thread pool, one attempt, its context, the retry policy.

No Redis command and no gRPC call is made here.
"""
