"""`flask privacy export` and `erase`."""

import json

import pytest
from sqlalchemy import func, select, text

from tests.factories import NOW, make_registration, make_user, make_webinar
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.links import keyed_hash
from webinars.live.models import Attendance
from webinars.mail import outbox
from webinars.mail.models import Address, Message
from webinars.registration import service
from webinars.registration.models import Registration


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now(), capacity=1)


def run(app, *arguments):
    result = app.test_cli_runner().invoke(args=["privacy", *arguments])
    assert result.exit_code == 0, result.output
    db.session.expire_all()
    return result.output


def count(model, *which):
    return db.session.scalar(select(func.count()).select_from(model).where(*which))


def fill(webinar):
    """Write all that can be known of Alice, and a Bob who waits for her seat."""
    alice = make_registration(webinar, "Alice", email="Alice@Example.org")
    make_registration(webinar, "Alina", email="alice@example.org", state="waitlisted")
    make_registration(webinar, "Bob", state="waitlisted")
    hashed = keyed_hash("address", "alice@example.org")
    with transaction() as session:
        session.add(Attendance(registration_id=alice.id, webinar_id=webinar.id, joined_at=NOW))
        session.add(Address(key=hashed, proven_at=NOW))
        outbox.owe(notice="confirmation", subject=alice.subject, occasion="1", now=NOW)
        outbox.owe(notice="link", subject=f"a{hashed}", occasion="x", now=NOW, payload={"address": "alice@example.org"})
        outbox.owe(notice="staff-letter", subject="a" + keyed_hash("staff", "alice@example.org"), occasion="y", now=NOW)
        session.execute(
            text("INSERT INTO api_tokens (id, name, token_hash, created_at) VALUES (7, 'n', 'h', :now)"), {"now": NOW}
        )
        session.execute(
            text(
                "INSERT INTO idempotent_answers (token_id, key, request_hash, status, body, created_at)"
                " VALUES (7, 'k', 'h', 201, :body, :now)"
            ),
            {"body": json.dumps({"id": alice.public_id, "email": "alice@example.org"}), "now": NOW},
        )
    return alice


def test_erase_leaves_nothing_and_gives_the_seat_to_the_next(app, webinar):
    fill(webinar)
    output = run(app, "erase", " ALICE@example.ORG ")
    for line in ("registrations: 2", "attendances: 1", "letters: 3", "addresses: 1", "answers: 1"):
        assert line in output
    assert "alice" not in output.lower()
    assert [(one.name, one.state) for one in db.session.scalars(select(Registration))] == [("Bob", "confirmed")]
    assert (webinar.confirmed_count, webinar.waitlisted_count) == (1, 0)
    assert count(Attendance) == count(Address) == 0
    bob = db.session.scalars(select(Registration)).one()
    assert [(one.notice, one.subject) for one in db.session.scalars(select(Message))] == [("promoted", bob.subject)]
    assert db.session.scalar(text("SELECT count(*) FROM idempotent_answers")) == 0
    everything = json.dumps([list(map(str, row)) for row in db.session.execute(text("SELECT * FROM audit_entries"))])
    assert "alice" not in everything.lower()


def test_erase_of_an_unknown_address_counts_nothing(app, webinar):
    make_registration(webinar, "Bob")
    assert "registrations: 0" in run(app, "erase", "nobody@example.org")
    assert count(Registration) == 1


def test_erase_keeps_the_account_of_a_member_of_staff(app, webinar):
    make_user("alice@example.org")
    fill(webinar)
    assert "letters: 2" in run(app, "erase", "alice@example.org")
    assert json.loads(run(app, "export", "alice@example.org"))["staff_account"]["roles"] == ["owner"]


def test_export_gives_everything_held(app, webinar):
    alice = fill(webinar)
    found = json.loads(run(app, "export", "alice@EXAMPLE.org"))
    assert [place["name"] for place in found["registrations"]] == ["Alice", "Alina"]
    first = found["registrations"][0]
    assert first["webinar"]["title"] == webinar.title
    assert first["public_id"] == alice.public_id
    assert first["attendance"][0]["joined_at"].startswith("2026-11-22T15:00")
    assert [letter["notice"] for letter in first["letters"]] == ["confirmation"]
    assert len(first["answers_to_programs"]) == 1
    assert found["mailbox"][0]["proven_at"].startswith("2026-11-22")
    assert {letter["notice"] for letter in found["letters_without_registration"]} == {"link", "staff-letter"}
    assert "Bob" not in json.dumps(found)


def test_export_after_erase_is_empty(app, webinar):
    fill(webinar)
    run(app, "erase", "alice@example.org")
    found = json.loads(run(app, "export", "alice@example.org"))
    assert not any(found[kind] for kind in found if kind != "address")


def test_erased_person_can_register_again(app, webinar):
    fill(webinar)
    run(app, "erase", "alice@example.org")
    with transaction():
        outcome = service.register(webinar.id, service.Application("Alice", "alice@example.org"), utc_now())
    assert outcome.is_new
