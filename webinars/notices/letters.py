"""Letters from facts. Nothing here reads the database or the clock."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from flask_babel import gettext as _

from webinars.calendars.entries import CANCEL, REQUEST
from webinars.calendars.invitations import Guest, personal_entry
from webinars.calendars.stencils import Own, invitation, marks, stamp_of, stencil_of
from webinars.core.formats import clock, in_zone, when, zone_name
from webinars.core.http import current_settings, site_url_for
from webinars.core.language import current_language, speaking
from webinars.core.text import one_line
from webinars.mail.letters import CalendarPart, Letter
from webinars.mail.mime import to_address
from webinars.mail.outbox import sender_domain
from webinars.notices.facts import Facts, LinkFacts
from webinars.notices.kinds import INVITING, TELLING, Notice
from webinars.notices.rendering import Shared, render, render_line, shared
from webinars.registration.links import calendar_url, join_url, manage_url, my_url
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.registration.words import state_words
from webinars.schedule.models import Series, Webinar, WebinarState

#: the letter of each state, for one that is wanted once more
LETTER_OF_STATE = {
    RegistrationState.CONFIRMED: Notice.CONFIRMATION,
    RegistrationState.OFFERED: Notice.WAITLISTED,
    RegistrationState.WAITLISTED: Notice.WAITLISTED,
    RegistrationState.RECORDING_ONLY: Notice.RECORDING_PLACE,
    RegistrationState.CANCELLED: Notice.OWN_CANCELLATION,
}
_YES = "yes"


class Writer:
    """Writes letters at one instant, each in its reader's language; what they share is worked out once."""

    def __init__(self, now: datetime) -> None:
        """Take the instant that the letters speak from."""
        self.now = now
        self._stamp = stamp_of(now)
        self._kept: dict[tuple[Any, ...], Any] = {}

    def place_letter(self, notice: Notice, facts: Facts) -> Letter:
        """Write a letter about one place."""
        registration = facts.registration
        shown = LETTER_OF_STATE[RegistrationState(registration.state)] if notice is Notice.REPEATED else notice
        method = _method(shown, facts)
        subject, common = self._common(shown, facts, withdrawn=method == CANCEL)
        own = _own_values(facts, calendar_file=shown in INVITING)
        language = registration.language
        return Letter(
            to_address=registration.email or "",
            sender_name=sender_name(registration.discreet),
            subject=subject,
            text=render(f"{shown.folder}/body.txt", language, common, own),
            html=render(f"{shown.folder}/body.html", language, common, own),
            calendar=self._calendar_part(method, facts, own) if method else None,
            headers=() if registration.discreet else _list_headers(facts.series),
            discreet=registration.discreet,
            told_sequence=facts.webinar.sequence if notice in TELLING else None,
            language=language,
        )

    def _common(self, notice: Notice, facts: Facts, *, withdrawn: bool) -> tuple[str, Shared]:
        """Give the subject and the values that all letters of the same kind to people in the same position share."""
        person, language = facts.registration, facts.registration.language
        video = facts.video.slug if facts.video else ""
        key = (
            notice, facts.webinar.id, language, person.time_zone, person.discreet, person.state, person.mode, withdrawn,
            video,
        )  # fmt: skip
        if key not in self._kept:
            with speaking(language):
                values = _common_values(facts, self.now) | {"withdrawn": _YES if withdrawn else ""}
            subject = render_line(f"{notice.folder}/subject.txt", language, shared(values))
            self._kept[key] = subject, shared(values | {"subject": subject})
        kept: tuple[str, Shared] = self._kept[key]
        return kept

    def _calendar_part(self, method: str, facts: Facts, letter: dict[str, str]) -> CalendarPart:
        person = facts.registration
        own = Own(
            uid=person.uid,
            address=to_address(person.email or "").addr_spec,
            name=one_line(facts.name or ""),
            join_url=letter.get("join_url") or join_url(person),
            manage_url=letter["manage_url"],
        )
        by_phone = person.mode == Mode.PHONE
        named = bool(own.name)
        key = (method, facts.webinar.id, person.language, person.discreet, person.sequence, by_phone, named)
        if key not in self._kept:
            guest = Guest(sequence=person.sequence, discreet=person.discreet, by_phone=by_phone, **marks(named=named))
            with speaking(person.language):
                entry = personal_entry(facts.webinar, guest, facts.webinar.updated_at)
            self._kept[key] = stencil_of(method, entry)
        return CalendarPart(method, invitation(self._kept[key], own, self._stamp))

    def link_letter(self, facts: LinkFacts) -> Letter:
        """Write the letter that lists the places of an address; one discreet place makes all of it discreet."""
        latest = facts.registrations[-1]
        discreet = any(registration.discreet for registration in facts.registrations)
        language = latest.language
        several = len(facts.registrations) > 1
        # A discreet letter leads nowhere but to the places themselves.
        whole = my_url(latest, self.now) if several and not discreet else ""
        with speaking(language):
            values: dict[str, str | list[dict[str, str]]] = {
                **_sender_values(discreet),
                "places": [_place_row(registration, facts, discreet) for registration in facts.registrations],
                "several": _YES if several else "",
                "all_url": whole,
            }
        subject = render_line("mail/link/subject.txt", language, ())
        values["subject"] = subject
        return Letter(
            to_address=latest.email or "",
            sender_name=sender_name(discreet),
            subject=subject,
            text=render("mail/link/body.txt", language, (), values),
            html=render("mail/link/body.html", language, (), values),
            discreet=discreet,
            language=language,
        )


