"""Short ways to say what the tests of this folder do again and again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from tests.factories import NOW
from webinars.core.database import db, transaction
from webinars.registration import events, queries, service
from webinars.registration.models import Registration
from webinars.registration.rules import Application
from webinars.schedule.models import Webinar

SIGNALS = {
    "confirmed": events.place_confirmed,
    "waitlisted": events.place_waitlisted,
    "promoted": events.place_promoted,
    "offered": events.seat_offered,
    "lapsed": events.offer_lapsed,
    "cancelled": events.place_cancelled,
    "recording": events.switched_to_recording,
    "restored": events.place_restored,
    "repeated": events.place_repeated,
    "link": events.link_requested,
}


def application(name: str = "Alice", **fields: Any) -> Application:
    fields.setdefault("email", f"{name.lower().replace(' ', '.')}@example.org")
    return Application(name=name, **fields)


def sign_up(
    webinar: Webinar, name: str = "Alice", *, now: datetime = NOW, by_staff: bool = False, **fields: Any
) -> service.Outcome:
    with transaction():
        return service.register(webinar.id, application(name, **fields), now, by_staff)


def registration_of(name: str) -> Registration:
    return db.session.scalars(select(Registration).where(Registration.name == name)).one()


def do(name: str, deed: Any, *arguments: Any) -> Any:
    """Do something to somebody's registration in a transaction of its own."""
    with transaction():
        return deed(registration_of(name), *arguments)


def standing(name: str) -> tuple[str, int | None]:
    """Give state and place in line."""
    registration = registration_of(name)
    return str(registration.state), queries.position(registration)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Registration)) or 0


def counters(webinar: Webinar) -> tuple[int, int]:
    """Give (confirmed, waitlisted) as the webinar's row says."""
    db.session.expire_all()
    return webinar.confirmed_count, webinar.waitlisted_count


def assert_true_counters(webinar: Webinar) -> None:
    """Check that the counters equal the rows, that no seat is given twice, and that nobody waits beside a free one."""
    db.session.rollback()
    db.session.expire_all()
    counts = queries.counts(webinar.id)
    counted = webinar.confirmed_count, webinar.offered_count, webinar.waitlisted_count
    assert counted == tuple(counts.of(state) for state in ("confirmed", "offered", "waitlisted"))
    if webinar.capacity is not None:
        assert webinar.confirmed_count + webinar.offered_count <= webinar.capacity
    assert not (webinar.waitlisted_count and webinar.places_left != 0), "somebody waits while a seat is free"


@contextmanager
def listening() -> Iterator[list[tuple[str, str]]]:
    """Collect (what happened, to whom) inside the block."""
    heard: list[tuple[str, str]] = []

    def listener(kind: str) -> Any:
        return lambda sender, **_: heard.append((kind, sender if isinstance(sender, str) else sender.name))

    with ExitStack() as stack:
        for kind, signal in SIGNALS.items():
            stack.enter_context(signal.connected_to(listener(kind)))
        yield heard
