"""Route handlers: one file per resource, named after its URL.

A handler reads the request, calls a service and returns the response; rules are in `api.services`.
"""
