"""What follows from what, in one place; every reaction runs inside the transaction of the deed."""


def connect_reactions() -> None:
    """Connect the rooms."""
