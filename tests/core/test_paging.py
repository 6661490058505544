"""Lists a page at a time: the same rows in the same order, wherever in the list one looks."""

import pytest
from sqlalchemy import func, select

from tests.factories import make_registration, make_webinar
from webinars.core.paging import page_of
from webinars.registration.models import Registration

ORDERS = {
    "ascending": [Registration.name_key, Registration.id],
    "descending": [Registration.name_key.desc(), Registration.id.asc()],
    "worked out": [Registration.question.is_not(None), func.lower(Registration.name).desc(), Registration.id],
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("per_page", [1, 2, 3, 7, 10])
def test_pages_put_together_are_the_list_though_the_last_ones_are_read_from_the_end(app, order, per_page):
    webinar = make_webinar()
    for name in ("Ruth", "Bob", "Ann", "Ruth", "Zoe", "Ann", "Kim"):
        make_registration(webinar, name, email=f"{name}{webinar.confirmed_count}@example.org")
    names = select(Registration.name)
    whole = [page_of(names, order, number, per_page) for number in range(1, -(-7 // per_page) + 1)]
    assert [name for page in whole for name in page.items] == page_of(names, order, 1, 100).items
    assert page_of(names, order, 1000, per_page) == whole[-1]
