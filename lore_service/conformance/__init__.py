"""What a provider's server honours of the parameters that we send: `loresmith doctor --provider`.

Sends a few real requests. A program of its own, which needs no Redis and no other process.
"""
