"""Numbers in addresses: those that a row can have, and no others."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

from webinars.core.database import LARGEST_KEY


class RowNumber(IntegerConverter):
    """Takes the numbers of rows; an address with any other leads nowhere, and no database is asked for it."""

    regex = f"[0-9]{{1,{len(str(LARGEST_KEY))}}}"

    def __init__(self, url_map: Map, *args: Any, **given: Any) -> None:
        super().__init__(url_map, *args, **{"max": LARGEST_KEY} | given)


def init_numbering(app: Flask) -> None:
    """Let every ``<int:…>`` in an address be the number of a row."""
    app.url_map.converters["int"] = RowNumber
