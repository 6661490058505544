from datetime import timedelta

import pytest

from tests.factories import NOW, make_registration, make_webinar
from tests.support.queries import sent_queries
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


def owe_again_and_send(place, request_id, now=NOW):
    """Owe the letter once more; what is due has left before the next is asked for."""
    owe(owed.owe_again, place, request_id, now)
    with transaction():
        for message in messages():
            if message.state == "pending" and message.next_attempt_at <= now:
                message.state, message.sent_at = "sent", now


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
            owe_again_and_send(place, f"x{number}")
        assert len(messages()) == 5
        assert sorted(m.next_attempt_at - NOW for m in messages())[:4] == [timedelta(0)] * 3 + [timedelta(hours=1)]
        owe(owed.owe_again, place, "staff", NOW, by="staff")
        owe(owed.owe_own_cancellation, place, NOW)
        assert len(messages()) == 7
        db.session.remove()


def turns(places, now=NOW):
    """Owe the confirmation of each; give how long each waits, in minutes."""
    for place in places:
        owe(owed.owe_confirmation, place, now)
    db.session.expire_all()
    sent = {message.subject: message.next_attempt_at for message in messages()}
    return [round((sent[place.subject] - now).total_seconds() / 60) for place in places]


def test_who_registers_for_five_webinars_has_each_letter_before_its_webinar_starts(make_app):
    with make_app(ratelimit_enabled=True).app_context():
        far = [make_registration(make_webinar(slug=f"far-{number}"), "Alice") for number in range(3)]
        soon, later = timedelta(minutes=100), timedelta(minutes=140)
        near = [
            make_registration(make_webinar(slug=f"in-{starts_in}", starts_in=starts_in), "Alice")
            for starts_in in (soon, later)
        ]
        assert turns([*far, *near]) == [0, 0, 0, 0, 60], "80 minutes before the start is time enough"
        db.session.remove()


def test_letter_of_a_webinar_that_starts_tomorrow_morning_does_not_wait_until_tomorrow_noon(make_app):
    with make_app(ratelimit_enabled=True).app_context():
        places = [make_registration(make_webinar(slug=f"w-{number}"), "Alice") for number in range(5)]
        turns(places)
        tomorrow = make_registration(make_webinar(slug="tomorrow", starts_in=timedelta(hours=20)), "Alice")
        next_week = make_registration(make_webinar(slug="next-week", starts_in=timedelta(days=7)), "Alice")
        assert turns([tomorrow, next_week]) == [0, 24 * 60]
        db.session.remove()


def test_who_waits_for_a_recording_is_not_written_to_before_the_turn(make_app):
    with make_app(ratelimit_enabled=True).app_context():
        turns([make_registration(make_webinar(slug=f"w-{number}"), "Alice") for number in range(3)])
        webinar = make_webinar(slug="soon", starts_in=timedelta(minutes=30))
        place = make_registration(webinar, "Alice", state="recording-only", mode="recording")
        owe(owed.owe_recording_place, place, NOW)
        assert messages()[-1].next_attempt_at == NOW + timedelta(hours=1)
        db.session.remove()


def test_letter_once_more_goes_at_once_when_the_webinar_starts_soon(make_app):
    with make_app(ratelimit_enabled=True).app_context():
        place = make_registration(make_webinar(starts_in=timedelta(hours=1)), "Alice")
        for number in range(20):
            owe_again_and_send(place, f"x{number}")
        assert [message.next_attempt_at for message in messages()] == [NOW] * 12, "and a mailbox is not flooded"
        db.session.remove()


def test_who_got_several_letters_and_asks_for_the_links_has_them_at_once(make_app):
    with make_app(ratelimit_enabled=True).app_context():
        turns([make_registration(make_webinar(slug=f"w-{number}"), "Alice") for number in range(3)])
        for request in ("first", "second"):
            with transaction():
                owed.owe_link("alice@example.org", request, NOW)
        asked = [message.next_attempt_at for message in messages() if message.notice == "link"]
        assert asked == [NOW, NOW + timedelta(hours=1)]
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
    with sent_queries() as statements, transaction():
        owed.note_told(sent)
    assert len([statement for statement in statements if statement.startswith("UPDATE")]) == 1
    db.session.expire_all()
    assert {(one.told_sequence, one.entry_sequence) for one in people} == {(1, 1)}


def test_letter_that_puts_a_calendar_right_is_never_held_back(make_app):
    with make_app(ratelimit_enabled=True).app_context():
        place = make_registration(make_webinar(), "Alice", entry_sequence=0)
        for number in range(5):
            owe_again_and_send(place, f"x{number}")
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
