"""What changes while a mailing is under way, or while nobody can send: nobody is told what is no longer true."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.faults.conftest import audience, everybody
from tests.mail.support import beating, states
from tests.mail.worker_process import Worker
from tests.support.smtp_sink import Received, SmtpSink
from tests.support.waiting import wait_until
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.schedule import service
from webinars.schedule.models import Webinar

Work = Callable[..., Worker]
PEOPLE = 400
#: seconds after a move, beyond which no letter may hold the old time
AT_ONCE = 2.0


def tells(letter: Received, clock: str) -> bool:
    """Say whether a letter names a time of day as the webinar's start."""
    body = letter.message.get_body(("plain",))
    assert body is not None
    return clock in body.get_content()


def idle() -> bool:
    """Say whether no letter waits or is under way."""
    return not {"pending", "sending"} & set(states())


def time_of_day(webinar: Webinar) -> str:
    return f"{webinar.local_start:%-I:%M}"


@pytest.mark.slow
def test_nobody_is_told_the_old_time_once_a_webinar_was_moved(work: Work, smtp_sink: SmtpSink) -> None:
    webinar = audience(PEOPLE, starts_in=timedelta(minutes=50), now=utc_now())
    before, number = time_of_day(webinar), webinar.id
    smtp_sink.answer["DATA"] = lambda _: time.sleep(0.02)
    work()
    wait_until(lambda: len(smtp_sink.received) >= 60)
    with transaction():
        moved = db.session.get_one(Webinar, number)
        service.move_webinar(moved, moved.local_start + timedelta(minutes=83), now=utc_now())
        after, reminded = time_of_day(moved), len(smtp_sink.received)
    moved_at = time.monotonic()
    wait_until(lambda: len(smtp_sink.received) >= reminded + PEOPLE)
    wait_until(idle)
    # The control: what left before the move shows that the old time would be seen.
    assert all(tells(letter, before) for letter in smtp_sink.received if letter.at < moved_at)
    late = [letter for letter in smtp_sink.received if letter.at > moved_at + AT_ONCE]
    assert len(late) > PEOPLE / 2
    assert all(tells(letter, after) for letter in late)
    assert {letter.rcpt_to[0] for letter in smtp_sink.received if tells(letter, after)} == everybody(PEOPLE)


@pytest.mark.parametrize("reachable", [False, True], ids=["server-away-until-the-start", "control-server-there"])
def test_no_reminder_leaves_after_the_start(work: Work, smtp_sink: SmtpSink, reachable: bool) -> None:
    if not reachable:
        smtp_sink.shut()
    work(WORKER_TICK_SECONDS="1")
    wait_until(beating)
    starts_at = audience(20, starts_in=timedelta(seconds=10), now=utc_now()).starts_at
    wait_until(lambda: sum(states().values()) == 20)
    wait_until(lambda: utc_now() > starts_at + timedelta(seconds=0.5))
    if not reachable:
        smtp_sink.open()
    wait_until(lambda: states() == {"sent" if reachable else "expired": 20})
    assert len(smtp_sink.received) == (20 if reachable else 0)


def test_person_who_cancels_while_the_mailing_runs_gets_no_reminder(work: Work, smtp_sink: SmtpSink) -> None:
    webinar = audience(PEOPLE, starts_in=timedelta(minutes=50), now=utc_now())
    number = webinar.id
    smtp_sink.answer["DATA"] = lambda _: time.sleep(0.02)
    work()
    wait_until(lambda: len(smtp_sink.received) >= 20)
    with transaction():
        service.cancel_webinar(db.session.get_one(Webinar, number), "The speaker is ill.", now=utc_now())
    reminded = len(smtp_sink.received)
    smtp_sink.answer.clear()
    wait_until(lambda: len(smtp_sink.received) >= reminded + PEOPLE)
    wait_until(idle)
    later = [str(letter.message["Subject"]) for letter in smtp_sink.received[reminded + 60 :]]
    assert len(later) > PEOPLE / 2
    assert {subject.split(":")[0] for subject in later} == {"Cancelled"}
    assert {letter.rcpt_to[0] for letter in smtp_sink.received if "Cancelled" in str(letter.message["Subject"])} == (
        everybody(PEOPLE)
    )
