"""The flask commands, a few lines each."""

from flask import Flask


def init_commands(app: Flask) -> None:
    """Offer the commands."""
