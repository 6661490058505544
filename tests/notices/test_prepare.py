"""Letters made from the database as it is when their turn comes."""

import re
from datetime import timedelta

import icalendar
import pytest

from tests.factories import NOW, make_registration, make_series, make_video, make_webinar
from tests.support.queries import count_queries
from webinars.core.database import db, transaction
from webinars.mail.letters import Letter, NotSent, Sent
from webinars.mail.limits import note_proven
from webinars.mail.models import Address, Message, MessageState
from webinars.notices import owed
from webinars.notices.derive import derive_due
from webinars.notices.kinds import Reason
from webinars.notices.prepare import prepare
from webinars.registration import erasure, service
from webinars.registration.models import Registration

LONG_AGO = NOW - timedelta(days=30)


def pending(notice: str, now=NOW) -> Letter | NotSent:
    """Prepare the newest letter of a kind."""
    message = db.session.query(Message).filter_by(notice=notice).order_by(Message.id.desc()).first()
    assert message is not None, notice
    answer = prepare([message], now)[0]()
    db.session.rollback()
    return answer


def letter(notice: str, now=NOW) -> Letter:
    answer = pending(notice, now)
    assert isinstance(answer, Letter), answer
    return answer


def entry(made: Letter) -> icalendar.Event:
    assert made.calendar is not None
    calendar = icalendar.Calendar.from_ical(made.calendar.ics)
    assert calendar["METHOD"] == made.calendar.method
    return calendar.events[0]


def everything(made: Letter) -> str:
    ics = made.calendar.ics.decode().replace("\r\n ", "") if made.calendar else ""
    return "\n".join((made.sender_name, made.subject, str(made.text), str(made.html or ""), ics, repr(made.headers)))


def tell(made: Letter, place: Registration) -> None:
    with transaction():
        owed.note_told([Sent(f"r{place.id}", made.receipt)])


def do(deed, place, *args, **more):
    with transaction():
        deed(db.session.get(Registration, place.id), *args, **more)


@pytest.fixture
def webinar(app):
    return make_webinar()


@pytest.fixture
def alice(webinar):
    return make_registration(webinar, "Alice Archer", now=LONG_AGO)


def test_confirmation_invites_to_the_persons_own_entry(alice):
    do(owed.owe_confirmation, alice, NOW)
    made = letter("confirmation")
    event_ = entry(made)
    assert made.to_address == alice.email and event_["ATTENDEE"] == f"mailto:{alice.email}"
    assert (event_["UID"], event_["SEQUENCE"]) == (alice.uid, alice.sequence)
    assert made.told_sequence == 0 and made.headers == (("List-Id", "Side Effects <side-effects.harbor.example>"),)


def test_letter_to_an_unproven_address_holds_nothing_the_visitor_typed(webinar):
    typed = {"question": "Is evil.example good?", "phone": "555-EVIL", "mode": "phone", "email": "victim@example.org"}
    place = make_registration(webinar, "Visit evil.example now", **typed)
    do(owed.owe_confirmation, place, NOW)
    written = everything(letter("confirmation"))
    assert not re.search(r"evil|visit", written, re.I)


def test_letter_to_a_proven_address_greets_by_name(alice):
    with transaction():
        note_proven(owed.address_key(alice.email_key), NOW)
    do(owed.owe_confirmation, alice, NOW)
    made = letter("confirmation")
    assert str(made.text).startswith("Hello Alice Archer,") and entry(made)["ATTENDEE"].params["CN"] == "Alice Archer"


def test_name_entered_by_staff_may_be_said(webinar):
    place = make_registration(webinar, "Berta", entered_by_staff=True)
    do(owed.owe_confirmation, place, NOW)
    assert str(letter("confirmation").text).startswith("Hello Berta,")


