"""Players that were not written by us, and the real server: they look, seek and go on, and fetch little."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
import pytest

from config import settings_from
from tests.archive.processing.films import pytestmark
from tests.factories import make_video
from tests.support.counting_line import Line
from webinars import create_app

__all__ = ["pytestmark"]

ROOT = Path(__file__).parents[2]
SECONDS = 300


@dataclass
class Served:
    """A film behind a counting line."""

    url: str
    bytes: int
    line: Line


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Serve a film as the worker writes it (what it holds is said first), and as cameras do (last)."""
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {
        "DATABASE_URL": f"sqlite:///{folder}/x.sqlite", "SECRET_KEY": "0123456789abcdef" * 4,
        "INSTANCE_PATH": str(folder), "MEDIA_ROOT": str(folder / "media"), "SITE_URL": f"http://127.0.0.1:{port}",
    }  # fmt: skip
    (folder / "media").mkdir()
    app = create_app(settings_from(environ))
    with app.app_context():
        flask_migrate.upgrade()
        for name, first in (("first.mp4", True), ("last.mp4", False)):
            make_film(folder / "media" / name, first)
            make_video(title=name, media_url=f"media:{name}")
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
               "--threads", "4", "--log-level", "critical"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environ)
    try:
        _wait_for(port)
        with Line(port) as line:
            yield {
                name: Served(f"http://127.0.0.1:{line.port}/media/{name}.mp4", size, line)
                for name in ("first", "last")
                for size in [(folder / "media" / f"{name}.mp4").stat().st_size]
            }
    finally:
        process.terminate()
        process.wait()


def make_film(path: Path, first: bool) -> None:
    """Make a film so large that fetching all of it would show; first: it says at its beginning what it holds."""
    sight = ["-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=10:duration={SECONDS}"]
    sound = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}"]
    how = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-pix_fmt", "yuv420p", "-g", "20", "-c:a", "aac"]
    begin = ["-movflags", "+faststart"] if first else []
    subprocess.run(["ffmpeg", "-v", "error", "-y", *sight, *sound, *how, *begin, path], check=True)


def _wait_for(port: int) -> None:
    # Connections are taken before there is anybody to answer them.
    for _time in range(60):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the server does not start")


def picture_at(film: Served, second: float) -> bytes:
    """Let ffmpeg fetch one picture of a film over the line."""
    film.line.forget()
    command = ["ffmpeg", "-v", "error", "-ss", str(second), "-i", film.url, "-frames:v", "1", "-f", "rawvideo", "-"]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


def test_program_that_looks_reads_only_the_head(served: dict[str, Served]) -> None:
    film = served["first"]
    film.line.forget()
    asked = ["ffprobe", "-v", "error", "-show_format", "-of", "json", film.url]
    said = json.loads(subprocess.run(asked, capture_output=True, check=True, timeout=60).stdout)
    assert abs(float(said["format"]["duration"]) - SECONDS) < 1
    assert int(said["format"]["size"]) == film.bytes, "the whole length is told"
    assert len(film.line.asked) <= 2
    assert film.line.carried < film.bytes / 4, (film.line.carried, film.bytes, film.line.asked)


def test_seeking_near_the_end_asks_for_the_end_and_fetches_no_more(served: dict[str, Served]) -> None:
    film = served["first"]
    picture = picture_at(film, SECONDS - 10)
    assert len(picture) == 640 * 360 * 3 // 2
    last = film.line.asked[-1][1]
    assert last.startswith("bytes=") and int(last.removeprefix("bytes=").split("-")[0]) > film.bytes * 0.8
    assert len(film.line.asked) <= 3
    assert film.line.carried < film.bytes / 3, (film.line.carried, film.bytes, film.line.asked)


def test_seeking_finds_the_picture_that_the_whole_file_has(served: dict[str, Served]) -> None:
    assert picture_at(served["first"], 200) == picture_at(served["last"], 200) != picture_at(served["first"], 100)


def test_film_whose_head_comes_last_plays_before_it_was_put_in_order(served: dict[str, Served]) -> None:
    film = served["last"]
    assert len(picture_at(film, 5)) == 640 * 360 * 3 // 2
    assert len(film.line.asked) >= 2, "it looked at the end first"
    assert film.line.carried < film.bytes / 2, (film.line.carried, film.bytes, film.line.asked)


def answer_to(film: Served, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(film.url, method=method, headers=names)
    try:
        with urllib.request.urlopen(asked, timeout=10) as told:
            return told.status, dict(told.headers), told.read()
    except urllib.error.HTTPError as told:
        return told.code, dict(told.headers), told.read()


def test_a_download_that_broke_off_goes_on_and_begins_anew_when_the_file_is_another(served: dict[str, Served]) -> None:
    film = served["first"]
    status, head, body = answer_to(film, "HEAD")
    assert (status, body, int(head["Content-Length"]), head["Accept-Ranges"]) == (200, b"", film.bytes, "bytes")
    half = film.bytes // 2
    first = answer_to(film, Range=f"bytes=0-{half - 1}")
    rest = answer_to(film, Range=f"bytes={half}-", If_Range=head["ETag"])
    assert (first[0], rest[0]) == (206, 206)
    assert rest[1]["Content-Range"] == f"bytes {half}-{film.bytes - 1}/{film.bytes}"
    assert len(first[2] + rest[2]) == film.bytes
    assert first[2] + rest[2] == answer_to(film)[2]
    assert answer_to(film, Range=f"bytes={half}-", If_Range=head["Last-Modified"])[0] == 206
    for other in ('"another"', "Mon, 01 Jan 2001 00:00:00 GMT"):
        status, _headers, body = answer_to(film, Range=f"bytes={half}-", If_Range=other)
        assert (status, len(body)) == (200, film.bytes)


def test_range_behind_the_end_is_refused_with_the_length(served: dict[str, Served]) -> None:
    film = served["first"]
    status, headers, _body = answer_to(film, Range=f"bytes={film.bytes}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{film.bytes}")


def test_unchanged_film_is_not_sent_again(served: dict[str, Served]) -> None:
    film = served["first"]
    head = answer_to(film, "HEAD")[1]
    assert answer_to(film, If_None_Match=head["ETag"])[0] == 304
    assert answer_to(film, If_Modified_Since=head["Last-Modified"])[0] == 304
