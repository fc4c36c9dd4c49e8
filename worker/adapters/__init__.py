"""The worker's connections to Redis, RQ's registries and the archive.

Nothing is decided here.
"""
