"""Recordings that were there before anything was made of recordings; and workers that nobody hears of."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, text_of
from webinars import commands
from webinars.archive.models import Video
from webinars.archive.processing import earlier, ffmpeg, queries, service
from webinars.archive.processing.models import MediaJob
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.models import Heartbeat

MINUTES = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def with_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made here: whether ffmpeg is there does not matter."""
    monkeypatch.setattr(ffmpeg, "missing", lambda: ())


def library(count: int) -> list[Video]:
    return [make_video(title=f"Talk {number}", media_url=f"media:talk-{number}.mp4") for number in range(count)]


def asked() -> list[str]:
    db.session.expire_all()
    return sorted(job.source for job in db.session.scalars(select(MediaJob)))


def tick(after: timedelta) -> None:
    with transaction():
        earlier.ask_now_and_then(NOW + after)


def finish_all() -> None:
    with transaction() as session:
        for job in session.scalars(select(MediaJob)):
            service.finish(job)


@pytest.mark.usefixtures("app")
class TestByAndBy:
    def test_a_few_are_asked_for_the_newest_first_and_the_next_when_nothing_is_to_do(self) -> None:
        library(5)
        tick(0 * MINUTES)
        assert asked() == ["talk-2.mp4", "talk-3.mp4", "talk-4.mp4"]
        tick(6 * MINUTES)
        assert len(asked()) == 3, "they are still at work"
        finish_all()
        tick(7 * MINUTES)
        assert len(asked()) == 3, "not five minutes since it was looked last"
        tick(12 * MINUTES)
        assert len(asked()) == 5
        finish_all()
        tick(18 * MINUTES)
        assert len(asked()) == 5

    def test_a_new_recording_comes_first(self) -> None:
        library(2)
        new = make_video(title="New", media_url="media:new.mp4")
        with transaction():
            service.ask(new, NOW)
        tick(0 * MINUTES)
        assert asked() == ["new.mp4"]

    def test_nothing_is_asked_for_what_failed_was_done_or_is_kept_elsewhere(self) -> None:
        (video,) = library(1)
        make_video(title="Away", media_url="https://films.example.org/a.mp4")
        make_video(title="None yet", media_url="", state="draft")
        with transaction():
            service.ask(video, NOW)
            service.fail(db.session.scalars(select(MediaJob)).one(), "broken")
        tick(0 * MINUTES)
        assert asked() == ["talk-0.mp4"]

    def test_a_file_that_several_videos_share_is_seen_to_once(self) -> None:
        for number in range(3):
            make_video(title=f"Clip {number}", media_url="media:clip.mp4")
        tick(0 * MINUTES)
        finish_all()
        tick(6 * MINUTES)
        assert asked() == ["clip.mp4"]

    def test_nobody_is_asked_where_nothing_can_be_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        library(1)
        monkeypatch.setattr(ffmpeg, "missing", lambda: ("ffmpeg",))
        tick(0 * MINUTES)
        assert asked() == []

    def test_worker_asks_by_itself(self) -> None:
        library(1)
        with transaction():
            commands._derive(utc_now())
        assert asked() == ["talk-0.mp4"]


def tick_at_once(app: Flask, workers: int) -> None:
    start = Barrier(workers)

    def work(_number: int) -> None:
        start.wait(10)
        with app.app_context():
            tick(0 * MINUTES)
            db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(work, range(workers)))


def test_workers_that_look_at_the_same_instant_ask_for_a_few_together(app: Flask) -> None:
    library(9)
    tick_at_once(app, 4)
    assert len(asked()) == 3


def test_without_looking_what_is_at_work_each_would_ask(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time: the later ones see that it was looked just now")
    monkeypatch.setattr(queries, "is_anything_at_work", lambda: False)
    # All look before any of them writes that it looked.
    monkeypatch.setattr(earlier, "PAUSE", timedelta(minutes=-1))
    library(9)
    tick_at_once(app, 2)
    assert len(asked()) == 6


class TestDesk:
    def test_staff_read_that_its_turn_comes_and_may_take_it_first(self, staff: CheckedClient) -> None:
        (video,) = library(1)
        listed = text_of(staff.page("/staff/videos"))
        assert "1 recording was here before sizes were made of recordings." in listed
        page = staff.page(f"/staff/videos/{video.slug}")
        assert "Its turn comes by itself" in text_of(page.select_one("#processing"))
        answer = staff.submit(page, "/processing", "Make them now")
        assert "A worker will see to it" in answer.text
        assert asked() == ["talk-0.mp4"]
        staff.submit(page, "/processing", "Make them now")
        assert asked() == ["talk-0.mp4"], "once is enough"
        assert "was here before" not in text_of(staff.page("/staff/videos"))

    def test_staff_read_the_truth_about_a_file_that_another_video_has_too(self, staff: CheckedClient) -> None:
        for number in range(2):
            make_video(title=f"Clip {number}", media_url="media:clip.mp4")
        tick(0 * MINUTES)
        finish_all()
        page = staff.page("/staff/videos/clip-0")
        said = text_of(page.select_one("#processing"))
        assert "Another video has the same file" in said and "Its turn comes by itself" not in said
        staff.submit(page, "/processing", "Make them now")
        assert asked() == ["clip.mp4", "clip.mp4"]

    @pytest.mark.parametrize("state", ["waiting", "working"])
    def test_staff_read_that_no_worker_was_heard_of_for_minutes(self, staff: CheckedClient, state: str) -> None:
        (video,) = library(1)
        with transaction() as session:
            session.add(MediaJob(video_id=video.id, source="talk-0.mp4", state=state, created_at=NOW))
        path = f"/staff/videos/{video.slug}"
        words = "No worker has been seen for two minutes, so nothing is made of the recording."
        beat(utc_now() - 3 * MINUTES)
        assert words in text_of(staff.page(path))
        beat(utc_now())
        page = staff.page(path)
        assert words not in text_of(page) and page.select_one("#processing [role=status]")


def beat(now: object) -> None:
    with transaction() as session:
        session.merge(Heartbeat(worker="host-1-abc", beat_at=now))
