"""Waves of sign-ups: noticed once, let in or removed in one step, and never at the cost of a person who is known."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, make_user, make_webinar
from tests.registration.deeds import assert_true_counters, registration_of, sign_up
from tests.support.queries import sent_queries
from webinars.accounts.models import AuditEntry
from webinars.core.database import db, transaction
from webinars.mail.limits import note_proven
from webinars.mail.models import Message
from webinars.registration import waves
from webinars.registration.models import Registration, Wave

pytestmark = pytest.mark.usefixtures("app")

HOSPITAL, BOT = "a" * 32, "b" * 32
LATER = NOW + timedelta(minutes=20)


@pytest.fixture(autouse=True)
def small_numbers(monkeypatch):
    """A wave of ten is a wave, or every test would need hundreds."""
    monkeypatch.setattr(waves, "FROM_NETWORK", 10)
    monkeypatch.setattr(waves, "MARKED", 10)
    monkeypatch.setattr(waves, "MANY", 30)


def flood(webinar, number=12, name="Bot", client_key=BOT, now=NOW, **fields):
    for one in range(number):
        sign_up(webinar, f"{name} {one:03}", now=now + timedelta(seconds=one), client_key=client_key, **fields)


def notice(now=LATER):
    with transaction():
        waves.notice(now)
    return db.session.scalars(select(Wave).order_by(Wave.id)).all()


def deal(deed, wave, now=LATER, **asked):
    with transaction():
        return deed(db.session.get(Wave, wave.id), now, **asked)


def left(webinar):
    names = select(Registration.name).where(Registration.webinar_id == webinar.id).order_by(Registration.id)
    return db.session.scalars(names).all()


def letters():
    return db.session.scalar(select(func.count()).select_from(Message).where(Message.notice != "staff-letter"))


def test_many_from_one_network_are_a_wave_and_few_are_none():
    webinar = make_webinar()
    flood(webinar, 9)
    assert notice() == []
    sign_up(webinar, "The tenth", client_key=BOT)
    [wave] = notice()
    assert (wave.kind, wave.sign_ups, wave.settled_at) == ("network", 10, None)


def test_people_from_many_networks_and_those_whom_staff_enter_make_no_wave():
    webinar = make_webinar()
    for one in range(15):
        sign_up(webinar, f"Person {one}", client_key=f"{one:032}")
        sign_up(webinar, f"Caller {one}", by_staff=True, client_key=BOT)
    assert notice() == []


def test_forms_filled_in_by_machines_are_a_wave_wherever_they_come_from():
    webinar = make_webinar()
    for one in range(10):
        sign_up(webinar, f"Bot {one}", client_key=f"{one:032}", suspicious=True)
    assert [wave.kind for wave in notice()] == ["marked"]


def test_far_more_than_usual_is_a_wave_but_not_where_it_is_usual():
    webinar = make_webinar()
    for one in range(30):
        sign_up(webinar, f"Person {one}", client_key=f"{one:032}")
    assert [wave.kind for wave in notice()] == ["many"]
    db.session.query(Wave).delete()
    db.session.commit()
    for day in range(1, 7):
        for one in range(100):
            sign_up(webinar, f"Earlier {day} {one}", now=NOW - timedelta(days=day), client_key=f"{one:032}")
    assert notice() == []


def test_wave_is_told_of_once_and_grows():
    editor, _viewer = make_user("ed@example.org", "editor"), make_user("vi@example.org", "viewer")
    webinar = make_webinar()
    flood(webinar)
    notice()
    flood(webinar, 5, "Later bot", now=NOW + timedelta(minutes=10))
    [wave] = notice()
    assert wave.sign_ups == 17 and wave.last_at == NOW + timedelta(minutes=10, seconds=4)
    told = db.session.scalars(select(Message).where(Message.notice == "staff-letter")).all()
    assert [(one.payload or {}).get("email") for one in told] == [editor.email]


def test_workers_who_look_at_once_note_it_once():
    flood(make_webinar())
    with transaction():
        found = list(waves._of_networks(LATER))[0]
        assert waves._note(found, LATER) is not None and waves._note(found, LATER) is None


def test_people_are_let_in_and_not_asked_about_again():
    webinar = make_webinar()
    flood(webinar, name="Patient", client_key=HOSPITAL, letters_from=NOW + timedelta(hours=3))
    [wave] = notice()
    waiting = select(func.count()).select_from(Message).where(Message.next_attempt_at > LATER)
    assert db.session.scalar(waiting) == 12
    assert deal(waves.let_in, wave) == 12
    assert db.session.scalar(waiting) == 0 and registration_of("Patient 003").letters_from is None
    flood(webinar, name="Nurse", client_key=HOSPITAL, now=LATER)
    assert len(notice(LATER + timedelta(minutes=5))) == 1
    assert deal(waves.remove, wave) == 0 and len(left(webinar)) == 24


def test_removal_leaves_everybody_who_is_known_and_gives_the_seats_to_those_who_wait():
    webinar, other = make_webinar(capacity=13), make_webinar(capacity=5)
    sign_up(webinar, "Alice", client_key=HOSPITAL)
    flood(webinar)
    flood(other, 3, "Other bot")
    with transaction():
        note_proven(registration_of("Bot 000").address_key, NOW)
    sign_up(webinar, "Carla", client_key=HOSPITAL)
    assert registration_of("Carla").state == "waitlisted"
    [wave] = notice()
    before = letters()
    assert deal(waves.remove, wave) == 14
    assert left(webinar) == ["Alice", "Bot 000", "Carla"] and left(other) == []
    assert registration_of("Carla").state == "confirmed"
    # Theirs are gone, and Carla has a new one.
    assert letters() == before - 14 + 1
    assert_true_counters(webinar)
    assert_true_counters(other)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "wave removed")).one()
    assert entry.after == {"registrations": 14}


def test_removal_can_be_narrowed_to_marked_forms_or_to_one_domain():
    webinar = make_webinar()
    flood(webinar, 6, "Marked", suspicious=True)
    flood(webinar, 6, "Plain")
    [wave] = notice()
    assert deal(waves.remove, wave, marked=True) == 6
    assert {name.split()[0] for name in left(webinar)} == {"Plain"}
    for one in range(12):
        sign_up(
            webinar,
            f"Mixed {one:02}",
            now=LATER + timedelta(seconds=1),
            client_key=BOT,
            email=f"m{one}@{'spam' if one % 2 else 'clinic'}.example",
        )
    wave = notice(LATER + timedelta(minutes=1))[-1]
    assert dict(waves.facts_of(wave).domains)["spam.example"] == 6
    assert deal(waves.remove, wave, LATER + timedelta(minutes=2), domain="spam.example") == 6


def test_wave_that_goes_on_after_its_removal_is_a_new_one():
    webinar = make_webinar()
    flood(webinar)
    [wave] = notice()
    deal(waves.remove, wave)
    assert len(notice(LATER + timedelta(seconds=1))) == 1
    flood(webinar, 12, "Again", now=LATER + timedelta(minutes=1))
    assert len(notice(LATER + timedelta(minutes=5))) == 2


def test_thousands_are_removed_in_a_bounded_number_of_statements():
    webinar = make_webinar()
    flood(webinar, 20)
    [small] = notice()
    with sent_queries() as few:
        deal(waves.remove, small)
    flood(webinar, 60, "More", now=LATER + timedelta(minutes=1))
    large = notice(LATER + timedelta(minutes=5))[-1]
    with sent_queries() as many:
        assert deal(waves.remove, large) == 60
    assert len(many) == len(few)
