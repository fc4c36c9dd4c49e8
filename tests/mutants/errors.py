"""What can be wrong with a row of the table."""


class NoPlace(ValueError):
    """The row does not name exactly one place of the source."""
