"""Reads pages quickly, and makes sure that browsers read the same in them.

A parser that repairs as browsers do tells what a form inside a form or a list inside a paragraph comes to, but takes
more time than all the rest of a test. What it repairs hangs on what stands in what, so it is asked once for each chain
of elements: a page that holds a new one must be the same to both.
"""

import re
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, Tag

from tests.support.kept import Lines

#: what the standard drops: the line end right behind these
_FIRST_LINE_END = re.compile(r"(<(?:textarea|pre)\b[^>]*>)\n", re.IGNORECASE)
#: chains such as /html/body/main/p, in which browsers were seen to read what is written
_proven = Lines("proven")


def read(html: str) -> BeautifulSoup:
    """Read a page, or a part of one; it fails where browsers would read another page than is written."""
    if not html.startswith("<!DOCTYPE"):
        return BeautifulSoup(html, "html5lib")
    html = _FIRST_LINE_END.sub(r"\1", html.replace("\r\n", "\n").replace("\r", "\n"))
    page = BeautifulSoup(html, "html.parser", on_duplicate_attribute=_given_twice, string_containers={})
    chains = _chains(page)
    if _proven.lacks(chains):
        written, understood = list(_pieces(page)), list(_pieces(BeautifulSoup(html, "html5lib")))
        for ours, theirs in zip(written, understood, strict=False):
            assert ours == theirs, f"written is {ours}, but browsers read {theirs}"
        assert len(written) == len(understood)
        _proven.add(chains)
    return page


def _given_twice(attributes: dict[str, Any], name: str, value: str | None) -> None:
    raise AssertionError(f"an attribute is given twice: {name}")


def _chains(page: BeautifulSoup) -> set[str]:
    """List what stands in what; words count as an element without a name."""
    found: set[str] = set()
    left: list[tuple[str, Tag]] = [("", page)]
    while left:
        chain, tag = left.pop()
        for child in tag.contents:
            if isinstance(child, Tag):
                left.append((f"{chain}/{child.name}", child))
                found.add(left[-1][0])
            elif not child.isspace():
                found.add(chain + "/")
    return found


def _pieces(tag: Tag, depth: int = 0) -> Iterator[tuple[int, str, object]]:
    """Give elements with their attributes, and words, each with its depth; white space between elements is left out."""
    for child in tag.contents:
        if isinstance(child, Tag):
            yield depth, child.name, {name.lower(): value for name, value in child.attrs.items()}
            yield from _pieces(child, depth + 1)
        elif not child.isspace():
            yield depth, type(child).__name__, child.strip()
