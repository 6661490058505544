"""A real IMAP server on loopback (RFC 3501, RFC 6851), as small as one mailbox allows; it misbehaves as told."""

import re
import shlex
import socketserver
import ssl
import subprocess
import threading
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

USER, PASSWORD = "webinars@harbor.example", "a word: with /odd signs"


@dataclass
class Stored:
    """One message in a folder."""

    uid: int
    content: bytes
    flags: set[str] = field(default_factory=set)


class ImapServer:
    """Serves folders on an ephemeral port between `with` and its end."""

    def __init__(self, certificate_in: Path | None = None) -> None:
        self.folders: dict[str, list[Stored]] = {"INBOX": []}
        #: whether it announces and understands MOVE
        self.moves = True
        #: whether folders can be made
        self.creates = True
        #: hangs up when one of these commands comes, such as "UID MOVE"
        self.hangs_up_at: set[str] = set()
        #: says nothing any more when one of these comes
        self.silent_at: set[str] = set()
        #: every command that came
        self.commands: list[str] = []
        self._uids = count(1)
        self._security = _certified(certificate_in) if certificate_in else None
        self._server = _Server(self)
        self.port = self._server.server_address[1]

    def __enter__(self) -> "ImapServer":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Give the address of its mailbox, as a setting."""
        scheme = "imaps" if self._security else "imap"
        return f"{scheme}://webinars%40harbor.example:a%20word%3A%20with%20%2Fodd%20signs@127.0.0.1:{self.port}/INBOX"

    def deliver(self, content: bytes, folder: str = "INBOX") -> None:
        """Put a message into a folder, with the line ends of the wire."""
        unified = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self.folders[folder].append(Stored(next(self._uids), unified))

    def number_in(self, folder: str) -> int:
        """Count the messages of a folder; -1 when there is none."""
        return len(self.folders[folder]) if folder in self.folders else -1

    def move(self, message: Stored, source: str, target: str) -> None:
        self.folders[source].remove(message)
        self.folders[target].append(Stored(next(self._uids), message.content, message.flags))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True

    def __init__(self, imap: ImapServer) -> None:
        self.imap = imap
        super().__init__(("127.0.0.1", 0), _Conversation)


class _HangUp(Exception):
    pass


class _Conversation(socketserver.StreamRequestHandler):
    """One connection."""

    server: _Server

    def setup(self) -> None:
        self.imap = self.server.imap
        self.folder: str | None = None
        self.signed_in = False
        if self.imap._security is not None:
            self.request = self.imap._security.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self._say("* OK ready")
        try:
            for line in self.rfile:
                self._obey(line.decode().rstrip("\r\n"))
        except (_HangUp, OSError):
            return

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _obey(self, line: str) -> None:
        tag, _space, rest = line.partition(" ")
        verb, _space, arguments = rest.partition(" ")
        if verb.upper() == "UID":
            second, _space, arguments = arguments.partition(" ")
            verb = f"UID {second}"
        verb = verb.upper()
        self.imap.commands.append(verb)
        if verb in self.imap.hangs_up_at:
            raise _HangUp
        if verb in self.imap.silent_at:
            return
        answer = getattr(self, f"_do_{verb.lower().replace(' ', '_')}", None)
        done = answer(arguments) if answer and (self.signed_in or verb in _OPEN) else "BAD what?"
        self._say(f"{tag} {done}")
        if verb == "LOGOUT":
            raise _HangUp

    def _do_capability(self, _: str) -> str:
        self._say("* CAPABILITY IMAP4rev1" + (" MOVE" if self.imap.moves else ""))
        return "OK done"

    def _do_login(self, arguments: str) -> str:
        self.signed_in = shlex.split(arguments) == [USER, PASSWORD]
        return "OK welcome" if self.signed_in else f"NO wrong password of {USER}"

    def _do_logout(self, _: str) -> str:
        self._say("* BYE")
        return "OK done"

    def _do_list(self, arguments: str) -> str:
        wanted = shlex.split(arguments)[1]
        for name in self.imap.folders:
            if wanted in {"*", name}:
                self._say(f'* LIST () "." "{name}"')
        return "OK done"

    def _do_create(self, arguments: str) -> str:
        if not self.imap.creates:
            return "NO not allowed"
        self.imap.folders[shlex.split(arguments)[0]] = []
        return "OK done"

    def _do_select(self, arguments: str) -> str:
        name = shlex.split(arguments)[0]
        if name not in self.imap.folders:
            return "NO no such folder"
        self.folder = name
        self._say(f"* {len(self._messages())} EXISTS")
        return "OK [READ-WRITE] done"

    def _do_noop(self, _: str) -> str:
        return "OK done"

    def _do_expunge(self, _: str) -> str:
        for number, message in reversed(list(enumerate(self._messages(), 1))):
            if r"\Deleted" in message.flags:
                self._messages().remove(message)
                self._say(f"* {number} EXPUNGE")
        return "OK done"

    def _do_uid_search(self, arguments: str) -> str:
        unseen = "UNSEEN" in arguments
        found = [str(one.uid) for one in self._messages() if not (unseen and r"\Seen" in one.flags)]
        self._say(" ".join(["* SEARCH", *found]))
        return "OK done"

    def _do_uid_fetch(self, arguments: str) -> str:
        number, message = self._find(arguments)
        part = re.search(r"BODY\.PEEK\[\]<0\.(\d+)>", arguments)
        if message is None or part is None:
            return "OK done"
        content = message.content[: int(part[1])]
        self.wfile.write(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n" % (number, message.uid, len(content)))
        self.wfile.write(content + b")\r\n")
        return "OK done"

    def _do_uid_store(self, arguments: str) -> str:
        _number, message = self._find(arguments)
        if message is not None:
            message.flags |= set(re.findall(r"\\\w+", arguments))
        return "OK done"

    def _do_uid_copy(self, arguments: str) -> str:
        _number, message = self._find(arguments)
        target = shlex.split(arguments)[1]
        if message is not None:
            self.imap.deliver(message.content, target)
        return "OK done"

    def _do_uid_move(self, arguments: str) -> str:
        _number, message = self._find(arguments)
        if message is not None and self.folder:
            self.imap.move(message, self.folder, shlex.split(arguments)[1])
        return "OK done"

    def _messages(self) -> list[Stored]:
        return self.imap.folders[self.folder or "INBOX"]

    def _find(self, arguments: str) -> tuple[int, Stored | None]:
        uid = int(arguments.split()[0])
        found = [(number, one) for number, one in enumerate(self._messages(), 1) if one.uid == uid]
        return found[0] if found else (0, None)


#: what may be said before signing in
_OPEN = {"CAPABILITY", "LOGIN", "LOGOUT", "NOOP"}


def _certified(folder: Path) -> ssl.SSLContext:
    """Make a certificate for this server (cert.pem) that nobody trusts unasked."""
    files = folder / "key.pem", folder / "cert.pem"
    order = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*order.split(), "-keyout", files[0], "-out", files[1]], check=True, capture_output=True)
    security = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    security.load_cert_chain(files[1], files[0])
    return security
