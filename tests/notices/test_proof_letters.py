"""Nothing but the letter that asks for it goes to an address that has to be proven first."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_registration, make_series, make_video, make_webinar
from tests.notices.announcing import draft, reach, sent_off
from webinars.core.database import db, transaction
from webinars.core.text import random_id
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Message
from webinars.notices import owed, queries
from webinars.notices.announcement_queries import Reach
from webinars.notices.derive import derive_due
from webinars.notices.kinds import Notice, Reason
from webinars.notices.prepare import prepare
from webinars.notices.timeline import Outlook, newcomer, newcomers_timeline, timeline
from webinars.notices.timeline_queries import find_prospect
from webinars.notices.timeline_words import item_words
from webinars.registration import events
from webinars.registration import queries as registrations
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar
from webinars.schedule.service import cancel_webinar, edit_webinar, move_webinar

UNTIL = NOW + timedelta(hours=24)
LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture
def webinar(app):
    return make_webinar(make_series(), capacity=9)


def held(webinar, name="Alice", **fields):
    given = {"proof_until": UNTIL, "told_sequence": 0, "now": LONG_AGO} | fields
    return make_registration(webinar, name, **given)


def derived(now):
    """List (notice, subject) of what falls due."""
    with transaction():
        derive_due(now)
    return [(one.notice, one.subject) for one in db.session.query(Message).order_by(Message.id)]


def change(webinar, deed, *arguments, **more):
    with transaction() as session:
        deed(session.get_one(Webinar, webinar.id), *arguments, **more)


def move(webinar):
    change(webinar, move_webinar, webinar.local_start + timedelta(days=1), now=NOW)


def retitle(webinar):
    change(webinar, edit_webinar, {"title": "Another title"}, NOW)


def call_off(webinar):
    change(webinar, cancel_webinar, "The speaker is ill", now=NOW)


def publish_the_recording(webinar):
    make_video(webinar)


@pytest.mark.parametrize(
    ("happens", "notice", "at"),
    [
        (lambda webinar: None, "reminder", timedelta(days=9)),
        (move, "moved", timedelta()),
        (retitle, "changed", timedelta()),
        (call_off, "cancelled", timedelta()),
        (publish_the_recording, "recording-ready", timedelta()),
    ],
)
def test_what_goes_to_everybody_goes_to_nobody_who_is_held(webinar, happens, notice, at):
    held(webinar, "Alice")
    bob = make_registration(webinar, "Bob", now=LONG_AGO, told_sequence=0)
    happens(webinar)
    assert derived(NOW + at) == [(notice, bob.subject)]
    assert queries.count_reached(webinar.id) == registrations.count_invited(webinar.id) == 1


def test_announcements_reach_nobody_who_is_held(webinar):
    held(webinar, "Alice")
    bob = make_registration(webinar, "Bob", now=LONG_AGO)
    assert reach(draft(webinar)) == Reach(people=1, without_address=0, left=0, bounced=0)
    sent_off(webinar)
    assert [one.subject for one in db.session.query(Message)] == [bob.subject]


def test_an_announcement_goes_to_the_ordinary_place_of_an_address_and_speaks_of_that(webinar):
    plain = make_registration(webinar, "Alice", now=LONG_AGO)
    held(make_webinar(webinar.series), "Alice")
    sent_off(webinar.series)
    [letter] = db.session.query(Message).all()
    assert letter.subject == plain.subject
    assert isinstance(prepare([letter], NOW)[0](), Letter)


DEEDS = {
    "promoted": events.place_promoted,
    "cancelled": events.place_cancelled,
    "confirmed": events.place_confirmed,
}


@pytest.mark.parametrize("happened", DEEDS)
def test_no_deed_causes_another_letter_than_the_one(webinar, happened):
    place = held(webinar)
    with transaction() as session:
        more = {"quiet": False} if happened == "confirmed" else {}
        DEEDS[happened].send(session.get_one(Registration, place.id), now=NOW, by="webinar", **more)
    assert db.session.query(Message).all() == []


def owe(place, notice, occasion="1"):
    with transaction() as session:
        one = session.get_one(Registration, place.id)
        if notice is Notice.REPEATED:
            owed.owe_again(one, random_id(), NOW)
        else:
            owed.owe_proof(one, NOW)
    return db.session.query(Message).order_by(Message.id.desc()).first()


@pytest.mark.parametrize("notice", [Notice.PROOF, Notice.REPEATED])
@pytest.mark.parametrize("state", ["confirmed", "waitlisted", "recording-only"])
def test_the_one_letter_holds_the_button_and_no_way_in(webinar, state, notice):
    place = held(webinar, "Alice", state=state)
    letter = prepare([owe(place, notice)], NOW)[0]()
    assert isinstance(letter, Letter) and letter.calendar is None
    for part in map(str, (letter.text, letter.html, letter.subject)):
        assert "/join" not in part and "calendar.ics" not in part and "4471" not in part and "Alice" not in part
    assert "press" in str(letter.text) and "Monday 23 November" in str(letter.text)
    assert f"/r/{place.public_id}" in str(letter.text)
    assert letter.subject.startswith("Please confirm: ")


def test_the_letter_does_not_go_once_it_has_nothing_to_ask(webinar):
    place = held(webinar)
    letter = owe(place, Notice.PROOF)
    place.proof_until = None
    db.session.commit()
    assert prepare([letter], NOW)[0]() == NotSent(Reason.STATE_CHANGED)


def test_a_letter_written_for_an_ordinary_place_does_not_go_to_one_that_is_held(webinar):
    place = held(webinar, proof_until=None)
    with transaction() as session:
        owed.owe_confirmation(session.get_one(Registration, place.id), NOW, by="staff")
    place.proof_until = UNTIL
    db.session.commit()
    assert prepare(db.session.query(Message).all(), NOW)[0]() == NotSent(Reason.NOT_PROVEN)


def test_the_letter_of_links_says_what_is_not_certain(webinar):
    held(webinar)
    with transaction():
        owed.owe_link("alice@example.org", random_id(), NOW)
    letter = prepare(db.session.query(Message).all(), NOW)[0]()
    assert isinstance(letter, Letter) and "Held, not confirmed" in str(letter.text)


def test_a_discreet_letter_names_nothing(webinar):
    letter = prepare([owe(held(webinar, discreet=True), Notice.PROOF)], NOW)[0]()
    assert isinstance(letter, Letter)
    whole = f"{letter.subject} {letter.text} {letter.html}"
    assert webinar.title not in whole and letter.subject.startswith("Please confirm: your appointment")


def test_timeline_of_who_is_held_names_what_comes_only_after_the_button(webinar):
    items = timeline(find_prospect(held(webinar), None), NOW)
    assert [(item.notice, item.outlook) for item in items] == [
        *[(Notice.REMINDER, Outlook.IF_PROVEN)] * 3,
        (Notice.RECORDING_READY, Outlook.IF_PROVEN),
    ]
    assert item_words(items[0]) == "Only once they press the button in the letter that asks for it."


def test_timeline_of_a_newcomer_begins_with_the_question(webinar):
    webinar.require_proof = True
    db.session.commit()
    prospect = newcomer(webinar, NOW, None, zone="UTC", language="en", mode="live")
    first, second, *_ = newcomers_timeline(prospect, NOW)
    assert (first.notice, first.outlook) == (Notice.PROOF, Outlook.COMES)
    assert (second.notice, second.outlook) == (Notice.CONFIRMATION, Outlook.IF_PROVEN)
