"""The SMTP side: takes every letter offered on the loopback address and hands it to the store."""

import asyncio
import socket
import threading

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from webinars.demo.mailbox.store import LetterStore

#: Octets of one message; what large providers accept.
SIZE_LIMIT = 20 * 1024 * 1024
#: Seconds without a command before we hang up: ten years, since a faked clock may leap by months in mid-letter.
_PATIENCE = 10 * 365 * 24 * 3600.0


class SmtpServer:
    """Serve SMTP on a listening socket, in a thread of its own."""

    def __init__(self, listener: socket.socket, store: LetterStore) -> None:
        """Prepare the server; nothing is answered before `start`."""
        self._listener = listener
        self._keeper = _Keeper(store)
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._loop = self._runner.get_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="mailbox-smtp", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everybody and wait until the thread has ended."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        # Leaving the runner cancels the conversations that are still open.
        with self._runner:
            self._runner.run(self._serve())

    async def _serve(self) -> None:
        server = await self._loop.create_server(self._conversation, sock=self._listener)
        # Not `async with server`: from Python 3.12 on that waits for clients that keep their connection open.
        await self._stopping.wait()
        server.close()

    def _conversation(self) -> SMTP:
        return _Smtp(
            self._keeper,
            loop=self._loop,
            # A fixed name: looking up this machine's own can take seconds where no name server answers.
            hostname="localhost",
            ident="Webinars demonstration mailbox",
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            timeout=_PATIENCE,
            authenticator=self._keeper.let_in,
            auth_require_tls=False,
        )


class _Smtp(SMTP):
    #: Longer than RFC 5321 asks for, since the usual mail servers take such lines too.
    line_length_limit = 1024 * 1024


class _Keeper:
    """Answer what a client asks of the server: take anybody in, and any letter the disk has room for."""

    def __init__(self, store: LetterStore) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        body = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content or b""
        try:
            name = self._store.add(_delivery_headers(envelope) + body)
        except OSError as problem:
            return f"452 4.3.1 The letter could not be stored: {problem.strerror}"
        return f"250 2.0.0 Stored as {name}"

    def let_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object) -> AuthResult:
        """Accept any name and password: settings meant for a real mail server work here unchanged."""
        return AuthResult(success=isinstance(login, LoginPassword))


def _delivery_headers(envelope: Envelope) -> bytes:
    """Write down the envelope as the last mail server does (RFC 5321 section 4.4): it may differ from From and To."""
    lines = [f"Return-Path: <{envelope.mail_from or ''}>"]
    lines += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")
