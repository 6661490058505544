"""Reading the mailbox that letters come back to."""

import signal
import sys
import time
from collections import Counter
from typing import BinaryIO

import click
import structlog
from flask.cli import with_appcontext
from sqlalchemy.exc import InterfaceError, OperationalError

from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.http import current_settings
from webinars.core.logs import scrub
from webinars.mail.faults import describe
from webinars.mail.inbound import service
from webinars.mail.inbound.mailboxes import Mailbox, Unreadable, UnusableUrl, mailbox_at
from webinars.mail.inbound.paper import LARGEST
from webinars.mail.inbound.service import StillSending
from webinars.mail.inbound.understanding import Note, Understood, understand
from webinars.mail.models import InboundKind

LOG = structlog.get_logger("webinars.mail.inbound")
#: tells the mail server to hand the message over again later (sysexits.h)
EX_TEMPFAIL = 75
_CHUNK = 1 << 16
#: of a message that is to be read again
_LATER = "later"


class _Stop:
    """Remembers that somebody asked us to end; the message in hand is finished first."""

    asked = False

    def __init__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True

    def wait(self, seconds: float) -> None:
        """Sleep, but not longer than it takes to notice."""
        end = time.monotonic() + seconds
        while not self.asked and time.monotonic() < end:
            # Not Event.wait: timed waits on locks hang under a faked clock.
            time.sleep(min(0.2, seconds))


@click.command("inbound")
@click.argument("source", required=False, type=click.Choice(["-"]), metavar="[-]")
@click.option("--every", type=click.FloatRange(min=1), metavar="SECONDS", help="Look again and again until stopped.")
@with_appcontext
def inbound(source: str | None, every: float | None) -> None:
    """Read what came back: answers of calendars, bounces, letters of people.

    Reads the mailbox of INBOUND_URL, or with - one message from standard input, for a pipe from the mail server.
    """
    if source == "-":
        raise SystemExit(_take_from(sys.stdin.buffer))
    try:
        open_mailbox = mailbox_at(current_settings().inbound_url)
    except UnusableUrl as problem:
        raise click.UsageError(f"INBOUND_URL: {problem}") from None
    stop = _Stop()
    while not stop.asked:
        problem_now = _look(open_mailbox(), stop)
        if every is None:
            if problem_now:
                raise click.ClickException(problem_now)
            return
        stop.wait(every)


def _look(mailbox: Mailbox, stop: _Stop) -> str | None:
    """Read the mailbox once; give what stood in the way, if anything did."""
    counts: Counter[str] = Counter()
    try:
        with mailbox as messages:
            for raw, put_away in messages:
                if stop.asked:
                    break
                kind = take_in(raw)
                counts[kind or "read before"] += 1
                if kind != _LATER:
                    put_away()
    except Unreadable as problem:
        return _trouble(f"The mailbox cannot be read. {scrub(str(problem))}")
    except (OperationalError, InterfaceError):
        return _trouble("The database cannot be reached.")
    finally:
        if counts:
            LOG.info("messages were read", kinds=", ".join(f"{kind} {number}" for kind, number in counts.items()))
    return None


def take_in(raw: bytes) -> str | None:
    """Understand one message and write down what follows, in a transaction of its own.

    Gives its kind, None for one that was read before, "later" for one to be read again. Raises what the database raises
    when it is away; no fault of ours stops the messages behind.
    """
    found = understand(raw)
    for attempt in (found, found.for_staff(Note.TROUBLE)):
        try:
            return _record(attempt)
        except StillSending:
            return _LATER
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            LOG.error("a message could not be processed", fault=describe(error))
    return _LATER


def _record(found: Understood) -> InboundKind | None:
    with transaction():
        return service.record(found, utc_now())


def _take_from(stream: BinaryIO) -> int:
    """Read one message to the end; give the exit code for the mail server."""
    raw = stream.read(LARGEST + 1)
    while stream.read(_CHUNK):
        # Who writes into a pipe must not find it closed.
        pass
    try:
        kind = take_in(raw)
    except Exception as error:
        # Anything but an answer, such as a database without its tables: the mail server keeps the message.
        LOG.error("a message was not taken", fault=describe(error))
        return EX_TEMPFAIL
    finally:
        db.session.remove()
    return EX_TEMPFAIL if kind == _LATER else 0


def _trouble(words: str) -> str:
    LOG.warning("the mailbox was not read to the end", reason=words)
    return words
