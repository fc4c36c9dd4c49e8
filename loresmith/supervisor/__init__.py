"""Runs a whole stack on this machine as child processes: start, restart, stop, logs.

Imports `jobs.core` (settings) and nothing else of ours: it starts the servers by name.
"""
