"""Handing letters to the mail server over a connection that is kept open, with a time limit on every step.

Timings: one letter has ``limit`` seconds from the first octet to the server's last word, one step at most 30 of them.
"""

import io
import re
import smtplib
import socket
import ssl
import time
from typing import Any

import flask_mail
from flask import current_app

from webinars.core.http import current_settings
from webinars.core.logs import scrub
from webinars.mail.mime import OutboxMessage

STEP_SECONDS = 30.0
#: a connection idle for longer is not trusted: servers hang up after some minutes
IDLE_SECONDS = 60.0
#: answers to MAIL FROM about the message itself: too large (RFC 1870 section 6.1), mailbox full
_ABOUT_THE_LETTER = {523, 552}
_LEADING_DOT = re.compile(rb"(?m)^\.")


class Refused(Exception):
    """Carry the server's refusal of one letter."""

    def __init__(self, code: int, words: bytes | str) -> None:
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        super().__init__(scrub(f"{code} {' '.join(text.split())}")[:500])
        self.code = code

    @property
    def for_good(self) -> bool:
        """Say whether trying again is of no use (RFC 5321 section 4.2.1: 5yz)."""
        return self.code >= 500


class Unreachable(Exception):
    """Say that the server could not be reached, let us in, or stopped answering."""

    def __init__(self, words: str, in_letter: bool = False) -> None:
        super().__init__(scrub(" ".join(words.split()))[:500])
        #: it had greeted us on a fresh connection and went away in the middle of this letter
        self.in_letter = in_letter


class Transport:
    """One worker's way to the mail server."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._connection: SafeConnection | None = None

    def hand_over(self, message: OutboxMessage, limit: float) -> None:
        """Send one letter within ``limit`` seconds.

        Raises Refused, Unreachable. A kept connection that turns out to be dead is replaced once.
        """
        deadline = time.monotonic() + limit
        kept = self._connection is not None and self._connection.usable
        try:
            self._try(message, deadline)
        except _Stale:
            if not kept:
                raise Unreachable("the connection was closed at once", in_letter=True) from None
            try:
                self._try(message, deadline)
            except _Stale:
                raise Unreachable("the connection was closed twice", in_letter=True) from None

    def close(self) -> None:
        """Say goodbye and hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.__exit__(None, None, None)

    def _try(self, message: OutboxMessage, deadline: float) -> None:
        if self._connection is not None and not self._connection.usable:
            self.close()
        try:
            if self._connection is None:
                self._connection = _connect(deadline)
            self._connection.deliver(message, deadline)
        except (Unreachable, _Stale):
            self._drop()
            raise
        except Refused as answer:
            # After any trouble a fresh connection; RSET is not understood by all servers in all states.
            if answer.code == 421:
                self._drop()
                raise Unreachable(str(answer), in_letter=True) from None
            self.close()
            raise

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()


class _Stale(Exception):
    """The server was gone before it heard of the letter's content."""


class SafeConnection(flask_mail.Connection):
    """Flask-Mail's connection with time limits, checked certificates and a goodbye that cannot fail."""

    host: "DeadlineSMTP | DeadlineSMTPS | None"

    def __init__(self, mail: Any, deadline: float) -> None:
        """Take Flask-Mail's configuration and the instant (monotonic) by which the connection must stand."""
        super().__init__(mail)
        self._deadline = deadline
        self._last_used = time.monotonic()

    def configure_host(self) -> "DeadlineSMTP | DeadlineSMTPS":
        """Open the connection, encrypt it, sign in."""
        mail = self.mail
        kind = DeadlineSMTPS if mail.use_ssl else DeadlineSMTP
        host = kind(mail.server, mail.port, self._deadline)
        try:
            host.ehlo_or_helo_if_needed()
            if mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if mail.username and mail.password:
                host.login(mail.username, mail.password)
        except BaseException:
            host.close()
            raise
        return host

    @property
    def usable(self) -> bool:
        """Say whether the next letter may go over this connection."""
        fresh = time.monotonic() - self._last_used < IDLE_SECONDS
        return fresh and self.num_emails < (self.mail.max_emails or 100)

    def deliver(self, message: OutboxMessage, deadline: float) -> None:
        """Send one letter by a monotonic instant; raises Refused, Unreachable, _Stale."""
        if self.host is not None:
            self.host.deadline = deadline
        try:
            self.send(message)
        except smtplib.SMTPRecipientsRefused as problem:
            raise Refused(*next(iter(problem.recipients.values()))) from None
        except smtplib.SMTPSenderRefused as problem:
            raise _about_sender(problem) from None
        except smtplib.SMTPDataError as problem:
            raise Refused(problem.smtp_code, problem.smtp_error) from None
        except smtplib.SMTPNotSupportedError:
            raise Refused(553, "the mail server does not take addresses with letters beyond ASCII") from None
        except (smtplib.SMTPException, OSError) as problem:
            if self.host is not None and not self.host.content_sent and not isinstance(problem, TimeoutError):
                raise _Stale from problem
            raise Unreachable(_words(problem), in_letter=True) from None
        self._last_used = time.monotonic()

    def send(self, message: Any, envelope_from: Any = None) -> None:
        """Hand one OutboxMessage to the server and tell Flask-Mail's listeners."""
        if self.host is not None:
            options = ["SMTPUTF8"] if message.needs_utf8 else []
            self.host.content_sent = False
            self.host.sendmail(
                envelope_from or message.envelope_sender, [message.to.addr_spec], message.as_bytes(), options
            )
        flask_mail.email_dispatched.send(current_app._get_current_object(), message=message)  # type: ignore[attr-defined]
        self.num_emails += 1

    def __exit__(self, *exc: object) -> None:
        """Say goodbye; whatever happens then hides no other error."""
        if self.host is not None:
            self.host.deadline = time.monotonic() + 2
            try:
                self.host.quit()
            except (smtplib.SMTPException, OSError):
                self.drop()

    def drop(self) -> None:
        """Hang up without a word."""
        if self.host is not None:
            self.host.close()


