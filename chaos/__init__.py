"""Kills and pauses all processes at random moments, and checks from outside that nothing is lost.

See `python -m chaos --help` and docs/chaos.md.
"""
