"""Rules of the resources: submission, listing, pricing, budgets, statistics, the response cache.

Declares no routes and starts no threads.
"""
