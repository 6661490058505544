"""Whoever is killed or stopped in the middle: the next worker goes on, no encoder stays, nothing is made twice."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.archive.processing.films import film, pytestmark, stored, take_in, work_off
from tests.factories import NOW
from webinars.archive import queries as videos
from webinars.archive import service as archive
from webinars.archive.models import Video
from webinars.archive.processing import ffmpeg, making, queries, service, work
from webinars.archive.processing.ffmpeg import Broken, Watch
from webinars.archive.processing.models import MediaJob, Rendition
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.http import current_settings

__all__ = ["pytestmark"]


def job_of(video: Video) -> MediaJob:
    db.session.expire_all()
    found = queries.job_of(video)
    assert found is not None
    return found


def count_made() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Rendition)) or 0


class Killed(BaseException):
    """What ends a worker in the middle of a line."""


def lapse(video: Video) -> None:
    """Let time pass until nobody has the job in hand."""
    db.session.rollback()
    with transaction():
        job_of(video).lease_until = utc_now() - timedelta(seconds=1)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_next_worker_goes_on_behind_the_last_step_that_was_kept(
    app: Flask, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    video, kept = take_in(film("large.mp4")), work.Work._keep
    begun = []

    def keep(self: work.Work, files: list[making.File]) -> None:
        begun.append(files)
        if len(begun) > after:
            raise Killed
        kept(self, files)

    monkeypatch.setattr(work.Work, "_keep", keep)
    with pytest.raises(Killed):
        work_off()
    assert count_made() == after
    monkeypatch.setattr(work.Work, "_keep", kept)
    before = {one.name: one.bytes for one in db.session.scalars(select(Rendition))}
    work_off()
    assert job_of(video).state == "working", "it is in the hand of who was killed"
    lapse(video)
    work_off()
    assert job_of(video).state == "done"
    names = [one.name for one in db.session.scalars(select(Rendition))]
    assert len(names) == len(set(names)) and set(before) <= set(names)
    assert stored() == {*names, "large.mp4"}


def test_a_worker_that_is_told_to_stop_lets_go_at_once(app: Flask) -> None:
    video, asked = take_in(film("large.mp4")), iter([False] * 3)
    assert work.go_on(lambda: next(asked, True))
    assert (job_of(video).state, job_of(video).attempts, job_of(video).lease_until) == ("waiting", 0, None)
    assert not [name for name in stored() if name.startswith(".")]
    work_off()
    assert job_of(video).state == "done"


def test_a_file_over_which_workers_die_is_left_alone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_path: Path, _watch: Watch) -> None:
        raise Killed

    video = take_in(film("plain.mp4"))
    monkeypatch.setattr("webinars.archive.processing.probe.look", die)
    for _time in range(service.MOST_ATTEMPTS):
        with pytest.raises(Killed):
            work_off()
        lapse(video)
    work_off()
    assert (job_of(video).state, job_of(video).reason) == ("failed", "deadly")


def test_two_workers_do_not_do_the_same(app: Flask) -> None:
    video = take_in(film("plain.mp4"))
    number, barrier, taken = job_of(video).id, Barrier(2), []

    def work_too() -> None:
        with app.app_context():
            barrier.wait()
            taken.append(work.take(number) is not None)
            db.session.remove()

    threads = [Thread(target=work_too) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False, True]


def test_another_recording_ends_the_work_on_the_first(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    video, kept = take_in(film("large.mp4")), work.Work._keep
    (current_settings().media_root / "other.mp4").write_bytes(film("plain.mp4").read_bytes())

    def change_meanwhile(self: work.Work, files: list[making.File]) -> None:
        monkeypatch.setattr(work.Work, "_keep", kept)
        with transaction():
            archive.edit_video(videos.get_video(video.slug), {"media_url": "media:other.mp4"}, NOW)
        kept(self, files)

    monkeypatch.setattr(work.Work, "_keep", change_meanwhile)
    work_off()
    assert (job_of(video).source, job_of(video).state) == ("other.mp4", "done")
    made = {one.source for one in db.session.scalars(select(Rendition))}
    assert made == {"other.mp4"}
    assert not [name for name in stored() if name.startswith("large-")]


def test_what_was_made_of_an_earlier_recording_goes(app: Flask) -> None:
    video = take_in(film("large.mp4"))
    work_off()
    assert count_made() > 2
    with transaction():
        archive.edit_video(videos.get_video(video.slug), {"media_url": "https://films.example.org/a.mp4"}, NOW)
    work_off()
    left = [one.name for one in db.session.scalars(select(Rendition).where(Rendition.kind != "poster"))]
    assert left == []
    still = videos.get_video(video.slug).poster_url.removeprefix("media:")
    assert stored() == {"large.mp4", still}, "the recording, and the picture that is still shown"


def test_an_encoder_dies_with_its_worker(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from webinars.archive.processing import ffmpeg;"
        "ffmpeg.run(Path(sys.argv[1]), ['-vf', 'realtime', '-f', 'null', '-'],"
        "ffmpeg.Watch(reached=lambda s: print(s, flush=True)))"
    )
    worker = subprocess.Popen([sys.executable, "-c", code, film("large.mp4")], stdout=subprocess.PIPE,
                              cwd=Path(__file__).parents[3])  # fmt: skip
    assert worker.stdout is not None and worker.stdout.readline()
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(worker.pid)], capture_output=True, text=True,
                              check=True).stdout.split()  # fmt: skip
    assert len(children) == 1
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    for _time in range(40):
        if not Path(f"/proc/{children[0]}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{children[0]}").exists()


def test_a_child_that_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(Broken) as caught:
        ffmpeg.run(film("large.mp4"), ["-vf", "realtime=speed=0.1", "-f", "null", "-"], Watch(limit=0.5))
    assert caught.value.reason == "slow"
    assert time.monotonic() - began < 5
