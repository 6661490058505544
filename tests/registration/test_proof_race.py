"""Proofs, ends and promotions of held places in the same moment."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy.exc import OperationalError

from tests.factories import NOW, make_series, make_webinar
from tests.registration.deeds import application, assert_true_counters, sign_up, standing
from tests.registration.proving import letters_to, mail_leaves, make_proving
from tests.registration.test_race import together
from tests.support.queries import sent_with_values
from webinars.core.database import db, is_sqlite, transaction
from webinars.core.errors import NotFound
from webinars.registration import deadlines, proofs, seats, service
from webinars.registration.models import Registration

OVER = NOW + timedelta(hours=24)
EACH = 20


def press(number: int) -> str:
    """Press the button; a place that has just ended is gone, and the press says so."""
    try:
        with transaction() as session:
            place = session.get(Registration, number)
            if place is None:
                return "gone"
            service.keep_held(place, OVER)
            seats.lock_place(place)
            service.note_proof(place, OVER)
            return str(place.state)
    except NotFound:
        return "gone"


def look() -> str:
    with transaction():
        proofs.pass_on(OVER)
    return "looked"


def test_of_a_press_and_the_end_in_the_same_moment_one_wins_and_no_seat_is_given_twice(app):
    webinar = make_proving(capacity=EACH)
    numbers = [sign_up(webinar, f"Person {one}").registration.id for one in range(EACH)]
    for one in range(EACH):
        sign_up(webinar, f"Waiting {one}", by_staff=True)
    mail_leaves()
    db.session.remove()
    deeds = [deed for number in numbers for deed in ((lambda one=number: press(one)), look)]
    answers = together(app, deeds)
    webinar = db.session.merge(webinar)
    assert_true_counters(webinar)
    kept = db.session.query(Registration).filter(Registration.id.in_(numbers)).all()
    assert all((one.state, one.held) == ("confirmed", False) for one in kept)
    assert answers.count("confirmed") == len(kept), "who was told yes has the place, and nobody else"
    assert answers.count("gone") == EACH - len(kept)
    assert (webinar.confirmed_count, webinar.waitlisted_count) == (EACH, len(kept))
    assert all(letters_to(one.name) == ["proof", "confirmation"] for one in kept)


def test_sign_ups_and_presses_of_one_address_at_once_leave_nothing_held(app):
    webinar = make_proving()
    first = sign_up(webinar, "Alice").registration.id
    number = webinar.id
    db.session.remove()

    def register(name: str) -> str:
        with transaction():
            return str(service.register(number, application(name, email="alice@example.org"), NOW).registration.state)

    together(app, [lambda one=one: register(f"Person {one}") if one % 2 else press(first) for one in range(10)])
    look()
    assert db.session.query(Registration).filter(Registration.proof_until.is_not(None)).count() == 0
    assert db.session.query(Registration).count() == 6


def crossing(title: str = "Series") -> list[int]:
    """Let people hold places at two webinars each; give one place of everybody, in turns at either webinar."""
    webinars = [make_proving(make_series(title=f"{title} {one}")) for one in range(2)]
    places = [[sign_up(webinar, f"Person {one}").registration.id for webinar in webinars] for one in range(EACH)]
    return [both[one % 2] for one, both in enumerate(places)]


def both_ways(ahead: list[int]) -> list[Callable[[], str]]:
    return [deed for number in ahead for deed in ((lambda one=number: press(one)), look)]


def test_presses_about_places_at_several_webinars_wait_for_each_other_and_never_in_a_circle(app):
    ahead = crossing()
    db.session.remove()
    together(app, both_ways(ahead))
    kept = db.session.query(Registration).all()
    assert len(kept) == 2 * EACH and not any(one.held for one in kept)


def test_control_locks_taken_in_the_order_of_the_links_end_in_a_circle(app, monkeypatch):
    if is_sqlite():
        pytest.skip("SQLite has one lock for all")
    turns = count()
    monkeypatch.setattr(proofs, "sorted", lambda numbers: sorted(numbers, reverse=next(turns) % 2 == 0), raising=False)
    with pytest.raises(OperationalError, match="deadlock"):
        for again in range(5):
            ahead = crossing(f"Again {again}")
            db.session.remove()
            together(app, both_ways(ahead))


def test_offers_and_held_places_whose_time_is_over_are_settled_in_one_order_of_webinars(app):
    first, second = make_proving(), make_webinar(make_series(title="Offers"), capacity=1, offer_hours=4)
    for name in ("Bob", "Charlie"):
        sign_up(second, name)
    sign_up(first, "Alice")
    mail_leaves()
    with transaction():
        service.cancel(db.session.query(Registration).filter_by(name="Bob").one(), NOW)
    with sent_with_values() as sent, transaction():
        assert deadlines.pass_on(OVER) == 2
    order = [str(values) for sql, values in sent if sql.startswith("SELECT webinars.id") and "webinars.id = " in sql]
    assert len(order) >= 2 and order == sorted(order) and first.id < second.id
    assert standing("Charlie")[0] == "recording-only"
