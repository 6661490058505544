"""Looking at dates before anything is made or moved: which exist, which clash with what, which are public holidays."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import gettext as _

from webinars.core.errors import UserError
from webinars.core.formats import clock_range
from webinars.core.zones import AmbiguousTime, Choice, resolve
from webinars.schedule import queries
from webinars.schedule.days_off import holidays_on
from webinars.schedule.models import Webinar


@dataclass
class Slot:
    """One date that is asked for, with what was found out about it."""

    title: str
    #: the wall-clock time, None when what was typed is none
    local: datetime | None
    time_zone: str
    minutes: int
    #: which reading of a time that clock changes make impossible or double; None = not said
    fold: int | None = None
    wanted: bool = True
    #: whom it keeps busy
    speakers: dict[int, str] = field(default_factory=dict)
    #: what is moved there; None for a new webinar
    moves: Webinar | None = None

    starts_at: datetime | None = None
    #: the two readings to choose from
    choices: tuple[Choice, ...] = ()
    #: what forbids it, in a sentence
    problem: str = ""
    #: other webinars at the same time, and speakers who would be needed twice
    clashes: list[str] = field(default_factory=list)
    holidays: list[str] = field(default_factory=list)
    #: it lies in the past
    past: bool = False

    @property
    def ends_at(self) -> datetime | None:
        """Give the end, when the start is known."""
        return self.starts_at + timedelta(minutes=self.minutes) if self.starts_at else None


def examine(slots: Sequence[Slot], countries: Collection[str], now: datetime) -> None:
    """Find out about each date what somebody has to know before (three queries, whatever their number)."""
    for slot in slots:
        _resolve(slot)
        if slot.local:
            slot.holidays = holidays_on(slot.local.date(), countries)
        slot.past = slot.starts_at is not None and slot.starts_at <= now
    placed = [slot for slot in slots if slot.wanted and slot.starts_at]
    moved = {slot.moves.id for slot in slots if slot.moves and slot.wanted}
    spans = [(slot.starts_at, slot.ends_at) for slot in placed if slot.starts_at and slot.ends_at]
    others = [one for one in queries.webinars_during(spans) if one.id not in moved] if spans else []
    for slot in placed:
        slot.clashes = [*_with_others(slot, others), *_among(slot, placed)]


def _resolve(slot: Slot) -> None:
    if slot.local is None:
        slot.problem = _("Give the date and the time of the start.")
        return
    try:
        slot.starts_at = resolve(slot.local, slot.time_zone, slot.fold)
    except AmbiguousTime as error:
        slot.choices, slot.problem = error.choices, str(error)
    except UserError as error:
        slot.problem = str(error)


def _with_others(slot: Slot, others: Iterable[Webinar]) -> list[str]:
    found = []
    for other in others:
        if _overlap(slot, other.starts_at, other.ends_at):
            times = clock_range(other.starts_at, other.ends_at, slot.time_zone)
            busy = [speaker.name for speaker in other.speakers if speaker.id in slot.speakers]
            found.append(_clash(other.title, times, busy))
    return found


def _among(slot: Slot, slots: Iterable[Slot]) -> list[str]:
    found = []
    for other in slots:
        if other is not slot and other.starts_at and other.ends_at and _overlap(slot, other.starts_at, other.ends_at):
            times = clock_range(other.starts_at, other.ends_at, slot.time_zone)
            found.append(
                _clash(other.title, times, [slot.speakers[one] for one in slot.speakers.keys() & other.speakers])
            )
    return found


def _clash(title: str, times: str, busy: Sequence[str]) -> str:
    if busy:
        names = ", ".join(sorted(busy))
        return str(
            _(
                "At the same time as “%(title)s”, %(times)s, where %(names)s speaks too.",
                title=title,
                times=times,
                names=names,
            )
        )
    return str(_("At the same time as “%(title)s”, %(times)s.", title=title, times=times))


def _overlap(slot: Slot, starts_at: datetime, ends_at: datetime) -> bool:
    return bool(slot.starts_at and slot.ends_at and slot.starts_at < ends_at and slot.ends_at > starts_at)
