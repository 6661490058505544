"""The work on a recording, by a worker: look, make, keep.

Each step is kept as it is done, so that whoever comes after a killed worker goes on behind the last one.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy import delete

from webinars.archive.models import Video
from webinars.archive.processing import ffmpeg, making, probe, queries, rules, service
from webinars.archive.processing.ffmpeg import Broken, Watch
from webinars.archive.processing.making import File, Step, Task
from webinars.archive.processing.models import Kind, MediaJob, Reason, Rendition
from webinars.archive.rules import STORED
from webinars.archive.store import Stopped, Store, StoreAway, Stored, current_store, find
from webinars.core.clock import utc_now
from webinars.core.database import db, lock, transaction
from webinars.core.errors import NotFound
from webinars.core.http import current_settings

LOG = structlog.get_logger("webinars.archive.processing")
#: free bytes beyond the work itself, so that nothing else of the machine stands still
SPARE_BYTES = 500_000_000
#: rest before a store that did not answer is tried again
REST = timedelta(minutes=1)


class LostTrack(Exception):
    """Say that somebody else has the job in hand by now, or that the video has another recording."""


def go_on(stop: Callable[[], bool]) -> bool:
    """Do what waits, one recording at a time, until ``stop`` says yes; says whether there was something."""
    if clear_outdated():
        return True
    if ffmpeg.missing():
        return False
    number = queries.free_to_take(utc_now())
    db.session.rollback()
    if number is None:
        return False
    job = take(number)
    if job is not None:
        job.stop = stop
        job.run()
    return True


def clear_outdated() -> bool:
    """Delete what was made of recordings that videos do not have any more; says whether there was something."""
    going = {one.id: one for one in queries.outdated()}
    # A recording that served as it is stays, as it was taken in.
    names = [one.name for one in going.values() if one.name != one.source]
    db.session.rollback()
    try:
        # The files first: of rows without files nothing stays behind, of files without rows nobody knows.
        for name in names:
            current_store().delete(name)
    except StoreAway:
        return False
    if going:
        with transaction():
            service.forget(list(going))
    return bool(going)


def take(job_id: int) -> "Work | None":
    """Take a job in hand; None when somebody else has it."""
    lease = timedelta(seconds=current_settings().worker_lease_seconds)
    with transaction():
        token = service.take(job_id, utc_now(), lease)
    return Work(job_id, token, lease, current_store()) if token else None


@dataclass
class Work:
    """A job in hand."""

    job_id: int
    token: str
    lease: timedelta
    store: Store
    stop: Callable[[], bool] = lambda: False
    _told_at: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Make all there is to make, then let go."""
        folder = self.store.work / f".job-{self.job_id}"
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self._make(folder)
        except Stopped:
            with self._writing() as found:
                service.let_go(found)
        except LostTrack:
            db.session.rollback()
        except StoreAway:
            self._put_off()
        except NotFound:
            self._fail(Reason.GONE)
        except Broken as broken:
            self._fail(broken.reason)
        except OSError as error:
            LOG.error("the media store cannot be written to", fault=error.strerror)
            self._fail(Reason.NO_ROOM)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _make(self, folder: Path) -> None:
        found = self.found()
        number, source = found.id, found.source
        still = self._wants_still(found)
        db.session.rollback()
        self._need_room(find(source))
        path = self.store.local(source, folder, self._going)
        film = probe.look(path, self._watch(lambda _second: self._tell(0)))
        with self._writing(with_video=True) as found:
            found.facts = film.facts()
            self._note_length(found, film.seconds)
            size = making.kept(film)
            if size is not None and source not in queries.names_made(found):
                self._note(found, File(Kind.FILM, path, size, film.seconds), path.stat().st_size)
        task = Task(number, path, film, folder)
        self._do(making.steps(task, still), task)
        with self._writing() as found:
            service.finish(found)

    def _do(self, steps: list[Step], task: Task) -> None:
        names = queries.names_made(self.found())
        db.session.rollback()
        # What was lost from the store is made anew.
        known = {name for name in names if self.store.has(name)}
        total, done = sum(step.weight for step in steps) or 1, 0.0
        made = self._at_hand(known, steps, task)
        for step in steps:
            if not known.issuperset(step.names):
                share = (done / total, step.weight / total)
                watch = self._watch(self._along(share, task.film.seconds), rules.limit(task.film.seconds))
                files = step.make(watch, made)
                self._keep(files)
                made |= {file.path.name: file.path for file in files}
            done += step.weight

    def _at_hand(self, known: set[str], steps: list[Step], task: Task) -> dict[str, Path]:
        """Fetch what an earlier worker made, if a step is left that may need it."""
        if all(known.issuperset(step.names) for step in steps):
            return {}
        there = {name: self.store.local(name, task.folder, self._going) for name in known - {task.source.name}}
        return there | {task.source.name: task.source}

    def _along(self, share: tuple[float, float], seconds: float) -> Callable[[float], None]:
        return lambda second: self._tell(int(100 * (share[0] + share[1] * min(1.0, second / seconds))))

    def _keep(self, files: list[File]) -> None:
        """Put files into the store and note them; when nobody has this job any more they go."""
        rows = [(file, file.path.stat().st_size) for file in files]
        try:
            for file in files:
                self.store.keep(file.path, file.path.name, self._going)
            with self._writing(with_video=True) as found:
                for file, size in rows:
                    self._note(found, file, size)
                    if file.kind == Kind.POSTER:
                        self._show_still(found, file.path.name)
        except LostTrack:
            db.session.rollback()
            # Another worker that has it in hand makes files of the same names.
            if db.session.get(MediaJob, self.job_id) is None:
                for file in files:
                    self.store.delete(file.path.name)
            raise

    def _note(self, found: MediaJob, file: File, size: int) -> None:
        earlier = delete(Rendition).where(Rendition.video_id == found.video_id, Rendition.name == file.path.name)
        db.session.execute(earlier)
        db.session.add(
            Rendition(video_id=found.video_id, source=found.source, kind=file.kind, height=file.height,
                      name=file.path.name, bytes=size, seconds=file.seconds)
        )  # fmt: skip

    def _wants_still(self, found: MediaJob) -> bool:
        """Say whether a still picture is to be made: none that staff chose is replaced."""
        video = db.session.get_one(Video, found.video_id)
        return not video.poster_url or queries.is_made_still(video.poster_url)

    def _show_still(self, found: MediaJob, name: str) -> None:
        video = db.session.get_one(Video, found.video_id)
        if self._wants_still(found):
            video.poster_url, video.updated_at = STORED + name, utc_now()

    def _note_length(self, found: MediaJob, seconds: float) -> None:
        video = db.session.get_one(Video, found.video_id)
        if not video.duration_seconds:
            video.duration_seconds = max(1, round(seconds))

    def _need_room(self, stored: Stored) -> None:
        # What is made is seldom larger than what it is made of; that lies here already, or is copied here.
        needed = stored.size if stored.path else 2 * stored.size
        if shutil.disk_usage(self.store.work).free < needed + SPARE_BYTES:
            raise Broken(Reason.NO_ROOM)

    def _going(self) -> None:
        """Keep the job ours while a file is on its way from or to the store."""
        if self.stop():
            raise Stopped
        self._tell(0)

    def _watch(self, reached: Callable[[float], None], limit: float = 3600.0) -> Watch:
        return Watch(reached=reached, stop=self.stop, limit=limit)

    def _tell(self, progress: int) -> None:
        """Note how far it is and keep the job ours, now and then."""
        if time.monotonic() - self._told_at < min(2.0, self.lease.total_seconds() / 4):
            return
        self._told_at = time.monotonic()
        with self._writing() as found:
            found.progress = max(found.progress, min(99, progress))

    def _put_off(self) -> None:
        """Leave the job to whoever looks after a while: nothing is wrong with the recording."""
        db.session.rollback()
        try:
            with self._writing() as found:
                service.put_off(found, utc_now() + REST)
        except LostTrack:
            return

    def _fail(self, reason: Reason) -> None:
        """Note why nothing comes of it; what was made so far is deleted with what is outdated."""
        db.session.rollback()
        try:
            with self._writing() as found:
                service.fail(found, reason)
        except LostTrack:
            return
        LOG.warning("nothing can be made of a recording", job=self.job_id, reason=str(reason))

    def found(self) -> MediaJob:
        """Give the job as it is now. Raises LostTrack when it is not ours any more."""
        found = db.session.get(MediaJob, self.job_id, populate_existing=True)
        if found is None or found.claim_token != self.token:
            raise LostTrack
        return found

    @contextmanager
    def _writing(self, with_video: bool = False) -> Iterator[MediaJob]:
        """Write while the job is still ours, and keep it ours for another while. Raises LostTrack."""
        with transaction():
            found = self.found()
            if with_video:
                # First, as whoever changes the recording does.
                lock(db.session.get_one(Video, found.video_id))
            try:
                lock(found)
            except NotFound:
                raise LostTrack from None
            if found.claim_token != self.token:
                raise LostTrack
            found.lease_until = utc_now() + self.lease
            yield found
