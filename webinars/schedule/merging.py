"""Merging what two people made of the same form: field by field, against what both began with.

Values are those of a form, as JSON can hold them: text, yes or no, a list of texts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_UNKNOWN = object()
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Merge:
    """What came of it, by names of fields: what only they changed, and what both changed differently."""

    taken: list[str]
    clashes: list[str]


def plain(value: Any) -> Any:
    """Give a value so that it can be compared: what saving would clean away tells no two values apart."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return [str(one) for one in value if one not in (None, "")] or ""
    return "" if value is None else "\n".join(str(value).splitlines()).strip()


def merge(base: Values, theirs: Values, mine: Values, together: Iterable[frozenset[str]] = ()) -> Merge:
    """Compare three versions of a form; of ``base`` parts may be unknown.

    Parameters: together, fields that mean something only together, such as a day and its time: if both people changed
    something of them, what differs clashes.
    """
    taken, clashes = [], []
    groups = {name: group for group in together for name in group}
    for name, value in mine.items():
        if name not in theirs or theirs[name] == value:
            continue
        group = groups.get(name, {name}) & mine.keys() & theirs.keys()
        if not any(mine[one] != base.get(one, _UNKNOWN) for one in group):
            taken.append(name)
        elif any(theirs[one] != base.get(one, _UNKNOWN) for one in group):
            clashes.append(name)
    return Merge(taken, clashes)
