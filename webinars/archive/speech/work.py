"""Running the program that writes captions: in a worker, with a time limit, and nothing sent anywhere by us.

The program gets the path of a sound file made for it and the language, without a shell, and writes WebVTT on its
standard output. A percentage on its error output ("37%") is shown to staff.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

import structlog
from flask_babel import gettext as _

from webinars.archive import rules
from webinars.archive.captions import MOST_BYTES
from webinars.archive.editing import make_ready
from webinars.archive.processing import ffmpeg, making
from webinars.archive.processing.ffmpeg import Broken, Watch, leashed
from webinars.archive.processing.leash import NOT_STARTED
from webinars.archive.processing.models import Reason
from webinars.archive.speech import queries, service
from webinars.archive.store import PIECE, NoRoom, Stopped, StoreAway, current_store, find, needing_room
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.errors import NotFound, UserError
from webinars.core.http import current_settings

LOG = structlog.get_logger("webinars.archive.speech")
#: seconds between two looks at the program
_LOOK = 0.2
#: seconds between two notes of how far it is; well within the lease
_NOTE = 10.0
_LEASE = timedelta(seconds=60)
#: seconds that taking the sound out of a recording may take
_SOUND_SECONDS = 3600.0
#: seconds to end by itself when asked to
_GRACE = 3.0
#: bytes on its error output that are kept
_MOST_TOLD = 1_000_000
_PERCENT = re.compile(rb"(\d{1,3})(?:\.\d+)?\s*%")


def go_on(stop: Callable[[], bool]) -> bool:
    """Write the captions of one video that waits; says whether there was one."""
    command = current_settings().speech_to_text_command
    number = queries.free_to_take(utc_now()) if command else None
    if number is None:
        db.session.rollback()
        return False
    with transaction():
        token = service.take(number, utc_now(), _LEASE)
    if token:
        Run(number, token, stop).run(command)
    return True


class Run:
    """A run in hand."""

    def __init__(self, number: int, token: str, stop: Callable[[], bool]) -> None:
        self._number, self._token, self._stop = number, token, stop
        self._percent: int | None = None
        self._held_at = time.monotonic()

    def run(self, command: str) -> None:
        """Run the program to its end and keep what it wrote, or the reason why there is nothing."""
        folder = current_store().work / f".speech-{self._number}"
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self._run(command, folder)
        except Stopped:
            with transaction():
                service.put_back(self._number, self._token)
        except StoreAway:
            with transaction():
                service.put_back(self._number, self._token, utc_now() + _LEASE)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, command: str, folder: Path) -> None:
        try:
            arguments = self._arguments(command, folder)
        except NotFound:
            self._give_up(_("The file of the recording is not there any more."))
            return
        except NoRoom as error:
            self._give_up(str(error))
            return
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            program = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, start_new_session=True
            )
            try:
                reason = self._watch(program, out, errors)
            finally:
                _end(program)
            if reason is None:
                self._keep(program.returncode, out)
            else:
                self._give_up(reason)

    def _arguments(self, command: str, folder: Path) -> list[str]:
        """Give the command with what is put into it. Raises NotFound for a recording that is gone, NoRoom."""
        run = queries.find_run(self._number)
        name, language = (rules.media_name(run.video.media_url), run.language) if run else (None, "")
        # This may take minutes: nothing is held open in the database meanwhile.
        db.session.remove()
        values = {"{audio}": str(self._given(name or "", folder).resolve()), "{language}": language}
        return leashed([_filled(part, values) for part in shlex.split(command)])

    def _given(self, name: str, folder: Path) -> Path:
        """Make the file that the program gets, alone in a folder: whatever it does to it, the recording stays."""
        given = folder / "given"
        given.mkdir()
        with needing_room():
            recording = current_store().local(find(name).name, folder, self._going)
            return self._sound(recording, given) or self._copy(recording, given)

    def _sound(self, recording: Path, given: Path) -> Path | None:
        """Take the sound out of a recording; None where that cannot be done: the program may know other kinds."""
        if ffmpeg.missing():
            return None
        path = given / f"{recording.stem}.wav"
        try:
            making.sound_for_speech(recording, path, Watch(stop=self._held, limit=_SOUND_SECONDS))
        except Broken as broken:
            path.unlink(missing_ok=True)
            if broken.reason == Reason.NO_ROOM:
                raise NoRoom from None
            return None
        return path

    def _copy(self, recording: Path, given: Path) -> Path:
        path = given / recording.name
        with recording.open("rb") as file, path.open("xb") as out:
            while piece := file.read(PIECE):
                self._going()
                out.write(piece)
        return path

    def _held(self) -> bool:
        """Hold the run, and never say that it is to end: that is raised."""
        self._going()
        return False

    def _going(self) -> None:
        """Hold the run while something takes its time. Raises Stopped when the worker is to end or it is not ours."""
        if self._stop():
            raise Stopped
        if time.monotonic() - self._held_at >= _NOTE:
            self._held_at = time.monotonic()
            with transaction():
                ours = service.go_on(self._number, self._token, self._percent, utc_now(), _LEASE)
            if not ours:
                raise Stopped

    def _watch(self, program: subprocess.Popen[bytes], out: IO[bytes], errors: IO[bytes]) -> str | None:
        """Wait for the end; gives None when it came by itself, else why it was not waited for. Raises Stopped."""
        minutes = current_settings().speech_to_text_minutes
        until = time.monotonic() + minutes * 60
        while program.poll() is None:
            self._going()
            if time.monotonic() > until:
                return _("The program was not done after %(num)s minutes and was stopped.", num=f"{minutes:g}")
            if _size(out) > MOST_BYTES:
                return _("The program wrote more than captions can be.")
            if _size(errors) > _MOST_TOLD:
                # Nobody reads but the end of it; it must not fill the disk.
                errors.seek(0)
                errors.truncate()
            self._percent = percent_of(errors) or self._percent
            time.sleep(_LOOK)
            db.session.remove()
        return None

    def _keep(self, code: int, out: IO[bytes]) -> None:
        if code == NOT_STARTED:
            LOG.warning("the program that writes captions cannot be started")
            self._give_up(_("The program that writes captions cannot be started."))
            return
        if code != 0:
            self._give_up(_("The program ended with a fault (%(code)s).", code=code))
            return
        out.seek(0)
        try:
            written = make_ready(out.read(MOST_BYTES + 1))
        except UserError as error:
            self._give_up(_("The program wrote no captions that can be read: %(reason)s", reason=error))
            return
        with transaction():
            service.keep(self._number, self._token, written, utc_now())

    def _give_up(self, reason: str) -> None:
        with transaction():
            service.give_up(self._number, self._token, reason, utc_now())


def _filled(part: str, values: dict[str, str]) -> str:
    return re.sub(r"\{audio\}|\{language\}", lambda match: values[match[0]], part)


def _size(file: IO[bytes]) -> int:
    # Without moving in it: the program writes at the place that both have in common.
    return os.fstat(file.fileno()).st_size


def percent_of(errors: IO[bytes]) -> int | None:
    """Read the last percentage a program told; None when it told none."""
    end = os.pread(errors.fileno(), 2000, max(0, _size(errors) - 2000))
    told = [int(match[1]) for match in _PERCENT.finditer(end)]
    return min(told[-1], 100) if told else None


def _end(program: subprocess.Popen[bytes]) -> None:
    """End a program that still runs, kindly, then not; and whatever it started and left behind."""
    if program.poll() is None:
        _tell_all(program, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            program.wait(_GRACE)
    _tell_all(program, signal.SIGKILL)
    program.wait()


def _tell_all(program: subprocess.Popen[bytes], what: signal.Signals) -> None:
    # It began a session of its own, so its number is that of the group.
    with suppress(ProcessLookupError):
        os.killpg(program.pid, what)
