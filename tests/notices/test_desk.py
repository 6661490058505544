"""The delivery desk: who will miss a letter, why, and how it is said."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import NOW, make_registration, make_webinar
from tests.notices.missing import GONE, bounce, letter, names, troubles
from webinars.core.database import db
from webinars.core.language import speaking
from webinars.mail.models import Message
from webinars.notices import desk, desk_rules, desk_words
from webinars.notices.desk_rules import REMEDIES, Remedy, Trouble, When
from webinars.notices.kinds import Reason


@pytest.fixture
def webinar(app):
    return make_webinar(starts_in=timedelta(days=3))


# --- who --------------------------------------------------------------------------------------------------------------


def test_who_has_the_letter_is_not_listed(webinar):
    alice = make_registration(webinar, "Alice")
    letter(alice)
    make_registration(webinar, "Bob")
    assert names() == []


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_who_has_not_got_the_letter_is_listed(webinar, state):
    letter(make_registration(webinar, "Alice"), state=state)
    assert names() == ["Alice"]


@pytest.mark.parametrize(
    ("then", "listed"),
    [
        ({"state": "sent"}, False),
        ({"state": "sending"}, False),
        ({"state": "pending", "notice": "repeated"}, False),
        ({"state": "failed"}, True),
        ({"state": "superseded"}, True),
        ({"state": "pending", "notice": "reminder"}, True),
        ({"state": "sent", "notice": "announcement"}, True),
    ],
)
def test_a_later_letter_takes_a_person_off_the_list_when_it_can_have_reached_them(webinar, then, listed):
    alice = make_registration(webinar, "Alice")
    letter(alice, state="failed")
    letter(alice, **{"notice": "repeated"} | then)
    assert names() == (["Alice"] if listed else [])


def test_a_letter_that_fails_after_one_that_arrived_puts_them_on_the_list(webinar):
    alice = make_registration(webinar, "Alice")
    letter(alice)
    letter(alice, "reminder", "failed")
    assert names() == ["Alice"]


def test_a_letter_about_another_webinar_says_nothing(webinar):
    other = make_webinar(starts_in=timedelta(days=30))
    letter(make_registration(other, "Alice"), state="failed")
    letter(make_registration(webinar, "Bob"))
    assert names() == []


@pytest.mark.parametrize(
    ("state", "listed"), [("confirmed", 1), ("waitlisted", 1), ("recording-only", 0), ("cancelled", 0)]
)
def test_only_who_holds_a_place_misses_something(webinar, state, listed):
    letter(make_registration(webinar, "Alice", state=state), state="failed")
    assert len(names()) == listed


def test_of_a_webinar_that_was_called_off_everybody_has_to_hear(app):
    off = make_webinar(starts_in=timedelta(days=1), state="cancelled")
    letter(make_registration(off, "Alice", state="recording-only"), "cancelled", "failed")
    assert names() == ["Alice"]


@pytest.mark.parametrize(
    ("ended", "notice", "listed"),
    [(2, "moved", True), (2, "cancelled", True), (2, "reminder", False), (30, "moved", False)],
)
def test_after_the_end_only_a_missed_move_or_cancellation_matters_and_only_for_a_day(app, ended, notice, listed):
    over = make_webinar(
        starts_in=timedelta(hours=-ended - 1), state="cancelled" if notice == "cancelled" else "published"
    )
    letter(make_registration(over, "Alice"), notice, "failed")
    make_registration(over, "Bob", email=None)
    assert names() == (["Alice"] if listed else [])


@pytest.mark.parametrize(("days", "state", "listed"), [(13, "published", 1), (15, "published", 0), (3, "draft", 0)])
def test_the_desk_looks_two_weeks_ahead(app, days, state, listed):
    letter(make_registration(make_webinar(starts_in=timedelta(days=days), state=state), "Alice"), state="failed")
    assert len(names()) == listed


def test_who_has_no_address_needs_a_call(webinar):
    make_registration(webinar, "Alice", email=None, phone="800 555 0142")
    assert troubles() == {"Alice": Trouble.NO_ADDRESS}


@pytest.mark.parametrize(("starts_in", "attempts", "listed"), [(1, 2, True), (3, 2, False), (1, 0, False)])
def test_a_letter_that_is_still_tried_counts_when_the_start_is_near(app, starts_in, attempts, listed):
    near = make_webinar(starts_in=timedelta(hours=starts_in))
    later = NOW + timedelta(minutes=3)
    place = make_registration(near, "Alice")
    letter(place, "reminder", "pending", attempts=attempts, next_attempt_at=later, last_error="451 later")
    assert troubles() == ({"Alice": Trouble.STILL_TRIED} if listed else {})


@pytest.mark.parametrize(
    ("starts_in", "leaves_in", "listed"), [(10, 12, True), (10, 3, False), (1, 0.5, True), (1, 0.05, False)]
)
def test_a_letter_that_is_held_back_counts_when_it_would_come_too_late(app, starts_in, leaves_in, listed):
    place = make_registration(make_webinar(starts_in=timedelta(hours=starts_in)), "Alice")
    letter(place, state="pending", next_attempt_at=NOW + timedelta(hours=leaves_in))
    assert troubles() == ({"Alice": Trouble.HELD_BACK} if listed else {})


def test_an_address_found_dead_elsewhere_counts_for_every_webinar_ahead(webinar):
    other = make_webinar(starts_in=timedelta(days=1))
    letter(make_registration(webinar, "Alice", email="home@example.org"))
    letter(make_registration(other, "Bob", email="home@example.org"), "reminder", "failed")
    make_registration(webinar, "Charlie")
    bounce("home@example.org", NOW + timedelta(minutes=1))
    assert troubles() == {"Alice": Trouble.NO_MAILBOX, "Bob": Trouble.NO_MAILBOX}


def test_whoever_gets_no_further_letter_is_listed_whatever_arrived_before(webinar):
    bounce("home@example.org")
    letter(make_registration(webinar, "Alice", email="home@example.org"), sent_at=NOW + timedelta(hours=1))
    assert troubles() == {"Alice": Trouble.NO_MAILBOX}


def test_letters_to_nobody_registered_do_not_disturb(webinar):
    place = make_registration(webinar, "Alice")
    letter(place, state="failed", subject="a0123456789abcdef")
    letter(place, state="failed")
    assert names() == ["Alice"]


def test_people_are_grouped_by_webinar_the_soonest_first_and_the_rest_is_counted(app, monkeypatch):
    monkeypatch.setattr(desk, "MOST_SHOWN", 2)
    later, sooner = make_webinar(starts_in=timedelta(days=9)), make_webinar(starts_in=timedelta(days=2))
    for name in ("Dora", "Alice", "Bob"):
        letter(make_registration(sooner, name), state="failed")
    letter(make_registration(later, "Charlie"), state="failed")
    found = desk.overview(NOW)
    assert [miss.webinar.id for miss in found] == [sooner.id, later.id]
    assert [miss.count for miss in found] == [3, 1]
    assert [[one.registration.name for one in miss.people] for miss in found] == [["Alice", "Bob"], ["Charlie"]]
    assert [(one.id, count) for one, count in desk.counted(NOW)] == [(sooner.id, 3), (later.id, 1)]
    assert [desk.count_of(one, NOW) for one in (later, sooner)] == [1, 3]
    assert desk.count_of(later, NOW - timedelta(days=6)) == 0, "more than two weeks ahead"


def test_a_person_is_listed_once_however_many_reasons_there_are(webinar):
    alice = make_registration(webinar, "Alice")
    letter(alice, state="failed")
    letter(alice, "reminder", "failed", last_error=Reason.BOUNCED)
    bounce("alice@example.org", NOW + timedelta(minutes=1))
    assert troubles() == {"Alice": Trouble.NO_MAILBOX}
    assert [count for _, count in desk.counted(NOW)] == [1]


# --- why --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "words", "trouble"),
    [
        ("alice@gmial.com", "550 5.1.2 <address>: Host or domain name not found", Trouble.MISTYPED),
        ("alice@gmial.com", GONE, Trouble.MISTYPED),
        ("alice@gmial.com", "552 5.2.2 mailbox full", Trouble.MAILBOX_FULL),
        ("alice@example.org", "550 5.1.2 <address>: Host or domain name not found", Trouble.NO_DOMAIN),
        ("alice@example.org", GONE, Trouble.NO_MAILBOX),
        ("alice@example.org", "550 5.2.1 The account is disabled", Trouble.CLOSED),
        ("alice@example.org", "452 4.2.2 The recipient's inbox is out of storage space", Trouble.MAILBOX_FULL),
        ("alice@example.org", "554 5.7.1 Message considered spam", Trouble.SPAM),
        ("alice@example.org", "550 5.7.1 blocked using a blocklist", Trouble.BLOCKED),
        ("alice@example.org", "the server did not answer", Trouble.SERVER_AWAY),
        ("alice@example.org", "the letter could not be made: KeyError", Trouble.UNMADE),
        ("alice@example.org", "its time had passed", Trouble.LATE),
        ("alice@example.org", "", Trouble.UNKNOWN),
    ],
)
def test_cause_is_told_from_the_servers_words_and_the_address(webinar, email, words, trouble):
    letter(make_registration(webinar, "Alice", email=email), state="failed", last_error=words)
    assert troubles() == {"Alice": trouble}


def test_a_letter_not_tried_because_of_an_earlier_bounce_has_the_cause_of_that_one(webinar):
    alice = make_registration(webinar, "Alice")
    letter(alice, state="failed", last_error=Reason.BOUNCED)
    bounce("alice@example.org", words="550 5.2.1 The account is disabled")
    assert troubles() == {"Alice": Trouble.CLOSED}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("trouble", Trouble)
def test_every_cause_has_words_and_something_to_do(app, webinar, trouble, language):
    alice = make_registration(webinar, "Alice", email="alice@gmial.com")
    held = db.session.get(Message, letter(alice, state="pending", next_attempt_at=NOW + timedelta(hours=3)))
    one = desk_rules.Missed(alice, held, trouble, "alice@gmail.com")
    with app.test_request_context(), speaking(language):
        said = desk_words.cause(one, NOW), desk_words.advice(one)
    assert all(said) and "%(" not in "".join(said)
    assert REMEDIES[trouble]
    assert Remedy.CALL in REMEDIES[trouble]


@pytest.mark.parametrize(
    ("now", "fields", "day"),
    [
        # The webinar starts on Thursday at 19:00 in New York.
        (datetime(2026, 12, 3, 15, tzinfo=UTC), {}, When.TONIGHT),
        (datetime(2026, 12, 4, 0, 30, tzinfo=UTC), {}, When.TONIGHT),
        (datetime(2026, 12, 3, 4, tzinfo=UTC), {}, When.TOMORROW),
        (datetime(2026, 12, 2, 4, tzinfo=UTC), {}, When.LATER),
        (datetime(2026, 12, 3, 15, tzinfo=UTC), {"starts_in": timedelta(hours=-7)}, When.TODAY),
        (datetime(2026, 12, 4, 2, tzinfo=UTC), {}, When.OVER),
        (datetime(2026, 12, 3, 15, tzinfo=UTC), {"state": "cancelled"}, When.CALLED_OFF),
    ],
)
def test_the_day_is_named_on_the_webinars_clock(app, now, fields, day):
    start = datetime(2026, 12, 4, 0, 0, tzinfo=UTC)
    found = make_webinar(now=start, **{"starts_in": timedelta()} | fields)
    assert desk_rules.day_of(found, now) == day


@pytest.mark.parametrize(
    ("count", "hours", "said"),
    [
        (1, 7, "1 person will miss tonight's link"),
        (7, 7, "7 people will miss tonight's link"),
        (7, 24 * 11 + 4, "7 people will miss the link for Thursday 3 December"),
    ],
)
def test_heading_says_what_is_missed_by_how_many(app, count, hours, said):
    found = make_webinar(starts_in=timedelta(hours=hours))
    with app.test_request_context():
        assert desk_words.heading(found, count, NOW) == said


# --- what to do -------------------------------------------------------------------------------------------------------
