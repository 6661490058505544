"""Captions by a program of the organisation: run by the worker with a limit, kept as a machine's work, else off."""

import dataclasses
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from flask import Flask

from config import SettingError, Settings, settings_from
from tests.archive.processing.films import film
from tests.archive.processing.films import pytestmark as needs_ffmpeg
from tests.archive.samples import ENGLISH, make_captioned
from tests.archive.stores import put
from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, text_of
from webinars.archive import queries as archive
from webinars.archive.bucket import Bucket
from webinars.archive.models import Video
from webinars.archive.processing import ffmpeg
from webinars.archive.speech import queries, service, work
from webinars.archive.speech.models import Transcription
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.http import current_settings

WRITES = """
import sys
print("12%", file=sys.stderr); print("57%", file=sys.stderr)
audio, language = sys.argv[1:]
assert open(audio, "rb").read() == b"sound"
print("WEBVTT\\n\\n00:01.000 --> 00:02.000\\nHeard in " + language)
"""


@pytest.fixture
def program(app: Flask, settings: Settings, tmp_path: Path) -> Callable[..., Video]:
    """Set a program up, and give a video that it is asked about."""
    before = app.extensions["settings"]

    def make(code: str, minutes: float = 1, recording: bytes = b"sound") -> Video:
        script = tmp_path / "program.py"
        script.write_text(code)
        command = f"{sys.executable} {script} {{audio}} {{language}}"
        app.extensions["settings"] = dataclasses.replace(
            before, speech_to_text_command=command, speech_to_text_minutes=minutes
        )
        settings.media_root.mkdir(parents=True, exist_ok=True)
        (settings.media_root / "talk.mp4").write_bytes(recording)
        video = make_video(media_url="media:talk.mp4")
        ask(video)
        return video

    yield make  # type: ignore[misc]
    app.extensions["settings"] = before


def ask(video: Video) -> None:
    with transaction():
        service.ask(archive.get_video(video.slug), "en", utc_now())


def chores(stop: Callable[[], bool] = lambda: False) -> bool:
    return work.go_on(stop)


def run_of(video: Video) -> Transcription:
    db.session.expire_all()
    return queries.latest_of(archive.get_video(video.slug))[0]


def test_what_the_program_writes_counts_as_a_machines_work(program: Callable[..., Video]) -> None:
    video = program(WRITES)
    assert chores() and not chores()
    assert (run_of(video).state, run_of(video).percent) == ("done", 100)
    track = archive.get_track(archive.get_video(video.slug), "en")
    assert track.state == "automatic"
    assert "Heard in en" in track.vtt


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("raise SystemExit(3)", "ended with a fault (3)"),
        ("print('no captions')", "no captions that can be read"),
        ("import time; time.sleep(60)", "was not done after"),
        ("while True: print('x' * 100000)", "more than captions can be"),
    ],
)
def test_program_that_fails_is_told_of_with_the_reason(program: Callable[..., Video], code: str, word: str) -> None:
    video = program(code, minutes=0.02)
    began = time.monotonic()
    chores()
    assert time.monotonic() - began < 20
    assert run_of(video).state == "failed"
    assert word in run_of(video).reason
    assert not archive.get_video(video.slug).tracks


