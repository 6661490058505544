"""Long work is in one hand at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import NOW, make_video
from webinars.archive.processing.models import MediaJob
from webinars.core import leases
from webinars.core.database import db, is_sqlite, transaction

LEASE = timedelta(minutes=1)


@pytest.fixture
def job(app) -> int:
    """Give the number of work that nobody has in hand."""
    with transaction() as session:
        session.add(MediaJob(video_id=make_video().id, source="talk.mp4", facts={}, created_at=NOW))
        session.flush()
        return session.scalars(select(MediaJob.id)).one()


def take(job: int, now=NOW) -> str | None:
    with transaction():
        found = leases.find_free(MediaJob, job, now)
        return found.hold(now + LEASE) if found else None


def held(job: int, token: str) -> bool:
    with transaction():
        return leases.find_held(MediaJob, job, token) is not None


def listed_as_free(job: int, now) -> bool:
    db.session.rollback()
    return job in db.session.scalars(select(MediaJob.id).where(leases.is_free(MediaJob, now))).all()


def test_what_is_in_hand_is_taken_by_nobody_else_before_its_time(job: int) -> None:
    token = take(job)
    assert token and held(job, token) and not held(job, "another")
    assert take(job, NOW + LEASE / 2) is None and not listed_as_free(job, NOW + LEASE / 2)


def test_lease_that_passed_leaves_nothing_to_who_had_it(job: int) -> None:
    first = take(job)
    assert listed_as_free(job, NOW + LEASE)
    second = take(job, NOW + LEASE)
    assert first and second and held(job, second) and not held(job, first)


def test_what_was_let_go_is_free_at_once_or_at_its_time(job: int) -> None:
    for until, free in ((None, True), (NOW + LEASE, False)):
        token = take(job)
        with transaction():
            found = leases.find_held(MediaJob, job, str(token))
            assert found
            found.release(until)
        assert listed_as_free(job, NOW) == free and not held(job, str(token))


def test_who_comes_at_the_same_moment_does_not_wait(app, job: int) -> None:
    if is_sqlite():
        pytest.skip("SQLite lets one transaction write at a time")

    def take_elsewhere() -> str | None:
        with app.app_context():
            return take(job)

    with ThreadPoolExecutor(1) as threads, transaction():
        assert leases.find_free(MediaJob, job, NOW)
        assert threads.submit(take_elsewhere).result(30) is None
