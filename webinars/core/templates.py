"""How templates find what every page may call."""

from collections.abc import MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment


class PageEnvironment(Environment):
    """Gives each template the functions of all pages in one plain dictionary.

    The library chains two, and compares them name by name at every import of a macro: a twentieth of what a page costs.
    """

    def make_globals(self, own: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Give a template its globals, as they are when it is loaded."""
        return {**self.globals, **(own or {})}


def init_templates(app: Flask) -> None:
    """Let the application make its templates so; before anything else asks for them."""
    app.jinja_environment = PageEnvironment