def test_two_people_of_one_mailbox_are_told_apart_by_initial_and_reference(alice):
    other = make_registration(alice.webinar, "Bruno", email=alice.email)
    do(owed.owe_confirmation, other, NOW)
    made = letter("confirmation")
    assert f"This place is for: B. (reference {other.public_id[:4]})" in str(made.text) and "Bruno" not in everything(
        made
    )


def test_waiting_list_letter_says_the_place_and_invites_to_nothing(webinar):
    for number in range(3):
        place = make_registration(webinar, f"P{number}", state="waitlisted")
    do(owed.owe_waiting, place, NOW)
    made = letter("waitlisted")
    assert "you are number 3 in line" in str(made.text) and made.calendar is None
    assert "meet.example.org" not in everything(made) and "/join" not in everything(made)


def test_letters_never_hold_the_raw_room_address(alice):
    do(owed.owe_confirmation, alice, NOW)
    assert "meet.example.org" not in everything(letter("confirmation"))


def test_own_cancellation_takes_the_entry_away_with_a_higher_sequence(alice):
    do(owed.owe_confirmation, alice, NOW)
    invited = entry(letter("confirmation"))
    do(service.cancel, alice, NOW)
    made = letter("own-cancellation")
    assert made.calendar is not None and made.calendar.method == "CANCEL"
    assert entry(made)["UID"] == invited["UID"] and entry(made)["SEQUENCE"] > invited["SEQUENCE"]
    assert pending("confirmation") == NotSent(Reason.STATE_CHANGED)


def test_leaving_the_waiting_list_cancels_no_entry(webinar):
    place = make_registration(webinar, "Wanda", state="waitlisted")
    do(owed.owe_waiting, place, NOW)
    do(service.cancel, place, NOW)
    assert letter("own-cancellation").calendar is None


def test_switch_to_the_recording_takes_the_entry_away_and_a_newcomer_has_none(alice):
    do(owed.owe_confirmation, alice, NOW)
    do(service.change_mode, alice, "recording", NOW)
    made = letter("recording-place")
    assert made.calendar is not None and made.calendar.method == "CANCEL" and "goes away" in str(made.text)
    rita = make_registration(alice.webinar, "Rita", state="recording-only", mode="recording")
    do(owed.owe_recording_place, rita, NOW)
    made = letter("recording-place")
    assert made.calendar is None and "goes away" not in str(made.text)


def test_promotion_invites(webinar):
    place = make_registration(webinar, "Paula", state_changes=2)
    do(owed.owe_promotion, place, NOW)
    assert entry(letter("promoted"))["STATUS"] == "CONFIRMED"


def move(webinar):
    webinar.sequence = webinar.start_sequence = webinar.sequence + 1
    webinar.starts_at += timedelta(days=7)
    webinar.ends_at += timedelta(days=7)
    webinar.start_set_at = webinar.updated_at = NOW
    db.session.commit()


def derive(now):
    with transaction():
        derive_due(now)


def test_moved_entry_keeps_its_uid_and_organizer_and_raises_the_sequence(alice):
    do(owed.owe_confirmation, alice, NOW)
    first = letter("confirmation")
    tell(first, alice)
    move(alice.webinar)
    derive(NOW)
    second = letter("moved")
    before, after = entry(first), entry(second)
    assert second.calendar is not None and second.calendar.method == "REQUEST"
    assert (before["UID"], before["ORGANIZER"]) == (after["UID"], after["ORGANIZER"])
    assert after["SEQUENCE"] > before["SEQUENCE"] and after["DTSTART"].dt > before["DTSTART"].dt
    tell(second, alice)
    assert pending("moved") == NotSent(Reason.ALREADY_TOLD)


def test_confirmation_that_is_sent_after_a_move_makes_the_move_superfluous(alice):
    do(owed.owe_confirmation, alice, NOW)
    move(alice.webinar)
    derive(NOW)
    tell(letter("confirmation"), alice)
    assert pending("moved") == NotSent(Reason.ALREADY_TOLD)


