"""The OpenAPI document and the HTML reference, built from the decorated handlers.

Models are in `api.schemas`.
"""
