"""A real SMTP server on loopback that keeps what it gets and misbehaves as told."""

import asyncio
import email
import email.policy
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Received:
    """One letter as it came over the wire."""

    mail_from: str
    rcpt_to: list[str]
    content: bytes
    #: counts connections from 1
    connection: int
    #: when it was whole, monotonic seconds
    at: float = 0.0

    @property
    def message(self) -> EmailMessage:
        """Give it parsed."""
        parsed = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        """Give its Message-ID."""
        return str(self.message["Message-ID"])


#: an answer such as "451 later", or HANG, CLOSE, HALF, TAKE_AND_CLOSE; None = as usual
Answer = str | None
HANG = "hang"
#: hang up without a word
CLOSE = "close"
#: send the beginning of an answer and hang up
HALF = "half"
#: keep the letter, then hang up without saying so
TAKE_AND_CLOSE = "take and close"


class SmtpSink:
    """Serves SMTP on an ephemeral port between `with` and its end; scripts decide the answers.

    ``answer`` maps a verb ("CONNECT", "MAIL", "RCPT", "DATA" for the end of the letter) to a function from its argument
    (the address, or the letter's bytes) to an Answer.
    """

    def __init__(self, port: int = 0) -> None:
        self.host = "127.0.0.1"
        self.port = port
        self.received: list[Received] = []
        self.connections = 0
        self.verbs: Counter[str] = Counter()
        self.answer: dict[str, Callable[[Any], Answer]] = {}
        #: whether it announces that commands may come before it has answered the last (RFC 2920)
        self.pipelining = True
        #: letters that came over an encrypted connection
        self.encrypted = 0
        self._security: ssl.SSLContext | None = None
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.BaseTransport] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "SmtpSink":
        self._thread.start()
        self.open()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def open(self) -> None:
        """Listen (again, on the same port)."""
        self._server = self._call(self._listen())
        assert self._server is not None
        self.port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Hang up on everybody and refuse connections."""
        self._call(self._hang_up(listening=False))

    def drop_connections(self) -> None:
        """Hang up on everybody, as servers do with idle ones."""
        self._call(self._hang_up(listening=True))

    def encrypt(self, folder: Path) -> None:
        """Insist on STARTTLS, with a certificate made for it in ``folder`` (cert.pem)."""
        files = folder / "key.pem", folder / "cert.pem"
        order = (
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
        )
        subprocess.run([*order.split(), "-keyout", files[0], "-out", files[1]], check=True, capture_output=True)
        self._security = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._security.load_cert_chain(files[1], files[0])

    def script(self, verb: str, *answers: Answer) -> None:
        """Give these answers to the next uses of a verb, then the usual ones."""
        left = list(answers)
        self.answer[verb] = lambda _: left.pop(0) if left else None

    @property
    def message_ids(self) -> Counter[str]:
        """Count how often each Message-ID came."""
        return Counter(letter.message_id for letter in self.received)

    @property
    def recipients(self) -> list[str]:
        """List whom letters came for, in order."""
        return [letter.rcpt_to[0] for letter in self.received]

    def _call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._conversation, self.host, self.port)

    async def _hang_up(self, listening: bool) -> None:
        if not listening and self._server is not None:
            self._server.close()
        for transport in list(self._open):
            transport.abort()  # type: ignore[attr-defined]
        self._open.clear()

    def _conversation(self) -> SMTP:
        self.connections += 1
        handler = _Handler(self, self.connections)
        return _Conversation(
            handler, loop=self._loop, hostname="sink.example", enable_SMTPUTF8=True, timeout=600,
            tls_context=self._security, require_starttls=self._security is not None,
        )  # fmt: skip


class _Handler:
    """Asks the sink what to answer, keeps what is taken."""

    def __init__(self, sink: SmtpSink, number: int) -> None:
        self.sink, self._number = sink, number

    def choose(self, verb: str, argument: Any) -> Answer:
        self.sink.verbs[verb] += 1
        script = self.sink.answer.get(verb)
        return script(argument) if script else None

    async def obey(self, answer: Answer, server: SMTP) -> None:
        """Do what is no answer at all."""
        if answer == HALF:
            server.transport.write(b"250-and the")
        if answer in {CLOSE, HALF, TAKE_AND_CLOSE}:
            server.transport.close()
        if answer in {HANG, CLOSE, HALF, TAKE_AND_CLOSE}:
            await asyncio.sleep(3600)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.sink.pipelining else responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.choose("MAIL", address)
        await self.obey(answer, server)
        if answer is None:
            envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.choose("RCPT", address)
        await self.obey(answer, server)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        answer = self.choose("DATA", content)
        if answer in {None, TAKE_AND_CLOSE}:
            self.sink.encrypted += session.ssl is not None
            self.sink.received.append(
                Received(str(envelope.mail_from), list(envelope.rcpt_tos), content, self._number, time.monotonic())
            )
        await self.obey(answer, server)
        return answer or "250 taken"


class _Conversation(SMTP):
    def connection_made(self, transport: Any) -> None:
        self.event_handler.sink._open.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.sink._open.discard(self.transport)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        answer = self.event_handler.choose("CONNECT", None)
        await self.event_handler.obey(answer, self)
        if answer is None:
            await super()._handle_client()
            return
        await self.push(answer)
        self.transport.close()