class _Deadline:
    """Gives every step of an SMTP conversation what is left until an instant, at most 30 seconds."""

    deadline: float
    #: the letter's content has begun to leave: whether it was taken is not known until the server says so
    content_sent = False
    sock: Any
    file: Any

    def _left(self) -> float:
        left = min(STEP_SECONDS, self.deadline - time.monotonic())
        if left <= 0:
            raise TimeoutError("the time for this letter is over")
        return left

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        sock = socket.create_connection((host, port), self._left())
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def send(self, s: Any) -> None:
        """Write within the time that is left."""
        if self.sock is not None:
            self.sock.settimeout(self._left())
        super().send(s)  # type: ignore[misc]

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer within the time that is left, however slowly it drips."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Reader(self))
        code, words = super().getreply()  # type: ignore[misc]
        if code == -1:
            raise smtplib.SMTPServerDisconnected("the answer was no SMTP")
        return code, words

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the content; notes when the point of no return is passed."""
        self.putcmd("data")  # type: ignore[attr-defined]
        code, words = self.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, words)
        self.content_sent = True
        # RFC 5321 section 4.5.2: a line that begins with a dot gets a second one.
        self.send(_LEADING_DOT.sub(b"..", msg) + (b"" if msg.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        return self.getreply()


class DeadlineSMTP(_Deadline, smtplib.SMTP):
    """SMTP with a time limit that holds for the conversation and not for each packet."""

    def __init__(self, host: str, port: int, deadline: float) -> None:
        """Connect and read the greeting by a monotonic instant."""
        self.deadline = deadline
        super().__init__(host, port, local_hostname=_own_name(), timeout=STEP_SECONDS)


class DeadlineSMTPS(_Deadline, smtplib.SMTP_SSL):
    """The same, encrypted from the first octet."""

    def __init__(self, host: str, port: int, deadline: float) -> None:
        """Connect and read the greeting by a monotonic instant."""
        self.deadline = deadline
        context = ssl.create_default_context()
        super().__init__(host, port, local_hostname=_own_name(), timeout=STEP_SECONDS, context=context)

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return self.context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


class _Reader(io.RawIOBase):
    """Reads from the conversation's socket, each time with what is left."""

    def __init__(self, conversation: _Deadline) -> None:
        self._conversation = conversation

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        conversation = self._conversation
        conversation.sock.settimeout(conversation._left())
        return int(conversation.sock.recv_into(buffer))


def _own_name() -> str:
    """Name this machine in the greeting without asking a name server, which can take seconds."""
    host = current_settings().site_host
    return host if "." in host and not host.replace(".", "").isdigit() else "[127.0.0.1]"


def _connect(deadline: float) -> SafeConnection:
    connection = SafeConnection(current_app.extensions["mail"], deadline)
    try:
        connection.__enter__()
    except (smtplib.SMTPException, OSError) as problem:
        raise Unreachable(_words(problem)) from None
    return connection


def _about_sender(problem: smtplib.SMTPSenderRefused) -> Exception:
    """Tell a letter that is refused from an installation that is: the latter must not fail every letter for good."""
    if problem.smtp_code in _ABOUT_THE_LETTER or 400 <= problem.smtp_code < 500:
        return Refused(problem.smtp_code, problem.smtp_error)
    words = problem.smtp_error
    return Unreachable(f"{problem.smtp_code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}")


def _words(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPResponseException):
        words = problem.smtp_error
        return f"{problem.smtp_code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
    if isinstance(problem, TimeoutError):
        return "the server did not answer in time"
    return str(problem) or type(problem).__name__