def _method(notice: Notice, facts: Facts) -> str:
    """Say whether to give, move or take the calendar entry; a reminder leaves it alone: clients would ask again."""
    if notice in {Notice.CONFIRMATION, Notice.PROMOTED, Notice.MOVED, Notice.CHANGED}:
        return REQUEST if facts.seat else ""
    leaving = notice in {Notice.OWN_CANCELLATION, Notice.RECORDING_PLACE} and _had_seat(facts)
    return CANCEL if leaving or (notice is Notice.CANCELLED and facts.seat) else ""


def _had_seat(facts: Facts) -> bool:
    """Say whether an entry may be out: not for who never held anything before the present state."""
    return facts.invited and facts.registration.state_changes > 1


def _own_values(facts: Facts, *, calendar_file: bool) -> dict[str, str]:
    """Say what is one person's own in a letter about a place; an empty text is left out."""
    registration = facts.registration
    manage = manage_url(registration)
    return {
        "name": facts.name or "",
        "for_whom": _for_whom(registration, facts.name, facts.shared_address),
        "manage_url": manage,
        "position": str(facts.position or ""),
        "join_url": join_url(registration) if facts.seat else "",
        "calendar_url": calendar_url(registration) if facts.seat and calendar_file else "",
        "video_url": manage if registration.discreet else "",
    }


def _common_values(facts: Facts, now: datetime) -> dict[str, str]:
    """Say what a letter about a place tells everybody in the same position; an empty text is left out."""
    registration, webinar = facts.registration, facts.webinar
    values = {
        "seat": _YES if facts.seat else "",
        "cancellable": _YES if registration.active and webinar.state == WebinarState.PUBLISHED else "",
        "waiting": _YES if registration.state in {RegistrationState.WAITLISTED, RegistrationState.OFFERED} else "",
        "reminders": _YES if _has_reminder_ahead(webinar, now) else "",
    }
    if not registration.discreet:
        values |= {"title": webinar.title, "reason": webinar.cancel_reason}
        if facts.video:
            values["video_url"] = site_url_for("archive.video_page", slug=facts.video.slug)
    return (
        values
        | _sender_values(registration.discreet)
        | _time_values(webinar, registration.time_zone, now)
        | _joining_values(facts, now)
    )


def sender_name(discreet: bool) -> str:
    """Give the name that letters come from."""
    settings = current_settings()
    return settings.discreet_name if discreet else settings.organization_name


