"""Many forms for several dates of a series at the same instant, in real threads."""

import random

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, make_series, make_webinar
from tests.registration.deeds import application, assert_true_counters, count
from tests.registration.test_race import together
from webinars.core.database import db, transaction
from webinars.mail.models import Message
from webinars.registration import dates, service
from webinars.registration.models import Registration
from webinars.schedule.models import Series, Webinar


@pytest.fixture
def numbers(app):
    series = make_series()
    made = [make_webinar(series, capacity=20).id for _ in range(3)]
    db.session.remove()
    return made


def register(numbers: list[int], name: str) -> int:
    with transaction():
        series = db.session.scalars(select(Series)).one()
        return len(dates.register(series, numbers, application(name), NOW).registrations)


def counters_are_true() -> None:
    for webinar in db.session.scalars(select(Webinar)):
        assert_true_counters(webinar)


def test_50_times_the_same_form_at_once_makes_one_place_a_date_and_one_set_of_letters(app, numbers):
    assert together(app, [lambda: register(numbers, "Alice") for _ in range(50)]) == [3] * 50
    assert count() == 3
    kinds = dict(db.session.execute(select(Message.notice, func.count()).group_by(Message.notice)).all())
    assert kinds == {"dates": 1, "confirmation": 3}
    counters_are_true()


def test_forms_that_name_the_dates_in_any_order_never_block_one_another(app, numbers):
    def anyhow(name: str) -> int:
        mixed = random.Random(name).sample(numbers, 3)
        return register(mixed, name)

    answers = together(app, [lambda name=f"Person {one}": anyhow(name) for one in range(64)])
    assert answers == [3] * 64
    for number in numbers:
        states = db.session.scalars(select(Registration.state).where(Registration.webinar_id == number)).all()
        assert (states.count("confirmed"), states.count("waitlisted")) == (20, 44)
    counters_are_true()


def test_next_to_people_who_register_for_one_date_and_leave(app, numbers):
    def come_and_go(name: str) -> int:
        number = numbers[len(name) % 3]
        with transaction():
            place = service.register(number, application(name), NOW).registration
            service.cancel(place, NOW)
        return 3

    deeds = [lambda name=f"Person {'x' * one}": come_and_go(name) for one in range(32)]
    deeds += [lambda name=f"Name {one}": register(numbers, name) for one in range(32)]
    assert together(app, deeds) == [3] * 64
    counters_are_true()
