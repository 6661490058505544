"""Lists that are shown a page at a time."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_series
from webinars.core.paging import page_of
from webinars.schedule.models import Series


@pytest.mark.parametrize(
    ("asked", "number", "titles"),
    [(-1, 1, ["A", "B"]), (1, 1, ["A", "B"]), (3, 3, ["E"]), (10**30, 3, ["E"])],
)
def test_page_beyond_either_end_is_the_nearest(app: Flask, asked: int, number: int, titles: list[str]) -> None:
    for title in "ABCDE":
        make_series(title=title)
    page = page_of(select(Series), [Series.title], asked, 2)
    assert ([one.title for one in page.items], page.total, page.number, page.pages) == (titles, 5, number, 3)


def test_empty_list_has_one_page(app: Flask) -> None:
    page = page_of(select(Series), [Series.title], 7, 2)
    assert (page.items, page.total, page.number, page.pages) == ([], 0, 1, 1)
