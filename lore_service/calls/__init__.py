"""Model calls in flight: the registry, the model call, its requests to the provider, its events.

Uses the ledger and the providers. Knows nothing of gRPC.
"""
