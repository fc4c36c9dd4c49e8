"""The error of the supervisor."""


class SupervisorError(Exception):
    """The stack cannot run; the message names the cause and the remedy."""
