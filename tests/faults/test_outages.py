"""Database, mail server or clock go astray in the middle of a mailing: nothing is lost, next to nothing repeated."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.faults.conftest import audience, everybody
from tests.mail.conftest import post  # noqa: F401 - a fixture
from tests.mail.support import NOW, owe_many, prepare_plain, states
from tests.mail.worker_process import Worker
from tests.support.smtp_sink import SmtpSink
from tests.support.waiting import wait_until
from webinars.core.clock import utc_now
from webinars.core.database import db, is_sqlite
from webinars.mail.delivery import deliver_due

Work = Callable[..., Worker]
PEOPLE = 300


def cut_the_database(seconds: float) -> None:
    """Throw everybody out of PostgreSQL; SQLite has no server, so it is locked against everybody for a while."""
    db.session.remove()
    with db.engine.connect() as connection:
        if is_sqlite():
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            time.sleep(seconds)
        else:
            cut = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            )
            connection.execute(sa.text(f"{cut} pg_backend_pid()"))
            time.sleep(seconds)
    db.engine.dispose()


@pytest.mark.slow
def test_database_that_is_cut_off_again_and_again_costs_no_letter(work: Work, smtp_sink: SmtpSink) -> None:
    audience(PEOPLE, starts_in=timedelta(minutes=50), now=utc_now())
    smtp_sink.answer["DATA"] = lambda _: time.sleep(0.005)
    work(WORKER_TICK_SECONDS="1")
    for cut in range(1, 6):
        wait_until(lambda: len(smtp_sink.received) >= cut * 40)  # noqa: B023 - used up at once
        cut_the_database(0.3)
    wait_until(lambda: states() == {"sent": PEOPLE})
    assert set(smtp_sink.recipients) == everybody(PEOPLE)
    assert len(smtp_sink.received) - PEOPLE <= 5


def test_server_that_is_away_for_half_an_hour_gets_every_letter_once(
    post: object,  # noqa: F811
    smtp_sink: SmtpSink,
) -> None:
    owe_many(50)
    smtp_sink.shut()
    now = NOW
    while now < NOW + timedelta(minutes=30):
        outcome = deliver_due(prepare_plain, clock=lambda: now)  # noqa: B023 - used up at once
        assert outcome.next_look is not None and outcome.next_look > now
        now = outcome.next_look
    assert states() == {"pending": 50}
    smtp_sink.open()
    assert now - NOW < timedelta(minutes=40)
    assert deliver_due(prepare_plain, clock=lambda: now).sent == 50
    assert len(smtp_sink.received) == 50


@pytest.mark.parametrize("leap", [timedelta(days=2), timedelta(days=-2)], ids=["ahead", "back"])
def test_clock_that_leaps_in_the_middle_of_a_mailing_repeats_nothing(
    post: object,  # noqa: F811
    smtp_sink: SmtpSink,
    leap: timedelta,
) -> None:
    owe_many(120)

    def clock():
        return NOW + leap if 40 <= len(smtp_sink.received) < 80 else NOW

    for _round in range(5):
        deliver_due(prepare_plain, clock=clock)
    # What went back to those that wait while it was the wrong day waits until that day at the latest.
    deliver_due(prepare_plain, clock=lambda: NOW + timedelta(days=3))
    assert states() == {"sent": 120}
    assert len(smtp_sink.received) == 120
