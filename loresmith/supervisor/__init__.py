"""Runs a whole stack on this machine as child processes: start, restart, stop, logs.

Imports `jobs.core` (settings) and no other package of Loresmith: it starts the servers by name.
"""
