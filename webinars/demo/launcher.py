"""Start everything a newcomer needs with one command: database, content, mailbox, worker, web server."""

import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config import ROOT, Settings

#: distance of the demonstration mailbox's ports from the web server's
SMTP_OFFSET, READER_OFFSET = 25, 26
#: the demonstration organisation's, of those that no telephone network gives to anybody
SAMPLE_PHONE = "1-800-555-0199"
START_SECONDS = 40
STOP_SECONDS = 12


class CannotStart(Exception):
    """Say in one sentence why the service cannot start here."""


@dataclass
class Child:
    """One process the launcher started."""

    name: str
    process: subprocess.Popen[bytes]


@dataclass
class Launcher:
    """Runs mailbox, worker and web server side by side until asked to stop or until one of them ends."""

    settings: Settings
    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    @property
    def own_mailbox(self) -> bool:
        """Say whether letters go to the mailbox started here, since no mail server is configured."""
        return not os.environ.get("MAIL_SERVER")

    def run(self) -> int:
        """Start all, wait, stop all; give the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            self._start_all()
            self._wait_until_answering()
            print(banner(self.settings, self.own_mailbox), flush=True)
            return self._wait()
        finally:
            self._stop_all()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start_all(self) -> None:
        port = self.settings.port
        environment = {"ORGANIZATION_PHONE": SAMPLE_PHONE, **os.environ, "PORT": str(port), "PYTHONUNBUFFERED": "1"}
        if self.own_mailbox:
            environment |= {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port + SMTP_OFFSET)}
            letters = letters_folder(self.settings)
            self._start("mailbox", environment, [sys.executable, "-m", "webinars.demo.mailbox",
                        "--smtp-port", str(port + SMTP_OFFSET), "--http-port", str(port + READER_OFFSET),
                        "--folder", str(letters), "--site-url", self.settings.site_url])  # fmt: skip
        programs = Path(sys.executable).parent
        self._start("worker", environment, [str(programs / "flask"), "worker"])
        self._start("web server", environment, [
            str(programs / "gunicorn"), "wsgi:app", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
            "--workers", "2", "--threads", "4", "--log-level", "warning", "--worker-tmp-dir", _memory_folder(),
            # Without it gunicorn leaves a socket in the home folder, for a tool that nobody uses here.
            "--no-control-socket",
        ])  # fmt: skip

    def _start(self, name: str, environment: dict[str, str], command: list[str]) -> None:
        # A session of its own: Ctrl-C reaches the launcher alone, which then stops the others in order.
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        self.children.append(Child(name, process))

    def _wait_until_answering(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.stopping and not _answers(self.settings.port):
            self._ensure_alive()
            if time.monotonic() > deadline:
                raise CannotStart(f"The web server did not answer within {START_SECONDS} seconds.")
            time.sleep(0.1)

    def _ensure_alive(self) -> None:
        for child in self.children:
            if child.process.poll() is not None:
                raise CannotStart(
                    f"The {child.name} ended with code {child.process.returncode}; its last words are above."
                )

    def _wait(self) -> int:
        while not self.stopping:
            self._ensure_alive()
            time.sleep(0.3)
        return 0

    def _stop_all(self) -> None:
        print("\nStopping …", flush=True)
        for child in reversed(self.children):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children):
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            _kill_session(child.process)
        print("Stopped.", flush=True)


def _kill_session(leader: subprocess.Popen[bytes]) -> None:
    """End what a process or those it started left running; each child leads a session and process group."""
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)
    leader.wait()


def ensure_ports_free(settings: Settings, own_mailbox: bool) -> None:
    """Refuse to start when a port is taken, naming it.

    Raises CannotStart.
    """
    wanted = [settings.port] + ([settings.port + SMTP_OFFSET, settings.port + READER_OFFSET] if own_mailbox else [])
    for port in wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise CannotStart(
                    f"Port {port} is in use. Stop what uses it, or choose another: PORT=8100 make run"
                ) from None


def letters_folder(settings: Settings) -> Path:
    """Give the folder of the mailbox: each database has its own, or one would show letters with another's links."""
    code = hashlib.sha256(settings.database_url.encode()).hexdigest()[:8]
    return settings.instance / f"letters-{code}"


def owner_password(settings: Settings) -> str:
    """Give the demonstration owner's password, made once and kept in the instance folder."""
    file = settings.instance / "demo-password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text("-".join(secrets.token_hex(2) for _ in range(4)))
    return file.read_text().strip()


def banner(settings: Settings, own_mailbox: bool) -> str:
    """Write what a newcomer needs to know."""
    lines = [
        "",
        f"  Webinars is running at   {settings.site_url}/",
        f"  Staff sign in at         {settings.site_url}/staff/",
        f"     as                    {OWNER_EMAIL}, or {HOST_EMAIL} (sees two webinars)",
        f"     password              {owner_password(settings)}",
    ]
    if own_mailbox:
        reader = f"http://127.0.0.1:{settings.port + READER_OFFSET}/"
        lines.append(f"  The letters it sends     {reader}")
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])


OWNER_EMAIL = "owner@example.org"
#: somebody who sees two webinars and nothing else; the same password
HOST_EMAIL = "host@example.org"


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _memory_folder() -> str:
    """Keep gunicorn's heartbeat files off a slow disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else str(ROOT)
