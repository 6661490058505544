"""Handing letters to the mail server over a connection that is kept open.

While the server takes one letter in, the next is made and its envelope is on the way, so that a mailing waits for the
server's work and hardly for the way there and back.
"""

import smtplib
import time
from collections.abc import Iterable, Iterator

from flask import current_app

from webinars.mail.mime import OutboxMessage
from webinars.mail.smtp import Refused, SafeConnection, Stale, Unreachable, words_of

#: what became of a letter; None: taken
Verdict = Refused | Unreachable | None


class Transport:
    """One worker's way to the mail server."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._connection: SafeConnection | None = None

    def hand_over(self, papers: Iterable[OutboxMessage], limit: float) -> Iterator[tuple[OutboxMessage, Verdict]]:
        """Send letters one after another, each within ``limit`` seconds; give each with what became of it.

        The next letter is fetched while the server takes one in, but its content leaves only after the verdict was
        given: whoever stops reading here leaves it unsent. A kept connection that turns out dead is replaced once.
        """
        source = iter(papers)
        paper, begun = next(source, None), False
        while paper is not None:
            following, fetched, verdict = None, False, None
            try:
                self._write(paper, time.monotonic() + limit, begun)
                following, fetched, begun = next(source, None), True, False
                if following is not None and self._connection is not None:
                    begun = self._connection.begin(following)
                if self._connection is not None:
                    self._connection.verdict(paper)
            except (Refused, Unreachable) as trouble:
                verdict, begun = self._after(trouble), False
            try:
                yield paper, verdict
            except GeneratorExit:
                if begun:
                    self._drop()
                raise
            paper = following if fetched else next(source, None)

    def close(self) -> None:
        """Say goodbye and hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.__exit__(None, None, None)

    def _write(self, message: OutboxMessage, deadline: float, begun: bool) -> None:
        if not begun and self._connection is not None and not self._connection.usable:
            self.close()
        kept = self._connection is not None
        try:
            self._try(message, deadline, begun)
        except Stale:
            self._drop()
            if not kept:
                raise Unreachable("the connection was closed at once", in_letter=True) from None
            try:
                self._try(message, deadline, begun=False)
            except Stale:
                raise Unreachable("the connection was closed twice", in_letter=True) from None

    def _try(self, message: OutboxMessage, deadline: float, begun: bool) -> None:
        if self._connection is None:
            self._connection = _connect(deadline)
        self._connection.write(message, deadline, begun=begun)

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
