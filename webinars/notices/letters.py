"""Letters as pure functions: facts to a letter. Nothing here reads the database or the clock."""

from datetime import date, datetime, timedelta

from babel.dates import format_date, format_skeleton
from flask_babel import gettext as _

from webinars.calendars.entries import Entry, cancel, request
from webinars.calendars.invitations import Guest, personal_entry
from webinars.core.formats import clock, in_zone, when, zone_name
from webinars.core.http import current_settings, site_url_for
from webinars.core.language import current_language
from webinars.mail.letters import CalendarPart, Letter
from webinars.mail.mime import to_address
from webinars.mail.outbox import sender_domain
from webinars.notices.facts import Facts, LinkFacts
from webinars.notices.kinds import TELLING, Notice
from webinars.notices.rendering import render_html, render_line, render_text
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


def place_letter(notice: Notice, facts: Facts, now: datetime) -> Letter:
    """Write a letter about one place, in the language spoken now."""
    registration = facts.registration
    shown = LETTER_OF_STATE[RegistrationState(registration.state)] if notice is Notice.REPEATED else notice
    calendar = _calendar_part(shown, facts, now)
    values = _place_values(facts, now) | {"withdrawn": _YES if calendar and calendar.method == "CANCEL" else ""}
    language = current_language()
    values["subject"] = render_line(f"{shown.folder}/subject.txt", language, values)
    return Letter(
        to_address=registration.email or "",
        sender_name=str(values["sender_name"]),
        subject=str(values["subject"]),
        text=_tidy(render_text(f"{shown.folder}/body.txt", language, values)),
        html=render_html(f"{shown.folder}/body.html", language, values),
        calendar=calendar,
        headers=() if registration.discreet else _list_headers(facts.series),
        discreet=registration.discreet,
        told_sequence=facts.webinar.sequence if notice in TELLING else None,
        language=language,
    )


def _calendar_part(notice: Notice, facts: Facts, now: datetime) -> CalendarPart | None:
    """Give, move or take the calendar entry; a reminder leaves it alone, since clients would ask again."""
    if notice in {Notice.CONFIRMATION, Notice.PROMOTED, Notice.MOVED, Notice.CHANGED}:
        return CalendarPart("REQUEST", request(_entry(facts, now))) if facts.seat else None
    leaving = notice in {Notice.OWN_CANCELLATION, Notice.RECORDING_PLACE} and _had_seat(facts)
    if leaving or (notice is Notice.CANCELLED and facts.seat):
        return CalendarPart("CANCEL", cancel(_entry(facts, now)))
    return None


def _had_seat(facts: Facts) -> bool:
    """Say whether an entry may be out: not for who never held anything before the present state."""
    return facts.invited and facts.registration.state_changes > 1


def _entry(facts: Facts, now: datetime) -> Entry:
    registration = facts.registration
    guest = Guest(
        uid=registration.uid,
        sequence=registration.sequence,
        address=to_address(registration.email or "").addr_spec,
        name=facts.name,
        discreet=registration.discreet,
        by_phone=registration.mode == Mode.PHONE,
        join_url=join_url(registration),
        manage_url=manage_url(registration),
    )
    return personal_entry(facts.webinar, guest, now)


def _place_values(facts: Facts, now: datetime) -> dict[str, str]:
    """Say everything a letter about a place may speak of; an empty text is left out."""
    registration, webinar = facts.registration, facts.webinar
    return (
        _sender_values(registration.discreet)
        | _time_values(webinar, registration.time_zone, now)
        | _joining_values(facts, now)
        | {
            "greeting": greeting(facts.name),
            "title": "" if registration.discreet else webinar.title,
            "for_whom": _for_whom(registration, facts.name, facts.shared_address),
            "manage_url": manage_url(registration),
            "position": str(facts.position or ""),
            "reason": "" if registration.discreet else webinar.cancel_reason,
            "video_url": _video_url(facts),
            "seat": _YES if facts.seat else "",
            "cancellable": _YES if registration.active and webinar.state == WebinarState.PUBLISHED else "",
            "waiting": _YES if registration.state in {RegistrationState.WAITLISTED, RegistrationState.OFFERED} else "",
            "reminders": _YES if _has_reminder_ahead(webinar, now) else "",
        }
    )


def _sender_values(discreet: bool) -> dict[str, str]:
    settings = current_settings()
    if discreet:
        return {"discreet": _YES, "sender_name": settings.discreet_name}
    return {
        "sender_name": settings.organization_name,
        "organization_phone": settings.organization_phone,
        "home_url": site_url_for("site.home"),
    }


