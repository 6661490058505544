"""What the timeline foretells is what the worker does, letter by letter and minute by minute."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import NOW, make_registration, make_series, make_video, make_webinar
from webinars.core.database import db, transaction
from webinars.mail import claims
from webinars.mail.events import letters_sent
from webinars.mail.letters import NotSent, Sent
from webinars.mail.models import Address, Lane, Mailing, Message, MessageState
from webinars.notices import owed
from webinars.notices.derive import derive_due
from webinars.notices.facts import address_key
from webinars.notices.kinds import Notice, Reason
from webinars.notices.prepare import prepare
from webinars.notices.rules import NotOwed
from webinars.notices.timeline import Item, Outlook, newcomer, newcomers_timeline, timeline
from webinars.notices.timeline_queries import find_prospect
from webinars.notices.timeline_words import item_words
from webinars.registration import service
from webinars.registration.models import Registration
from webinars.registration.rules import Application
from webinars.schedule.models import Series, Webinar
from webinars.schedule.service import move_webinar

ZONES = (
    "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "America/Nuuk", "America/New_York",
    "Pacific/Chatham", "Europe/Dublin", "America/St_Johns", "Asia/Tehran",
)  # fmt: skip
QUIET = st.sampled_from([(21, 8), (22, 7), (0, 6), (12, 14), (18, 10), None])
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Told = set[tuple[Notice, int | None, datetime]]


@pytest.fixture
def quiet(app) -> Iterator[Callable[[tuple[int, int] | None], None]]:
    """Set the quiet hours of the service."""
    before = app.extensions["settings"]

    def change(hours: tuple[int, int] | None) -> None:
        app.extensions["settings"] = replace(before, quiet_hours=hours)

    yield change
    app.extensions["settings"] = before


def empty_database() -> None:
    db.session.rollback()
    for table in (Message, Mailing, Registration, Webinar, Series):
        db.session.query(table).delete()
    db.session.commit()


def work(now: datetime) -> Told:
    """Do what a worker does in one round, whose mail server takes everything; give what went out."""
    went: Told = set()
    with transaction():
        derive_due(now)
    for lane in Lane:
        for message in claims.claim(lane, now, MINUTE, 100):
            made = prepare([message], now)[0]()
            db.session.rollback()
            with transaction() as session:
                if isinstance(made, NotSent):
                    claims.settle(session, message, state=made.state, last_error=made.reason)
                    continue
                claims.settle(session, message, state=MessageState.SENT, sent_at=now)
                letters_sent.send([Sent(message.subject, made.receipt)], now=now)
            minutes = int(message.occasion.partition("-")[2]) if message.notice == "reminder" else None
            went.add((Notice(message.notice), minutes, now))
    return went


def work_until(end: datetime, now: datetime, moments: list[datetime]) -> Told:
    """Let the worker look whenever something may fall due: at given moments, and when letters that wait may go."""
    went: Told = set()
    while now < end:
        waiting = db.session.query(Message.next_attempt_at).filter(Message.state == MessageState.PENDING)
        later = [moment for moment in (*moments, *(row[0] for row in waiting)) if moment > now]
        db.session.rollback()
        if not later:
            break
        now = min(later)
        went |= work(now)
    return went


def foretold(items: list[Item]) -> Told:
    return {
        (item.notice, item.minutes, item.moment) for item in items if item.outlook in {Outlook.COMES, Outlook.WAITS}
    }


def timeline_of(place_id: int, now: datetime, hours: tuple[int, int] | None = (21, 8)) -> list[Item]:
    found = timeline(find_prospect(db.session.get_one(Registration, place_id), hours), now)
    db.session.rollback()
    return found


@given(
    starts_in=st.integers(20, 20 * 24 * 60),
    reminders=st.lists(st.integers(5, 25 * 24 * 60), max_size=6),
    ticks=st.integers(0, 59),
    zone=st.sampled_from(ZONES),
    hours=QUIET,
    mode=st.sampled_from(["live", "phone", "recording"]),
)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@pytest.mark.timeout(600)
def test_worker_sends_at_every_moment_that_the_timeline_names_and_at_no_other(
    app, quiet, starts_in, reminders, ticks, zone, hours, mode
):
    empty_database()
    quiet(hours)
    now = NOW + timedelta(days=100, seconds=ticks)
    webinar = make_webinar(make_series(reminders=reminders), starts_in=timedelta(minutes=starts_in), now=now)
    webinar_id, start = webinar.id, webinar.starts_at
    before = newcomer(webinar, now, hours, zone=zone, language="en", mode=mode)
    assert before is not None
    promised = foretold(newcomers_timeline(before, now))
    with transaction():
        form = Application("Alice", "alice@example.org", time_zone=zone, mode=mode)
        place_id = service.register(webinar_id, form, now, by_staff=True).registration.id
    assert foretold(timeline_of(place_id, now, hours)) == promised, "a newcomer was told the same"
    went = work(now) | work_until(start + HOUR, now, [start - timedelta(minutes=minutes) for minutes in reminders])
    assert went == promised
    assert not foretold(timeline_of(place_id, start, hours)), "nothing is left to come"


# --- what it says of whom -------------------------------------------------------------------------------------------


def about_reminders(items: list[Item]) -> dict[int, tuple[Outlook, str]]:
    return {item.minutes: (item.outlook, item.why) for item in items if item.notice is Notice.REMINDER}


@pytest.fixture
def webinar(app):
    return make_webinar()


def test_who_comes_late_is_told_which_reminders_are_gone(webinar):
    late = make_registration(webinar, "Late", now=webinar.starts_at - timedelta(hours=3), told_sequence=0)
    assert about_reminders(timeline_of(late.id, webinar.starts_at - timedelta(hours=2))) == {
        10080: (Outlook.NEVER, NotOwed.CAME_LATER),
        1440: (Outlook.NEVER, NotOwed.CAME_LATER),
        60: (Outlook.COMES, ""),
    }


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (MessageState.PENDING, NotOwed.CAME_LATER_UNTOLD),
        (MessageState.FAILED, NotOwed.CAME_LATER_UNTOLD),
        (MessageState.SENT, NotOwed.CAME_LATER),
    ],
)
def test_letter_is_said_to_have_told_everything_only_once_it_has_left(webinar, state, why):
    now = webinar.starts_at - timedelta(hours=3)
    late = make_registration(webinar, "Late", now=now, told_sequence=0)
    with transaction():
        owed.owe_confirmation(db.session.get_one(Registration, late.id), now)
        db.session.query(Message).one().state = state
    assert about_reminders(timeline_of(late.id, now))[1440] == (Outlook.NEVER, why)


def test_letter_that_waits_for_the_turn_of_its_address_is_shown_with_its_moment(make_app):
    with make_app(ratelimit_enabled=True).app_context():
        webinar = make_webinar()
        place = make_registration(webinar, "Alice", told_sequence=0)
        for number in range(3):
            with transaction():
                owed.owe_link("alice@example.org", f"x{number}", NOW)
        with transaction():
            owed.owe_confirmation(db.session.get_one(Registration, place.id), NOW)
        [item] = [item for item in timeline_of(place.id, NOW) if item.notice is Notice.CONFIRMATION]
        assert (item.outlook, item.moment, item.delayed) == (Outlook.WAITS, NOW + HOUR, True)
        assert "waits for its turn" in item_words(item)
        db.session.remove()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "waitlisted"}, (Outlook.IF_A_PLACE_FREES_UP, "")),
        ({"state": "recording-only", "mode": "recording"}, (Outlook.NEVER, Reason.NO_SEAT)),
        ({"state": "cancelled"}, (Outlook.NEVER, Reason.PLACE_CANCELLED)),
        ({"email": None}, (Outlook.NEVER, Reason.NO_ADDRESS)),
    ],
)
def test_who_gets_no_reminder_learns_why(webinar, fields, expected):
    place = make_registration(webinar, "Somebody", told_sequence=0, **fields)
    assert set(about_reminders(timeline_of(place.id, NOW)).values()) == {expected}


def test_mailbox_that_takes_no_mail_gets_nothing_and_staff_see_why(webinar):
    place = make_registration(webinar, "Bounced", told_sequence=0)
    db.session.add(Address(key=address_key(place.email_key), bounced_at=NOW))
    db.session.commit()
    items = timeline_of(place.id, NOW)
    assert items and {(item.outlook, item.why) for item in items} == {(Outlook.NEVER, Reason.BOUNCED)}


def test_recording_comes_once_it_is_published(webinar):
    place = make_registration(webinar, "Alice", told_sequence=0)

    def recording() -> Item:
        return next(
            item for item in timeline_of(place.id, webinar.ends_at + DAY) if item.notice is Notice.RECORDING_READY
        )

    assert recording() == Item(Notice.RECORDING_READY, Outlook.ONCE_PUBLISHED)
    make_video(webinar)
    assert recording() == Item(Notice.RECORDING_READY, Outlook.COMES, webinar.ends_at + DAY)
    webinar.recorded = False
    db.session.commit()
    assert Notice.RECORDING_READY not in {item.notice for item in timeline_of(place.id, NOW)}


def test_reminder_of_the_night_says_that_it_waits_for_the_morning(webinar):
    place_id, due = (
        make_registration(webinar, "Kiran", told_sequence=0, time_zone="Asia/Kathmandu").id,
        webinar.starts_at - DAY,
    )
    morning = datetime(2026, 12, 2, 2, 15, tzinfo=UTC)
    [item] = [item for item in timeline_of(place_id, NOW) if item.minutes == 1440]
    assert (item.moment, item.delayed) == (due, False), "20:45 in Kathmandu is no quiet hour"
    webinar.reminders = [1440 - 60]
    db.session.commit()
    [item] = [item for item in timeline_of(place_id, NOW) if item.minutes == 1380]
    assert (item.outlook, item.delayed, item.moment) == (Outlook.COMES, True, morning), "08:00 in Kathmandu"
    work(due + HOUR)
    [item] = [item for item in timeline_of(place_id, due + HOUR) if item.minutes == 1380]
    assert (item.outlook, item.delayed, item.moment) == (Outlook.WAITS, True, morning)


def moved(webinar_id: int, now: datetime) -> None:
    with transaction():
        webinar = db.session.get_one(Webinar, webinar_id)
        move_webinar(webinar, webinar.local_start + HOUR, now=now)


def test_letters_that_were_written_are_shown_with_what_became_of_them(webinar):
    place_id = make_registration(webinar, "Alice", told_sequence=0, now=NOW - timedelta(days=30)).id
    webinar_id, due = webinar.id, webinar.starts_at - timedelta(days=7)
    work(due)
    moved(webinar_id, due + MINUTE)

    def shown(now: datetime) -> list[tuple[Notice, Outlook, int | None]]:
        return [(item.notice, item.outlook, item.minutes) for item in timeline_of(place_id, now)]

    assert shown(due + 2 * MINUTE)[:2] == [
        (Notice.REMINDER, Outlook.SENT, 10080), (Notice.MOVED, Outlook.COMES, None),
    ]  # fmt: skip
    assert (Notice.REMINDER, Outlook.COMES, 1440) in shown(due + 2 * MINUTE)
    work(due + 2 * MINUTE)
    assert (Notice.MOVED, Outlook.SENT, None) in shown(due + 3 * MINUTE)


def test_letter_that_will_be_dropped_when_its_turn_comes_is_not_promised(webinar):
    place_id, due = (
        make_registration(webinar, "Alice", told_sequence=0, now=NOW - timedelta(days=30)).id,
        webinar.starts_at - timedelta(days=7),
    )
    webinar_id = webinar.id
    with transaction():
        derive_due(due)
    moved(webinar_id, due + MINUTE)
    stale = [item for item in timeline_of(place_id, due + MINUTE) if item.minutes == 10080]
    assert (Outlook.NEVER, Reason.MOVED_SINCE) in {(item.outlook, item.why) for item in stale}


def test_draft_is_shown_as_if_it_were_published_now(app):
    draft = make_webinar(state="draft", published_at=None, phone_number="")
    found = newcomer(draft, NOW, (21, 8), zone="Europe/Madrid", language="es", mode="live")
    assert found is not None
    kinds = [(item.notice, item.outlook) for item in newcomers_timeline(found, NOW)]
    assert kinds == [(Notice.CONFIRMATION, Outlook.COMES)] + [(Notice.REMINDER, Outlook.COMES)] * 3 + [
        (Notice.RECORDING_READY, Outlook.ONCE_PUBLISHED)
    ]
    assert draft.state == "draft" and db.session.query(Registration).count() == 0


def test_newcomer_to_a_full_webinar_waits_and_nobody_can_come_where_nobody_may_wait(app):
    full = make_webinar(capacity=1, confirmed_count=1)
    found = newcomer(full, NOW, None, zone="UTC", language="en", mode="live")
    assert found is not None
    outlooks = {item.notice: item.outlook for item in newcomers_timeline(found, NOW)}
    assert outlooks[Notice.WAITLISTED] is Outlook.COMES
    assert outlooks[Notice.PROMOTED] is outlooks[Notice.REMINDER] is Outlook.IF_A_PLACE_FREES_UP
    full.waiting_list = False
    assert newcomer(full, NOW, None, zone="UTC", language="en", mode="live") is None