def left_behind(mark: str) -> list[int]:
    """Find the programs that have a mark among their arguments."""
    lists = [path for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [int(path.name) for path in lists if mark.encode() in _arguments(path)]


def _arguments(path: Path) -> bytes:
    try:
        return (path / "cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("end", ["", "time.sleep(60)", "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"])
def test_nothing_that_the_program_started_is_left_behind(program: Callable[..., Video], end: str) -> None:
    mark = f"left-{os.getpid()}-{time.monotonic_ns()}"
    child = f"import time; time.sleep(60) # {mark}"
    program(f"import signal, subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); {end}", 0.02)
    chores()
    until = time.monotonic() + 5
    while left_behind(mark) and time.monotonic() < until:
        time.sleep(0.05)
    assert left_behind(mark) == []


#: cuts its file to a byte, writes into it, and deletes it
HARMS = """
import os, sys
with open(sys.argv[1], "r+b") as file:
    file.truncate(1)
    file.write(b"harm")
open(sys.argv[1] + ".vtt", "w").close()
os.remove(sys.argv[1])
print("WEBVTT\\n\\n00:01.000 --> 00:02.000\\nHi")
"""


@needs_ffmpeg
@pytest.mark.parametrize("lacking", [(), ("ffmpeg",)])
def test_recording_stays_whatever_the_program_does_with_its_file(
    program: Callable[..., Video], monkeypatch: pytest.MonkeyPatch, lacking: tuple[str, ...]
) -> None:
    recording = film("plain.mp4").read_bytes()
    video = program(HARMS, recording=recording)
    monkeypatch.setattr(ffmpeg, "missing", lambda: lacking)
    root = current_settings().media_root
    before = {*root.rglob("*")}
    chores()
    assert run_of(video).state == "done"
    assert (root / "talk.mp4").read_bytes() == recording
    assert {*root.rglob("*")} == before


#: says what it was given: rate, channels, bytes of a sample, and whole seconds of sound
LISTENS = """
import sys, wave
with wave.open(sys.argv[1]) as sound:
    facts = [sound.getframerate(), sound.getnchannels(), sound.getsampwidth()]
    facts.append(round(sound.getnframes() / sound.getframerate()))
print("WEBVTT\\n\\n00:01.000 --> 00:02.000\\nGiven:", *facts)
"""


@needs_ffmpeg
@pytest.mark.parametrize("name", ["plain.mp4", "vp9.webm", "sound.mp3", "sound.wav"])
def test_program_gets_the_sound_alone_as_every_such_program_reads_it(program: Callable[..., Video], name: str) -> None:
    video = program(LISTENS, recording=film(name).read_bytes())
    chores()
    assert "Given: 16000 1 2 3" in archive.get_track(archive.get_video(video.slug), "en").vtt


@needs_ffmpeg
def test_recording_in_a_bucket_is_fetched_for_the_program_and_nothing_of_it_stays(
    program: Callable[..., Video], far_store: Bucket
) -> None:
    video = program(LISTENS)
    put(far_store, "talk.mp4", film("plain.mp4").read_bytes())
    chores()
    assert "Given: 16000 1 2 3" in archive.get_track(archive.get_video(video.slug), "en").vtt
    assert not [path for path in far_store.work.rglob("*") if path.is_file()]


def test_program_gets_a_file_that_ffmpeg_cannot_read_as_it_is(program: Callable[..., Video]) -> None:
    video = program(WRITES)
    chores()
    assert run_of(video).state == "done"


def test_disk_without_room_for_the_sound_is_told_of(
    program: Callable[..., Video], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    video = program(LISTENS)
    writes = tmp_path / "ffmpeg"
    writes.write_text("#!/bin/sh\necho 'No space left on device' >&2\nexit 1\n")
    writes.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(ffmpeg, "missing", lambda: ())
    chores()
    assert "not enough room" in run_of(video).reason


def test_program_that_talks_without_end_fills_no_disk(
    program: Callable[..., Video], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: dict[int, list[int]] = {}
    watched = work._size

    def noted(file: IO[bytes]) -> int:
        sizes.setdefault(file.fileno(), []).append(watched(file))
        return sizes[file.fileno()][-1]

    monkeypatch.setattr(work, "_size", noted)
    video = program("import sys, time\nsys.stderr.write('x' * 3_000_000)\ntime.sleep(60)", minutes=0.06)
    chores()
    assert "was not done after" in run_of(video).reason
    told = max(sizes.values(), key=max)
    assert max(told) > work._MOST_TOLD > told[-1]


def test_program_that_is_missing_is_told_of(app: Flask, program: Callable[..., Video]) -> None:
    video = program(WRITES)
    set_up = app.extensions["settings"]
    app.extensions["settings"] = dataclasses.replace(set_up, speech_to_text_command="no-such-program {audio}")
    chores()
    assert "cannot be started" in run_of(video).reason


def test_corrected_captions_are_never_written_over(program: Callable[..., Video]) -> None:
    video = program(WRITES)
    with transaction():
        make = archive.get_video(video.slug)
        service.archive.set_captions(make, "en", ENGLISH, "corrected", NOW)
    chores()
    assert "corrected captions" in run_of(video).reason
    assert "A rash that covers" in archive.get_track(archive.get_video(video.slug), "en").vtt


def test_worker_that_stops_leaves_the_run_to_the_next_one(program: Callable[..., Video]) -> None:
    video = program("import time; time.sleep(60)")
    chores(lambda: True)
    assert (run_of(video).state, run_of(video).attempts) == ("waiting", 0)


def test_run_whose_worker_died_is_taken_up_and_given_up_in_the_end(program: Callable[..., Video]) -> None:
    video = program(WRITES)
    for _time in range(service.MOST_ATTEMPTS):
        with transaction():
            assert service.take(run_of(video).id, utc_now(), -work._LEASE)
    chores()
    assert run_of(video).state == "failed"
    assert "stopped several times" in run_of(video).reason


def test_one_run_has_one_worker(program: Callable[..., Video]) -> None:
    number = run_of(program(WRITES)).id
    with transaction():
        assert service.take(number, utc_now(), work._LEASE)
    with transaction():
        assert service.take(number, utc_now(), work._LEASE) is None


def test_staff_ask_once_and_see_how_far_it_is(program: Callable[..., Video], staff: CheckedClient) -> None:
    video = program(WRITES)
    path = f"/staff/videos/{video.slug}"
    page = staff.page(path)
    assert "English: waiting" in text_of(page)
    assert "No worker has been seen for two minutes, so no captions are written." in text_of(page)
    answer = staff.submit(staff.page(path), "/by-program", program_language="en")
    assert "at work on these captions already" in answer.text
    chores()
    assert "English: done" in text_of(staff.page(path))


def test_nothing_is_offered_or_run_where_no_program_is_set_up(staff: CheckedClient) -> None:
    video = make_captioned(media_url="media:talk.mp4")
    page = staff.page(f"/staff/videos/{video.slug}")
    assert "Let the program write captions" not in text_of(page)
    assert not chores()


@pytest.mark.parametrize("command", ["listen", "listen '{audio}", "{audio}"])
def test_command_that_cannot_work_is_refused_at_the_start(command: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="SPEECH_TO_TEXT_COMMAND"):
        settings_from({"SPEECH_TO_TEXT_COMMAND": command, "SECRET_KEY": "x" * 40}, tmp_path)


def test_path_goes_to_the_program_as_one_argument_whatever_it_holds() -> None:
    assert (
        work._filled("--in={audio}", {"{audio}": "/a b;rm {language}", "{language}": "en"}) == "--in=/a b;rm {language}"
    )
