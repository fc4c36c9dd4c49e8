"""Reads what providers answer, with tolerance: bytes, events, JSON, completions, errors.

Text is read first. No other field decides about it.
"""
