"""Lists about videos cost the same number of statements however long they are."""

import pytest

from tests.archive.samples import make_captioned
from tests.factories import NOW
from tests.support.pages import CheckedClient
from tests.support.queries import sent_queries
from webinars.archive.terms import service as terms
from webinars.core.database import db, transaction


def add_one_more(number: int) -> None:
    make_captioned(title=f"Talk {number}")
    with transaction():
        terms.save_term(None, {"language": "en", "spelling": f"term {number}", "explanation": "A word."}, NOW)


def statements(staff: CheckedClient, path: str) -> int:
    db.session.remove()
    with sent_queries() as sent:
        staff.page(path)
    return len(sent)


@pytest.mark.parametrize("path", ["videos", "captions", "terms", "video-reviews", "video-numbers"])
def test_list_takes_the_same_number_of_queries_for_one_and_three(staff: CheckedClient, path: str) -> None:
    add_one_more(0)
    one = statements(staff, f"/staff/{path}")
    add_one_more(1)
    add_one_more(2)
    assert statements(staff, f"/staff/{path}") == one
