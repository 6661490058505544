"""Where messages that come back wait: a mailbox on an IMAP server, or a Maildir.

Each gives its messages one by one, with what puts a message away; that is called only once the message is in the books.
"""

import imaplib
import ssl
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import structlog
from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxUnencrypted

from webinars.mail.inbound.paper import LARGEST

LOG = structlog.get_logger("webinars.mail.inbound")
#: longest wait for the server, for each step
STEP_SECONDS = 30.0
#: where messages go that are in the books
PROCESSED = "Processed"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class UnusableUrl(ValueError):
    """Say what is wrong with the address of a mailbox, without quoting its password."""


class Unreadable(Exception):
    """Say why a mailbox cannot be read now."""


class Waiting(NamedTuple):
    """One message, and what to call when it is in the books."""

    raw: bytes
    put_away: Callable[[], object]


Messages = Generator[Waiting, None, None]
Mailbox = AbstractContextManager[Messages]


def mailbox_at(url: str) -> Callable[[], Mailbox]:
    """Give what opens the mailbox with this address: imaps://user:password@host[:port]/INBOX or maildir:///path.

    Opening, or reading on, raises Unreadable. Raises UnusableUrl at once.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnusableUrl("this is no address of a mailbox") from None
    if parts.scheme == "maildir" and parts.path:
        return partial(_open_maildir, Path(unquote(parts.path)))
    if parts.scheme not in {"imaps", "imap"} or not (parts.hostname and parts.username and parts.password):
        raise UnusableUrl("give imaps://user:password@host/INBOX or maildir:///path")
    if parts.scheme == "imap" and parts.hostname not in _LOOPBACK:
        raise UnusableUrl("a password goes over the network only encrypted: give imaps://")
    user, password = unquote(parts.username), unquote(parts.password)
    connect = partial(_connect, parts.scheme == "imaps", parts.hostname, port)
    return partial(_open_imap, connect, user, password, unquote(parts.path.strip("/")) or "INBOX")


def _connect(encrypted: bool, host: str, port: int | None) -> BaseMailBox:
    if encrypted:
        # Left to itself the standard library would take any certificate.
        return MailBox(host, port or 993, timeout=STEP_SECONDS, ssl_context=ssl.create_default_context())
    return MailBoxUnencrypted(host, port or 143, timeout=STEP_SECONDS)


@contextmanager
def _open_imap(connect: Callable[[], BaseMailBox], user: str, password: str, folder: str) -> Iterator[Messages]:
    try:
        box = connect()
        try:
            box.login(user, password, initial_folder=None)
            destination = _destination(box)
            box.folder.set(folder)
            with closing(_imap_messages(box, destination)) as messages:
                yield messages
        finally:
            with suppress(ImapToolsError, imaplib.IMAP4.error, OSError):
                box.logout()
    except ImapToolsError as problem:
        # The server's words may quote what it was given.
        raise Unreadable(f"the server refused: {type(problem).__name__}") from None
    except (imaplib.IMAP4.error, OSError) as problem:
        raise Unreadable(f"{type(problem).__name__}: {problem}") from None


def _destination(box: BaseMailBox) -> str | None:
    """Find or make the folder for what was read; None where we may not."""
    names = [PROCESSED, *(f"INBOX{one.delim}{PROCESSED}" for one in box.folder.list("", "INBOX"))]
    for name in names:
        with suppress(ImapToolsError):
            if box.folder.exists(name):
                return name
    for name in names:
        with suppress(ImapToolsError):
            box.folder.create(name)
            return name
    return None


def _imap_messages(box: BaseMailBox, destination: str | None) -> Messages:
    # Where nothing can be moved, the flag is all that tells what was read.
    for uid in box.uids("ALL" if destination else "UNSEEN"):
        raw = _fetch(box, uid)
        if raw is None:
            LOG.warning("the mail server does not give a message", uid=uid)
        elif destination:
            yield Waiting(raw, partial(box.move, uid, destination))
        else:
            yield Waiting(raw, partial(box.flag, uid, r"\Seen", True))


def _fetch(box: BaseMailBox, uid: str) -> bytes | None:
    """Fetch one message, of a huge one the beginning; it stays unread."""
    status, answer = box.client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST + 1}>)")
    pieces: list[Any] = answer if status == "OK" and answer else []
    return next((bytes(piece[1]) for piece in pieces if isinstance(piece, tuple) and len(piece) > 1), None)


@contextmanager
def _open_maildir(folder: Path) -> Iterator[Messages]:
    try:
        with closing(_maildir_messages(folder)) as messages:
            yield messages
    except OSError as problem:
        raise Unreadable(f"{type(problem).__name__}: {problem.strerror}") from None


def _maildir_messages(folder: Path) -> Messages:
    """Read what is new, and what a mail program showed without anybody reading it.

    Not by the standard library's Maildir: it marks a message by writing its content anew.
    """
    seen = {path.name for path in (folder / "cur").iterdir() if "S" in path.name.partition(":2,")[2]}
    arrived = [path for part in ("new", "cur") for path in (folder / part).iterdir() if path.name not in seen]
    for path in sorted(arrived, key=lambda path: path.name):
        try:
            with path.open("rb") as file:
                raw = file.read(LARGEST + 1)
        except FileNotFoundError:
            # Another reader was faster.
            continue
        yield Waiting(raw, partial(_mark_seen, folder, path))


def _mark_seen(folder: Path, path: Path) -> None:
    base, _info, flags = path.name.partition(":2,")
    with suppress(FileNotFoundError):
        path.rename(folder / "cur" / f"{base}:2,{''.join(sorted({*flags, 'S'}))}")
