"""`flask inbound` as it runs: a mailbox on a server, a Maildir, a pipe from the mail server."""

import dataclasses
import mailbox
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.factories import make_webinar
from tests.mail.inbound.samples import ALICE, sample
from tests.mail.inbound.support import came_back, invite, mailbox_of, send_letter
from tests.support.imap_server import PASSWORD, ImapServer
from webinars.core.database import db
from webinars.mail.inbound.mailboxes import Unreadable, UnusableUrl, mailbox_at

ROOT = Path(__file__).parents[3]
#: gives exit code and everything that was said
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(app: Flask) -> Iterator[Run]:
    """Run the command in this process, with other settings."""
    settings = app.extensions["settings"]
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    db.session.remove()

    def running(*arguments: str, content: bytes = b"", **changes: str) -> tuple[int, str]:
        app.extensions["settings"] = dataclasses.replace(settings, **changes)
        done = app.test_cli_runner().invoke(args=["inbound", *arguments], input=content)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    yield running
    app.extensions["settings"] = settings
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def environ(app: Flask, tmp_path: Path) -> dict[str, str]:
    """The settings of a process beside the test's."""
    settings = app.extensions["settings"]
    db.session.remove()
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "QUEUE_URL": f"sqlite:///{tmp_path / 'queue.sqlite'}",
        "INSTANCE_PATH": str(tmp_path),
        "SECRET_KEY": settings.secret_key,
        "MAIL_DEFAULT_SENDER": settings.mail_default_sender,
        "SITE_URL": settings.site_url,
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", "inbound", *arguments]


