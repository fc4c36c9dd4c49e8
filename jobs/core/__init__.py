"""What a job is: status, record, events, errors, settings, backoff.

Knows no Redis, no HTTP, no gRPC, and no other package of Loresmith.
"""
