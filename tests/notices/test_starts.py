"""A webinar that is moved away and back: nobody who holds the right time is told of another one."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import NOW, make_registration, make_series, make_webinar
from webinars.core.database import db, transaction
from webinars.mail import claims
from webinars.mail.letters import Sent
from webinars.mail.models import Lane, Mailing, Message, MessageState
from webinars.notices import owed, queries
from webinars.notices.derive import derive_due
from webinars.notices.kinds import Notice, Reason
from webinars.notices.prepare import prepare
from webinars.notices.queries import SETTLES_AFTER
from webinars.notices.starts import Revision, Starts, Step, news, revision_of, starts_of
from webinars.registration.models import Registration
from webinars.registration.rules import CalendarState, calendar_state
from webinars.schedule.models import Series, Webinar
from webinars.schedule.service import edit_webinar, move_webinar

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture
def webinar_id(app) -> int:
    return make_webinar().id


def change(webinar_id: int, now, **fields) -> None:
    with transaction():
        webinar = db.session.get_one(Webinar, webinar_id)
        hours = fields.pop("hours", None)
        if hours is not None:
            move_webinar(webinar, webinar.local_start + timedelta(hours=hours), now=now)
        else:
            edit_webinar(webinar, fields, now)


def person(webinar_id: int, name: str, **fields) -> Registration:
    fields = {"told_sequence": 0, "entry_sequence": 0} | fields
    return make_registration(db.session.get_one(Webinar, webinar_id), name, now=fields.pop("since", LONG_AGO), **fields)


def look(now) -> list[tuple[str, str]]:
    """Let the worker look; give (notice, subject) of every letter that waits."""
    with transaction():
        derive_due(now)
    waiting = db.session.query(Message).filter_by(state=MessageState.PENDING)
    return sorted((message.notice, message.subject) for message in waiting)


def known(webinar_id: int) -> tuple[Revision, Starts]:
    revision = revision_of(db.session.get_one(Webinar, webinar_id))
    return revision, queries.find_starts(db.session(), [revision]).get(revision.id, Starts())


def test_moving_away_and_back_before_the_worker_looked_tells_nobody_anything(webinar_id):
    alice = person(webinar_id, "Alice").id
    change(webinar_id, NOW, hours=2)
    change(webinar_id, NOW + MINUTE, hours=-2)
    assert look(NOW + 2 * MINUTE) == look(NOW + 2 * MINUTE + SETTLES_AFTER) == []
    place = db.session.get_one(Registration, alice)
    assert (place.webinar.sequence, place.sequence) == (2, 2), "SEQUENCE grows all the same"
    assert calendar_state(place) is CalendarState.CURRENT, "and staff see that the calendar is right"
    assert db.session.query(Mailing).filter(Mailing.settled_at.is_(None)).count() == 0


def test_next_change_after_that_is_told_with_a_sequence_above_all(webinar_id):
    alice = person(webinar_id, "Alice").subject
    for hours, minutes in ((2, 0), (-2, 1)):
        change(webinar_id, NOW + minutes * MINUTE, hours=hours)
    look(NOW + 2 * MINUTE)
    change(webinar_id, NOW + 3 * MINUTE, title="Another title")
    assert look(NOW + 4 * MINUTE) == [("changed", alice)]
    message = db.session.query(Message).one()
    made = prepare([message], NOW + 4 * MINUTE)[0]()
    assert made.entry_sequence == made.told_sequence == 3


def test_title_that_changed_in_between_is_told_without_a_word_of_a_new_time(webinar_id):
    alice = person(webinar_id, "Alice").subject
    change(webinar_id, NOW, hours=2)
    change(webinar_id, NOW + MINUTE, title="Another title")
    change(webinar_id, NOW + 2 * MINUTE, hours=-2)
    assert look(NOW + 3 * MINUTE) == [("changed", alice)]
    [message] = db.session.query(Message)
    assert prepare([message], NOW + 3 * MINUTE)[0]().subject.startswith("A change:")


def test_who_was_told_the_time_in_between_is_told_again(webinar_id):
    change(webinar_id, NOW, hours=2)
    alice = person(webinar_id, "Alice")
    bob = person(webinar_id, "Bob", told_sequence=1, entry_sequence=1, since=NOW + SECOND)
    new = person(webinar_id, "New", told_sequence=None, entry_sequence=None, since=NOW + SECOND)
    change(webinar_id, NOW + MINUTE, hours=-2)
    waiting = person(webinar_id, "Waiting", told_sequence=None, entry_sequence=None, since=LONG_AGO)
    assert look(NOW + 2 * MINUTE) == [("moved", bob.subject), ("moved", new.subject)]
    assert alice.subject not in {message.subject for message in db.session.query(Message)}
    assert waiting.subject not in {message.subject for message in db.session.query(Message)}


def test_letter_about_a_move_names_the_start_that_the_reader_knows(webinar_id):
    person(webinar_id, "Told first")
    person(webinar_id, "Read first", told_sequence=None)
    change(webinar_id, NOW, hours=2)
    person(webinar_id, "Told second", told_sequence=1, since=NOW + SECOND)
    person(webinar_id, "Read second", told_sequence=None, since=NOW + SECOND)
    change(webinar_id, NOW + MINUTE, title="Another title")
    change(webinar_id, NOW + MINUTE, hours=1)
    look(NOW + 2 * MINUTE)
    letters = [make() for make in prepare(db.session.query(Message).order_by(Message.subject).all(), NOW + 2 * MINUTE)]
    first, second = (f"Instead of: Wednesday 2 December at {hour} Eastern time" for hour in ("10:00 am", "12:00 pm"))
    said = [
        next(line for line in str(letter.text).splitlines() if line.startswith("Instead of:")) for letter in letters
    ]
    assert said == [first, first, second, second]


def test_who_may_have_been_told_by_a_letter_under_way_is_told_again(webinar_id):
    """The worker took the letter and died: nobody knows whether it arrived, so it counts as arrived."""
    alice = person(webinar_id, "Alice").subject
    change(webinar_id, NOW, hours=2)
    assert look(NOW) == [("moved", alice)]
    claims.claim(Lane.BULK, NOW, MINUTE, 5)
    change(webinar_id, NOW + SECOND, hours=-2)
    claims.recover(NOW + 2 * MINUTE)
    assert look(NOW + 2 * MINUTE) == [("moved", alice)]
    [message] = db.session.query(Message).filter_by(state=MessageState.PENDING)
    assert (message.occasion, prepare([message], NOW + 2 * MINUTE)[0]().entry_sequence) == ("2", 2)


def test_letter_marked_after_the_return_is_found_at_the_second_look(webinar_id):
    alice = person(webinar_id, "Alice")
    change(webinar_id, NOW, hours=2)
    with transaction():
        owed.owe_again(db.session.get_one(Registration, alice.id), "x", NOW, by="staff")
    [message] = db.session.query(Message)
    under_way = prepare([message], NOW)[0]()
    db.session.rollback()
    change(webinar_id, NOW + SECOND, hours=-2)
    assert look(NOW + 2 * SECOND) == [("repeated", message.subject)]
    with transaction():
        owed.note_told([_sent(message, under_way)])
    assert ("moved", message.subject) in look(NOW + 2 * SECOND + SETTLES_AFTER)


def _sent(message, letter):
    return Sent(message.subject, letter.receipt)


def test_reminder_that_waits_outlives_a_move_away_and_back(webinar_id):
    alice = person(webinar_id, "Alice").subject
    webinar = db.session.get_one(Webinar, webinar_id)
    due = webinar.starts_at - timedelta(days=1)
    assert look(due) == [("reminder", alice)]
    change(webinar_id, due + SECOND, hours=2)
    [message] = db.session.query(Message)
    assert prepare([message], due + SECOND)[0]().reason == Reason.MOVED_SINCE
    db.session.rollback()
    change(webinar_id, due + 2 * SECOND, hours=-2)
    assert prepare([message], due + 3 * SECOND)[0]().subject.startswith("Tomorrow at 10:00 am")
    db.session.rollback()
    assert look(due + 3 * SECOND) == [("reminder", alice)], "and it is not owed twice"


def test_reminder_that_fell_due_while_the_time_was_another_is_owed_to_who_heard_of_none(webinar_id):
    alice = person(webinar_id, "Alice").subject
    due = db.session.get_one(Webinar, webinar_id).starts_at - timedelta(days=1)
    change(webinar_id, due - SECOND, hours=48)
    bob = person(webinar_id, "Bob", told_sequence=1, entry_sequence=1, since=due - SECOND).subject
    change(webinar_id, due + SECOND, hours=-48)
    assert look(due + MINUTE) == [("moved", bob), ("reminder", alice)]


def test_books_that_do_not_reach_back_take_nobody_for_knowing(webinar_id):
    alice = person(webinar_id, "Alice").subject
    change(webinar_id, NOW, hours=2)
    change(webinar_id, NOW, hours=-2)
    db.session.execute(db.text("DELETE FROM audit_entries"))
    db.session.commit()
    assert look(NOW) == [("moved", alice)]


START = NOW + timedelta(days=10)
PRESENT = Revision(1, START, "Europe/Paris", 4, 4, NOW)


def test_only_a_start_with_the_same_instant_and_zone_is_the_same():
    def before(starts_at=None, zone=None, sequence=3, at=NOW):
        return Step(at, sequence, starts_at, zone, changed=False)

    first = [before(sequence=number, at=NOW - number * HOUR) for number in (1, 0)]
    moved = [before(START + HOUR), before(START, sequence=2, at=NOW - HOUR), *first]
    assert starts_of(PRESENT, moved).same == {0, 1, 2}
    zone_only = [before(zone="Asia/Tokyo"), before(zone="Europe/Paris", sequence=2, at=NOW - HOUR), *first]
    assert starts_of(PRESENT, zone_only).same == {0, 1, 2}
    assert starts_of(PRESENT, [before(START + HOUR), before(START + 2 * HOUR, sequence=2), *first]).same == set()
    assert starts_of(PRESENT, moved[:-1]) == Starts(), "the first change is missing"


@given(
    deeds=st.lists(st.sampled_from(["away", "back", "title", "zone"]), max_size=7),
    told=st.lists(st.none() | st.integers(0, 7), min_size=1, max_size=6),
    since=st.lists(st.integers(-1, 8), min_size=6, max_size=6),
)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_database_selects_whom_the_rule_names(app, deeds, told, since):
    db.session.rollback()
    for table in (Message, Mailing, Registration, Webinar, Series):
        db.session.query(table).delete()
    db.session.commit()
    db.session.execute(db.text("DELETE FROM audit_entries"))
    db.session.commit()
    webinar = make_webinar(make_series(reminders=[]))
    webinar_id, base, zone = webinar.id, webinar.local_start, webinar.time_zone
    for number, deed in enumerate(deeds):
        changes = {
            "away": {"local_start": base + HOUR},
            "back": {"local_start": base, "time_zone": zone},
            "title": {"title": f"Title {number}"},
            "zone": {"time_zone": "America/Chicago"},
        }
        change(webinar_id, NOW + number * MINUTE, **changes[deed])
    revision, starts = known(webinar_id)
    people = [
        person(
            webinar_id, f"P{number}", told_sequence=value if value is None else min(value, revision.sequence),
            since=NOW + since[number] * MINUTE,
        )
        for number, value in enumerate(told)
    ]  # fmt: skip
    selections = {Notice.MOVED: queries.owed_move, Notice.CHANGED: queries.owed_change}
    for notice, select in selections.items():
        selected = set(db.session.scalars(select(revision, starts)))
        named = {one.subject for one in people if news(one.told_sequence, one.created_at, revision, starts) is notice}
        assert selected == named, (notice, starts)
