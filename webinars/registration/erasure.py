"""Deleting a place for good. Whoever calls holds the transaction."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, exists

from webinars.core.database import db
from webinars.mail.models import Address
from webinars.registration import seats
from webinars.registration.models import Registration


def erase(registration: Registration, now: datetime) -> None:
    """Delete a registration for good, after giving back what it holds; no letter follows."""
    seats.lock_place(registration)
    seats.free(registration, now)
    db.session.delete(registration)
    db.session.flush()
    forget_addresses([registration.address_key])


def forget_addresses(keys: Collection[str]) -> None:
    """Forget what is known of mailboxes that no registration leads to any more."""
    used = exists().where(Registration.address_key == Address.key)
    unused = delete(Address).where(Address.key.in_(keys), ~used)
    db.session.execute(unused, execution_options={"synchronize_session": False})
