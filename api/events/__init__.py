"""Job events on their way to clients: broadcaster, backlog, serializers, server-sent events.

The routes that stream them are in `api.handlers`.
"""
