"""Decisions about webinars: where one stands, what may be done, what a change means."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from config import LANGUAGES
from webinars.core.formats import number
from webinars.core.reminders import MOST_REMINDER as MOST_REMINDER
from webinars.core.reminders import check_reminders as check_reminders
from webinars.core.reminders import format_reminder as format_reminder
from webinars.core.reminders import format_reminders as format_reminders
from webinars.core.reminders import parse_reminders as parse_reminders
from webinars.core.zones import AmbiguousTime, Choice, resolve
from webinars.schedule.languages import in_language
from webinars.schedule.models import Webinar, WebinarState

#: what SEQUENCE counts (RFC 5546 section 2.1.4, and joining as well, because people act on it)
_MOVING = frozenset({"local_start", "time_zone", "fold", "starts_at"})
_CHANGING = frozenset({"duration_minutes", "title", "join_url", "phone_number", "phone_pin"})

#: what a webinar holds of its series' values for as long as it follows them (Webinar.follows)
FOLLOWED = ("duration_minutes", "access_text", "capacity", "waiting_list", "phone_number", "phone_pin")
#: what it looks up in its series as long as it has nothing of its own
LOOKED_UP = ("offer_hours", "reminders", "asks_role", "asks_access", "companions", "require_proof")

#: no webinar lasts longer; the database refuses it
LONGEST = timedelta(days=1)


class Phase(StrEnum):
    """Where a webinar stands at an instant: what staff decided, then what the clock says."""

    DRAFT = "draft"
    CANCELLED = "cancelled"
    #: published and ahead, but neither a seat nor a place in line is left
    UPCOMING = "upcoming"
    #: published, ahead, and somebody new gets a seat or a place in line
    OPEN = "open"
    LIVE = "live"
    ENDED = "ended"


class Effect(Enum):
    """What a change means for the people who hold an entry in their calendar."""

    NONE = 0
    CHANGED = 1
    MOVED = 2


@dataclass(frozen=True)
class Revision:
    """The two counters of a webinar after a deed; neither ever falls."""

    sequence: int
    start_sequence: int


def phase(webinar: Webinar, now: datetime) -> Phase:
    """Say where a webinar stands."""
    if webinar.state != WebinarState.PUBLISHED:
        return Phase(str(webinar.state))
    if now >= webinar.ends_at:
        return Phase.ENDED
    if now >= webinar.starts_at:
        return Phase.LIVE
    return Phase.OPEN if _has_room(webinar) else Phase.UPCOMING


def is_public(webinar: Webinar) -> bool:
    """Say whether visitors may see it: published, or called off after it had been."""
    return webinar.state != WebinarState.DRAFT and webinar.published_at is not None


def _has_room(webinar: Webinar) -> bool:
    left = webinar.places_left
    return left is None or left > 0 or webinar.waiting_list


def publishing_problems(webinar: Webinar, now: datetime) -> list[str]:
    """List what forbids publishing, in plain words; only what makes no sense."""
    problems = []
    if not webinar.title:
        problems.append(_("It has no title yet."))
    if webinar.starts_at <= now:
        problems.append(_("Its start is in the past. Choose a new date first."))
    if webinar.state == WebinarState.CANCELLED:
        problems.append(_("It was cancelled. Duplicate it to offer it again."))
    return problems


def publishing_warnings(webinar: Webinar) -> list[str]:
    """List what is worth a second look before publishing and forbids nothing."""
    warnings = []
    if not webinar.join_url and not webinar.phone_number:
        warnings.append(_("There is no join link and no phone number yet. Add one before the reminders go out."))
    if not webinar.summary:
        warnings.append(_("There is no summary. It is the line people read in lists."))
    if not webinar.speaker_places:
        warnings.append(_("No speakers are named."))
    silent = [speaker.name for speaker in webinar.speakers if not speaker.interests]
    return warnings + [_("%(name)s has not declared any interests yet.", name=name) for name in silent]


def retitled(webinar: Webinar, before: Mapping[str, Any]) -> frozenset[str]:
    """List the languages in which people read another title than before.

    Parameters: before, the values that changed, as they were.
    """
    was = SimpleNamespace(
        title=before.get("title", webinar.title),
        language=before.get("language", webinar.language),
        translations=before.get("translations", webinar.translations),
    )
    return frozenset(
        language for language in LANGUAGES if in_language(was, language).title != in_language(webinar, language).title
    )


def follows(webinar: Webinar, name: str) -> bool:
    """Say whether a webinar has in this what its series says."""
    return name in webinar.follows if name in FOLLOWED else getattr(webinar, name) is None


def differing(thing: object, changes: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """List the fields of these names that may become another value, as it was typed."""
    return [name for name in names if name in changes and str(changes[name]) != str(getattr(thing, name))]


def effect_of(changed: Collection[str]) -> Effect:
    """Say what changed columns mean for people's calendars."""
    if not _MOVING.isdisjoint(changed):
        return Effect.MOVED
    return Effect.NONE if _CHANGING.isdisjoint(changed) else Effect.CHANGED


def readers_concerned(changed: Collection[str], retitled: frozenset[str]) -> frozenset[str] | None:
    """Say in which languages people's entries say something else after a change; None = in every one."""
    return retitled if (_CHANGING - {"title"}).isdisjoint(changed) else None


