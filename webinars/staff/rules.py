"""What the staff shell says: which letters go out when, what asks for attention."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from webinars.mail.models import MessageState
from webinars.notices.kinds import Notice
from webinars.notices.rules import reminder_occasion
from webinars.schedule.models import Webinar, WebinarState

#: a worker beats at every tick; silence for longer means that no letter goes out
WORKER_SILENCE = timedelta(minutes=2)
#: a letter that is due and has waited longer than this is late
LATE = timedelta(minutes=15)
#: letters that answer what a person does, in the order of the flow
ANSWERS = (
    Notice.PROOF,
    Notice.CONFIRMATION,
    Notice.WAITLISTED,
    Notice.PROMOTED,
    Notice.OFFER,
    Notice.OFFER_LAPSED,
    Notice.RECORDING_PLACE,
    Notice.DATES,
    Notice.OWN_CANCELLATION,
    Notice.REPEATED,
)
_OPEN = (MessageState.PENDING, MessageState.SENDING)
_LOST = (MessageState.FAILED, MessageState.EXPIRED)


@dataclass(frozen=True)
class Tally:
    """The letters of one notice and one occasion, by state."""

    notice: str
    #: of a mailing; empty for letters that answer a deed
    occasion: str
    due_at: datetime | None
    by_state: dict[str, int]


@dataclass(frozen=True)
class LetterRow:
    """One line of the table of a webinar's letters."""

    notice: Notice
    #: of a reminder: minutes before the start
    minutes: int | None = None
    #: when it goes or went to everybody; None for letters that answer a deed
    due_at: datetime | None = None
    sent: int = 0
    failed: int = 0
    #: waiting or being sent
    open: int = 0
    #: a reminder for a start that has been moved since
    outdated: bool = False
    #: a reminder whose moment was past before anybody could be owed it
    missed: bool = False

    @property
    def total(self) -> int:
        """Count the letters that were owed and still matter."""
        return self.sent + self.failed + self.open


def letter_rows(webinar: Webinar, tallies: Iterable[Tally], now: datetime) -> list[LetterRow]:
    """List the letters of a webinar in the order in which they go out: written ones counted, those ahead announced."""
    by_key = {(tally.notice, tally.occasion): tally for tally in tallies}
    rows = [_counted(notice, by_key.pop((notice.value, ""), None)) for notice in ANSWERS]
    shown = [row for row in rows if row.total or row.notice is Notice.CONFIRMATION]
    reminders = list(_reminders(webinar, by_key, now))
    later = [_counted(Notice(notice), tally) for (notice, _), tally in by_key.items() if notice in set(Notice)]
    recordings = [row for row in later if row.notice is Notice.RECORDING_READY]
    changes = sorted((row for row in later if row.notice is not Notice.RECORDING_READY), key=_when)
    if not recordings and webinar.recorded and webinar.state != WebinarState.CANCELLED:
        recordings = [LetterRow(Notice.RECORDING_READY)]
    return shown + sorted(reminders + changes, key=_when) + recordings


def _reminders(webinar: Webinar, by_key: dict[tuple[str, str], Tally], now: datetime) -> Iterable[LetterRow]:
    """Take the reminders out of what was counted, and add those ahead."""
    given = {occasion for notice, occasion in by_key if notice == Notice.REMINDER}
    for occasion in given:
        start_sequence, _, minutes = occasion.partition("-")
        outdated = start_sequence != str(webinar.start_sequence)
        tally = by_key.pop((Notice.REMINDER.value, occasion))
        yield _counted(Notice.REMINDER, tally, minutes=int(minutes or 0), outdated=outdated)
    for ahead in webinar.reminder_minutes if webinar.state != WebinarState.CANCELLED else ():
        due_at = webinar.starts_at - timedelta(minutes=ahead)
        missed = webinar.starts_at > now and due_at <= _known_since(webinar, now)
        if (due_at > now or missed) and reminder_occasion(webinar.start_sequence, ahead) not in given:
            yield LetterRow(Notice.REMINDER, minutes=ahead, due_at=due_at, missed=missed)


def _known_since(webinar: Webinar, now: datetime) -> datetime:
    """Give the moment from which on a reminder of the present start can be owed; of a draft not before now."""
    return now if webinar.published_at is None else max(webinar.published_at, webinar.start_set_at)


def _counted(notice: Notice, tally: Tally | None, *, minutes: int | None = None, outdated: bool = False) -> LetterRow:
    states = tally.by_state if tally else {}
    return LetterRow(
        notice,
        minutes=minutes,
        due_at=tally.due_at if tally else None,
        sent=states.get(MessageState.SENT, 0),
        failed=sum(states.get(state, 0) for state in _LOST),
        open=sum(states.get(state, 0) for state in _OPEN),
        outdated=outdated,
    )


def _when(row: LetterRow) -> float:
    return row.due_at.timestamp() if row.due_at else 0.0


def worker_is_silent(last_tick: datetime | None, now: datetime) -> bool:
    """Say whether no worker has looked for letters for some time."""
    return last_tick is None or now - last_tick > WORKER_SILENCE


def mail_is_late(oldest_due: datetime | None, now: datetime) -> bool:
    """Say whether a letter that is due has been waiting for long."""
    return oldest_due is not None and now - oldest_due > LATE
