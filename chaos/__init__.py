"""Kills and pauses everything at random moments, and checks from outside that nothing was lost.

`python -m chaos --help`; the promise it holds the system to is docs/paid-once.md.
"""
