"""Model providers: requests through the openai SDK, usage, prices, errors.

Knows nothing of the ledger or gRPC. No other package imports openai.
"""
