"""HTTP in, HTTP out: accepts jobs, answers about them. Starlette on uvicorn.

Knows no RQ, no provider and no database driver; what it asks of Redis goes through `api.store`.
"""
