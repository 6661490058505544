"""Handing letters to the mail server over a connection that is kept open.

Behind a letter goes the envelope of the next, and while the server takes it in, the one after is made: a mailing
waits for the server's work and hardly for the way there and back.
"""

import smtplib
import time
from collections.abc import Callable, Iterable, Iterator

from flask import current_app

from webinars.mail.mime import OutboxMessage
from webinars.mail.smtp import Refused, SafeConnection, Stale, Unreachable, words_of

#: what the server may take for a letter before others are dealt with meanwhile
PATIENCE_SECONDS = 0.002
#: what became of a letter; None: taken
Verdict = Refused | Unreachable | None


class Transport:
    """One worker's way to the mail server."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._connection: SafeConnection | None = None
        #: letters that the server refused for good since it took one
        self.refusals = 0

    def hand_over(
        self, papers: Iterable[OutboxMessage], limit: float, meanwhile: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[OutboxMessage, Verdict]]:
        """Send letters one after another, each within ``limit`` seconds; give each with what became of it.

        The envelope of the next goes behind a letter, and the one after is fetched while the server takes it in; but no
        content leaves before the verdict on the last was given, and whoever stops reading leaves the others unsent. A
        fault of ``papers`` comes out once that verdict was given. ``meanwhile`` is called when the server takes its
        time. A kept connection that turns out dead is replaced once.
        """
        source = _Source(papers)
        paper, following, begun = source.next(), source.next(), False
        try:
            while paper is not None:
                after, verdict = None, None
                try:
                    begun = self._write(paper, following, time.monotonic() + limit, begun)
                    after = source.next()
                    self._await_verdict(paper, meanwhile)
                except (Refused, Unreachable) as trouble:
                    verdict, begun = self._after(trouble), False
                yield paper, verdict
                source.raise_fault()
                paper, following = following, after or source.next()
            source.raise_fault()
        finally:
            if begun and paper is not None:
                # We stop with the next envelope on its way: only hanging up takes it back.
                self._drop()

    def close(self) -> None:
        """Say goodbye and hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.__exit__(None, None, None)

    def _write(self, paper: OutboxMessage, following: OutboxMessage | None, deadline: float, begun: bool) -> bool:
        if not begun and self._connection is not None and not self._connection.usable:
            self.close()
        kept = self._connection is not None
        try:
            return self._try(paper, following, deadline, begun)
        except Stale:
            self._drop()
            if not kept:
                raise Unreachable("the connection was closed at once", in_letter=True) from None
            try:
                return self._try(paper, following, deadline, begun=False)
            except Stale:
                raise Unreachable("the connection was closed twice", in_letter=True) from None

    def _await_verdict(self, paper: OutboxMessage, meanwhile: Callable[[], None]) -> None:
        if self._connection is not None:
            if self._connection.is_silent(PATIENCE_SECONDS):
                begun = time.monotonic()
                meanwhile()
                self._connection.extend(time.monotonic() - begun)
            self._connection.verdict(paper)

    def _try(self, paper: OutboxMessage, following: OutboxMessage | None, deadline: float, begun: bool) -> bool:
        if self._connection is None:
            self._connection = _connect(deadline)
        return self._connection.write(paper, following, deadline, begun=begun)

    def _after(self, trouble: Refused | Unreachable) -> Verdict:
        """Begin afresh after any trouble: RSET is not understood by all servers in all states."""
        if isinstance(trouble, Refused) and trouble.code != 421:
            self.close()
            return trouble
        self._drop()
        return trouble if isinstance(trouble, Unreachable) else Unreachable(str(trouble), in_letter=True)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()


def _connect(deadline: float) -> SafeConnection:
    connection = SafeConnection(current_app.extensions["mail"], deadline)
    try:
        connection.__enter__()
    except (smtplib.SMTPException, OSError) as problem:
        raise Unreachable(words_of(problem)) from None
    return connection


class _Source:
    """Letters one by one; a fault is kept until the letter that is under way has its verdict."""

    def __init__(self, papers: Iterable[OutboxMessage]) -> None:
        self._papers = iter(papers)
        self._fault: Exception | None = None

    def next(self) -> OutboxMessage | None:
        """Give the next letter, or None."""
        if self._fault is None:
            try:
                return next(self._papers, None)
            except Exception as fault:
                self._fault = fault
        return None

    def raise_fault(self) -> None:
        """Raise what went wrong."""
        if self._fault is not None:
            raise self._fault
