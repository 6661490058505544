"""A line that is cut twenty times, a server that is killed in between: what arrives is what was sent."""

import hashlib
import http.client
import http.cookiejar
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import flask_migrate
import pytest

from config import settings_from
from tests.factories import make_video
from webinars import create_app
from webinars.accounts import service as accounts
from webinars.archive import queries as videos
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction

ROOT = Path(__file__).parents[3]
FILM = b"\0\0\0\x18ftypisom" + random.Random(5).randbytes(6_000_000)
CUTS, KILLED_AT = 20, {4, 9, 14}
_PASSWORD = "a long enough password"


class Server:
    """A real server on a port of its own, that can be killed and comes back."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environ = {
            "DATABASE_URL": f"sqlite:///{folder}/x.sqlite", "SECRET_KEY": "0123456789abcdef" * 4,
            "INSTANCE_PATH": str(folder), "SITE_URL": f"http://127.0.0.1:{self.port}", "RATELIMIT_ENABLED": "0",
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{self.port}", "--worker-class",
                   "gthread", "--workers", "1", "--threads", "4", "--log-level", "critical"]  # fmt: skip
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | self.environ, start_new_session=True)
        for _time in range(300):
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server does not start")

    def kill(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # Its child dies a moment later, and until then takes connections that nobody answers.
        with suppress(ConnectionRefusedError):
            for _time in range(100):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                time.sleep(0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Give a server with an editor and a draft."""
    found = Server(tmp_path)
    app = create_app(settings_from(found.environ))
    with app.app_context():
        flask_migrate.upgrade()
        with transaction():
            accounts.add_user("editor@harbor.example", "editor", _PASSWORD, utc_now())
        make_video(title="A talk", media_url="", state="draft")
        found.start()
        yield found
        found.kill()
        db.session.remove()
        db.engine.dispose()


def sign_in(server: Server) -> dict[str, str]:
    """Sign in as a browser does; gives the headers that go with everything from then on."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{server.port}/staff"
    page = browser.open(f"{address}/sign-in").read().decode()
    fields = {"email": "editor@harbor.example", "password": _PASSWORD}
    fields["csrf_token"] = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    browser.open(f"{address}/sign-in", urllib.parse.urlencode(fields).encode()).read()
    page = browser.open(f"{address}/videos").read().decode()
    token = json.loads(re.search(r"data-hx-headers='([^']+)'", page)[1])["X-CSRFToken"]
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    return {"Cookie": cookies, "X-CSRFToken": token, "Tus-Resumable": "1.0.0"}


def ask(server: Server, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def piece_headers(headers: dict[str, str], offset: int) -> dict[str, str]:
    return headers | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}


def cut(server: Server, where: str, headers: dict[str, str], offset: int, sent: int, rudely: bool) -> None:
    """Send a part of what was announced, then close the line, with or without a word."""
    line = socket.create_connection(("127.0.0.1", server.port), 10)
    told = piece_headers(headers, offset) | {"Host": f"127.0.0.1:{server.port}",
                                             "Content-Length": str(len(FILM) - offset)}  # fmt: skip
    head = f"PATCH {where} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items()) + "\r\n"
    line.sendall(head.encode() + FILM[offset : offset + sent])
    if rudely:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


@pytest.mark.slow
def test_an_upload_outlives_twenty_cuts_and_three_deaths_of_the_server(server: Server) -> None:
    headers, dice = sign_in(server), random.Random(7)
    begun = ask(server, "POST", "/staff/videos/a-talk/uploads", headers | {"Upload-Length": str(len(FILM))})
    assert begun.status == 201
    where, offsets = begun.headers["Location"], []
    for number in range(CUTS):
        offset = int(ask(server, "HEAD", where, headers).headers["Upload-Offset"])
        offsets.append(offset)
        cut(server, where, headers, offset, dice.randrange(1, 400_000), rudely=number % 2 == 0)
        if number in KILLED_AT:
            server.kill()
            server.start()
    assert offsets == sorted(offsets) and offsets[-1] > 500_000, "most of what was sent was kept"
    for _time in range(10):
        offset = int(ask(server, "HEAD", where, headers).headers["Upload-Offset"])
        # The last cut may still be written down: then the server refuses before it has read all, as at any conflict.
        with suppress(ConnectionError):
            if ask(server, "PATCH", where, piece_headers(headers, offset), FILM[offset:]).status == 204:
                break
        time.sleep(0.2)
    db.session.expire_all()
    name = videos.get_video("a-talk").media_url.removeprefix("media:")
    stored = Path(server.environ["INSTANCE_PATH"]) / "media" / name
    assert hashlib.sha256(stored.read_bytes()).digest() == hashlib.sha256(FILM).digest()
