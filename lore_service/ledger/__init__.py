"""The call ledger: intents, settlements, and the journal for when Redis is away.

Knows nothing of calls in flight, providers or gRPC.
"""