def _time_values(webinar: Webinar, zone: str, now: datetime) -> dict[str, str]:
    """Say the time in the reader's zone, and in the organiser's where its clocks or its name differ."""
    here = when(webinar.starts_at, webinar.ends_at, zone)
    there = when(webinar.starts_at, webinar.ends_at, webinar.time_zone)
    return {
        "when": here,
        "when_there": there if there != here else "",
        "day": day_and_month(webinar.starts_at, zone),
        "moment": moment_in_words(webinar.starts_at, zone, now),
    }


def _joining_values(facts: Facts, now: datetime) -> dict[str, str]:
    """Say how to join; only whoever has a seat can, until the end."""
    registration, webinar = facts.registration, facts.webinar
    if not facts.seat or webinar.state != WebinarState.PUBLISHED or now >= webinar.ends_at:
        return {}
    return {
        "join_url": join_url(registration),
        "calendar_url": calendar_url(registration),
        "phone": webinar.phone_number,
        "pin": webinar.phone_pin if webinar.phone_number else "",
        "by_phone": _YES if registration.mode == Mode.PHONE and webinar.phone_number else "",
    }


def greeting(name: str | None) -> str:
    """Greet somebody, by name where the letter may carry it."""
    return str(_("Hello %(name)s,", name=name) if name else _("Hello,"))


def _for_whom(registration: Registration, name: str | None, shared_address: bool) -> str:
    """Tell people of one mailbox apart; of an unproven one no more than an initial and a reference is said."""
    if name:
        return name if shared_address else ""
    if not shared_address:
        return ""
    initial, reference = registration.name[:1].upper(), registration.public_id[:4]
    if not initial.isalpha():
        return reference
    return str(_("%(initial)s. (reference %(reference)s)", initial=initial, reference=reference))


def _video_url(facts: Facts) -> str:
    if facts.registration.discreet:
        return manage_url(facts.registration)
    return site_url_for("archive.video_page", slug=facts.video.slug) if facts.video else ""


def _has_reminder_ahead(webinar: Webinar, now: datetime) -> bool:
    return any(webinar.starts_at - timedelta(minutes=minutes) > now for minutes in webinar.reminder_minutes)


def _list_headers(series: Series) -> tuple[tuple[str, str], ...]:
    """Name the series as a list (RFC 2919), so that people can sort; never of a discreet letter."""
    return (("List-Id", f"<{series.slug}.{sender_domain()}>"),)


def day_and_month(moment: datetime, zone: str) -> str:
    """Say "Thursday 3 December"."""
    local, language = in_zone(moment, zone), current_language()
    day = date(local.year, local.month, local.day)
    if language == "en":
        return format_date(day, "EEEE d MMMM", locale=language)
    return str(format_skeleton("MMMMEEEEd", day, locale=language))


def moment_in_words(moment: datetime, zone: str, now: datetime) -> str:
    """Say "Today at 1:00 pm Eastern time", "Tomorrow at …", or the day."""
    days = (in_zone(moment, zone).date() - in_zone(now, zone).date()).days
    time = f"{clock(moment, zone)} {zone_name(zone, moment)}"
    if days == 0:
        return str(_("Today at %(time)s", time=time))
    if days == 1:
        return str(_("Tomorrow at %(time)s", time=time))
    return str(_("%(day)s at %(time)s", day=day_and_month(moment, zone), time=time))


def link_letter(facts: LinkFacts, now: datetime) -> Letter:
    """Write the letter that lists the places of an address; one discreet place makes all of it discreet."""
    latest = facts.registrations[-1]
    discreet = any(registration.discreet for registration in facts.registrations)
    language = current_language()
    several = len(facts.registrations) > 1
    # A discreet letter leads nowhere but to the places themselves.
    whole = my_url(latest, now) if several and not discreet else ""
    values: dict[str, str | list[dict[str, str]]] = {
        **_sender_values(discreet),
        "greeting": greeting(None),
        "places": [_place_row(registration, facts, discreet) for registration in facts.registrations],
        "several": _YES if several else "",
        "all_url": whole,
    }
    values["subject"] = render_line("mail/link/subject.txt", language, values)
    return Letter(
        to_address=latest.email or "",
        sender_name=str(values["sender_name"]),
        subject=str(values["subject"]),
        text=_tidy(render_text("mail/link/body.txt", language, values)),
        html=render_html("mail/link/body.html", language, values),
        discreet=discreet,
        language=language,
    )


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


def _tidy(text: str) -> str:
    """Leave at most one empty line between paragraphs."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip() if line != "-- " else line)
    return "\n".join(lines) + "\n"
