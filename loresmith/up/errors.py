"""What keeps `loresmith up` from running: one error, whose message says what to do about it."""


class UpError(Exception):
    """It cannot run; the message names the cause and the cure."""
