"""Writes values that are valid for any JSON Schema (draft 2020-12)."""
