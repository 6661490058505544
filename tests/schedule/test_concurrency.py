"""Two members of staff, and people who register, at the same instant."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import NOW, make_series, make_webinar
from webinars.core.database import db, is_sqlite, transaction
from webinars.schedule import catalogue, copying, defaults, queries, service
from webinars.schedule.models import Series, Webinar
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


def change_the_series_meanwhile(app: Flask, deed: Callable[[Series], Any]) -> None:
    """Let somebody change a default of a series after somebody else has read it, and before that one acts."""

    def change() -> None:
        with app.app_context(), transaction():
            service.edit_series(queries.get_series("side-effects"), {"capacity": 50}, NOW)

    if is_sqlite():
        pytest.skip("SQLite has one lock for all")
    with transaction():
        series = queries.get_series("side-effects")
        assert series.capacity == 90
        other = threading.Thread(target=change)
        other.start()
        other.join()
        deed(series)


def followers() -> dict[str, int | None]:
    db.session.expire_all()
    return {one.title: one.capacity for one in db.session.query(Webinar) if "capacity" in one.follows}


def create(series: Series) -> None:
    service.create_webinar({"series": series, "title": "New", "local_start": "2026-12-03T13:00"}, NOW)


def copy(series: Series) -> None:
    service.duplicate_webinar(db.session.query(Webinar).one(), NOW, fields={"title": "New"}, without=("places",))


def follow(series: Series) -> None:
    webinar = db.session.query(Webinar).one()
    service.edit_webinar(webinar, {"title": "New", "follows": ["capacity"]}, NOW)


RACES = pytest.mark.parametrize("deed", [create, copy, follow])


@RACES
def test_what_follows_a_series_from_now_on_has_what_was_saved_meanwhile(app: Flask, deed: Any) -> None:
    make_webinar(make_series(capacity=90), capacity=40)
    change_the_series_meanwhile(app, deed)
    assert followers() == {"New": 50}


@RACES
def test_control_without_the_lock_it_would_keep_what_was_read_before(
    app: Flask, monkeypatch: pytest.MonkeyPatch, deed: Any
) -> None:
    make_webinar(make_series(capacity=90), capacity=40)
    for module in (defaults, copying):
        monkeypatch.setattr(module, "lock", lambda _series: None)
    change_the_series_meanwhile(app, deed)
    assert followers() == {"New": 90}


def test_series_is_held_with_a_webinar_that_comes_while_its_others_are_waited_for(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or who changes that one, and then looks into the series, would wait for us while we wait for them."""
    if is_sqlite():
        pytest.skip("SQLite has one lock for all")
    make_webinar(make_series())
    lock, arrivals = catalogue.lock, iter(["New"])

    def elsewhere(deed: Callable[[], Any]) -> Any:
        [outcome] = together(app, deed)
        return outcome

    def lock_late(series: Series) -> None:
        fields = {"series": "side-effects", "local_start": "2026-12-03T13:00"}
        for title in arrivals:
            elsewhere(lambda title=title: service.create_webinar({**fields, "title": title}, NOW).id)
        lock(series)

    def find_free() -> list[str]:
        free = select(Webinar.title).with_for_update(skip_locked=True)
        return list(db.session.scalars(free))

    monkeypatch.setattr(catalogue, "lock", lock_late)
    with transaction():
        catalogue.lock_series(queries.get_series("side-effects"))
        assert elsewhere(find_free) == []
    assert len(elsewhere(find_free)) == 2


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
