"""The starts that a webinar had: whoever was told an earlier one may hold the present one all the same.

Staff move a webinar by mistake and move it back. SEQUENCE has then grown twice, but whoever heard nothing in between
has the right time in the calendar, and a letter about a new time would frighten them for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from webinars.notices.kinds import Notice
from webinars.schedule.models import Webinar

_EVER = datetime.min.replace(tzinfo=UTC)


class Revision(NamedTuple):
    """The start of a webinar, and where its counters stand."""

    id: int
    starts_at: datetime
    time_zone: str
    sequence: int
    start_sequence: int
    start_set_at: datetime


class Step(NamedTuple):
    """One change that was counted."""

    at: datetime
    #: SEQUENCE before it
    sequence: int
    #: start and zone before it; None = they stayed
    starts_at: datetime | None
    time_zone: str | None
    #: title, length or joining changed, perhaps together with the start
    changed: bool


class Held(NamedTuple):
    """An earlier start as people may hold it."""

    #: the SEQUENCE that came with it
    sequence: int
    since: datetime
    starts_at: datetime
    time_zone: str


@dataclass(frozen=True)
class Starts:
    """What a webinar's earlier revisions share with the present one; empty where the books do not reach back."""

    #: SEQUENCEs with the present start, before another one came in between
    same: frozenset[int] = frozenset()
    #: SEQUENCEs that began with another title, length or way of joining
    changes: frozenset[int] = frozenset()
    #: since when and until when it had the present start before
    spans: tuple[tuple[datetime, datetime], ...] = ()
    #: what it was before the present start was set, the newest first
    earlier: tuple[Held, ...] = ()

    def first(self, webinar: Revision) -> int:
        """Give the SEQUENCE since which a webinar has had its start, times in between left out."""
        return min(self.same, default=webinar.start_sequence)

    def known_by(self, moment: datetime, webinar: Revision) -> bool:
        """Say whether anybody can have known the present start at a moment."""
        return webinar.start_set_at <= moment or any(since <= moment for since, _until in self.spans)

    def shown_at(self, moment: datetime) -> bool:
        """Say whether who came at a moment found the present start, before another one came in between."""
        return any(since <= moment < until for since, until in self.spans)

    def held(self, told: int | None, created_at: datetime) -> Held | None:
        """Give the earlier start that somebody knows: told last, or read on the page when they registered."""
        known = (one for one in self.earlier if (one.since <= created_at if told is None else one.sequence <= told))
        return next(known, None)


def revision_of(webinar: Webinar) -> Revision:
    """Read start and counters off a webinar."""
    return Revision(
        webinar.id,
        webinar.starts_at,
        webinar.time_zone,
        webinar.sequence,
        webinar.start_sequence,
        webinar.start_set_at,
    )


def starts_of(webinar: Revision, steps: Iterable[Step]) -> Starts:
    """Compare a webinar with what it was, given all its changes, the newest first.

    Where one is missing nothing is known: whoever was told an earlier SEQUENCE then counts as holding an old start.
    """
    present = start = (webinar.starts_at, webinar.time_zone)
    same, changes, spans = set[int](), set[int](), list[tuple[datetime, datetime]]()
    earlier = list[Held]()
    sequence, until = webinar.sequence, _EVER

    def note(since: datetime) -> None:
        if sequence >= webinar.start_sequence:
            return
        earlier.append(Held(sequence, since, *start))
        if start == present:
            same.add(sequence)
            spans.append((since, until))

    for step in steps:
        if step.sequence != sequence - 1:
            return Starts()
        note(step.at)
        if step.changed:
            changes.add(sequence)
        sequence, until = step.sequence, step.at
        start = (step.starts_at or start[0], step.time_zone or start[1])
    note(_EVER)
    if sequence:
        return Starts()
    returned = Starts(frozenset(same), frozenset(changes), tuple(spans)) if same else Starts()
    return replace(returned, earlier=tuple(earlier))


def news(told: int | None, created_at: datetime, webinar: Revision, starts: Starts) -> Notice | None:
    """Name the letter about a change that somebody with a place is owed, by what they were told last."""
    if told is None:
        knows = created_at >= webinar.start_set_at or starts.shown_at(created_at)
        return None if knows else Notice.MOVED
    if told < webinar.start_sequence and told not in starts.same:
        return Notice.MOVED
    return Notice.CHANGED if _reads_otherwise(told, webinar, starts) else None


def told_before_a_change(webinar: Revision, starts: Starts) -> list[int]:
    """List the earlier SEQUENCEs with the present start since which title, length or joining changed."""
    return sorted(told for told in starts.same if _reads_otherwise(told, webinar, starts))


def _reads_otherwise(told: int, webinar: Revision, starts: Starts) -> bool:
    if told >= webinar.start_sequence:
        return told < webinar.sequence
    return webinar.sequence > webinar.start_sequence or any(change > told for change in starts.changes)
