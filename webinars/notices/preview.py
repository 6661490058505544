"""How letters would read: for an invented registrant or somebody registered, with links and an entry of nobody's.

What is shown here opens no place and updates no calendar: public id and UID are thrown away afterwards.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import icalendar
from flask_babel import gettext as _

from webinars.archive.models import Video
from webinars.core.language import speaking
from webinars.core.text import name_key, random_id
from webinars.mail.letters import CalendarPart, Letter
from webinars.notices.facts import Facts
from webinars.notices.kinds import Notice
from webinars.notices.letters import Texts, Writer
from webinars.notices.starts import Held
from webinars.notices.wording import Wording
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.schedule.languages import translated
from webinars.schedule.models import Series, Webinar, WebinarState

#: where it would go
_ADDRESS = "alex@example.org"
_STATES = {
    Notice.WAITLISTED: RegistrationState.WAITLISTED,
    Notice.OFFER: RegistrationState.OFFERED,
    Notice.OFFER_LAPSED: RegistrationState.RECORDING_ONLY,
    Notice.RECORDING_PLACE: RegistrationState.RECORDING_ONLY,
    Notice.OWN_CANCELLATION: RegistrationState.CANCELLED,
}

#: letters to whom no seat was given yet, and no entry
_BEFORE_A_SEAT = frozenset({Notice.PROOF, Notice.WAITLISTED, Notice.OFFER, Notice.OFFER_LAPSED})


class Invented(StrEnum):
    """Registrants who do not exist."""

    #: letters may carry the name
    KNOWN = "known"
    #: nobody has shown yet that the address is theirs, so letters carry no name
    UNKNOWN = "unknown"
    #: letters name neither topic nor organisation
    DISCREET = "discreet"


@dataclass(frozen=True)
class Shown:
    """A letter as it is looked at."""

    letter: Letter
    entry: "ShownEntry | None"


@dataclass(frozen=True)
class ShownEntry:
    """What a calendar reads in a letter."""

    #: REQUEST or CANCEL
    method: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    raw: str


def invented(
    notice: Notice, webinar: Webinar, language: str, kind: Invented = Invented.KNOWN, name: str = "", address: str = ""
) -> Facts:
    """Make up a registrant who gets a letter."""
    with speaking(language):
        person = {"name": name or _("Alex Example"), "email": address or _ADDRESS, "time_zone": webinar.time_zone}
    discreet = kind is Invented.DISCREET
    mode = Mode.RECORDING if notice is Notice.RECORDING_PLACE else Mode.LIVE
    place = _place(notice, webinar, **person, language=language, discreet=discreet, mode=mode)
    return _facts(notice, place, proven=kind is not Invented.UNKNOWN)


def alike(notice: Notice, known: Facts, language: str) -> Facts:
    """Make up a registrant like one there is, in the state in which people get the letter."""
    kept = ("name", "time_zone", "discreet", "mode", "entered_by_staff")
    person = {name: getattr(known.registration, name) for name in kept}
    place = _place(notice, known.registration.webinar, language=language, email=_ADDRESS, **person)
    return replace(_facts(notice, place, proven=known.proven), shared_address=known.shared_address)


def _place(notice: Notice, webinar: Webinar, **person: Any) -> Registration:
    state = _STATES.get(notice, RegistrationState.CONFIRMED)
    return Registration(
        **{
            "id": 0,
            "public_id": random_id(),
            "uid": str(uuid.uuid4()),
            "webinar": _as_told(notice, webinar, person["language"]),
            "name_key": name_key(person["name"]),
            "email_key": person["email"],
            "state": state,
            "state_changes": 2,
            "proof_until": webinar.starts_at - timedelta(days=2) if notice is Notice.PROOF else None,
            "offered_until": webinar.starts_at - timedelta(days=2) if notice is Notice.OFFER else None,
            "sequence_offset": 0 if state == RegistrationState.CONFIRMED else 1,
            "entry_sequence": None if notice in _BEFORE_A_SEAT else webinar.sequence,
            "entry_withdrawn": False,
            "link_version": 1,
            "entered_by_staff": False,
        }
        | person
    )


def _as_told(notice: Notice, webinar: Webinar, language: str) -> Webinar:
    """Copy a webinar into the state in which people get the letter; the copy belongs to no session."""
    copy = Webinar(**{column.key: getattr(webinar, column.key) for column in Webinar.__mapper__.column_attrs})
    copy.series = webinar.series
    copy.state = WebinarState.PUBLISHED
    if notice is Notice.CANCELLED:
        copy.state, copy.sequence = WebinarState.CANCELLED, webinar.sequence + 1
        with speaking(language):
            reason = _("The speaker is ill. We are looking for a new date.")
        if not webinar.cancel_reason:
            copy.cancel_reason = reason
            copy.translations = translated(webinar.translations, {language: {"cancel_reason": reason}})
    return copy


def _facts(notice: Notice, place: Registration, *, proven: bool) -> Facts:
    waiting = place.state == RegistrationState.WAITLISTED
    video = Video(slug=place.webinar.slug) if notice is Notice.RECORDING_READY else None
    return Facts(
        # The letter that asks for proof goes to nobody who gave it.
        place,
        proven=proven and notice is not Notice.PROOF,
        position=3 if waiting else None,
        video=video,
        before=_before(notice, place.webinar),
    )


def _before(notice: Notice, webinar: Webinar) -> Held | None:
    if notice is not Notice.MOVED:
        return None
    return Held(webinar.sequence, webinar.created_at, webinar.starts_at - timedelta(days=1), webinar.time_zone)


def invented_webinar(series: Series, now: datetime) -> Webinar:
    """Make up a webinar for a series that has none yet."""
    starts_at = (now + timedelta(days=14)).replace(hour=18, minute=0, second=0, microsecond=0)
    webinar = Webinar(
        id=0, slug="example", title=_("Example webinar"), summary="", description="", access_text="", language="en",
        time_zone=series.time_zone, duration_minutes=60, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1),
        join_url="https://example.org/room", phone_number="", phone_pin="", state=WebinarState.PUBLISHED,
        cancel_reason="", sequence=0, start_sequence=0, start_set_at=now, created_at=now, updated_at=now,
        uid=str(uuid.uuid4()), recorded=True,
    )  # fmt: skip
    webinar.series = series
    return webinar


def show(notice: Notice, facts: Facts, now: datetime, texts: Texts, words: Wording | None = None) -> Shown:
    """Write a letter at a moment at which people get it."""
    with speaking(facts.registration.language):
        letter = Writer(_moment(notice, facts.webinar, now), texts).place_letter(notice, facts, words)
    return Shown(letter, _read(letter.calendar) if letter.calendar else None)


def _moment(notice: Notice, webinar: Webinar, now: datetime) -> datetime:
    if notice is Notice.ANNOUNCEMENT:
        return now
    if notice is Notice.RECORDING_READY:
        return max(now, webinar.ends_at + timedelta(days=1))
    day_before = webinar.starts_at - timedelta(days=1)
    return day_before if notice is Notice.REMINDER else min(now, day_before)


def _read(part: CalendarPart) -> ShownEntry:
    """Read an entry the way calendars do."""
    event: Any = icalendar.Calendar.from_ical(part.ics).walk("VEVENT")[0]
    return ShownEntry(
        method=part.method,
        title=str(event["SUMMARY"]),
        starts_at=event["DTSTART"].dt,
        ends_at=event["DTEND"].dt,
        place=str(event.get("LOCATION", "")),
        raw=part.ics.decode().replace("\r\n", "\n"),
    )
