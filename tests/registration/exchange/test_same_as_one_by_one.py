"""Entering a list at once leads to what registering one person after another leads to."""

import pytest
from sqlalchemy import select

from tests.factories import make_registration, make_video, make_webinar
from tests.registration.deeds import assert_true_counters
from tests.registration.exchange.support import csv_file, enter
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.models import Message
from webinars.registration import queries, service
from webinars.registration.models import Registration
from webinars.registration.rules import Application, Letters

#: name, address, telephone, way of taking part, zone, language, discreet, question
PEOPLE = [
    ("Alice", "alice@example.org", "", "live", "Europe/Berlin", "es", True, "Why?"),
    ("Bob", "", "+1 555 0100", "phone", "", "", False, ""),
    ("Carla", "carla@example.org", "", "recording", "", "", False, ""),
    ("Dora", "dora@example.org", "", "", "", "", False, ""),
    ("Alice", "ALICE@example.org", "", "", "", "", False, "Another?"),
    ("Emil", "alice@example.org", "", "", "", "", False, ""),
    ("Known", "known@example.org", "", "live", "", "", False, ""),
    ("Known", "known@example.org", "", "recording", "", "", False, ""),
    ("Gone", "gone@example.org", "", "phone", "Europe/Paris", "es", False, ""),
    ("Gone Twice", "gone.twice@example.org", "", "recording", "", "", False, "New question"),
    ("Watcher", "watcher@example.org", "", "live", "", "", False, ""),
    ("Still Watcher", "still.watcher@example.org", "", "recording", "", "", False, ""),
    ("In Line", "in.line@example.org", "", "live", "", "", False, ""),
    ("Frida", "frida@example.org", "", "live", "", "", False, ""),
    ("Álvaro Núñez", "alvaro@example.org", "", "", "", "", False, "¿Duele?"),
]
#: what differs by chance, or by who counts first
_BY_CHANCE = {"id", "public_id", "uid", "webinar_id", "created_at", "state_since", "answered_at"}


def file_of(people):
    head = "name,email,phone,mode,time_zone,language,discreet,question"
    lines = (",".join([*one[:6], "yes" if one[6] else "no", one[7]]) for one in people)
    return csv_file(head, *lines)


def one_by_one(webinar, people, letters):
    for name, email, phone, mode, zone, language, discreet, question in people:
        asked = Application(
            name,
            email or None,
            zone,
            language or "en",
            mode or "live",
            discreet,
            question,
            phone,
            letters=Letters.EACH if letters else Letters.NONE,
        )
        with transaction():
            service.register(webinar.id, asked, utc_now(), by_staff=True)


def world(**fields):
    """Make a webinar at which some are known already."""
    webinar = make_webinar(now=utc_now(), **fields)
    make_registration(webinar, "Known", now=utc_now())
    make_registration(webinar, "Gone", state="cancelled", discreet=True, question="Old question", now=utc_now())
    make_registration(webinar, "Gone Twice", state="cancelled", question="Old", partstat="ACCEPTED", now=utc_now())
    make_registration(webinar, "Watcher", state="recording-only", mode="recording", partstat="X", now=utc_now())
    make_registration(webinar, "Still Watcher", state="recording-only", mode="recording", now=utc_now())
    return webinar


def facts(webinar):
    """Give all that is written of people, and of the letters they are owed."""
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.scalars(select(Registration).where(Registration.webinar_id == webinar.id)).all()
    names = [column.key for column in Registration.__table__.columns if column.key not in _BY_CHANCE]
    order = {one.id: number for number, one in enumerate(sorted(rows, key=lambda one: one.id))}
    places = queries.positions(rows)
    people = {
        one.name: {name: getattr(one, name) for name in names} | {"order": order[one.id], "place": places.get(one.id)}
        for one in rows
    }
    subjects = {one.subject: one.name for one in rows}
    letters = db.session.scalars(select(Message).where(Message.about == f"w{webinar.id}")).all()
    owed = sorted((subjects[one.subject], one.notice, one.occasion) for one in letters)
    counters = webinar.confirmed_count, webinar.offered_count, webinar.waitlisted_count, webinar.next_in_line
    return people, owed, counters


@pytest.mark.parametrize("letters", [True, False])
@pytest.mark.parametrize(
    "fields",
    [
        {"capacity": None},
        {"capacity": 5},
        {"capacity": 1},
        {"capacity": 5, "sequence": 3},
        {"capacity": 30, "waiting_list": False},
    ],
)
def test_list_leads_to_the_same_places_and_letters(app, fields, letters):
    ours, theirs = world(**fields), world(**fields)
    one_by_one(theirs, PEOPLE, letters)
    found = enter(ours, file_of(PEOPLE), letters)
    assert found.state == "done", found.reason
    assert facts(ours) == facts(theirs)
    assert_true_counters(ours)


def test_nobody_passes_those_who_wait(app):
    ours, theirs = make_webinar(now=utc_now(), capacity=2), make_webinar(now=utc_now(), capacity=2)
    for webinar in (ours, theirs):
        make_registration(webinar, "Known", now=utc_now())
        make_registration(webinar, "First", state="waitlisted", now=utc_now())
    people = [one for one in PEOPLE if one[0] in {"Dora", "Frida"}]
    one_by_one(theirs, people, letters=True)
    enter(ours, file_of(people))
    assert facts(ours) == facts(theirs)
    assert facts(ours)[0]["Frida"]["place"] == 3


def test_who_asks_for_a_recording_that_is_out_gets_it(app):
    ours, theirs = make_webinar(now=utc_now()), make_webinar(now=utc_now())
    make_video(ours, slug="one")
    make_video(theirs, slug="two")
    people = [one for one in PEOPLE if one[0] in {"Dora", "Carla"}]
    one_by_one(theirs, people, letters=True)
    enter(ours, file_of(people))
    owed = [[(name, notice) for name, notice, _occasion in facts(one)[1]] for one in (ours, theirs)]
    assert owed[0] == owed[1]
    assert ("Carla", "recording-ready") in owed[0]


def test_of_two_rows_of_a_person_the_one_that_asks_for_a_seat_counts(app):
    ours, theirs = make_webinar(now=utc_now(), capacity=1), make_webinar(now=utc_now(), capacity=1)
    people = [(name, f"{name}@example.org", "", mode, "", "", False, "") for name, mode in
              (("Alice", "recording"), ("Bob", "live"), ("Alice", "live"))]  # fmt: skip
    one_by_one(theirs, people, letters=True)
    found = enter(ours, file_of(people))
    assert found.counts["twice"] == 1
    standing = [{name: (one["state"], one["mode"], one["place"]) for name, one in facts(each)[0].items()}
                for each in (ours, theirs)]  # fmt: skip
    assert standing[0] == standing[1] == {"Alice": ("waitlisted", "live", 1), "Bob": ("confirmed", "live", None)}