def revision_after(webinar: Webinar, effect: Effect, now: datetime) -> Revision:
    """Count a deed: at most one step, and only for a webinar that people know of and that is not over.

    A move of an ended webinar counts, since it takes place after all (it was put off at the last minute).
    """
    before = Revision(webinar.sequence, webinar.start_sequence)
    if webinar.state != WebinarState.PUBLISHED or effect is Effect.NONE:
        return before
    if effect is Effect.MOVED:
        return Revision(before.sequence + 1, before.sequence + 1)
    return Revision(before.sequence + 1, before.start_sequence) if now < webinar.ends_at else before


def move_consequences(webinar: Webinar, letters: int, entries: int, starts_at: datetime, now: datetime) -> list[str]:
    """Name what moving to a new start will set off: so many letters, so many calendar entries that move."""
    if webinar.state != WebinarState.PUBLISHED:
        return [_("This webinar is a draft, so nobody gets a letter.")]
    people = ngettext(
        "%(people)s person will get a letter with the new time.",
        "%(people)s people will get a letter with the new time.",
        letters,
        people=number(letters),
    )
    moving = ngettext(
        "%(calendars)s calendar moves by itself.",
        "%(calendars)s calendars move by themselves.",
        entries,
        calendars=number(entries),
    )
    told = [people, *_calendars(moving, letters, entries)] if letters else [_nobody()]
    return [*told, *_reminders_after(webinar, starts_at, now)]


def _calendars(sentence: str, letters: int, entries: int) -> list[str]:
    """Say what becomes of the entries, and who is told without having one."""
    others = letters - entries
    without = ngettext(
        "%(people)s person who waits or wants the recording has no entry and is told by the letter alone.",
        "%(people)s people who wait or want the recording have no entry and are told by the letter alone.",
        others,
        people=number(others),
    )
    return [*([sentence] if entries else []), *([without] if others > 0 else [])]


def cancel_consequences(webinar: Webinar, letters: int, entries: int, further: Sequence[str] = ()) -> list[str]:
    """Name what cancelling will set off: so many letters, entries that go away from so many calendars, and further."""
    if webinar.state != WebinarState.PUBLISHED:
        return [_("This webinar is a draft, so nobody gets a letter.")]
    people = ngettext(
        "%(people)s person will get a cancellation letter.",
        "%(people)s people will get a cancellation letter.",
        letters,
        people=number(letters),
    )
    leaving = ngettext(
        "The entry goes away from %(calendars)s calendar.",
        "The entry goes away from %(calendars)s calendars.",
        entries,
        calendars=number(entries),
    )
    return [
        *([people, *_calendars(leaving, letters, entries)] if letters else [_nobody()]),
        _("Nobody can register any more, and no more reminders are sent."),
        *further,
        _("The page stays, marked as cancelled. This cannot be undone."),
    ]


def _nobody() -> str:
    return str(_("Nobody is registered with an email address, so nobody gets a letter."))


def _reminders_after(webinar: Webinar, starts_at: datetime, now: datetime) -> list[str]:
    minutes = webinar.reminder_minutes
    due = [offset for offset in minutes if starts_at - timedelta(minutes=offset) > now]
    missed = [offset for offset in minutes if offset not in due]
    sentences = []
    if due:
        sentences.append(_("Reminders are set anew: %(list)s before the new start.", list=format_reminders(due)))
    if missed:
        sentences.append(_("Too late for these reminders: %(list)s before the start.", list=format_reminders(missed)))
    return sentences


def offer_words(hours: int) -> str:
    """Say what becomes of a place that is free again, while somebody waits."""
    if not hours:
        return str(_("the next in line has it at once"))
    return str(ngettext("it is held for %(num)s hour", "it is held for %(num)s hours", hours))


def readings(local: datetime, zone: str) -> tuple[Choice, ...]:
    """List the two readings of a wall-clock time that a clock change makes impossible or double; empty for a plain one.

    Raises UnknownZone.
    """
    try:
        resolve(local, zone)
    except AmbiguousTime as error:
        return error.choices
    return ()


def settle(local: datetime, zone: str, fold: int) -> tuple[datetime, int, datetime]:
    """Derive an instant where nobody can be asked: a copy, or a webinar whose zone got new rules.

    A time that does not exist is shifted past the gap, as clocks are. Returns (wall-clock time, fold, instant).
    Raises UnknownZone.
    """
    try:
        return local, fold, resolve(local, zone, fold)
    except AmbiguousTime as error:
        after_gap = error.choices[0]
        return after_gap.local, 0, after_gap.instant


def next_occasion(local: datetime, zone: str, now: datetime) -> datetime:
    """Give the same weekday and wall-clock time four weeks later, or as many times four weeks as lead past now."""
    candidate = local + timedelta(weeks=4)
    while settle(candidate, zone, 0)[2] <= now:
        candidate += timedelta(weeks=4)
    return candidate


def version_of(thing: object, columns: Iterable[str]) -> str:
    """Fingerprint the values a form was filled from, to notice that somebody else saved in between."""
    return fingerprint([getattr(thing, column) for column in columns])


def fingerprint(values: Sequence[object]) -> str:
    """Fingerprint values that say by themselves what they are."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
