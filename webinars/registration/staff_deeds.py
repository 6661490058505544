"""What only staff do to a place, each noted in the audit trail. Whoever calls holds the transaction."""

from datetime import datetime

from webinars.accounts import audit
from webinars.registration import proofs, seats, service
from webinars.registration.models import Registration


def restore(registration: Registration, now: datetime) -> None:
    """Bring a cancelled person back, whenever that was.

    Raises Conflict for a webinar that takes nobody, NoPlaceLeft.
    """
    seats.lock_place(registration)
    if not registration.active:
        service.ensure_open(registration.webinar, registration.mode, now)
        service.restore(registration, now, "staff")
        audit.record("registration restored", "registration", registration.public_id, now=now)


def vouch(registration: Registration, now: datetime) -> None:
    """Keep a held place of somebody whom staff have spoken to; that says nothing about their mailbox."""
    seats.lock_place(registration)
    if registration.held:
        proofs.keep(registration, now, "staff")
        audit.record("held place confirmed", "registration", registration.public_id, now=now)


def clear_suspicion(registration: Registration, now: datetime) -> None:
    """Note that staff had a look and found a person behind the form."""
    if registration.suspicious:
        registration.suspicious = False
        audit.record("registration looked at", "registration", registration.public_id, now=now)
