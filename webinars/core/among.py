"""A condition on a list of values that is one parameter: the text of the statement is the same for any number of them.

With a placeholder for each value, reading and planning a statement anew for every batch costs more than running it.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, Boolean, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class among(FunctionElement[bool]):
    """Say whether a column has one of the values of the parameter with this name; its length is anybody's."""

    type = Boolean()
    inherit_cache = True
    name = "among"

    def __init__(self, column: InstrumentedAttribute[Any], parameter: str) -> None:
        """Take the column and the name of the parameter."""
        super().__init__(column, bindparam(parameter, type_=_Listed(column.type)))

    def self_group(self, against: Any = None) -> Any:
        """Stay as it is: SQLite uses no index for a condition that the library compares with 1."""
        return self


class _Listed(TypeDecorator[Collection[Any]]):
    """An array on PostgreSQL, a text of JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        self.item = item
        super().__init__()

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.item))

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return json.dumps(values) if dialect.name == "sqlite" else values


@compiles(among, "postgresql")
def _as_array(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(among, "sqlite")
def _as_json(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"