def run_beside(environ: dict[str, str], *arguments: str, content: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    """Run the command as a process of its own."""
    return subprocess.run(command(*arguments), cwd=ROOT, env=environ, input=content, capture_output=True, timeout=90)


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


@pytest.fixture
def maildir(tmp_path: Path) -> mailbox.Maildir:
    return mailbox.Maildir(tmp_path / "Maildir", create=True)


def kinds() -> list[str]:
    return [one.kind for one in came_back()]


# --- a mailbox on a server ---


def test_mailbox_is_read_and_what_was_read_is_moved(app: Flask, imap: ImapServer, environ: dict[str, str]) -> None:
    place = invite(make_webinar())
    send_letter(place)
    for name in ("postfix-no-mailbox", "gmail-out-of-office", "a-persons-answer"):
        imap.deliver(sample(name))
    done = run_beside(environ | {"INBOUND_URL": imap.url})
    assert done.returncode == 0, done.stderr
    assert kinds() == ["bounce", "automatic", "letter"]
    assert (imap.number_in("INBOX"), imap.number_in("Processed")) == (0, 3)
    mailbox_row = mailbox_of(ALICE)
    assert mailbox_row is not None and mailbox_row.bounced_at is not None
    for secret in (PASSWORD.encode(), ALICE.encode(), b"sister"):
        assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize("changes", [{"moves": False}, {"creates": False}, {"moves": False, "creates": False}])
def test_server_that_can_do_less_is_read_too(app: Flask, imap: ImapServer, run: Run, changes: dict[str, bool]) -> None:
    vars(imap).update(changes)
    imap.deliver(sample("a-persons-answer"))
    for _time in range(2):
        assert run(inbound_url=imap.url)[0] == 0
    assert kinds() == ["letter"]
    if imap.creates:
        assert (imap.number_in("INBOX"), imap.number_in("Processed")) == (0, 1)
    else:
        assert [one.flags for one in imap.folders["INBOX"]] == [{r"\Seen"}]


def test_message_is_read_again_harmlessly_when_we_die_between_commit_and_move(
    app: Flask, imap: ImapServer, run: Run
) -> None:
    place = invite(make_webinar())
    send_letter(place)
    imap.deliver(sample("exchange-mailbox-full"))
    imap.deliver(sample("a-persons-answer"))
    imap.hangs_up_at = {"UID MOVE"}
    assert run(inbound_url=imap.url)[0] == 1
    assert (kinds(), imap.number_in("INBOX")) == (["bounce"], 2)
    imap.hangs_up_at = set()
    assert run(inbound_url=imap.url)[0] == 0
    assert kinds() == ["bounce", "letter"]
    assert (imap.number_in("INBOX"), imap.number_in("Processed")) == (0, 2)
    mailbox_row = mailbox_of(ALICE)
    assert mailbox_row is not None and mailbox_row.soft_bounces == 1


def test_message_is_not_moved_before_it_is_in_the_books(app: Flask, imap: ImapServer, run: Run) -> None:
    place = invite(make_webinar())
    send_letter(place, state="sending")
    imap.deliver(sample("postfix-no-mailbox"))
    imap.deliver(sample("a-persons-answer"))
    assert run(inbound_url=imap.url)[0] == 0
    assert kinds() == ["letter"], "the one whose letter is still going out waits, the next does not"
    assert (imap.number_in("INBOX"), imap.number_in("Processed")) == (1, 1)


def test_bad_messages_stop_nobody(app: Flask, imap: ImapServer, run: Run) -> None:
    imap.deliver(b"")
    imap.deliver(bytes(range(256)) * 50)
    imap.deliver(sample("broken-charset"))
    imap.deliver(b"From: a@example.org\n" + b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n' * 5000)
    imap.deliver(sample("a-persons-answer"))
    assert run(inbound_url=imap.url)[0] == 0
    assert kinds() == ["letter"] * 5
    assert imap.number_in("Processed") == 5


def test_encrypted_mailbox_needs_a_certificate_that_is_trusted(
    app: Flask, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ImapServer(certificate_in=tmp_path) as imap:
        imap.deliver(sample("a-persons-answer"))
        code, said = run(inbound_url=imap.url)
        assert code == 1 and "certificate verify failed" in said
        assert imap.commands == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        assert run(inbound_url=imap.url)[0] == 0
        assert imap.number_in("Processed") == 1


def test_wrong_password_is_said_without_saying_it(app: Flask, imap: ImapServer, run: Run) -> None:
    code, said = run(inbound_url=f"imap://webinars%40harbor.example:hunter2@127.0.0.1:{imap.port}/INBOX")
    assert code == 1 and "MailboxLoginError" in said
    assert "hunter2" not in said and "webinars@harbor" not in said


def test_silent_server_is_left_after_a_while(imap: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webinars.mail.inbound.mailboxes.STEP_SECONDS", 0.3)
    imap.deliver(sample("a-persons-answer"))
    imap.silent_at = {"UID FETCH"}
    begun = time.monotonic()
    with pytest.raises(Unreadable), mailbox_at(imap.url)() as messages:
        list(messages)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    "url",
    ["", "https://example.org/", "imaps://example.org/INBOX", "imaps://user@example.org/", "maildir://", "imaps://[",
     "imaps://u:p@example.org:port/INBOX", "imap://user:secret@mail.example.org/INBOX"],
)  # fmt: skip
def test_address_of_no_mailbox_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UnusableUrl) as refusal:
        mailbox_at(url)
    assert "secret" not in str(refusal.value)


def test_wrong_setting_is_named(run: Run) -> None:
    code, said = run(inbound_url="")
    assert code == 2 and "INBOUND_URL" in said


# --- looking again and again ---


@pytest.mark.timeout(240)
def test_it_keeps_looking_until_it_is_told_to_stop(
    app: Flask, imap: ImapServer, environ: dict[str, str], tmp_path: Path
) -> None:
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            command("--every", "1"), cwd=ROOT, env=environ | {"INBOUND_URL": imap.url}, stdout=log, stderr=log
        )
    try:
        for number, name in enumerate(("a-persons-answer", "gmail-out-of-office"), 1):
            imap.deliver(sample(name))
            _until(lambda expected=number: imap.number_in("Processed") == expected, tmp_path / "log")
            # A server that goes away is looked for again.
            imap.hangs_up_at = {"LOGIN"}
            seen = imap.commands.count("LOGIN")
            _until(lambda before=seen: imap.commands.count("LOGIN") > before, tmp_path / "log")
            imap.hangs_up_at = set()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
    assert kinds() == ["letter", "automatic"]


def _until(condition: Callable[[], bool], log: Path) -> None:
    """Wait, with time for a process to load the program on a busy machine."""
    end = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


# --- a Maildir ---


def test_maildir_is_read_and_what_was_read_is_marked_as_seen(
    app: Flask, maildir: mailbox.Maildir, run: Run, environ: dict[str, str]
) -> None:
    for name in ("a-persons-answer", "gmail-out-of-office"):
        maildir.add(sample(name))
    before = sorted(maildir.get_bytes(key) for key in maildir.iterkeys())
    url = f"maildir://{maildir._path}"  # type: ignore[attr-defined]
    assert run_beside(environ | {"INBOUND_URL": url}).returncode == 0
    messages = [maildir.get_message(key) for key in maildir.iterkeys()]
    assert [(one.get_subdir(), one.get_flags()) for one in messages] == [("cur", "S")] * 2
    assert sorted(maildir.get_bytes(key) for key in maildir.iterkeys()) == before, "not a byte is changed"
    assert sorted(kinds()) == ["automatic", "letter"]
    assert run(inbound_url=url)[0] == 0
    assert len(came_back()) == 2


def test_maildir_that_a_mail_program_looked_into_is_read_too(app: Flask, maildir: mailbox.Maildir, run: Run) -> None:
    shown = mailbox.MaildirMessage(sample("a-persons-answer"))
    shown.set_subdir("cur")
    shown.set_flags("F")
    maildir.add(shown)
    assert run(inbound_url=f"maildir://{maildir._path}")[0] == 0  # type: ignore[attr-defined]
    assert [one.get_flags() for one in map(maildir.get_message, maildir.iterkeys())] == ["FS"]
    assert kinds() == ["letter"]


def test_maildir_that_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    code, said = run(inbound_url=f"maildir://{tmp_path}/nowhere")
    assert code == 1 and "The mailbox cannot be read" in said


# --- a pipe from the mail server ---


def test_mail_server_hands_a_message_over(app: Flask, environ: dict[str, str]) -> None:
    send_letter(invite(make_webinar()))
    done = run_beside(
        environ, "-", content=b"From MAILER-DAEMON Sun Nov 22 15:00:05 2026\n" + sample("postfix-no-mailbox")
    )
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert kinds() == ["bounce"]
    mailbox_row = mailbox_of(ALICE)
    assert mailbox_row is not None and mailbox_row.bounced_at is not None


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:9/none", "sqlite:///{folder}/without-tables.sqlite"])
def test_mail_server_keeps_the_message_while_the_database_is_away(url: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": url.format(folder=tmp_path), "INSTANCE_PATH": str(tmp_path)}
    done = run_beside({**os.environ, **settings}, "-", content=sample("a-persons-answer"))
    assert done.returncode == 75, done.stderr
    assert ALICE.encode() not in done.stderr


def test_mail_server_keeps_the_bounce_of_a_letter_that_is_still_going_out(app: Flask, run: Run) -> None:
    send_letter(invite(make_webinar()), state="sending")
    assert run("-", content=sample("postfix-no-mailbox"))[0] == 75
    assert came_back() == []


def test_mail_server_is_heard_out_however_long_the_message(app: Flask, run: Run) -> None:
    huge = sample("a-persons-answer") + b"x" * 70 + b"\n" + b"y" * (12 * 1024 * 1024)
    assert run("-", content=huge)[0] == 0
    (kept,) = came_back()
    assert (kept.kind, kept.sender) == ("letter", ALICE)
