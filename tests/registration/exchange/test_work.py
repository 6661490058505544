"""Whoever is killed, and however many press or work at once: everybody on a list is entered once, or nobody."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.factories import make_webinar
from tests.registration.deeds import assert_true_counters, count
from tests.registration.exchange.support import csv_file, import_of, press, upload, work_off
from webinars.core.clock import utc_now
from webinars.core.database import db, is_sqlite, transaction
from webinars.mail.models import Message
from webinars.registration import service as registrations
from webinars.registration.exchange import entering, service, work
from webinars.registration.exchange.models import Import, ImportRow
from webinars.registration.rules import Application

ROOT = Path(__file__).parents[3]
LIST = csv_file("Name,Email", *(f"Person {number},person.{number}@example.org" for number in range(1, 1201)))


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now(), capacity=1000)


def rows_of(number):
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(ImportRow.import_id == number))


def letters():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Message))


def assert_entered_once(webinar, number):
    assert import_of(number).state == "done"
    assert count() == 1200 and letters() == 1200
    assert (webinar.confirmed_count, webinar.waitlisted_count) == (1000, 200)
    assert_true_counters(webinar)


class Killed(BaseException):
    """What ends a worker in the middle of a line."""


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_next_worker_goes_on_where_a_killed_one_stopped(app, webinar, monkeypatch, batches):
    number, done, keep = upload(webinar, LIST), [], service.add_rows

    def die(found, rows):
        if len(done) == batches:
            raise Killed
        done.append(keep(found, rows))

    monkeypatch.setattr(service, "add_rows", die)
    with pytest.raises(Killed):
        work_off()
    monkeypatch.undo()
    assert rows_of(number) == import_of(number).rows == batches * work.BATCH
    work_off()
    assert rows_of(number) == batches * work.BATCH, "it is still in the hands of the one who was killed"
    import_of(number).lease_until = utc_now() - timedelta(seconds=1)
    db.session.commit()
    work_off()
    assert import_of(number).state == "checked" and rows_of(number) == import_of(number).rows == 1200
    lines = db.session.scalars(select(ImportRow.line).order_by(ImportRow.number)).all()
    assert list(lines) == list(range(2, 1202)), "every row once, in the order of the file"


@pytest.mark.parametrize("step", ["compare", "_add_new", "_told"])
def test_worker_killed_while_entering_enters_nobody_and_the_next_one_everybody(app, webinar, monkeypatch, step):
    number = upload(webinar, LIST)
    work_off()
    press(number)
    done = getattr(entering, step)

    def die(*arguments):
        done(*arguments)
        raise Killed

    monkeypatch.setattr(entering, step, die)
    with pytest.raises(Killed):
        work_off()
    monkeypatch.undo()
    assert count() == 0 and letters() == 0 and import_of(number).state == "entering"
    import_of(number).lease_until = None
    db.session.commit()
    work_off()
    assert_entered_once(webinar, number)


WORKER = """
import sys
from webinars import create_app
from webinars.registration.exchange import service, work
from config import settings_from
import os, time
keep = service.add_rows
def slowly(found, rows):
    keep(found, rows)
    print("kept", flush=True)
    time.sleep(0.2)
service.add_rows = slowly
with create_app().app_context():
    while work.go_on(lambda: False):
        pass
"""


@pytest.mark.slow
def test_process_that_is_killed_for_good_loses_nothing(app, webinar, settings):
    number = upload(webinar, LIST)
    environ = os.environ | {
        "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
        "INSTANCE_PATH": str(settings.instance), "WORKER_LEASE_SECONDS": "2",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "kept\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = rows_of(number)
    assert 0 <= kept < 1200 and import_of(number).state == "checking"
    time.sleep(2.1)
    work_off()
    press(number)
    work_off()
    assert_entered_once(webinar, number)


# --- at once ------------------------------------------------------------------------------------------------------


def together(app, times, deed):
    """Do the same from several threads at the same moment."""
    start = Barrier(times)

    def run(_number):
        with app.app_context():
            start.wait(10)
            try:
                return deed()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))


def test_two_who_press_at_once_enter_everybody_once(app, webinar):
    number = upload(webinar, LIST)
    work_off()
    db.session.remove()
    together(app, 4, lambda: press(number))
    together(app, 4, work_off)
    assert_entered_once(db.session.merge(webinar), number)


def test_two_who_enter_at_once_enter_everybody_once(app, webinar):
    number = upload(webinar, LIST)
    work_off()
    press(number)
    db.session.remove()

    def enter():
        with transaction():
            return entering.enter(db.session.get_one(Import, number), utc_now())

    assert sorted(together(app, 4, enter)) == [False, False, False, True]
    assert_entered_once(db.session.merge(webinar), number)


def test_without_reading_it_again_under_the_lock_it_would_be_entered_several_times(app, webinar, monkeypatch):
    """The control: on SQLite only one transaction writes at a time, so that there is nothing to show."""
    if is_sqlite():
        pytest.skip("one writer")
    number = upload(webinar, LIST)
    work_off()
    press(number)
    db.session.remove()
    monkeypatch.setattr(entering, "lock", lambda thing: None)

    def enter():
        with transaction():
            return entering.enter(db.session.get_one(Import, number), utc_now())

    assert sum(together(app, 4, enter)) > 1


def test_people_who_register_meanwhile_get_no_seat_twice(app, webinar):
    number = upload(webinar, LIST)
    work_off()
    press(number)
    webinar_id = webinar.id
    db.session.remove()
    names = iter(range(1000))

    def deed():
        name = next(names)
        if name == 2:
            work_off()
        for one in range(20):
            with transaction():
                asked = Application(f"Visitor {name} {one}", f"visitor.{name}.{one}@example.org")
                registrations.register(webinar_id, asked, utc_now())

    together(app, 4, deed)
    webinar = db.session.merge(webinar)
    assert_true_counters(webinar)
    assert count() == 1280 and webinar.confirmed_count == 1000
    lines = db.session.scalars(
        select(registrations.Registration.line_number).where(registrations.Registration.state == "waitlisted")
    ).all()
    assert sorted(lines) == list(range(1, 281)), "every number in line once"


def test_stopped_worker_lets_go_at_once(app, webinar):
    number = upload(webinar, LIST)
    answers = iter([False, False, False])
    assert work.go_on(lambda: next(answers, True))
    found = import_of(number)
    assert found.claim_token is None and found.rows < 1200
    work_off()
    assert import_of(number).rows == 1200


def test_import_taken_over_by_another_is_left_to_it(app, webinar):
    number = upload(webinar, LIST)
    job = work.take(number)
    assert job is not None and work.take(number) is None
    import_of(number).claim_token = "another"
    db.session.commit()
    job.run()
    assert rows_of(number) == 0
