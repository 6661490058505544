"""Who is owed a letter by the clock or by a change, on both databases."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_registration, make_video, make_webinar
from webinars.core.database import db, transaction
from webinars.mail.models import Mailing, Message
from webinars.notices.derive import derive_due, due_mailings
from webinars.notices.queries import SETTLES_AFTER
from webinars.schedule.catalogue import edit_series
from webinars.schedule.service import edit_webinar, move_webinar

LONG_AGO = NOW - timedelta(days=30)
SECOND = timedelta(seconds=1)


def derive(now):
    with transaction():
        derive_due(now)


def owed(notice=None):
    """List (notice, person, occasion) of all letters."""
    wanted = db.session.query(Message).order_by(Message.notice, Message.id)
    found = [message for message in wanted if notice in (None, message.notice)]
    return sorted((message.notice, message.subject, message.occasion) for message in found)


def registered(webinar, name, **fields):
    return make_registration(webinar, name, now=fields.pop("since", LONG_AGO), **({"told_sequence": 0} | fields))


@pytest.fixture
def webinar(app):
    return make_webinar()


def test_reminder_falls_due_at_its_instant_and_not_before(webinar):
    alice = registered(webinar, "Alice")
    due = webinar.starts_at - timedelta(days=7)
    derive(due - SECOND)
    assert owed() == []
    derive(due)
    assert owed() == [("reminder", alice.subject, "0-10080")]


def test_reminder_expires_when_the_next_falls_due_and_the_last_at_the_start(webinar):
    registered(webinar, "Alice")
    derive(webinar.starts_at - timedelta(days=2))
    derive(webinar.starts_at - timedelta(minutes=30))
    ends = [message.not_after for message in db.session.query(Message).order_by(Message.id)]
    assert ends == [webinar.starts_at - timedelta(days=1), webinar.starts_at]


def test_worker_that_was_away_sends_only_the_latest_reminder(webinar):
    alice = registered(webinar, "Alice")
    derive(webinar.starts_at - timedelta(minutes=10))
    assert owed() == [("reminder", alice.subject, "0-60")]


def test_nothing_is_due_from_the_start_on(webinar):
    registered(webinar, "Alice")
    derive(webinar.starts_at)
    assert owed() == []


def test_looking_again_owes_nothing_twice(webinar):
    registered(webinar, "Alice")
    due = webinar.starts_at - timedelta(hours=1)
    for later in (0, 1, 400, 4000):
        derive(due + timedelta(seconds=later) if later < 3600 else webinar.starts_at - SECOND)
    assert len(owed()) == 1


def test_late_registrant_gets_no_stale_reminder(webinar):
    due = webinar.starts_at - timedelta(days=1)
    on_time = registered(webinar, "Alice", since=due)
    registered(webinar, "Bob", since=due + SECOND)
    derive(due + timedelta(minutes=1))
    assert owed() == [("reminder", on_time.subject, "0-1440")]
    derive(webinar.starts_at - timedelta(hours=1))
    assert len(owed()) == 3


def test_reminder_goes_to_seats_only(webinar):
    seats = [registered(webinar, "Alice"), registered(webinar, "Phil", mode="phone")]
    for number, state in enumerate(("waitlisted", "recording-only", "cancelled", "offered")):
        registered(webinar, f"Other {number}", state=state)
    registered(webinar, "Nobody", email=None)
    derive(webinar.starts_at - timedelta(hours=1))
    assert owed() == [("reminder", seat.subject, "0-60") for seat in seats]


def test_start_that_was_set_after_a_reminder_fell_due_does_not_set_it_off(webinar):
    registered(webinar, "Alice")
    webinar.start_set_at = webinar.starts_at - timedelta(hours=1) + SECOND
    db.session.commit()
    derive(webinar.starts_at - timedelta(minutes=30))
    assert owed() == []


def test_move_makes_reminders_due_again(webinar):
    alice = registered(webinar, "Alice", told_sequence=1)
    derive(webinar.starts_at - timedelta(days=2))
    webinar.sequence = webinar.start_sequence = 1
    webinar.start_set_at = webinar.starts_at - timedelta(days=2)
    webinar.starts_at += timedelta(days=14)
    webinar.ends_at += timedelta(days=14)
    db.session.commit()
    derive(webinar.starts_at - timedelta(days=7))
    assert owed("reminder") == [("reminder", alice.subject, "0-10080"), ("reminder", alice.subject, "1-10080")]


def test_own_reminders_of_a_webinar_come_before_those_of_the_series(app):
    webinar = make_webinar(reminders=[20160, 30])
    alice = registered(webinar, "Alice")
    derive(webinar.starts_at - timedelta(hours=1))
    assert owed() == [("reminder", alice.subject, "0-20160")]
    silent = make_webinar(reminders=[])
    registered(silent, "Bob")
    derive(silent.starts_at - SECOND)
    assert {subject for _, subject, _ in owed()} == {alice.subject}


def test_draft_and_cancelled_webinars_remind_nobody(app):
    for state in ("draft", "cancelled"):
        registered(make_webinar(state=state), "Alice")
    derive(NOW + timedelta(days=9, hours=23, minutes=30))
    assert owed("reminder") == []


def test_somebody_in_the_middle_of_registering_is_found_at_the_second_look(webinar):
    due = webinar.starts_at - timedelta(hours=1)
    derive(due)
    slow = registered(webinar, "Slow", since=due - SECOND)
    derive(due + timedelta(seconds=15))
    assert owed() == []
    derive(due + SETTLES_AFTER)
    assert owed() == [("reminder", slow.subject, "0-60")]
    assert db.session.query(Mailing).one().settled_at == due + SETTLES_AFTER
    assert due_mailings(due + SETTLES_AFTER + SECOND) == []


def change(webinar, sequence, start_sequence):
    webinar.sequence, webinar.start_sequence = sequence, start_sequence
    webinar.start_set_at = NOW
    db.session.commit()


def test_move_is_owed_to_everybody_who_holds_the_old_time(webinar):
    people = [
        registered(webinar, f"P{number}", state=state) for number, state in enumerate(("confirmed", "waitlisted"))
    ]
    people.append(registered(webinar, "Rita", state="recording-only"))
    people.append(registered(webinar, "Untold", told_sequence=None))
    registered(webinar, "Gone", state="cancelled")
    registered(webinar, "New", told_sequence=1)
    registered(webinar, "Newer", told_sequence=None, since=NOW + SECOND)
    change(webinar, 1, 1)
    derive(NOW + timedelta(minutes=1))
    assert owed() == [("moved", person.subject, "1") for person in people]


def test_second_change_is_told_by_the_letter_that_fits_each_person(webinar):
    old, newer, newest = (
        registered(webinar, name, told_sequence=told) for told, name in enumerate(("Old", "Newer", "Newest"))
    )
    recording = registered(webinar, "Rita", state="recording-only", told_sequence=1)
    change(webinar, 2, 1)
    derive(NOW)
    assert owed() == [("changed", newer.subject, "2"), ("moved", old.subject, "2")]
    assert recording.told_sequence == 1 and newest.told_sequence == 2


def test_change_alone_makes_no_empty_mailing_of_moves(webinar):
    registered(webinar, "Alice")
    change(webinar, 1, 0)
    derive(NOW)
    assert [(mailing.notice, mailing.occasion) for mailing in db.session.query(Mailing)] == [("changed", "1")]


def test_person_told_the_old_time_while_the_move_was_made_is_told_the_new_one(webinar):
    change(webinar, 1, 1)
    derive(NOW)
    late = registered(webinar, "Late", told_sequence=0)
    derive(NOW + SETTLES_AFTER)
    assert owed() == [("moved", late.subject, "1")]


def test_moves_of_a_webinar_that_is_over_are_not_told(webinar):
    registered(webinar, "Alice")
    change(webinar, 1, 1)
    derive(webinar.ends_at)
    assert owed() == []


def test_cancellation_is_owed_to_everybody_with_a_place_of_any_kind(webinar):
    states = ("confirmed", "waitlisted", "offered", "recording-only")
    people = [registered(webinar, f"P{number}", state=state, told_sequence=None) for number, state in enumerate(states)]
    registered(webinar, "Gone", state="cancelled")
    webinar.state, webinar.sequence, webinar.cancelled_at = "cancelled", 1, NOW
    db.session.commit()
    derive(NOW)
    assert owed() == [("cancelled", person.subject, "1") for person in people]


def test_recording_letter_waits_for_the_publication(webinar):
    alice = registered(webinar, "Alice")
    rita = registered(webinar, "Rita", state="recording-only")
    wanda = registered(webinar, "Wanda", state="waitlisted")
    registered(webinar, "Gone", state="cancelled")
    after = webinar.ends_at + timedelta(days=1)
    video = make_video(webinar, state="draft", published_at=None)
    derive(after)
    assert owed() == []
    video.state, video.published_at = "published", after
    db.session.commit()
    derive(after)
    assert owed() == [("recording-ready", person.subject, str(video.id)) for person in (alice, rita, wanda)]


def test_clip_that_belongs_to_no_webinar_sends_nothing(webinar):
    registered(webinar, "Alice")
    make_video(None)
    derive(NOW)
    assert owed() == []


def test_second_recording_of_a_webinar_is_told_too(webinar):
    alice = registered(webinar, "Alice")
    for title in ("Part one", "Part two"):
        make_video(webinar, title=title)
    derive(NOW)
    assert [subject for _, subject, _ in owed("recording-ready")] == [alice.subject] * 2


def test_letters_carry_their_mailing_lane_and_subject_matter(webinar):
    registered(webinar, "Alice")
    derive(webinar.starts_at - timedelta(hours=1))
    message, mailing = db.session.query(Message).one(), db.session.query(Mailing).one()
    assert (message.mailing_id, message.about, message.lane, message.address_key) == (
        mailing.id,
        f"w{webinar.id}",
        "b",
        None,
    )
    assert (mailing.about, mailing.due_at) == (f"w{webinar.id}", webinar.starts_at - timedelta(hours=1))


def test_reminder_added_after_its_moment_is_sent_to_nobody(webinar):
    registered(webinar, "Alice")
    now = webinar.starts_at - timedelta(days=3)
    derive(now)
    with transaction():
        edit_webinar(webinar, {"reminders": "1 week, 4 days, 1 hour"}, now)
    derive(now)
    derive(webinar.starts_at - timedelta(hours=1))
    assert [occasion for _, _, occasion in owed("reminder")] == ["0-10080", "0-60"]


def test_reminder_added_to_a_series_after_its_moment_is_sent_to_nobody(webinar):
    registered(webinar, "Alice")
    now = webinar.starts_at - timedelta(days=3)
    derive(now)
    with transaction():
        edit_series(webinar.series, {"reminders": "1 week, 4 days, 1 hour"}, now)
    derive(now)
    derive(webinar.starts_at - timedelta(hours=1))
    assert [occasion for _, _, occasion in owed("reminder")] == ["0-10080", "0-60"]


def test_second_move_takes_back_the_letters_of_the_first_that_still_wait(webinar):
    alice = registered(webinar, "Alice", told_sequence=0)
    for hours in (1, 2):
        with transaction():
            move_webinar(webinar, webinar.local_start + timedelta(hours=hours), now=NOW)
        derive(NOW)
    rows = db.session.query(Message).filter_by(notice="moved").order_by(Message.id).all()
    assert [(row.subject, row.occasion, row.state) for row in rows] == [
        (alice.subject, "1", "superseded"), (alice.subject, "2", "pending"),
    ]  # fmt: skip


# --- second looks and closing ---------------------------------------------------------------------------------------


def test_last_reminder_has_its_second_look_before_the_start(app):
    """Five minutes before the start there is no time to look again five minutes later."""
    webinar = make_webinar(reminders=[10, 5])
    due = webinar.starts_at - timedelta(minutes=5)
    registered(webinar, "Alice")
    derive(due)
    slow = registered(webinar, "Slow", since=due - SECOND)
    derive(due + timedelta(minutes=2))
    assert slow.subject not in {subject for _, subject, _ in owed()}
    derive(due + timedelta(minutes=3))
    assert ("reminder", slow.subject, "0-5") in owed()
    derive(webinar.starts_at - SECOND)
    assert {mailing.settled_at is not None for mailing in db.session.query(Mailing)} == {True}


def test_who_is_promoted_after_a_reminder_fell_due_has_all_of_it_in_the_letter_of_the_place(app):
    webinar = make_webinar(reminders=[5])
    due = webinar.starts_at - timedelta(minutes=5)
    before = registered(webinar, "Before", since=due)
    derive(due)
    registered(webinar, "After", since=due + SECOND)
    derive(due + timedelta(minutes=3))
    assert owed() == [("reminder", before.subject, "0-5")]


def test_mailing_that_a_later_one_outdates_is_settled_with_it(webinar):
    registered(webinar, "Alice")
    for minute, sequences in enumerate(((1, 1), (2, 2), (3, 2))):
        change(webinar, *sequences)
        derive(NOW + timedelta(minutes=minute))
    open_ = {(mailing.notice, mailing.occasion) for mailing in db.session.query(Mailing).filter_by(settled_at=None)}
    assert open_ == {("moved", "3"), ("changed", "3")}
    webinar.state, webinar.sequence, webinar.cancelled_at = "cancelled", 4, NOW
    db.session.commit()
    derive(NOW + timedelta(minutes=4))
    open_ = {(mailing.notice, mailing.occasion) for mailing in db.session.query(Mailing).filter_by(settled_at=None)}
    assert open_ == {("cancelled", "4")}


def test_mailing_that_staff_stopped_is_owed_to_nobody_new(webinar):
    due = webinar.starts_at - timedelta(hours=1)
    registered(webinar, "Alice")
    derive(due)
    db.session.query(Mailing).one().stopped_at = due
    db.session.commit()
    registered(webinar, "Slow", since=due - SECOND)
    derive(due + SETTLES_AFTER)
    assert len(owed()) == 1