def test_reminder_of_the_old_time_is_not_sent_after_a_move(alice):
    due = alice.webinar.starts_at - timedelta(hours=1)
    derive(due)
    made = letter("reminder", due)
    assert (
        made.subject.startswith("Today at 10:00 am Eastern time")
        and made.calendar is None
        and made.told_sequence is None
    )
    move(alice.webinar)
    assert pending("reminder", due) == NotSent(Reason.MOVED_SINCE)


def test_cancelled_webinar_cancels_the_entry_of_a_seat_and_no_other(alice):
    make_registration(alice.webinar, "Wanda", state="waitlisted")
    alice.webinar.state, alice.webinar.sequence, alice.webinar.cancel_reason = "cancelled", 1, "The speaker is ill."
    db.session.commit()
    derive(NOW)
    made = {}
    for message in db.session.query(Message).filter_by(notice="cancelled").all():
        made[message.subject] = prepare([message], NOW)[0]()
    seat = made.pop(alice.subject)
    assert seat.calendar.method == "CANCEL" and entry(seat)["SEQUENCE"] == 1 and "The speaker is ill." in str(seat.text)
    [waiting] = made.values()
    assert waiting.calendar is None


def test_recording_letter_leads_to_the_video(alice):
    video = make_video(alice.webinar)
    after = alice.webinar.ends_at + timedelta(days=1)
    derive(NOW)
    made = letter("recording-ready", after)
    assert f"http://127.0.0.1:8000/videos/{video.slug}" in str(made.text) and "PIN" not in str(made.text)
    video.state = "withdrawn"
    db.session.commit()
    assert pending("recording-ready", after) == NotSent(Reason.RECORDING_WITHDRAWN)


SECRETS = (
    "Immuno",
    "Side Effects",
    "side-effects",
    "Harbor Cancer",
    "What to expect",
    "webinars/",
    "/videos/",
    "The speaker",
)


def test_discreet_letters_name_neither_topic_nor_series_nor_organisation(app):
    webinar = make_webinar(make_series(), cancel_reason="The speaker is ill.")
    place = make_registration(webinar, "Dora", discreet=True, now=LONG_AGO, told_sequence=0, state_changes=2)
    with transaction():
        owed.owe_link(place.email, "q", NOW)
    do(owed.owe_confirmation, place, NOW)
    do(owed.owe_promotion, place, NOW)
    do(owed.owe_again, place, "again", NOW)
    make_video(webinar)
    derive(webinar.starts_at - timedelta(hours=1))
    move(webinar)
    derive(NOW)
    checked = [
        letter(notice) for notice in ("confirmation", "promoted", "repeated", "moved", "recording-ready", "link")
    ]
    tell(letter("moved"), place)
    webinar.sequence += 1
    db.session.commit()
    derive(NOW)
    checked.append(letter("changed"))
    do(service.cancel, place, NOW)
    checked.append(letter("own-cancellation"))
    for made in checked:
        assert made.discreet and made.sender_name == "Appointments" and made.headers == ()
        for secret in SECRETS:
            assert secret not in everything(made).replace(f"mailto:{made.to_address}", ""), (made.subject, secret)


def test_place_given_up_while_the_invitation_is_under_way_is_withdrawn_all_the_same(alice):
    """The letter left before the cancellation and is marked after it."""
    do(owed.owe_confirmation, alice, NOW)
    under_way = letter("confirmation")
    do(service.cancel, alice, NOW)
    made = letter("own-cancellation")
    assert made.calendar is not None and made.calendar.method == "CANCEL"
    assert made.entry_sequence > under_way.entry_sequence
    tell(made, alice)
    tell(under_way, alice)
    place = db.session.get(Registration, alice.id)
    assert (place.entry_sequence, place.entry_withdrawn) == (made.entry_sequence, True)


