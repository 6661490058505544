"""Lists that are shown a page at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, UnaryExpression, func
from sqlalchemy.sql import operators

from webinars.core.database import db

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list, counted from 1; there is always at least one."""

    items: list[Item]
    total: int
    number: int
    pages: int


#: what is found so rarely is not looked for again
FEW = 500


def few_of(wanted: Select[int]) -> Sequence[int] | None:
    """Give the keys that a search finds, if they are few (one query).

    Whoever makes a page of them then need not search once more to count them, and once more in the order of the list.
    """
    found = db.session.scalars(wanted.limit(FEW + 1)).all()
    return found if len(found) <= FEW else None


def page_of(wanted: Select[Item], order: Iterable[Any], number: int, per_page: int) -> Page[Item]:
    """Give a page of what is selected, the last one for a number beyond it (two queries)."""
    # Without the columns go their eager joins: counting a million must not look up the parent of each.
    total = db.session.scalar(wanted.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    pages = pages_in(total, per_page)
    number = min(max(1, number), pages)
    skipped, order = (number - 1) * per_page, list(order)
    if skipped <= total // 2:
        some = wanted.order_by(*order).limit(per_page).offset(skipped)
        return Page(list(db.session.scalars(some)), total, number, pages)
    # The last of a million are reached from the end.
    left = total - skipped
    some = wanted.order_by(*map(_turned, order)).limit(min(per_page, left)).offset(max(0, left - per_page))
    return Page(list(db.session.scalars(some))[::-1], total, number, pages)


def _turned(column: Any) -> Any:
    """Turn a column of an order round."""
    ascending = isinstance(column, UnaryExpression) and column.modifier is operators.desc_op
    plain = column.element if isinstance(column, UnaryExpression) and column.modifier else column
    return plain.asc() if ascending else plain.desc()


def pages_in(total: int, per_page: int) -> int:
    """Count the pages of a list, at least one."""
    return max(1, ceil(total / per_page))
