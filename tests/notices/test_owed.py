from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.factories import NOW, make_registration, make_webinar
from webinars.core.database import db, transaction
from webinars.mail.letters import Sent
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
            owed.note_told([Sent(message.subject, (told, None, False))])
        db.session.expire_all()
        assert db.session.get(Registration, place.id).told_sequence == expected


# --- what calendars hold --------------------------------------------------------------------------------------------


def note(place, *receipts):
    with transaction():
        owed.note_told([Sent(f"r{place.id}", receipt) for receipt in receipts])
    db.session.expire_all()
    found = db.session.get(Registration, place.id)
    return found.told_sequence, found.entry_sequence, found.entry_withdrawn


def test_what_a_calendar_holds_is_noted_with_the_letter(place):
    assert note(place, (0, 0, False)) == (0, 0, False)
    assert note(place, (2, 3, False)) == (2, 3, False)
    assert note(place, (None, 4, True)) == (2, 4, True), "an own cancellation tells nothing about the webinar"
    assert note(place, (3, None, False)) == (3, 4, True), "a letter to who waits leaves the calendar alone"
    assert note(place, (3, 5, False)) == (3, 5, False), "they are back"


def test_letter_that_was_overtaken_takes_nothing_back(place):
    assert note(place, (4, 6, True), (3, 5, False)) == (4, 6, True)
    assert note(place, (5, 6, False)) == (5, 6, True), "the same SEQUENCE again changes nothing"


def test_letters_alike_are_noted_in_one_statement(place):
    people = [make_registration(place.webinar, f"P{number}") for number in range(20)]
    sent = [Sent(one.subject, (1, 1, False)) for one in people] + [Sent("a0123", (None, None, False))]
    db.session.commit()
    statements = []

    def listen(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    with transaction():
        owed.note_told(sent)
    event.remove(db.engine, "before_cursor_execute", listen)
    assert len([statement for statement in statements if statement.startswith("UPDATE")]) == 1
    db.session.expire_all()
    assert {(one.told_sequence, one.entry_sequence) for one in people} == {(1, 1)}


def test_letter_that_puts_a_calendar_right_is_never_held_back(make_app):
    with make_app(ratelimit_enabled=True).app_context():
        place = make_registration(make_webinar(), "Alice", entry_sequence=0)
        for number in range(5):
            owe(owed.owe_again, place, f"x{number}", NOW)
        assert len(messages()) == 5
        owe(owed.owe_again, place, "no more", NOW)
        assert len(messages()) == 5, "the same letter once more is not worth it"
        place.sequence_offset = 1
        db.session.commit()
        owe(owed.owe_again, place, "discreet now", NOW)
        owe(owed.owe_recording_place, place, NOW)
        assert [message.next_attempt_at for message in messages()[5:]] == [NOW, NOW]
        place.entry_withdrawn = True
        db.session.commit()
        owe(owed.owe_again, place, "nothing to mend", NOW)
        assert len(messages()) == 7
        db.session.remove()
