"""Third-party servers behind Loresmith: what each honours, and two jobs on each.

A program, not a test: it installs the servers from the package registries, pinned with hashes, into
a folder of its own. `make servers` runs it.
"""
