"""OpenAI's own HTTP below /v1, on the same jobs: requests, answers, streams and their routes.

What a request may say is in `jobs.types.builtin`; errors are in `api.http.openai_errors`.
"""
