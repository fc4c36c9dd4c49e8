"""Models of requests and responses, and the JSON representation of a job.

/openapi.json is built from the models. Reads no store.
"""