def test_who_comes_back_to_the_end_of_the_line_loses_the_entry_with_that_letter(alice):
    """The letter that would have taken the entry away is outdated before it could go."""
    do(owed.owe_confirmation, alice, NOW)
    tell(letter("confirmation"), alice)
    webinar = db.session.get(Registration, alice.id).webinar
    webinar.capacity = 1
    db.session.commit()
    make_registration(webinar, "Wanda", state="waitlisted")
    do(service.cancel, alice, NOW)
    do(service.undo_cancel, alice, NOW)
    assert pending("own-cancellation") == NotSent(Reason.STATE_CHANGED)
    made = letter("waitlisted")
    assert made.calendar is not None and made.calendar.method == "CANCEL"
    assert "The entry in your calendar goes away" in str(made.text) and "goes away" in str(made.html)


def test_webinar_called_off_takes_the_entry_of_who_had_just_switched_to_the_recording(alice):
    do(owed.owe_confirmation, alice, NOW)
    tell(letter("confirmation"), alice)
    do(service.change_mode, alice, "recording", NOW)
    webinar = db.session.get(Registration, alice.id).webinar
    webinar.state, webinar.sequence = "cancelled", 1
    db.session.commit()
    derive(NOW)
    assert pending("recording-place") == NotSent(Reason.WEBINAR_CANCELLED)
    made = letter("cancelled")
    assert made.calendar is not None and made.calendar.method == "CANCEL"


def test_other_way_to_join_reaches_the_calendar(alice):
    do(owed.owe_confirmation, alice, NOW)
    first = letter("confirmation")
    tell(first, alice)
    do(service.change_mode, alice, "phone", NOW, by="staff")
    made = letter("repeated")
    assert entry(made)["SEQUENCE"] == first.entry_sequence + 1
    assert entry(made)["LOCATION"] == "1-800-555-0142, PIN 4471" and "/join" in entry(first)["LOCATION"]


def bounce(address):
    db.session.add(Address(key=owed.address_key(address), bounced_at=NOW))
    db.session.commit()


def test_mailbox_that_takes_no_mail_gets_no_letter_but_one_that_staff_send(alice):
    bounce(alice.email_key)
    do(owed.owe_confirmation, alice, NOW)
    do(owed.owe_again, alice, "visitor", NOW)
    refused = NotSent(Reason.BOUNCED, MessageState.FAILED)
    assert pending("confirmation") == pending("repeated") == refused
    do(owed.owe_again, alice, "staff", NOW, by="staff")
    assert letter("repeated").to_address == alice.email
    with transaction():
        owed.owe_link(alice.email, "q", NOW)
    assert pending("link") == refused
    assert db.session.query(Address).one().bounced_at == NOW, "a letter that leaves proves nothing"


def test_letter_of_a_registration_that_is_gone_is_not_sent(alice):
    do(owed.owe_confirmation, alice, NOW)
    do(erasure.erase, alice, NOW)
    assert pending("confirmation") == NotSent(Reason.GONE)


def test_letter_speaks_the_persons_language_in_times_and_links(webinar):
    place = make_registration(webinar, "Alicia", language="es")
    do(owed.owe_confirmation, place, NOW)
    made = letter("confirmation")
    assert (
        "diciembre" in str(made.text)
        and "http://127.0.0.1:8000/es/r/" in str(made.text)
        and '<html lang="es"' in str(made.html)
    )


@pytest.mark.parametrize("notice", ["confirmation", "reminder", "own-cancellation"])
def test_letters_need_the_same_few_queries_however_many(webinar, notice):
    people = [make_registration(webinar, f"P{number}", now=LONG_AGO) for number in range(6)]
    for place in people:
        do(owed.owe_confirmation, place, NOW)
    due = webinar.starts_at - timedelta(hours=1)
    derive(due)
    if notice == "own-cancellation":
        for place in people:
            do(service.cancel, place, NOW)
    messages = db.session.query(Message).filter_by(notice=notice).all()
    db.session.expunge_all()
    assert len(messages) == 6
    one, all_ = (
        count_queries(lambda some=some: [make() for make in prepare(some, due)]) for some in (messages[:1], messages)
    )
    assert one == all_ <= 6
