"""How long what came back is kept, and what a person may ask for."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests.factories import NOW, make_webinar
from tests.mail.inbound.samples import ALICE, sample
from tests.mail.inbound.support import LATER, arrives, came_back, invite, send_letter
from webinars.core.database import transaction
from webinars.registration.models import Registration
from webinars.site import privacy, retention


@pytest.fixture
def alice(app: Flask) -> Registration:
    place = invite(make_webinar())
    send_letter(place)
    return place


def enforce(now: datetime) -> None:
    with transaction():
        while retention.enforce(now):
            pass


def test_words_of_people_go_after_a_month_and_what_waits_still_waits(alice: Registration) -> None:
    arrives(sample("a-persons-answer"))
    arrives(sample("postfix-no-mailbox"))
    enforce(LATER + timedelta(days=29))
    assert came_back()[0].text != ""
    enforce(LATER + timedelta(days=31))
    letter, bounce = came_back()
    assert (letter.sender, letter.title, letter.text, letter.handled_at) == ("", "", "", None)
    assert (letter.subject, bounce.subject) == (alice.subject, alice.subject)


def test_rest_goes_with_the_registration(alice: Registration) -> None:
    arrives(sample("postfix-no-mailbox"))
    arrives(sample("a-persons-answer", ("5f1d0c7a9be84c02a6d3f4e1b2c3d4e5", "0" * 32)))
    enforce(LATER + timedelta(days=91))
    assert [one.subject for one in came_back()] == [alice.subject], "a stranger's goes by itself"
    enforce(NOW + timedelta(days=120))
    assert came_back() == []


def test_person_gets_all_that_came_back_from_them(alice: Registration) -> None:
    arrives(sample("thunderbird-declines"))
    arrives(sample("a-persons-answer", ("5f1d0c7a9be84c02a6d3f4e1b2c3d4e5", "0" * 32)))
    held = privacy.held(ALICE)
    (place,) = held["registrations"]
    assert place["partstat"] == "DECLINED"
    assert [one["kind"] for one in place["came_back"]] == ["calendar-reply"]
    assert ["captions" in one["text"] for one in held["came_back_without_registration"]] == [True]


def test_erasure_takes_what_came_back_with_it(alice: Registration) -> None:
    arrives(sample("thunderbird-declines"))
    arrives(sample("a-persons-answer", ("5f1d0c7a9be84c02a6d3f4e1b2c3d4e5", "0" * 32)))
    arrives(sample("a-persons-answer", (ALICE, "bob@example.org"), ("5f1d0c7a9be84c02a6d3f4e1b2c3d4e5", "1" * 32)))
    with transaction():
        erased = privacy.erase(ALICE, LATER)
    assert erased.came_back == 2
    assert [one.sender for one in came_back()] == ["bob@example.org"]
