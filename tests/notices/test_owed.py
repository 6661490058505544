from datetime import timedelta

import pytest

from tests.factories import NOW, make_registration, make_webinar
from webinars.core.database import db, transaction
from webinars.mail.letters import Letter, plain
from webinars.mail.models import Message
from webinars.notices import owed
from webinars.registration.models import Registration


def messages() -> list[Message]:
    return list(db.session.query(Message).order_by(Message.id))


def owe(function, place, *args, **more):
    with transaction():
        function(db.session.get(Registration, place.id), *args, **more)


@pytest.fixture
def place(app):
    return make_registration(make_webinar(), "Alice")


def test_confirmation_is_owed_once_for_each_change_of_state(place):
    owe(owed.owe_confirmation, place, NOW)
    owe(owed.owe_confirmation, place, NOW)
    place.state_changes = 3
    db.session.commit()
    owe(owed.owe_confirmation, place, NOW)
    assert [(m.notice, m.subject, m.occasion) for m in messages()] == [
        ("confirmation", f"r{place.id}", "1"),
        ("confirmation", f"r{place.id}", "3"),
    ]


def test_answer_goes_out_before_mailings_and_not_after_the_webinar(place):
    owe(owed.owe_waiting, place, NOW)
    [message] = messages()
    assert (message.lane, message.about, message.not_after) == ("a", f"w{place.webinar_id}", place.webinar.ends_at)


def test_person_without_an_address_is_owed_nothing(app):
    place = make_registration(make_webinar(), "Nobody", email=None)
    owe(owed.owe_confirmation, place, NOW)
    owe(owed.owe_own_cancellation, place, NOW)
    assert messages() == []


def test_only_visitors_requests_count_for_an_address(place):
    owe(owed.owe_confirmation, place, NOW)
    owe(owed.owe_promotion, place, NOW)
    owe(owed.owe_own_cancellation, place, NOW)
    owe(owed.owe_again, place, "x1", NOW, by="staff")
    counted = {message.notice: message.address_key for message in messages()}
    assert counted["confirmation"] == owed.address_key("alice@example.org")
    assert {counted[notice] for notice in ("promoted", "own-cancellation", "repeated")} == {None}


def test_flooded_address_gets_no_more_letters_by_visitors_but_all_others(make_app):
    app = make_app(ratelimit_enabled=True)
    with app.app_context():
        place = make_registration(make_webinar(), "Alice")
        for number in range(9):
            owe(owed.owe_again, place, f"x{number}", NOW)
        assert len(messages()) == 5
        assert sorted(m.next_attempt_at - NOW for m in messages())[:4] == [timedelta(0)] * 3 + [timedelta(hours=1)]
        owe(owed.owe_again, place, "staff", NOW, by="staff")
        owe(owed.owe_own_cancellation, place, NOW)
        assert len(messages()) == 7
        db.session.remove()


def test_links_are_owed_to_known_and_unknown_addresses_alike(place):
    with transaction():
        owed.owe_link("Alice@Example.org", "q1", NOW)
        owed.owe_link("stranger@example.org", "q2", NOW)
    known, unknown = messages()
    assert known.subject == f"a{owed.address_key('alice@example.org')}" and known.payload == {
        "address": "Alice@Example.org"
    }
    assert unknown.subject != known.subject and "example" not in known.subject
    assert known.not_after == unknown.not_after == NOW + timedelta(days=1)


def test_what_was_told_only_grows(place):
    message = Message(subject=f"r{place.id}")
    for told, expected in ((2, 2), (1, 2), (None, 2), (5, 5)):
        with transaction():
            owed.note_told([(message, Letter("a@example.org", "S", "S", plain("T"), told_sequence=told))])
        db.session.expire_all()
        assert db.session.get(Registration, place.id).told_sequence == expected
