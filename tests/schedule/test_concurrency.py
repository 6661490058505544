"""Two members of staff, and people who register, at the same instant."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import update

from tests.factories import NOW, make_series, make_webinar
from webinars.core.database import db, transaction
from webinars.schedule import queries, service
from webinars.schedule.models import Webinar
from webinars.schedule.service import Problems


def together(app: Flask, *deeds: Callable[[], Any]) -> list[Any]:
    """Do deeds at the same instant, each on a connection of its own; gives what each gave or raised."""
    gate, outcomes = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    outcomes[place] = deed()
            except Problems as problems:
                outcomes[place] = problems
            db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_same_title_at_the_same_instant_gets_different_addresses(app: Flask) -> None:
    make_series()
    fields = {"series": "side-effects", "title": "Talk", "local_start": "2026-12-03T13:00"}
    db.session.remove()
    slugs = together(app, *[lambda: service.create_webinar(fields, NOW).slug] * 6)
    assert sorted(slugs) == ["talk", "talk-2", "talk-3", "talk-4", "talk-5", "talk-6"]


def test_lowering_the_capacity_while_the_last_seat_is_taken_never_oversells(app: Flask) -> None:
    webinar = make_webinar(capacity=10, confirmed_count=8)
    slug, key = webinar.slug, webinar.id
    db.session.remove()

    def lower() -> str:
        return service.edit_webinar(queries.get_webinar(slug), {"capacity": 8}, NOW).slug

    def take() -> int:
        free = Webinar.confirmed_count + Webinar.offered_count < Webinar.capacity
        seat = update(Webinar).where(Webinar.id == key, free).values(confirmed_count=Webinar.confirmed_count + 1)
        return int(db.session.connection().execute(seat).rowcount)

    lowered, taken = together(app, lower, take)
    after = queries.get_webinar(slug)
    assert (after.capacity, after.confirmed_count) in {(8, 8), (10, 9)}
    assert isinstance(lowered, Problems) == (taken == 1)
