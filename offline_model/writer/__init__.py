"""Reads a prompt and writes a text or a JSON value for it, from a grammar and word lists.

The same request gives the same answer; HTTP, timing and billing do not belong here.
"""
