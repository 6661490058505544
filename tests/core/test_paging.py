"""Lists that are shown a page at a time."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import make_registration, make_series, make_webinar
from webinars.core.paging import page_of
from webinars.registration.models import Registration
from webinars.schedule.models import Series

ORDERS = {
    "ascending": [Registration.name_key, Registration.id],
    "descending": [Registration.name_key.desc(), Registration.id.asc()],
    "worked out": [Registration.question.is_not(None), func.lower(Registration.name).desc(), Registration.id],
}


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


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("per_page", [1, 2, 3, 7, 10])
def test_last_pages_are_read_from_the_end_and_hold_what_follows(app: Flask, order: list[Any], per_page: int) -> None:
    webinar = make_webinar()
    for name in ("Ruth", "Bob", "Ann", "Ruth", "Zoe", "Ann", "Kim"):
        make_registration(webinar, name, email=f"{name}{webinar.confirmed_count}@example.org")
    names = select(Registration.name)
    whole = [page_of(names, order, number, per_page) for number in range(1, -(-7 // per_page) + 1)]
    assert [name for page in whole for name in page.items] == page_of(names, order, 1, 100).items
    assert page_of(names, order, 1000, per_page) == whole[-1]
