"""Letters that somebody asked for: of links, and once more."""

import pytest

from tests.factories import NOW, make_registration, make_webinar
from tests.notices.test_prepare import LONG_AGO, do, letter, pending
from webinars.core.database import db, transaction
from webinars.mail.letters import NotSent
from webinars.notices import owed
from webinars.notices.kinds import Reason


@pytest.fixture
def alice(app):
    return make_registration(make_webinar(), "Alice Archer", now=LONG_AGO)


def test_letter_of_links_lists_the_places_of_an_address(alice):
    other = make_registration(make_webinar(title="Another day"), "Bob", email="ALICE.archer@example.org")
    make_registration(alice.webinar, "Charlie")
    with transaction():
        owed.owe_link(alice.email.upper(), "q", NOW)
    made = letter("link")
    assert (
        str(made.text).count("/r/") == 2 and "Another day" in str(made.text) and alice.webinar.title in str(made.text)
    )
    assert "A. (reference" in str(made.text) and "B. (reference" in str(made.text)
    assert (
        made.to_address.lower() == alice.email == other.email.lower()
        and made.calendar is None
        and "/my/" in str(made.text)
    )


def test_stranger_gets_no_letter_of_links(app):
    with transaction():
        owed.owe_link("stranger@example.org", "q", NOW)
    assert pending("link") == NotSent(Reason.NOTHING_TO_SHOW)


def test_repeated_letter_is_that_of_the_present_state(alice):
    do(owed.owe_again, alice, "x", NOW)
    assert letter("repeated").subject.startswith("Your place is saved")
    alice.state, alice.line_number = "waitlisted", 1
    db.session.commit()
    assert letter("repeated").subject.startswith("You are on the waiting list")
