"""`flask start` and the web server alone, as processes: when they are stopped, nothing of them stays."""

import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from config import ROOT, settings_from
from tests.conftest import test_settings
from tests.support.waiting import wait_until
from webinars.demo.launcher import Child, Launcher, letters_folder

PROGRAMS = Path(sys.executable).parent


def free_port() -> int:
    """Find a port that is free, and those of the mailbox beside it."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < 65000 and not any(taken(port + offset) for offset in (25, 26)):
            return port


def taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def left_of(mark: Path) -> list[int]:
    """List the processes that were started with a folder in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if str(mark).encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def try_to_sign_in(port: int) -> None:
    """Send a wrong password, which is counted."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    address = f"http://127.0.0.1:{port}/staff/sign-in"
    # The port is open before the web server has read the program, which takes its time on a busy machine.
    page = browser.open(address, timeout=60).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "email": "nobody@example.org", "password": "a wrong password"}
    try:
        answer = browser.open(address, urllib.parse.urlencode(form).encode(), timeout=20).read().decode()
    except urllib.error.HTTPError as error:
        answer = error.read().decode()
    assert "password" in answer


def run_and_stop(command: list[str], changes: dict[str, str], mark: Path, port: int) -> None:
    """Start a program under a faked clock, use it once, stop it, and see that nothing stays."""
    environ = (
        os.environ | {"INSTANCE_PATH": str(mark), "PORT": str(port), "SECRET_KEY": "0123456789abcdef" * 4} | changes
    )
    process = subprocess.Popen(["faketime", "-f", "+3d", *command], cwd=ROOT, env=environ, start_new_session=True)
    try:
        wait_until(lambda: taken(port))
        try_to_sign_in(port)
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)
        wait_until(lambda: left_of(mark) == [])
    finally:
        for number in left_of(mark):
            os.kill(number, signal.SIGKILL)


# Filled with the demonstration, beside other tests.
@pytest.mark.timeout(600)
@pytest.mark.skipif(not shutil.which("faketime"), reason="libfaketime is not installed")
def test_stopping_under_a_faked_clock_leaves_nothing_running(tmp_path: Path) -> None:
    database = {"DATABASE_URL": f"sqlite:///{tmp_path / 'webinars.db'}"}
    home = tmp_path / "home"
    home.mkdir()
    own_home = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    run_and_stop([str(PROGRAMS / "flask"), "start"], database | own_home, tmp_path, free_port())
    assert list(home.iterdir()) == [], "nothing is written into the home folder"
    # Another port: somebody else may have taken the first one meanwhile.
    port = free_port()
    alone = [str(PROGRAMS / "gunicorn"), "wsgi:app", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    run_and_stop([*alone, "--graceful-timeout", "60"], database, tmp_path, port)


def test_stopping_ends_what_a_child_left_behind(tmp_path: Path) -> None:
    leaver = subprocess.Popen(["sh", "-c", "sleep 600 &"], env={"MARK": str(tmp_path)}, start_new_session=True)
    leaver.wait(timeout=5)
    wait_until(lambda: len(left_of(tmp_path)) == 1)
    Launcher(test_settings(tmp_path, f"sqlite:///{tmp_path / 'webinars.db'}"), [Child("leaver", leaver)])._stop_all()
    wait_until(lambda: left_of(tmp_path) == [])


def test_each_database_has_a_mailbox_of_its_own(tmp_path: Path) -> None:
    folders = {
        letters_folder(settings_from(environ, tmp_path)) for environ in ({}, {}, {"DATABASE_URL": "sqlite:///x"})
    }
    assert len(folders) == 2 and all(folder.parent == tmp_path for folder in folders)
