"""Background work of an api process: enqueueing, reconciling, archiving.

Handles no requests.
"""
