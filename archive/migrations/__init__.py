"""How the tables came to be, one file a change.

A new one: copy the newest file of `versions/`, number it on, and change `archive/tables.py` with
it; the tests hold the two together, upward and downward, on both databases. `archive.migrate(url)`
runs them.
"""
