"""Many people at the same instant, in real threads."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select

from tests.factories import NOW, make_webinar
from tests.registration.deeds import application, assert_true_counters, count, listening
from webinars.core.database import db, transaction
from webinars.registration import service
from webinars.registration.models import Registration

AT_ONCE = 16


def together(app: Flask, deeds: list[Callable[[], object]]) -> list[object]:
    """Do all deeds from threads that start at the same moment."""
    start = Barrier(AT_ONCE)

    def run(mine: list[Callable[[], object]]) -> list[object]:
        start.wait(10)
        answers = []
        for deed in mine:
            with app.app_context():
                answers.append(deed())
                db.session.remove()
        return answers

    with ThreadPoolExecutor(AT_ONCE) as threads:
        shares = [deeds[number::AT_ONCE] for number in range(AT_ONCE)]
        return [answer for answers in threads.map(run, shares) for answer in answers]


def sign_up(webinar_id: int, name: str) -> str:
    with transaction():
        return str(service.register(webinar_id, application(name), NOW).registration.state)


def test_200_people_at_once_for_50_seats(app):
    webinar = make_webinar(capacity=50)
    number = webinar.id
    db.session.remove()
    answers = together(app, [lambda name=f"Person {one}": sign_up(number, name) for one in range(200)])
    assert (answers.count("confirmed"), answers.count("waitlisted")) == (50, 150)
    rows = db.session.scalars(select(Registration).order_by(Registration.id)).all()
    assert sorted(one.line_number for one in rows if one.state == "waitlisted") == list(range(1, 151))
    assert [one.state for one in rows] == ["confirmed"] * 50 + ["waitlisted"] * 150, "arrival decides"
    assert [one.line_number for one in rows[50:]] == list(range(1, 151))
    assert_true_counters(db.session.merge(webinar))


def test_50_times_the_same_form_at_once_makes_one_place_and_one_letter(app):
    webinar = make_webinar(capacity=10)
    number = webinar.id
    db.session.remove()
    with listening() as heard:
        answers = together(app, [lambda: sign_up(number, "Alice") for _ in range(50)])
    assert answers == ["confirmed"] * 50
    assert count() == 1
    assert heard == [("confirmed", "Alice")]
    assert_true_counters(db.session.merge(webinar))


def test_50_times_the_same_form_at_once_for_the_last_seat_wastes_none(app):
    webinar = make_webinar(capacity=1)
    number = webinar.id
    db.session.remove()
    together(app, [lambda: sign_up(number, "Alice") for _ in range(50)])
    webinar = db.session.merge(webinar)
    assert_true_counters(webinar)
    assert (webinar.confirmed_count, webinar.waitlisted_count) == (1, 0)


def test_leaving_and_joining_at_once_keeps_counters_true(app):
    webinar = make_webinar(capacity=20)
    number = webinar.id
    with transaction():
        for one in range(40):
            service.register(number, application(f"Early {one}"), NOW)
    db.session.remove()

    def leave(name: str) -> None:
        with transaction():
            service.cancel(db.session.scalars(select(Registration).where(Registration.name == name)).one(), NOW)

    deeds = [lambda name=f"Early {one}": leave(name) for one in range(0, 40, 2)]
    deeds += [lambda name=f"Late {one}": sign_up(number, name) for one in range(20)]
    random.Random(1).shuffle(deeds)
    together(app, deeds)
    assert_true_counters(db.session.merge(webinar))
