"""Jobs in Redis: keys, Lua scripts, the queue, pipelining, the reconciler, the server check.

Knows no HTTP and no gRPC; each process puts a store class of its own on top.
"""
