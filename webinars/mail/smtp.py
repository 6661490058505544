"""A conversation with the mail server: envelope, content, verdict, with a time limit on every step.

Timings: one step has at most 30 seconds, and all steps of a letter end by its deadline.
"""

import io
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flask_mail
from flask import current_app

from webinars.core.http import current_settings
from webinars.core.logs import scrub
from webinars.core.sockets import has_input
from webinars.mail.mime import OutboxMessage

STEP_SECONDS = 30.0
#: a connection idle for longer is not trusted: servers hang up after some minutes
IDLE_SECONDS = 60.0
#: octets of one line of an answer, more than any server sends (RFC 5321 section 4.5.3.1.5 says 512)
_LONGEST_REPLY = 8192
_AFTER_CODE = (b" ", b"-", b"\r", b"\n")
#: answers to MAIL FROM about the message itself: too large (RFC 1870 section 6.1), mailbox full
_ABOUT_THE_LETTER = {523, 552}
#: the answers to MAIL, RCPT and DATA that let a letter go on
_WELCOME = ({250}, {250, 251, 252}, {354})


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


class Stale(Exception):
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
                # RFC 3207 section 4.2: what was said before the encryption is forgotten on both sides.
                host.ehlo_or_helo_if_needed()
            if mail.username and mail.password:
                host.login(mail.username, mail.password)
        except BaseException:
            host.close()
            raise
        return host

    @property
    def usable(self) -> bool:
        """Say whether the next letter may go over this connection."""
        return time.monotonic() - self._last_used < IDLE_SECONDS and self._has_room(0)

    def _has_room(self, begun: int) -> bool:
        """Say whether one letter more may go over this connection than those taken and those begun."""
        return self.num_emails + begun < (self.mail.max_emails or 100)

    def write(self, message: OutboxMessage, following: OutboxMessage | None, deadline: float, *, begun: bool) -> bool:
        """Send one letter up to its last octet by a monotonic instant, and the envelope of the next behind it.

        ``begun``: the letter's own envelope went before. Says whether the next one's is on its way, which a server must
        have allowed (RFC 2920 section 3.1). Raises Refused, Unreachable, Stale.
        """
        host = self._host(deadline)
        with self._named_trouble():
            if begun:
                replies = [host.getreply(), host.getreply(), host.getreply()]
            else:
                replies = list(self._dialogue(host, self._envelope(message)))
            _check_envelope(host, replies)
            ahead = (
                following is not None and not following.needs_utf8 and self._has_room(1) and host.has_extn("pipelining")
            )
            envelope = self._envelope(following) if ahead and following is not None else []
            host.content_sent = True
            host.send(b"".join([message.as_bytes().replace(b"\r\n.", b"\r\n.."), b".\r\n", *envelope]))
            return ahead

    def is_silent(self, seconds: float) -> bool:
        """Say whether the server has not answered the letter written last within so many seconds."""
        sock = self.host.sock if self.host is not None else None
        return sock is not None and not has_input(sock.fileno(), seconds)

    def extend(self, seconds: float) -> None:
        """Give the letter under way the time back that we took."""
        if self.host is not None:
            self.host.deadline += seconds

    def verdict(self, message: OutboxMessage) -> None:
        """Wait for the server's word on the letter written last; raises Refused, Unreachable."""
        with self._named_trouble():
            code, words = self.host.getreply() if self.host is not None else (-1, b"")
            if code != 250:
                raise Refused(code, words)
        self._last_used = time.monotonic()
        self.num_emails += 1
        flask_mail.email_dispatched.send(current_app._get_current_object(), message=message)  # type: ignore[attr-defined]

    def _host(self, deadline: float) -> "DeadlineSMTP | DeadlineSMTPS":
        if self.host is None:
            raise Stale
        self.host.deadline, self.host.content_sent = deadline, False
        return self.host

    @contextmanager
    def _named_trouble(self) -> Iterator[None]:
        try:
            yield
        except (smtplib.SMTPException, OSError) as problem:
            if self.host is not None and not self.host.content_sent and not isinstance(problem, TimeoutError):
                raise Stale from problem
            raise Unreachable(words_of(problem), in_letter=True) from None

    def _envelope(self, message: OutboxMessage) -> list[bytes]:
        """Write the commands before the content."""
        options = ""
        if message.needs_utf8:
            if self.host is None or not self.host.has_extn("smtputf8"):
                raise Refused(553, "the mail server does not take addresses with letters beyond ASCII")
            options = " SMTPUTF8"
        sender, recipient = message.envelope_sender, message.to
        return [f"MAIL FROM:<{sender}>{options}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode(), b"DATA\r\n"]

    @staticmethod
    def _dialogue(host: "DeadlineSMTP | DeadlineSMTPS", commands: list[bytes]) -> Iterator[tuple[int, bytes]]:
        """Send commands one by one until one is refused."""
        for command, welcome in zip(commands, _WELCOME, strict=True):
            host.send(command)
            reply = host.getreply()
            yield reply
            if reply[0] not in welcome:
                return

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
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        if self.file is None:
            self.file = io.BufferedReader(_Reader(self))
        lines = [self._reply_line()]
        while lines[-1][3:4] == b"-":
            lines.append(self._reply_line())
        return int(lines[-1][:3]), b"\n".join([line[4:].strip(b" \t\r\n") for line in lines])

    def _reply_line(self) -> bytes:
        """Read one line of an answer (RFC 5321 section 4.2)."""
        line: bytes = self.file.readline(_LONGEST_REPLY)
        if not line.endswith(b"\n") or not line[:3].isdigit() or line[3:4] not in _AFTER_CODE:
            self.close()  # type: ignore[attr-defined]
            raise smtplib.SMTPServerDisconnected("the answer was no SMTP" if line else "the connection was closed")
        return line


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


def _check_envelope(host: "DeadlineSMTP | DeadlineSMTPS", replies: list[tuple[int, bytes]]) -> None:
    """Raise what the answers to MAIL, RCPT and DATA mean for the letter."""
    if len(replies) == 3 and all(reply[0] in welcome for reply, welcome in zip(replies, _WELCOME, strict=True)):
        return
    steps = enumerate(zip(replies, _WELCOME, strict=False))
    refusal = next(((step, reply) for step, (reply, welcome) in steps if reply[0] not in welcome), None)
    if refusal is None:
        return
    if replies[-1][0] == 354:
        # RFC 2920 section 3.1: a server that asks for the content of a letter to nobody gets a single dot.
        host.send(b".\r\n")
        host.getreply()
    step, (code, words) = refusal
    raise _about_sender(code, words) if step == 0 else Refused(code, words)


def _about_sender(code: int, words: bytes) -> Exception:
    """Tell a letter that is refused from an installation that is: the latter must not fail every letter for good."""
    if code in _ABOUT_THE_LETTER or 400 <= code < 500:
        return Refused(code, words)
    return Unreachable(f"{code} {words.decode('utf-8', 'replace')}")


def words_of(problem: Exception) -> str:
    """Say what went wrong, in the server's words where it said something."""
    if isinstance(problem, smtplib.SMTPResponseException):
        words = problem.smtp_error
        return f"{problem.smtp_code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
    if isinstance(problem, TimeoutError):
        return "the server did not answer in time"
    return str(problem) or type(problem).__name__
