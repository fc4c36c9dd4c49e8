"""What a job type is, and the registry of all of them.

The shipped job types are in `builtin/`, one file each.
"""
