"""The HTTP api: accepts jobs, reports on them and streams their events. Starlette on uvicorn.

Uses no RQ, no provider and no database driver; it changes jobs through `api.services.job_store`.
"""
