"""Numbers stay when names go: equal before and after, whatever deletes them, and whatever breaks in between."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import NOW, make_registration, make_series, make_video, make_webinar
from tests.support.meanwhile import overtaken
from webinars.archive.world_models import Count
from webinars.core.database import db, transaction
from webinars.live.service import note_attendance
from webinars.mail import outbox
from webinars.mail.models import Message
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar
from webinars.site import privacy, retention
from webinars.staff.numbers import queries, service, work
from webinars.staff.numbers.models import Counting, Number
from webinars.staff.numbers.rules import Cells

LATER = NOW + timedelta(days=200)


def count(webinar: Webinar) -> Cells:
    with transaction():
        service.recount(webinar.id, NOW)
    return cells(webinar)


def cells(webinar: Webinar) -> Cells:
    db.session.expire_all()
    rows = db.session.query(Number).filter_by(webinar_id=webinar.id)
    return {(row.what, row.key): row.number for row in rows if row.number}


def letter(person: Registration, notice: str = "confirmation", state: str = "sent", **fields: Any) -> None:
    about = f"w{person.webinar_id}"
    with transaction():
        outbox.owe(notice=notice, subject=person.subject, occasion="1", about=about, now=NOW)
        owed = db.session.query(Message).filter_by(subject=person.subject, notice=notice).one()
        owed.state = state
        for name, value in fields.items():
            setattr(owed, name, value)


def make_people(webinar: Webinar) -> list[Registration]:
    """Make four people of whom one came, one cancelled, one reads Spanish in Europe and brought another."""
    people = [
        make_registration(webinar, "Alice", role="patient", now=NOW - timedelta(days=3)),
        make_registration(webinar, "Bob", state="cancelled"),
        make_registration(webinar, "Carla", language="es", time_zone="Europe/Madrid", party="p", mode="phone"),
        make_registration(webinar, "David", time_zone="America/Bogota", party="p", state="recording-only"),
    ]
    with transaction():
        note_attendance(db.session.get_one(Registration, people[0].id), NOW)
    for person in people:
        letter(person)
    letter(people[0], "reminder", "failed", sent_at=NOW)
    letter(people[2], "reminder", "failed")
    return people


COUNTED = {
    ("state", "confirmed"): 2,
    ("state", "cancelled"): 1,
    ("state", "recording-only"): 1,
    ("mode", "live"): 1,
    ("mode", "phone"): 1,
    ("mode", "recording"): 1,
    ("language", "en"): 2,
    ("language", "es"): 1,
    ("region", "eastern"): 1,
    ("region", "europe"): 1,
    ("region", "latin-america"): 1,
    ("role", "patient"): 1,
    ("attended", "web"): 1,
    ("brought", ""): 1,
    ("day", "2026-11-19"): 1,
    ("day", "2026-11-22"): 3,
    ("sent", "confirmation"): 4,
    ("bounced", "reminder"): 1,
    ("failed", "reminder"): 1,
}


def test_a_webinar_is_counted_by_all_that_is_shown_of_it(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-1))
    make_people(webinar)
    assert count(webinar) == COUNTED


def test_places_that_are_held_until_the_address_is_proven_are_not_counted(app: Flask) -> None:
    webinar = make_webinar()
    make_registration(webinar, proof_until=NOW + timedelta(days=1))
    assert count(webinar) == {}


def test_day_of_a_sign_up_is_that_of_the_webinars_zone(app: Flask) -> None:
    webinar = make_webinar(time_zone="Australia/Sydney")
    make_registration(webinar, now=NOW.replace(hour=12, minute=59))
    make_registration(webinar, "Bob", now=NOW.replace(hour=13, minute=0))
    assert queries.days_of(webinar.id) == {}
    count(webinar)
    assert queries.days_of(webinar.id) == {"2026-11-22": 1, "2026-11-23": 1}


def test_counted_anew_the_numbers_follow_what_changed(app: Flask) -> None:
    webinar = make_webinar()
    person = make_registration(webinar)
    count(webinar)
    person.state = "cancelled"
    db.session.commit()
    assert count(webinar) == {("state", "cancelled"): 1, ("day", "2026-11-22"): 1}


def test_counts_are_equal_before_and_after_the_deletion_of_all_names(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-1))
    make_people(webinar)
    before = count(webinar)
    with transaction():
        while retention.enforce(LATER):
            pass
    assert db.session.query(Registration).count() == db.session.query(Message).count() == 0
    assert cells(webinar) == before
    assert count(webinar) == before


def test_what_was_never_counted_is_counted_as_it_is_deleted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    webinar = make_webinar(starts_in=timedelta(days=-1))
    make_people(webinar)
    deleted = 1
    while deleted:
        with transaction():
            deleted = retention.enforce(LATER)
    assert cells(webinar) == COUNTED


def test_a_crash_between_counting_and_deleting_loses_and_doubles_nothing(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-1))
    make_people(webinar)

    class Crash(Exception):
        pass

    for _time in range(2):
        with pytest.raises(Crash), transaction():
            retention.enforce(LATER)
            raise Crash
    assert db.session.query(Registration).count() == 4
    assert db.session.query(Counting).count() == 0
    with transaction():
        retention.enforce(LATER)
    assert cells(webinar) == COUNTED


def test_erasing_somebody_after_the_webinar_changes_no_number_but_who_they_are(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-1))
    make_people(webinar)
    before = count(webinar)
    for address in ("alice@example.org", "carla@example.org"):
        with transaction():
            privacy.erase(address, NOW)
    after = count(webinar)
    assert after == {one: number for one, number in before.items() if one != ("role", "patient")}
    with transaction():
        retention.enforce(LATER)
    assert cells(webinar) == after


def test_who_is_erased_before_the_webinar_counts_like_one_who_cancelled(app: Flask) -> None:
    webinar = make_webinar(capacity=1)
    make_registration(webinar, "Alice")
    make_registration(webinar, "Bob", state="waitlisted")
    with transaction():
        privacy.erase("alice@example.org", NOW)
    after = count(webinar)
    assert {key: number for (what, key), number in after.items() if what == "state"} == {"confirmed": 1, "cancelled": 1}
    assert after["day", "2026-11-22"] == 2


def test_a_crash_while_somebody_is_erased_loses_and_doubles_nothing(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-1))
    make_people(webinar)
    before = count(webinar)
    with pytest.raises(ZeroDivisionError), transaction():
        privacy.erase("alice@example.org", NOW)
        raise ZeroDivisionError
    assert count(webinar) == before


def test_who_counts_waits_for_who_erases_and_counts_nobody_twice(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-1))
    make_people(webinar)
    before, number = count(webinar), webinar.id
    db.session.remove()

    def recount() -> None:
        with app.app_context(), transaction():
            service.recount(number, NOW)

    overtaken(lambda: privacy.erase("carla@example.org", NOW), recount)
    assert cells(db.session.get_one(Webinar, number)) == before


def test_two_that_delete_names_at_once_count_each_once(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-1))
    make_people(webinar)
    number = webinar.id
    db.session.remove()

    def enforce() -> None:
        with app.app_context(), transaction():
            retention.enforce(LATER)

    overtaken(lambda: retention.enforce(LATER), enforce)
    assert cells(db.session.get_one(Webinar, number)) == COUNTED


def test_letters_of_a_place_that_is_no_more_are_counted_on(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=300))
    person = make_registration(webinar)
    letter(person, "proof")
    db.session.delete(person)
    db.session.commit()
    assert count(webinar) == {("sent", "proof"): 1}
    with transaction():
        retention.enforce(NOW + timedelta(days=91))
    assert db.session.query(Message).count() == 0
    assert count(webinar) == {("sent", "proof"): 1}


def test_plays_are_counted_on_after_the_names_are_gone(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-1))
    video = make_video(webinar)
    make_registration(webinar)
    with transaction():
        retention.enforce(LATER)
    db.session.add(Count(video_id=video.id, day=LATER.date(), language="en", what="start", number=7))
    db.session.commit()
    assert queries.to_count(LATER + timedelta(hours=2)) == [webinar.id]
    assert count(webinar)["plays", ""] == 7
    assert cells(webinar)["state", "confirmed"] == 1


def test_webinar_that_is_held_once_more_counts_both_times_together(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-1))
    letter(make_registration(webinar, role="patient"))
    with transaction():
        retention.enforce(LATER)
    webinar.starts_at, webinar.ends_at = LATER + timedelta(days=9), LATER + timedelta(days=9, hours=1)
    db.session.commit()
    later = LATER + timedelta(minutes=3)
    letter(make_registration(webinar, "Bob", role="patient"), created_at=later)
    assert queries.to_count(later) == [webinar.id]
    for _time in range(2):
        with transaction():
            service.recount(webinar.id, later)
        assert set(cells(webinar).values()) == {2}
    with transaction():
        retention.enforce(LATER + timedelta(days=200))
    assert set(cells(webinar).values()) == {2}


def test_of_people_who_were_deleted_before_anybody_counted_the_seats_are_known(app: Flask) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-200), confirmed_count=12)
    assert count(webinar) == {("state", "confirmed"): 12}
    assert count(webinar) == {("state", "confirmed"): 12}
    assert db.session.get_one(Counting, webinar.id).partial


def test_worker_counts_what_is_missing_and_what_is_too_old_and_rests(app: Flask) -> None:
    series = make_series()
    soon, over = make_webinar(series), make_webinar(series, starts_in=timedelta(days=-10))
    make_webinar(series, state="draft")
    assert queries.to_count(NOW) == [soon.id, over.id]
    count(soon)
    count(over)
    assert queries.to_count(NOW + timedelta(minutes=3)) == [soon.id]
    assert queries.to_count(NOW + timedelta(minutes=61)) == [soon.id, over.id]


def test_look_of_the_worker_counts_each_webinar_once_and_then_waits(app: Flask) -> None:
    webinar = make_webinar()
    make_registration(webinar)
    assert work.go_on(lambda: False)
    assert cells(webinar)["state", "confirmed"] == 1
    assert not work.go_on(lambda: False)
    db.session.add(make_webinar(db.session.get_one(Webinar, webinar.id).series))
    assert not work.go_on(lambda: False)
    assert db.session.query(Counting).count() == 1
