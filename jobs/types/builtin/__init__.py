"""The shipped job types: every module declares one JOB_TYPE, named as its file.

Helpers that several share begin with an underscore.
"""
