"""What is past its date is deleted; nothing else is."""

from datetime import timedelta

from flask import Flask

from tests.factories import NOW, make_registration, make_series, make_user, make_webinar
from webinars.accounts.models import RecoveryCode
from webinars.core.database import db, transaction
from webinars.core.links import address_key
from webinars.live.service import note_attendance
from webinars.mail import outbox
from webinars.mail.limits import note_proven
from webinars.mail.models import Address, Message
from webinars.registration.models import Registration
from webinars.site import retention


def owe_letter(registration: Registration) -> None:
    with transaction():
        outbox.owe(notice="confirmation", subject=registration.subject, occasion="1", now=NOW - timedelta(days=120))


def names() -> set[str]:
    return {registration.name for registration in db.session.query(Registration)}


def test_registrations_go_90_days_after_their_webinar_with_letters_and_attendance(app: Flask) -> None:
    series = make_series()
    old = make_webinar(series, starts_in=timedelta(days=-91, hours=-2))
    recent = make_webinar(series, starts_in=timedelta(days=-89))
    alice, bob = make_registration(old, "Alice"), make_registration(recent, "Bob")
    owe_letter(alice)
    owe_letter(bob)
    with transaction():
        note_attendance(db.session.get(Registration, alice.id), NOW)  # type: ignore[arg-type]
    with transaction():
        retention.enforce(NOW)
        retention.enforce(NOW)
    assert names() == {"Bob"}
    assert [message.subject for message in db.session.query(Message)] == [bob.subject]


def test_network_that_a_registration_came_from_is_forgotten_after_a_week(app: Flask) -> None:
    webinar = make_webinar()
    for name, days in (("Old", 8), ("Recent", 6)):
        make_registration(webinar, name, now=NOW - timedelta(days=days)).client_key = "c" * 32
    db.session.commit()
    with transaction():
        retention.enforce(NOW)
    assert {one.name: one.client_key for one in db.session.query(Registration)} == {"Old": None, "Recent": "c" * 32}


def test_what_is_known_of_a_mailbox_goes_with_its_last_registration(app: Flask) -> None:
    old, recent = make_webinar(starts_in=timedelta(days=-200)), make_webinar(starts_in=timedelta(days=-10))
    for webinar, name in ((old, "Alice"), (old, "Bob"), (recent, "Bob")):
        note_proven(make_registration(webinar, name).address_key, NOW)
    db.session.commit()
    with transaction():
        retention.enforce(NOW)
    assert [address.key for address in db.session.query(Address)] == [address_key("bob@example.org")]


def test_address_that_was_condemned_after_its_registration_had_gone_is_forgotten(app: Flask) -> None:
    for key, at in (("old", NOW - timedelta(days=91)), ("recent", NOW - timedelta(days=89))):
        db.session.add(Address(key=key, bounced_at=at))
    db.session.commit()
    with transaction():
        retention.enforce(NOW)
    assert [address.key for address in db.session.query(Address)] == ["recent"]


def test_deletion_rests_an_hour_once_nothing_is_left(app: Flask) -> None:
    with transaction():
        retention.enforce_now_and_then(NOW)
    make_registration(make_webinar(starts_in=timedelta(days=-200)), "Alice")
    with transaction():
        retention.enforce_now_and_then(NOW + timedelta(minutes=30))
    assert names() == {"Alice"}
    with transaction():
        retention.enforce_now_and_then(NOW + timedelta(minutes=61))
    assert names() == set()


def test_privacy_page_says_what_the_deletion_does(app: Flask, client: object) -> None:
    page = client.page("/privacy")  # type: ignore[attr-defined]
    words = " ".join(page.get_text(" ").split())
    for kept in retention.RETENTION:
        assert str(kept.what) in words
        assert f"{kept.days} day" in words


def test_recovery_code_that_was_used_is_forgotten_after_90_days_and_an_unused_one_never(app: Flask) -> None:
    user = make_user()
    for name, days in (("old", 91), ("recent", 89), ("unused", None)):
        used_at = NOW - timedelta(days=days) if days else None
        db.session.add(RecoveryCode(user_id=user.id, code_hash=name, used_at=used_at))
    db.session.commit()
    with transaction():
        retention.enforce(NOW)
    assert {code.code_hash for code in db.session.query(RecoveryCode)} == {"recent", "unused"}
