"""HTTP mechanics: problems, bodies, parameters, responses, middleware.

Knows nothing about jobs.
"""