def _sender_values(discreet: bool) -> dict[str, str]:
    if discreet:
        return {"discreet": _YES, "sender_name": sender_name(discreet)}
    return {
        "sender_name": sender_name(discreet),
        "organization_phone": current_settings().organization_phone,
        "home_url": site_url_for("site.home"),
    }


def _time_values(webinar: Webinar, zone: str, now: datetime) -> dict[str, str]:
    """Say the time in the reader's zone, and in the organiser's where its clocks or its name differ."""
    span = webinar.starts_at, webinar.ends_at
    return _times(*span, webinar.time_zone, zone, in_zone(now, zone).date(), current_language())


@lru_cache(maxsize=1024)
def _times(start: datetime, end: datetime, organiser: str, zone: str, today: date, _language: str) -> dict[str, str]:
    here, there = when(start, end, zone), when(start, end, organiser)
    return {
        "when": here,
        "when_there": there if there != here else "",
        "day": day_and_month(start, zone),
        "moment": moment_in_words(start, zone, today),
    }


def _joining_values(facts: Facts, now: datetime) -> dict[str, str]:
    """Say how to join; only whoever has a seat can, until the end."""
    webinar = facts.webinar
    if not facts.seat or webinar.state != WebinarState.PUBLISHED or now >= webinar.ends_at:
        return {}
    return {
        "phone": webinar.phone_number,
        "pin": webinar.phone_pin if webinar.phone_number else "",
        "by_phone": _YES if facts.registration.mode == Mode.PHONE and webinar.phone_number else "",
    }


def _for_whom(registration: Registration, name: str | None, shared_address: bool) -> str:
    """Tell people of one mailbox apart; of an unproven one no more than an initial and a reference is said."""
    if name:
        return name if shared_address else ""
    if not shared_address:
        return ""
    initial, reference = registration.name[:1].upper(), registration.public_id[:4]
    if not initial.isalpha():
        return reference
    with speaking(registration.language):
        return str(_("%(initial)s. (reference %(reference)s)", initial=initial, reference=reference))


def _has_reminder_ahead(webinar: Webinar, now: datetime) -> bool:
    return any(webinar.starts_at - timedelta(minutes=minutes) > now for minutes in webinar.reminder_minutes)


def _list_headers(series: Series) -> tuple[tuple[str, str], ...]:
    """Name the series as a list (RFC 2919), so that people can sort; never of a discreet letter."""
    return (("List-Id", f"<{series.slug}.{sender_domain()}>"),)


def day_and_month(moment: datetime, zone: str) -> str:
    """Say "Thursday 3 December"."""
    return _day_and_month(in_zone(moment, zone).date(), current_language())


@lru_cache(maxsize=256)
def _day_and_month(day: date, language: str) -> str:
    return format_date(day, "EEEE d MMMM" if language == "en" else "EEEE d 'de' MMMM", locale=language)


def moment_in_words(moment: datetime, zone: str, today: date) -> str:
    """Say "Today at 1:00 pm Eastern time", "Tomorrow at …", or the day."""
    days = (in_zone(moment, zone).date() - today).days
    time = f"{clock(moment, zone)} {zone_name(zone, moment)}"
    if days == 0:
        return str(_("Today at %(time)s", time=time))
    if days == 1:
        return str(_("Tomorrow at %(time)s", time=time))
    return str(_("%(day)s at %(time)s", day=day_and_month(moment, zone), time=time))


def _place_row(registration: Registration, facts: LinkFacts, discreet: bool) -> dict[str, str]:
    webinar = registration.webinar
    name = registration.name if facts.proven or registration.entered_by_staff else None
    several = len({other.name_key for other in facts.registrations}) > 1
    return {
        "title": "" if discreet else webinar.title,
        "when": when(webinar.starts_at, webinar.ends_at, registration.time_zone),
        "for_whom": _for_whom(registration, name, several),
        "state": state_words(registration.state),
        "manage_url": manage_url(registration),
    }
